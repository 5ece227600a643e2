"""An own order changed until the cut-off: fewer of something, or none; the money goes back at once.

Goods are only ever taken off. More of something is another order, with its own price, limits and
payment; an order that is not paid yet is cancelled and its goods laid back into the basket.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from mall.groupbuy.baskets import basket_for, save_line
from mall.groupbuy.errors import ItemGoneError
from mall.groupbuy.models import GroupBasket
from mall.groupbuy.models import State as GroupState
from mall.groupbuy.shoppers import Shopper
from mall.ordering.backs import Gone
from mall.ordering.ending import cancel_order, refund_whole
from mall.ordering.errors import NotChangeableError, OnlyFewerError
from mall.ordering.facts import tell_more
from mall.ordering.guarding import require_minimum
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.reducing import reduce_order, worth
from mall.ordering.returning import plan_back
from payments.api import Money, now, transact

Ended = OrderFulfilment.Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """A line with how many were left of it, and how many will be."""

    line_id: int
    title: str
    was: int
    becomes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeQuote:
    """What a change would do: what she gets back, and what the rest comes to (fen)."""

    lines: tuple[LineChange, ...]
    back_minor: int
    # of what goes off, what others had paid: it goes back to them
    others_minor: int
    goods_minor: int
    # what she will have paid for the rest
    payable_minor: int
    # what of the bank's offer is lost on goods she keeps, taken off what she gets back
    forfeited_minor: int
    is_cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A change that was made: the refund on its way, "" where nothing changed."""

    refund_no: str
    back: Money
    is_cancelled: bool


def quote_change(*, order_no: str, resident_id: int, quantities: Mapping[int, int]) -> ChangeQuote:
    """Say what change_order() would do with the same figures; nothing is written.

    Raises what change_order() raises.
    """
    order = OrderFulfilment.objects.filter(order_no=order_no, resident_id=resident_id).first()
    if order is None:
        raise NotChangeableError
    lines, changes = _read(order, quantities)
    gone = _gone(changes)
    backs, forfeited = plan_back(order, gone)
    back_minor = sum(back.value_minor - back.share_minor for back in backs)
    left = {change.line_id: change.becomes for change in changes}
    paid = sum(_paid(line) for line in lines)
    return ChangeQuote(
        lines=tuple(changes),
        back_minor=back_minor,
        others_minor=sum(back.share_minor for back in backs),
        goods_minor=sum(worth(line, left[line.pk]) for line in lines),
        payable_minor=paid - back_minor,
        forfeited_minor=forfeited,
        is_cancelled=not any(left.values()),
    )


@transact()
def change_order(*, order_no: str, resident_id: int, quantities: Mapping[int, int]) -> Changed:
    """Leave so many of the named lines (by primary key); lines that are not named stay.

    Until the cut-off, for a paid order. What is taken off is refunded at once, its goods are free
    again, and the chain, her limits and the point's room follow. Nothing left is a cancellation.
    The same figures again change nothing. OrderGoneError, NotChangeableError after the cut-off or
    before the payment, OnlyFewerError for more than is left, ItemGoneError for another order's
    line, MinimumOrderError where the rest is less than the sale takes.
    """
    order = locked_order(order_no, resident_id=resident_id)
    _lines, changes = _read(order, quantities)
    gone = _gone(changes)
    if not gone:
        return Changed(refund_no="", back=Money(0), is_cancelled=False)
    if not any(change.becomes for change in changes):
        refund = refund_whole(order, because=Ended.RESIDENT)
        return Changed(refund_no=refund.refund_no, back=refund.amount, is_cancelled=True)
    given = reduce_order(order, gone, key=_key(changes), why=LineBack.Why.RESIDENT)
    OrderFulfilment.objects.filter(pk=order.pk).update(changed_at=now())
    tell_more(
        "changed",
        order,
        turn=given.refund_no,
        more={
            "refund_no": given.refund_no,
            "back_minor": given.payer.minor,
            "changes": [
                {
                    "line_id": change.line_id,
                    "title": change.title,
                    "was": change.was,
                    "is": change.becomes,
                }
                for change in changes
                if change.was != change.becomes
            ],
        },
    )
    return Changed(refund_no=given.refund_no, back=given.payer, is_cancelled=False)


def back_to_basket(*, order_no: str, resident_id: int) -> GroupBasket:
    """Cancel an unpaid order and lay its goods into the group's basket, to order them otherwise.

    Network: no transaction. Goods the sale does not offer any more stay out. What the basket holds
    already stays where it is more. NotCancellableError once it is paid.
    """
    order = cancel_order(order_no=order_no, resident_id=resident_id)
    return _refill(order)


@transact()
def _refill(order: OrderFulfilment) -> GroupBasket:
    basket = basket_for(shopper=Shopper(user=order.resident), group_id=order.group_id)
    held = dict(basket.basket.lines.values_list("product_id", "quantity"))
    for line in order.lines.select_related("item").order_by("pk"):
        wanted = line.quantity - line.tolerance
        if wanted > held.get(line.product_id, 0):
            save_line(basket_id=basket.basket_id, item=line.item, quantity=wanted)
    return basket


def _read(
    order: OrderFulfilment, quantities: Mapping[int, int]
) -> tuple[list[LineFulfilment], list[LineChange]]:
    """Check a change against the order as it is; say per line what it does."""
    _require_changeable(order)
    lines = list(order.lines.order_by("pk"))
    if strangers := sorted(set(quantities) - {line.pk for line in lines}):
        raise ItemGoneError(line_ids=strangers)
    changes = [_change(line, quantities) for line in lines]
    left = {change.line_id: change.becomes for change in changes}
    if any(left.values()):
        goods = sum(worth(line, left[line.pk]) for line in lines)
        require_minimum(order.group_buy, goods_minor=goods)
    return lines, changes


def _change(line: LineFulfilment, quantities: Mapping[int, int]) -> LineChange:
    was = line.quantity - line.refunded_quantity
    becomes = quantities.get(line.pk, was)
    if not 0 <= becomes <= was:
        raise OnlyFewerError(line_id=line.pk, wanted=becomes, left=was)
    return LineChange(line_id=line.pk, title=line.title, was=was, becomes=becomes)


def _require_changeable(order: OrderFulfilment) -> None:
    if order.status == Status.PENDING_PAYMENT:
        text = _("This order is not paid yet: cancel it and order anew. Nothing is charged.")
        raise NotChangeableError(text, status=order.status)
    is_open = order.group.state == GroupState.OPEN and now() < order.group_buy.closes_at
    if order.status != Status.PAID or order.cancel_requested_at is not None or not is_open:
        raise NotChangeableError(status=order.status)


def _gone(changes: Sequence[LineChange]) -> list[Gone]:
    return [
        Gone(line_id=change.line_id, quantity=change.was - change.becomes)
        for change in changes
        if change.was > change.becomes
    ]


def _key(changes: Sequence[LineChange]) -> str:
    """Name the change by a line that shrinks and what is left of it: that never comes again."""
    first = next(change for change in changes if change.was > change.becomes)
    return f"edit:{first.line_id}.{first.becomes}"


def _paid(line: LineFulfilment) -> int:
    """Return what she has paid for a line and not got back (fen)."""
    return (
        line.value_minor
        - line.offer_share_minor
        - (line.refunded_minor - line.returned_share_minor)
    )
