"""Why a purchase order, an answer or a paper of the depot cannot be, with the figures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class NotDueError(LinliError):
    """The group buy's orders are not settled yet: nothing can be bought for it."""

    code = "purchase_not_due"
    message = _(
        "The orders of this group buy are not settled yet. Purchase orders follow its cut-off."
    )


class NotADraftError(LinliError):
    """It went out, or fell away: it is not changed in place any more."""

    code = "purchase_not_a_draft"
    message = _("This purchase order has gone out. Please make a supplement order.")


class UnitValueMissingError(LinliError):
    """Goods without a weight: what they weigh together is unknown; data: titles."""

    code = "unit_value_missing"
    message = _("The weight of one sales unit is missing. Enter it at the product.")


class NoPhoneError(LinliError):
    """The supplier has no phone number to send a link to."""

    code = "supplier_without_phone"
    message = _(
        "The supplier has no phone number. Enter one, or send the order by hand and say how."
    )


class ReasonNeededError(LinliError):
    """Somebody wants something unusual and does not say why."""

    code = "reason_needed"
    http_status = 400
    message = _("Please say why.")


class NotOutError(LinliError):
    """The order is not with its supplier: nothing to answer, resend or count in."""

    code = "purchase_not_out"
    message = _("This is not possible: the order has not gone out, or its goods are counted in.")


class SentJustNowError(LinliError):
    """It went out within the last minute; data: wait_seconds."""

    code = "sent_just_now"
    message = _("It was sent a moment ago. Please wait a minute before sending it again.")


class LinkDeadError(LinliError):
    """No such link, or it has expired or was revoked: one answer for all of them."""

    code = "link_dead"
    http_status = 404
    message = _("This link does not open anything any more. Please ask the mall for a new one.")


class TooOftenError(LinliError):
    """Somebody tries too much too fast; data: wait_seconds."""

    code = "too_often"
    http_status = 429
    message = _("Too many tries. Please wait a few minutes.")


class AnswerError(LinliError):
    """An answer that cannot be: more than ordered, or less without a reason; data: title."""

    code = "bad_answer"
    http_status = 400
    message = _("Please say for each product how many pieces you bring.")


class AlreadySharedError(LinliError):
    """The shortage was shared out among the residents already: the answer stands."""

    code = "already_shared"
    message = _(
        "Less was announced for this line before, and the residents have their money back. "
        "Please call the mall."
    )


class CountError(LinliError):
    """A count that cannot be; the sentence says which."""

    code = "bad_count"
    http_status = 400
    message = _("Please enter whole numbers of pieces.")


class SecondPersonNeededError(LinliError):
    """The one who counted cannot be the one who confirms."""

    code = "second_person_needed"
    message = _("Somebody else has to confirm this.")


class ProposalError(LinliError):
    """A proposal that cannot be made or applied; the sentence says why."""

    code = "bad_proposal"
    http_status = 400
    message = _("This proposal cannot be taken as it is.")
