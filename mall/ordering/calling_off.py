"""Orders the mall takes back before their goods leave: for a reason, told and restocked or not."""

from __future__ import annotations

from dataclasses import dataclass

from mall.accounts.models import User
from mall.ordering.ending import end_by_staff, refund_whole
from mall.ordering.errors import NoReasonError, NotCancellableError
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import locked_order
from payments.api import transact

Ended = OrderFulfilment.Ended
_UNSENT = (Status.PAID, Status.CONFIRMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOff:
    """Who calls orders off, why, whether the residents are told and the goods may be sold again."""

    by: User
    reason: str
    is_told: bool = True
    restocks: bool = True


def call_off(*, order_no: str, how: CallOff) -> str:
    """End one order that has not left: an unpaid one is closed, a paid one refunded whole.

    Returns the refund's number, "" for an unpaid order, which ends when the acquirer has closed its
    payment. Goods that cannot be sold again leave the stock. NoReasonError, NotCancellableError
    once it left or is over. Repeated for a refunded one it returns the first refund.
    """
    note = " ".join(how.reason.replace("\0", "").split())[:200]
    if not note:
        raise NoReasonError
    return _call_off(order_no=order_no, how=how, note=note)


@transact()
def _call_off(*, order_no: str, how: CallOff, note: str) -> str:
    order = locked_order(order_no)
    if order.status == Status.PENDING_PAYMENT:
        _write_down(order, how, note)
        end_by_staff(order)
        return ""
    is_first = order.cancel_requested_at is None
    if order.status not in _UNSENT or not (is_first or order.ended_because == Ended.STAFF):
        raise NotCancellableError(status=order.status)
    if is_first:
        _write_down(order, how, note)
    return refund_whole(order, because=Ended.STAFF, restocks=how.restocks).refund_no


def _write_down(order: OrderFulfilment, how: CallOff, note: str) -> None:
    OrderFulfilment.objects.filter(pk=order.pk).update(
        ended_by=how.by, end_note=note, is_quiet=not how.is_told
    )
