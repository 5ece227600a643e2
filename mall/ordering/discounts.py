"""The rows of an order's discounts: written with it, replaced with its way, read for a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mall.ordering.models import LineDiscount, LineFulfilment, OrderDiscount, OrderFulfilment
from mall.ordering.tenders import Discount, FunderPart


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderShown:
    """What one funder bears of a discount, and what of it went back to it (fen)."""

    funder: str
    ref: str
    minor: int
    returned_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountShown:
    """A discount of a placed order as a page shows it; amounts in fen."""

    source: str
    source_no: str
    name: str
    decided_by: str
    estimated_minor: int
    # None until the money came
    actual_minor: int | None
    funding: tuple[FunderShown, ...]

    @property
    def minor(self) -> int:
        """Return what it takes off: given, or as long as nobody knows, as quoted."""
        return self.estimated_minor if self.actual_minor is None else self.actual_minor

    @property
    def returned_minor(self) -> int:
        """Return what of it went back to its funders with goods that were refunded."""
        return sum(part.returned_minor for part in self.funding)


def write_discounts(
    order: OrderFulfilment, lines: Sequence[LineFulfilment], discounts: Sequence[Discount]
) -> list[DiscountShown]:
    """Insert an unpaid order's discounts: two statements, none where there is nothing off."""
    rows = OrderDiscount.objects.bulk_create(
        OrderDiscount(
            order=order,
            source=each.source,
            source_no=each.source_no,
            name=each.name[:60],
            decided_by=each.decided_by,
            estimated_minor=each.minor,
        )
        for each in discounts
    )
    parts = [(row, part) for row, each in zip(rows, discounts, strict=True) for part in each.parts]
    written = write_parts(lines, parts)
    return [shown(row, [part for part in written if part.discount is row]) for row in rows]


def write_parts(
    lines: Sequence[LineFulfilment], parts: Sequence[tuple[OrderDiscount, FunderPart]]
) -> list[LineDiscount]:
    """Insert what each funder bears on each line."""
    return LineDiscount.objects.bulk_create(
        LineDiscount(
            line=line,
            discount=discount,
            funder=str(part.funder),
            funder_ref=part.ref,
            minor=minor,
        )
        for discount, part in parts
        for line, minor in zip(lines, part.minors, strict=True)
        if minor
    )


def replace_discounts(
    order: OrderFulfilment, lines: Sequence[LineFulfilment], discounts: Sequence[Discount]
) -> None:
    """Write an unpaid order's discounts anew: it is to be paid another way."""
    LineDiscount.objects.filter(line__order=order).delete()
    OrderDiscount.objects.filter(order=order).delete()
    write_discounts(order, lines, discounts)


def discounts_of(order_pk: int) -> list[DiscountShown]:
    """Return an order's discounts in the order they were taken off; two queries."""
    return discounts_of_all([order_pk]).get(order_pk, [])


def discounts_of_all(order_pks: Sequence[int]) -> dict[int, list[DiscountShown]]:
    """Return the discounts of several orders by order; two queries, none for no orders."""
    found: defaultdict[int, list[DiscountShown]] = defaultdict(list)
    if order_pks:
        rows = OrderDiscount.objects.filter(order__in=order_pks).order_by("pk")
        for row in rows.prefetch_related("lines"):
            found[row.order_id].append(shown(row, row.lines.all()))
    return found


def shown(row: OrderDiscount, parts: Iterable[LineDiscount]) -> DiscountShown:
    """Return a discount as a page or a fact shows it."""
    return DiscountShown(
        source=row.source,
        source_no=row.source_no,
        name=row.name,
        decided_by=row.decided_by,
        estimated_minor=row.estimated_minor,
        actual_minor=row.actual_minor,
        funding=_by_funder(parts),
    )


def _by_funder(parts: Iterable[LineDiscount]) -> tuple[FunderShown, ...]:
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for part in parts:
        minor, returned = sums.get((part.funder, part.funder_ref), (0, 0))
        sums[part.funder, part.funder_ref] = (minor + part.minor, returned + part.returned_minor)
    return tuple(
        FunderShown(funder=funder, ref=ref, minor=minor, returned_minor=returned)
        for (funder, ref), (minor, returned) in sums.items()
    )
