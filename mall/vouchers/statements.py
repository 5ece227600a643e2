"""A merchant's statement: what it took off by day and month, less what was undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum

from mall.vouchers.models import Redemption, RedemptionMerchant


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """A merchant's day; fen. What was undone counts on the day it was undone."""

    day: date
    taken: int
    taken_minor: int
    undone: int
    undone_minor: int

    @property
    def net_minor(self) -> int:
        """Return what the merchant is owed for the day."""
        return self.taken_minor - self.undone_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One line of the statement: a redemption, or one that was undone (negative)."""

    redemption: Redemption
    day: date
    minor: int


def days_of(merchant: RedemptionMerchant, *, since: date, until: date) -> list[DayRow]:
    """Return the days on which something moved, the newest first; two queries."""
    taken = _by_day(
        merchant.redemptions.filter(business_date__range=(since, until)), "business_date"
    )
    undone = _by_day(merchant.redemptions.filter(undone_on__range=(since, until)), "undone_on")
    return [
        DayRow(
            day=day,
            taken=taken.get(day, (0, 0))[0],
            taken_minor=taken.get(day, (0, 0))[1],
            undone=undone.get(day, (0, 0))[0],
            undone_minor=undone.get(day, (0, 0))[1],
        )
        for day in sorted({*taken, *undone}, reverse=True)
    ]


def movements_of(merchant: RedemptionMerchant, *, since: date, until: date) -> Iterator[Movement]:
    """Yield every line of the statement, oldest first; the sum is what is owed for the time."""
    rows = merchant.redemptions.select_related("voucher__batch", "taken_by")
    lines = [
        Movement(redemption=row, day=row.business_date, minor=row.discount_minor)
        for row in rows.filter(business_date__range=(since, until))
    ]
    lines += [
        Movement(redemption=row, day=row.undone_on, minor=-row.discount_minor)
        for row in rows.filter(undone_on__range=(since, until))
        if row.undone_on is not None
    ]
    yield from sorted(lines, key=lambda line: (line.day, line.redemption.pk, -line.minor))


def owed_minor(merchant: RedemptionMerchant) -> int:
    """Return what all redemptions that stand come to (fen)."""
    standing = merchant.redemptions.filter(undone_at=None)
    return standing.aggregate(minor=Sum("discount_minor"))["minor"] or 0


def _by_day(rows: QuerySet[Redemption], day: str) -> dict[date, tuple[int, int]]:
    sums = rows.order_by().values_list(day).annotate(Count("pk"), Sum("discount_minor"))
    return {on: (count, minor) for on, count, minor in sums}
