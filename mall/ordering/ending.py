"""Orders that come to nothing: cancelled or expired before payment, refunded after it.

An unpaid order's goods are released only when the acquirer has closed its payment (P12): until
then money may still come.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from mall.groupbuy.entries import withdraw_entry
from mall.groupbuy.models import State as GroupState
from mall.ordering import allowances, room, stock
from mall.ordering.errors import NotCancellableError
from mall.ordering.facts import tell
from mall.ordering.models import LineBack, OrderFulfilment, Status, StockReservation
from mall.ordering.paying import locked_order
from mall.ordering.returning import return_all
from mall.ordering.status import move
from mall.ordering.ways import give_up
from payments.api import (
    PaymentView,
    RefundView,
    attempts,
    drive_close,
    each,
    now,
    request_close,
    transact,
)

Ended = OrderFulfilment.Ended
_WHY: Final = {
    Ended.RESIDENT: LineBack.Why.RESIDENT,
    Ended.NOT_FORMED: LineBack.Why.NOT_FORMED,
    Ended.STAFF: LineBack.Why.STAFF,
}

# The acquirer closes at the same moment as we do; give its last payer a minute to be heard.
_EXPIRY_SLACK: Final = timedelta(seconds=60)


def cancel_order(*, order_no: str, resident_id: int) -> OrderFulfilment:
    """Cancel an order that is not paid. Network: no transaction.

    The payment is closed at the acquirer first; while that is open the order waits, and if the
    money came after all it goes back by itself. NotCancellableError once it is paid or over.
    """
    order = _ask_to_end(order_no=order_no, resident_id=resident_id, because=Ended.RESIDENT)
    for attempt in attempts(order_no):
        if attempt.is_open:
            drive_close(attempt.payment_no)
    order.refresh_from_db()
    return order


def expire_due(limit: int) -> dict[str, int]:
    """Ask for the end of orders that were not paid in time; a job. The closing is the bank's."""
    due = OrderFulfilment.objects.filter(
        status=Status.PENDING_PAYMENT,
        cancel_requested_at=None,
        expires_at__lte=now() - _EXPIRY_SLACK,
    )
    numbers = due.order_by("expires_at", "pk").values_list("order_no", flat=True)
    return {"paid_meanwhile": 0} | each(numbers, _expire, limit=limit, done="asked")


def _expire(order_no: str) -> str:
    try:
        _ask_to_end(order_no=order_no, resident_id=None, because=Ended.EXPIRED)
    except NotCancellableError:
        return "paid_meanwhile"
    return "asked"


@transact()
def end_if_unpaid(order_no: str) -> bool:
    """Cancel and release an order that was asked to end, once no payment of it is open."""
    order = locked_order(order_no)
    if order.status != Status.PENDING_PAYMENT or order.cancel_requested_at is None:
        return False
    if any(attempt.is_open or _is_applied(attempt) for attempt in attempts(order_no)):
        return False
    if not move(order, Status.CANCELLED, cancelled_at=now()):
        return False
    is_expired = order.ended_because == Ended.EXPIRED
    to = StockReservation.State.EXPIRED if is_expired else StockReservation.State.RELEASED
    tell("cancelled", [order])
    allowances.give_back(order_pk=order.pk, resident_id=order.resident_id)
    give_up(order_no)
    room.free(order)
    stock.release(order.pk, to=to)
    return True


@transact()
def cancel_paid_order(*, order_no: str, resident_id: int) -> RefundView:
    """Cancel a paid order before the cut-off: all money goes back, all goods are free again.

    NotCancellableError after the cut-off or once the order went on. Repeated, it returns the first
    refund.
    """
    order = locked_order(order_no, resident_id=resident_id)
    is_open = order.group.state == GroupState.OPEN and now() < order.group_buy.closes_at
    was_cancelled = order.paid_at is not None and order.cancel_requested_at is not None
    if not was_cancelled and not (order.status == Status.PAID and is_open):
        raise NotCancellableError(status=order.status)
    return refund_whole(order, because=Ended.RESIDENT)


def refund_whole(
    order: OrderFulfilment, *, because: str, why: str = "", restocks: bool = True
) -> RefundView:
    """Promise what is left of a paid, undispatched order back and free what it held.

    In the caller's transaction, with the order locked. The order becomes refunded when the
    acquirer has given the money back. ``why`` is told of its lines where ``because`` says less.
    Goods that nobody may buy again leave the stock instead (``restocks``).
    """
    asked = OrderFulfilment.objects.filter(pk=order.pk, cancel_requested_at=None)
    is_first = bool(asked.update(cancel_requested_at=now(), ended_because=because))
    if is_first:
        order.refresh_from_db()
        withdraw_entry(order_no=order.order_no)
        allowances.give_back(order_pk=order.pk, resident_id=order.resident_id)
    refund = return_all(order, why=why or _WHY[Ended(because)])
    if is_first:
        room.free(order)
        if restocks:
            stock.take_back(order.pk)
        else:
            stock.dispatch([order.pk])
    return refund


def end_by_staff(order: OrderFulfilment) -> None:
    """Ask for the end of an unpaid order; in the caller's transaction. NotCancellableError."""
    _ask_to_end(order_no=order.order_no, resident_id=None, because=Ended.STAFF)


@transact()
def _ask_to_end(*, order_no: str, resident_id: int | None, because: str) -> OrderFulfilment:
    """Write down that the order shall end, and have its payments closed."""
    order = locked_order(order_no, resident_id=resident_id)
    tried = attempts(order_no)
    if order.status != Status.PENDING_PAYMENT or any(map(_is_applied, tried)):
        raise NotCancellableError(status=order.status)
    # A person's word outweighs the clock's: money that comes after it goes back.
    outweighs = because != Ended.EXPIRED and order.ended_because == Ended.EXPIRED
    if order.cancel_requested_at is None or outweighs:
        order.cancel_requested_at = order.cancel_requested_at or now()
        order.ended_because = because
        order.save(update_fields=["cancel_requested_at", "ended_because"])
    for attempt in tried:
        if attempt.is_open:
            request_close(attempt.payment_no, reason=str(because))
    end_if_unpaid(order_no)
    order.refresh_from_db()
    return order


def _is_applied(attempt: PaymentView) -> bool:
    """Tell whether this attempt's money pays the order, even if the order has not heard yet."""
    return attempt.application == "applied"
