"""What money that came or went back does to an order, and what the group's fate does to it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, F, OuterRef, QuerySet

from mall.groupbuy.entries import add_entry
from mall.groupbuy.models import State as GroupState
from mall.loyalty import spending as points
from mall.ordering import cutoff, room, stock
from mall.ordering.ending import refund_whole
from mall.ordering.facts import tell
from mall.ordering.given import book_what_was_given
from mall.ordering.mirror import show_paid, show_refunded
from mall.ordering.models import OrderDiscount, OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.status import move, move_all
from mall.promotions.reservation import consume
from mall.vouchers import holding as vouchers
from payments.api import Money, TenderPart, each, now, transact

Ended = OrderFulfilment.Ended
Source = OrderDiscount.Source
# A prolonged sale may fail at its second decision, with orders that were confirmed at the first.
_UNSENT = (Status.PAID, Status.CONFIRMED)
_FORMED = (GroupState.FORMED, GroupState.ORDERED)
# Its goods were counted in without this order's: nobody has ordered them from the suppliers.
_TOO_LATE = (GroupState.ARRIVED, GroupState.SETTLED)


@transact()
def mark_paid(*, order_no: str, payment_no: str, tenders: Sequence[TenderPart]) -> bool:
    """Take an order's money as paid: chain entry, progress, offer used, goods sold; once.

    The small bank has accepted this payment under the order's lock, so nothing else pays it.
    """
    order = locked_order(order_no)
    changes = {"cancel_requested_at": None, "ended_because": "", "payment_no": payment_no}
    if not move(order, Status.PAID, paid_at=now(), **changes):
        return False
    book_what_was_given(order, tenders)
    show_paid(order_pk=order.pk, payment_no=payment_no, tenders=tenders)
    lines = list(order.lines.order_by("pk").values_list("item_id", "title", "quantity"))
    add_entry(
        group_id=order.group_id,
        order_no=order.order_no,
        resident=order.resident,
        lines=[(title, quantity) for _item, title, quantity in lines],
        items={item: quantity for item, _title, quantity in lines},
        amount_minor=order.goods_minor,
        remark=order.chain_remark,
        is_anonymous=order.is_anonymous,
    )
    tell("paid", [order])
    _use_up(order)
    stock.sell(order.pk)
    _follow_group(order)
    return True


@transact()
def record_refund(*, order_no: str, payment_no: str, refund_no: str, amount: Money) -> None:
    """Count money that went back for the order; when all of it did, the order is refunded.

    Money of another payment (late, or twice) never paid the order and changes nothing here.
    """
    order = locked_order(order_no)
    if payment_no != order.payment_no or order.paid_at is None:
        return
    if amount:
        order.refunded_minor += amount.minor
        order.save(update_fields=["refunded_minor"])
        show_refunded(order_pk=order.pk, refund_no=refund_no, amount=amount)
    if _is_all_back(order) and move(order, Status.REFUNDED, refunded_at=now()):
        tell("refunded", [order])
        if order.dispatched_at is None:
            # Pieces that never came: nobody will dispatch them, and no room is kept for them.
            room.free(order)
            stock.dispatch([order.pk])


def _is_all_back(order: OrderFulfilment) -> bool:
    """Tell whether nothing is kept: her own fen may be back before goods that others paid for."""
    if order.refunded_minor != order.payable_minor:
        return False
    return not order.lines.filter(refunded_quantity__lt=F("quantity")).exists()


@transact()
def confirm_batch(limit: int, *, group_ids: Sequence[int] | None = None) -> int:
    """Confirm up to ``limit`` paid orders whose group formed; return how many.

    Not before the sale is cut, and the order has got back what the cut says it paid too much.
    """
    due = cutoff.due_lines().filter(order=OuterRef("pk"))
    orders = list(
        _paid_in(_FORMED, group_ids)
        .filter(~Exists(due), group_buy__cut_at__isnull=False)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")[:limit]
    )
    tell("confirmed", move_all(orders, Status.CONFIRMED, confirmed_at=now()))
    return len(orders)


def refund_failed(limit: int, *, group_ids: Sequence[int] | None = None) -> dict[str, int]:
    """Promise up to ``limit`` residents of groups that did not form all their money back."""
    due = _paid_in((GroupState.FAILED,), group_ids, status_in=_UNSENT).order_by("pk")
    numbers = due.values_list("order_no", flat=True)
    return dict(each(numbers, _refund_not_formed, limit=limit, done="refunded"))


@transact()
def _refund_not_formed(order_no: str) -> bool:
    order = locked_order(order_no)
    if order.status not in _UNSENT or order.cancel_requested_at is not None:
        return False
    refund_whole(order, because=Ended.NOT_FORMED)
    return True


def _paid_in(
    states: Sequence[str],
    group_ids: Sequence[int] | None,
    *,
    status_in: Sequence[str] = (Status.PAID,),
) -> QuerySet[OrderFulfilment]:
    orders = OrderFulfilment.objects.filter(
        status__in=status_in, cancel_requested_at=None, group__state__in=states
    )
    return orders if group_ids is None else orders.filter(group__in=group_ids)


def _use_up(order: OrderFulfilment) -> None:
    """Mark voucher, points and offer as used, the offer for what the bank really gave."""
    quoted = order.discounts.filter(estimated_minor__gt=0)
    given = dict(quoted.values_list("source", "actual_minor"))
    if Source.VOUCHER in given:
        vouchers.mark_used(order.order_no)
    if Source.POINTS in given:
        points.mark_spent(order.order_no)
    if Source.OFFER in given:
        consume(order.order_no, actual_minor=given[Source.OFFER])


def _follow_group(order: OrderFulfilment) -> None:
    """Catch up with a group that was decided while this order's money was on its way."""
    if order.group.state in _FORMED:
        cutoff.settle_order(order.order_no)
        confirm_batch(1, group_ids=[order.group_id])
    elif order.group.state == GroupState.FAILED:
        refund_whole(order, because=Ended.NOT_FORMED)
    elif order.group.state in _TOO_LATE:
        refund_whole(order, because=Ended.STAFF)
