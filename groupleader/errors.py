"""How the leaders' floor refuses, in sentences a leader or a clerk can act on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class NotALeaderError(LinliError):
    """The person leads no groups, or not at present."""

    code = "not_a_leader"
    http_status = 403
    message = _("This page is for active group leaders.")


class NothingToSettleError(LinliError):
    """There is no available commission, or what is to be taken back is not less."""

    code = "nothing_to_settle"
    message = _("There is nothing to settle yet; what is open is carried over.")


class ReasonMissingError(LinliError):
    """A dispute without a reason helps nobody."""

    code = "reason_missing"
    http_status = 422
    message = _("Please say what is wrong, so that we can look at it.")


class SecondPersonNeededError(LinliError):
    """Above the limit, or just after the account was changed, a second person approves."""

    code = "second_person_needed"
    message = _("You approved this already; a second person has to approve it too.")


class OwnStatementError(LinliError):
    """Nobody approves her own money."""

    code = "own_statement"
    http_status = 403
    message = _("Your own statement is approved by somebody else.")


class PayeeMissingError(LinliError):
    """There is no account to pay to."""

    code = "payee_missing"
    message = _("The leader has not given an account to be paid to.")


class PayeeCoolingError(LinliError):
    """The account was changed a short while ago."""

    code = "payee_cooling"
    message = _("The account was changed recently; payouts start again 72 hours after a change.")


class SellersPaidBySplitError(LinliError):
    """The operator may not pay sellers from its own account in this mode."""

    code = "paid_by_split"
    message = _("In this mode leaders are paid by the acquirer's profit sharing, not by transfer.")


class NoteRefusedError(LinliError):
    """A note or tag that says nothing, or too much."""

    code = "note_refused"
    http_status = 422
    message = _("Please write a note of 1 to 200 characters.")


class CalledEnoughError(LinliError):
    """A leader asked for as many numbers today as she may; data: a_day."""

    code = "called_enough"
    http_status = 429
    message = _(
        "You have asked for many telephone numbers today. Numbers you saw today stay open; for "
        "others please ask the mall, or call tomorrow."
    )


class BroadcastRefusedError(LinliError):
    """A word to a group that may not go out as it is: no text, a number or a link in it."""

    code = "broadcast_refused"
    http_status = 422
    message = _("Please write a message of 1 to 200 characters.")


class BroadcastsStoppedError(LinliError):
    """The mall took the right away."""

    code = "broadcasts_stopped"
    http_status = 403
    message = _("You cannot send messages to groups at present. Please ask the mall.")


class NobodyToTellError(LinliError):
    """There is nobody it would reach."""

    code = "nobody_to_tell"
    message = _("There is nobody this message would reach.")


class ToldOftenEnoughError(LinliError):
    """A group is told only so much a day."""

    code = "told_often_enough"
    http_status = 429
    message = _("This group was told enough for today. Please go on tomorrow.")


class DeviceKeyError(LinliError):
    """A key that is none, or one that was taken off the list."""

    code = "device_key"
    http_status = 400
    message = _("This telephone cannot be made known with this key. Please open the page again.")


class TooManyDevicesError(LinliError):
    """More telephones than one person has; data: most."""

    code = "too_many_devices"
    message = _("Ten telephones are known already. Take one off the list first.")


class TooMuchSaidError(LinliError):
    """A hundred messages about one statement are enough."""

    code = "too_much_said"
    http_status = 422
    message = _("There are a hundred messages about this statement already. Please call us.")


class CorrectionAmountError(LinliError):
    """A correction of nothing, or of a sum nobody meant."""

    code = "correction_amount"
    http_status = 422
    message = _("Please give an amount other than zero, of at most 100,000.00.")


class NotEqualError(LinliError):
    """What is to be issued differs from the books: it is looked into first."""

    code = "not_equal"
    message = _(
        "The statements and the books differ; nothing is issued before that is looked into."
    )


class NotYetError(LinliError):
    """The month or the quarter is not over."""

    code = "not_yet"
    http_status = 422
    message = _("This time is not over yet. Please come back after its last day.")


class IdentityNumberError(LinliError):
    """A number that is no identity number."""

    code = "identity_number"
    http_status = 422
    message = _("This is not an identity number: please check its 18 characters.")


class NothingWithheldError(LinliError):
    """No tax of the month is left to pay."""

    code = "nothing_withheld"
    message = _("No tax is left to pay for this month.")


class AlreadyLeaderError(LinliError):
    """Somebody who leads, or led, applies anew."""

    code = "already_leader"
    message = _("You are a group leader already. For another place, call the shop's operator.")


class ApplicationGoneError(LinliError):
    """There is no application to change: it was handed in, decided or taken back."""

    code = "application_gone"
    message = _("This application can no longer be changed.")


class NotWholeError(LinliError):
    """Something is missing; data: missing (names of what)."""

    code = "not_whole"
    http_status = 422
    message = _("Something is missing. Please look at what is marked.")
