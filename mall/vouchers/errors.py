"""Why a voucher cannot be claimed, used or taken, in sentences a person can act on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class VoucherGoneError(LinliError):
    """The voucher is not free, or its batch has no more; data: voucher_no or batch."""

    code = "voucher_gone"
    message = _("This voucher can no longer be used. Please look at the new amount.")


class BatchRuleError(LinliError):
    """A batch's rule does not make sense, so it cannot run; data: errors by field."""

    code = "batch_rule"
    http_status = 400
    message = _("This batch cannot run yet: please correct what is marked.")


class NotFundedError(LinliError):
    """The money a batch is to be paid from in advance has not come; data: missing_minor."""

    code = "not_funded"
    message = _("The money paid in advance does not reach for this batch yet.")


class RoundUnknownError(LinliError):
    """There is no such round, or it was called off."""

    code = "round_unknown"
    http_status = 404
    message = _("This round does not take place.")


class RoundNotOpenError(LinliError):
    """The round has not begun; data: opens_at."""

    code = "round_not_open"
    message = _("This round has not begun yet.")


class RoundOverError(LinliError):
    """The round is over."""

    code = "round_over"
    message = _("This round is over.")


class SoldOutError(LinliError):
    """All vouchers of the round or the batch are claimed."""

    code = "vouchers_sold_out"
    message = _("All vouchers of this round are gone. Perhaps the next round?")


class AlreadyYoursError(LinliError):
    """The person has had as many as one may have; data: scope, voucher_no where it is hers."""

    code = "voucher_already_yours"
    message = _("You already have this voucher: everybody may have one share only.")


class NotEligibleError(LinliError):
    """The round is for others; data: reason."""

    code = "voucher_not_eligible"
    http_status = 403
    message = _("This voucher is for other residents.")


class GrantRefusedError(LinliError):
    """A member of staff may give no more vouchers today; data: limit."""

    code = "grant_refused"
    http_status = 429
    message = _("You have given as many vouchers today as one person may.")


class CodeUnknownError(LinliError):
    """No voucher has this code now; data: tries_left."""

    code = "voucher_code_unknown"
    http_status = 404
    message = _("No voucher has this code now. Ask for the code the phone shows at this moment.")


class ScreenLockedError(LinliError):
    """Too many wrong codes; data: until."""

    code = "screen_locked"
    http_status = 429
    message = _("Too many wrong codes. Please wait a minute.")


class NotRedeemableError(LinliError):
    """The voucher is not good here, or not for this bill; data: what a screen needs."""

    code = "voucher_not_redeemable"
    message = _("This voucher cannot be taken here.")


class NotUndoableError(LinliError):
    """The redemption can no longer be undone."""

    code = "redemption_not_undoable"
    message = _("This can no longer be undone here. Please ask the mall.")


class NotYourCounterError(LinliError):
    """The person does not work at this merchant's counter."""

    code = "not_your_counter"
    http_status = 403
    message = _("You do not take vouchers for this merchant.")
