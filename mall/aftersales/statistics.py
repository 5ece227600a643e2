"""How often something is wrong: by supplier, goods, reason and leader, per delivered pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from mall.aftersales.models import AfterSalesCase, CaseReason
from mall.ordering.models import LineFulfilment, Status
from payments.api import day_bounds

CaseStatus = AfterSalesCase.Status
_PAID: Final = (CaseStatus.REFUNDING, CaseStatus.REFUNDED)
BY: Final = ("supplier", "product", "reason", "leader")
_NAMES: Final = {
    "supplier": ("supplier", "supplier__name"),
    "product": ("line__product", "line__product__title"),
    "leader": ("leader", "leader__display_name"),
}
_DELIVERED: Final = {"supplier": "supplier", "product": "product", "leader": "order__leader"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFigures:
    """What was wrong with one supplier's goods (or of one kind, reason, leader); fen."""

    name: str
    pieces: int
    cases: int
    approved: int
    value_minor: int
    supplier_minor: int

    @property
    def per_thousand(self) -> float:
        """Return cases per thousand pieces that were handed over."""
        return round(1000 * self.cases / self.pieces, 1) if self.pieces else 0.0


def figures_by(by: str, *, since: date, until: date) -> list[CaseFigures]:
    """Return the figures of a time, most cases per delivered piece first; two queries.

    Cases count on the day they were opened, pieces on the day they were collected.
    """
    if by not in BY:
        raise ValueError(f"figures are by {BY}, not by {by}")
    cases, lines = _cases(since, until), _delivered(since, until)
    if by == "reason":
        return _by_reason(cases, lines)
    key, name = _NAMES[by]
    delivered = _pieces(lines, _DELIVERED[by])
    rows = [
        _figures(row, name=str(row[name] or row[key]), pieces=delivered.get(row[key], 0))
        for row in _counted(cases, key, name)
    ]
    return sorted(rows, key=lambda row: (-row.per_thousand, -row.cases, row.name))


def total_of(rows: Sequence[CaseFigures], *, pieces: int) -> CaseFigures:
    """Add figures up; pieces are counted once."""
    return CaseFigures(
        name="",
        pieces=pieces,
        cases=sum(row.cases for row in rows),
        approved=sum(row.approved for row in rows),
        value_minor=sum(row.value_minor for row in rows),
        supplier_minor=sum(row.supplier_minor for row in rows),
    )


def pieces_delivered(*, since: date, until: date) -> int:
    """Return how many pieces residents took home in a time; one query."""
    return int(_delivered(since, until).aggregate(n=Coalesce(Sum("quantity"), 0))["n"])


def _by_reason(
    cases: QuerySet[AfterSalesCase], lines: QuerySet[LineFulfilment]
) -> list[CaseFigures]:
    pieces = int(lines.aggregate(n=Coalesce(Sum("quantity"), 0))["n"])
    names = {reason.pk: str(reason) for reason in CaseReason.objects.all()}
    rows = [
        _figures(row, name=names[row["reason"]], pieces=pieces) for row in _counted(cases, "reason")
    ]
    return sorted(rows, key=lambda row: (-row.cases, row.name))


def _figures(row: dict[str, Any], *, name: str, pieces: int) -> CaseFigures:
    return CaseFigures(
        name=name,
        pieces=pieces,
        cases=row["cases"],
        approved=row["approved"],
        value_minor=row["value"],
        supplier_minor=row["cost"],
    )


def _counted(cases: QuerySet[AfterSalesCase], *keys: str) -> QuerySet[Any, dict[str, Any]]:
    paid = Q(status__in=_PAID)
    return (
        cases.order_by()
        .values(*keys)
        .annotate(
            cases=Count("pk"),
            approved=Count("pk", filter=paid),
            value=Coalesce(Sum("value_minor", filter=paid), 0),
            cost=Coalesce(Sum("cost_minor", filter=paid), 0),
        )
    )


def _pieces(lines: QuerySet[LineFulfilment], key: str) -> dict[int, int]:
    rows = lines.order_by().values(key).annotate(n=Sum(F("quantity")))
    return {row[key]: row["n"] for row in rows}


def _cases(since: date, until: date) -> QuerySet[AfterSalesCase]:
    start, end = day_bounds(since)[0], day_bounds(until)[1]
    rows = AfterSalesCase.objects.filter(opened_at__gte=start, opened_at__lt=end)
    return rows.exclude(status=CaseStatus.CANCELLED)


def _delivered(since: date, until: date) -> QuerySet[LineFulfilment]:
    start, end = day_bounds(since)[0], day_bounds(until)[1]
    return LineFulfilment.objects.filter(
        order__status__in=(Status.COLLECTED, Status.CLOSED, Status.REFUNDED),
        order__collected_at__gte=start,
        order__collected_at__lt=end,
    )
