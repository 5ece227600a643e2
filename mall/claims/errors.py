"""Why a step of a claim is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class ClaimDiffersError(LinliError):
    """The lines are not what the books say; `journals` names where."""

    code = "claim_differs"
    message = _("This claim is not what the books say. It cannot be issued.")


class MonthNotOverError(LinliError):
    """Something may still be booked in the month."""

    code = "month_not_over"
    message = _("The month's books are not closed yet: the claim cannot be issued before.")


class NotADraftError(LinliError):
    """An issued claim never changes."""

    code = "not_a_draft"
    message = _("This claim is issued already and never changes.")


class NotCheckedError(LinliError):
    """Nobody has checked the draft, or it changed after that."""

    code = "not_checked"
    message = _("One person checks the draft before another one issues it.")


class SecondPersonNeededError(LinliError):
    """The same person tries to do both."""

    code = "second_person_needed"
    http_status = 403
    message = _("A second person has to do this.")


class NothingToClaimError(LinliError):
    """The books have nothing of that campaign in that month."""

    code = "nothing_to_claim"
    message = _("There is nothing to claim for this campaign in this month.")


class NotDisputableError(LinliError):
    """Paid already, disputed already, or not claimed at all."""

    code = "not_disputable"
    message = _("This line cannot be disputed: it is paid, disputed already, or not in our favour.")


class DisputesOpenError(LinliError):
    """A claim with open disputes stays open."""

    code = "disputes_open"
    message = _("Disputed lines are still being clarified.")


class ReasonMissingError(LinliError):
    """Someone will ask why."""

    code = "reason_missing"
    message = _("Please give a reason.")


class ReceiptDoesNotFitError(LinliError):
    """More is put on a claim than it is due, or more goes back than there is."""

    code = "receipt_does_not_fit"
    message = _("The parts do not fit what is due. Please check the amounts.")


class ReceiptKnownError(LinliError):
    """The bank's number stands for one payment."""

    code = "receipt_known"
    message = _("A receipt with this number is entered already.")
