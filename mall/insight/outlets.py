"""How many residents came to a bank's outlets: bags collected there, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils.timezone import get_default_timezone

from mall.banks.scope import units_for
from mall.fulfilment.models import Collection
from mall.pickup.models import PickupPoint
from payments.api import business_date, day_bounds

MONTHS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRow:
    """An outlet that is a pickup point: visits per month, the newest last, and people in all."""

    outlet: str
    point: str
    visits: tuple[int, ...]
    residents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """The months shown ("2026-11") and the outlets somebody may see."""

    months: tuple[str, ...]
    rows: Sequence[OutletRow]


def visits_to_outlets(user: Any) -> Outlets:
    """Count last visits of orders at the outlets a person may see, for six months: three queries.

    An order fetched in parts counts with its last visit, one that was undone does not.
    """
    months = _months()
    points = PickupPoint.objects.filter(bank_unit__in=units_for(user)).select_related("bank_unit")
    since = day_bounds(date.fromisoformat(f"{months[0]}-01"))[0]
    visits = Collection.objects.filter(
        order__pickup_point__in=points, is_last=True, undone_at=None, at__gte=since
    ).order_by()
    by_month = visits.annotate(month=TruncMonth("at", tzinfo=get_default_timezone())).values_list(
        "order__pickup_point", "month"
    )
    counts = {
        (point, f"{month:%Y-%m}"): count for point, month, count in by_month.annotate(n=Count("pk"))
    }
    people = dict(
        visits.values_list("order__pickup_point").annotate(
            n=Count("order__resident", distinct=True)
        )
    )
    return Outlets(
        months=months,
        rows=[
            OutletRow(
                outlet=point.bank_unit.name,
                point=point.name,
                visits=tuple(counts.get((point.pk, month), 0) for month in months),
                residents=people.get(point.pk, 0),
            )
            for point in points.order_by("bank_unit__path", "pk")
        ],
    )


def _months() -> tuple[str, ...]:
    """Return this month and those before it, the oldest first."""
    today = business_date()
    last = today.year * 12 + today.month - 1
    return tuple(f"{n // 12}-{n % 12 + 1:02}" for n in range(last - MONTHS + 1, last + 1))
