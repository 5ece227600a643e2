"""Goods taken off a paid order before anybody sent them: money, stock, limits, chain and room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mall.groupbuy.entries import change_entry
from mall.ordering import allowances, room, stock
from mall.ordering.backs import Gone
from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.ordering.returning import GivenBack, give_back
from payments.api import part_of_share


def reduce_order(order: OrderFulfilment, gone: Sequence[Gone], *, key: str, why: str) -> GivenBack:
    """Give back pieces, or fen off, of a paid order that nobody has dispatched; once per key.

    In the caller's transaction, with the order locked, and only while something of it is left:
    for the whole there is ending.refund_whole(). ValueError as give_back() says.
    """
    pieces = {each.line_id: each.quantity for each in gone if each.quantity}
    if not pieces:
        return give_back(order, gone, key=key, why=why)
    lines = list(order.lines.order_by("pk"))
    change_entry(
        order_no=order.order_no,
        lines=[(line.title, left) for line in lines if (left := _left(line, pieces))],
        items={line.item_id: _left(line, pieces) for line in lines},
        amount_minor=sum(worth(line, _left(line, pieces)) for line in lines),
    )
    allowances.put_back(
        resident_id=order.resident_id,
        pieces={line.item_id: pieces.get(line.pk, 0) for line in lines},
    )
    given = give_back(order, gone, key=key, why=why)
    room.shrink(order, {line.product_id: _left(line, pieces) for line in lines})
    stock.put_back(pieces)
    return given


def worth(line: LineFulfilment, pieces: int) -> int:
    """Return what so many of a line's pieces that are left are worth, before discounts (fen)."""
    left = line.quantity - line.refunded_quantity
    if not left:
        return 0
    value_minor = line.value_minor - line.refunded_minor
    return value_minor - part_of_share(value_minor, done=0, now=left - pieces, whole=left)


def _left(line: LineFulfilment, pieces: Mapping[int, int]) -> int:
    return line.quantity - line.refunded_quantity - pieces.get(line.pk, 0)
