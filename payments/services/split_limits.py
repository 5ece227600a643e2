"""What may be shared out, refused beforehand with words instead of by the acquirer afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import Capabilities, SplitMode
from payments.kernel.errors import LinliError
from payments.models import AcquirerAccount, Payment, SplitReceiver, SplitShare
from payments.services.accounts import adapter_of
from payments.services.funding import refuse_splitting_own_sales
from payments.services.hooks import is_disputed

_AT_ONCE: Final = 500


class SplitRefusedError(LinliError):
    """A payment that cannot be shared out like this; `reason` in the data says why.

    The reason is one of not_offered, disputed, scene, currency, percent, receivers, receiver, rest.
    """

    code = "split_refused"
    message = _("This payment cannot be shared out like this.")


def refuse_unless_allowed(
    payment: Payment, *, receivers: Sequence[str], minor: int, currency: str
) -> None:
    """Raise SplitRefusedError or SplitsNotConfiguredError; the payment is locked."""
    refuse_splitting_own_sales()
    caps = adapter_of(payment.account).caps
    if caps.split != SplitMode.AFTER_PAY:
        raise _refused(payment, "not_offered")
    if is_disputed(payment.payment_no):
        raise _refused(payment, "disputed")
    if payment.scene not in {str(scene) for scene in caps.scenes}:
        raise _refused(payment, "scene")
    if currency != payment.currency:
        raise _refused(payment, "currency")
    _refuse_beyond_rest(payment, minor)
    _refuse_beyond_percent(payment, caps, minor)
    _refuse_receivers(payment, caps, receivers)


def split_percent_of(account: AcquirerAccount, caps: Capabilities) -> int:
    """Return how much of a payment may be shared out, in whole percent.

    The account's setting ``split_max_percent`` says what the contract allows; else what the
    acquirer is known for. A setting that is no whole number up to 100 lets nothing out.
    """
    said = account.settings.get("split_max_percent")
    if said is None or said == "":
        return caps.split_max_percent
    text = str(said)
    is_percent = text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= 100
    return int(text) if is_percent and caps.split != SplitMode.NONE else 0


def split_rooms(payment_nos: Sequence[str]) -> dict[str, int]:
    """Return how much (fen) of each payment may still be shared out; 0 where nothing may."""
    rooms = dict.fromkeys(payment_nos, 0)
    for start in range(0, len(payment_nos), _AT_ONCE):
        rows = Payment.objects.filter(payment_no__in=payment_nos[start : start + _AT_ONCE])
        shared = SplitShare.objects.filter(split__payment__in=rows)
        shared = shared.exclude(status=SplitShare.Status.FAILED).order_by()
        gone = dict(shared.values_list("split__payment__payment_no").annotate(Sum("amount_minor")))
        for payment in rows.select_related("account"):
            rooms[payment.payment_no] = _room(payment, gone.get(payment.payment_no, 0))
    return rooms


def _room(payment: Payment, gone_minor: int) -> int:
    caps = adapter_of(payment.account).caps
    is_open = (
        caps.split == SplitMode.AFTER_PAY
        and payment.application == Payment.Application.APPLIED
        and payment.scene in {str(scene) for scene in caps.scenes}
        and not is_disputed(payment.payment_no)
    )
    if not is_open:
        return 0
    given_back = payment.refund_committed_minor
    rest = payment.captured_minor - given_back - payment.split_committed_minor
    within = payment.captured_minor * split_percent_of(payment.account, caps) // 100 - gone_minor
    return max(min(rest, within), 0)


def _refuse_beyond_rest(payment: Payment, minor: int) -> None:
    given_back = payment.refund_committed_minor
    if payment.split_committed_minor + minor > payment.captured_minor - given_back:
        raise _refused(payment, "rest")


def _refuse_beyond_percent(payment: Payment, caps: Capabilities, minor: int) -> None:
    """All that ever went out counts, as the acquirer counts it: of what was captured."""
    gone = SplitShare.objects.filter(split__payment=payment)
    gone = gone.exclude(status=SplitShare.Status.FAILED)
    total = sum(gone.values_list("amount_minor", flat=True)) + minor
    percent = split_percent_of(payment.account, caps)
    if total * 100 > payment.captured_minor * percent:
        text = _("The acquirer lets at most %(percent)s percent of a payment be shared out.")
        figures = {"payment_no": payment.payment_no, "reason": "percent", "percent_max": percent}
        raise SplitRefusedError(text % {"percent": percent}, **figures)


def _refuse_receivers(payment: Payment, caps: Capabilities, receivers: Sequence[str]) -> None:
    """Each receiver once in a split: what comes back is named by it."""
    if not receivers or len(set(receivers)) != len(receivers):
        raise _refused(payment, "receivers")
    known = set(
        SplitReceiver.objects.filter(
            account_code=payment.account.code,
            receiver__in=receivers,
            status=SplitReceiver.Status.ACTIVE,
        ).values_list("receiver", flat=True)
    )
    unknown = sorted(set(receivers) - known)
    if unknown:
        raise _refused(payment, "receiver", receiver=unknown[0])
    before = SplitShare.objects.filter(split__payment=payment)
    if len(known | set(before.values_list("receiver", flat=True))) > caps.split_max_receivers:
        raise _refused(payment, "receivers", receivers_max=caps.split_max_receivers)


def _refused(payment: Payment, reason: str, **figures: Any) -> SplitRefusedError:
    return SplitRefusedError(payment_no=payment.payment_no, reason=reason, **figures)
