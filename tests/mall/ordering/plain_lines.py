"""An order line with its funders' parts, without a database: for arithmetic by the thousand."""

from __future__ import annotations

from collections.abc import Sequence

from mall.ordering.backs import Back
from mall.ordering.models import LineDiscount, LineFulfilment, OrderDiscount


def make_line(pk: int, *, unit: int, quantity: int, shares: Sequence[int]) -> LineFulfilment:
    """A line of so many pieces at so much, of which funders bear these shares (fen)."""
    line = LineFulfilment(
        pk=pk,
        quantity=quantity,
        unit_minor=unit,
        value_minor=unit * quantity,
        cost_minor=unit * quantity // 2,
        offer_share_minor=sum(shares),
    )
    discount = OrderDiscount(source=OrderDiscount.Source.VOUCHER, estimated_minor=sum(shares))
    rows = [
        LineDiscount(pk=100 * pk + n, discount=discount, funder="platform", minor=minor)
        for n, minor in enumerate(shares)
    ]
    line._prefetched_objects_cache = {"discounts": rows}
    return line


def book(back: Back) -> None:
    """Count on the line and its parts what went back, as the books would."""
    back.line.refunded_quantity += back.quantity
    back.line.refunded_minor += back.value_minor
    back.line.returned_share_minor += back.share_minor
    back.line.returned_cost_minor += back.cost_minor
    for part in back.parts:
        part.row.returned_minor += part.minor
