"""A leader's earnings as she looks at them: curves of days, weeks, months, orders, her place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Max, QuerySet, Sum
from django.db.models.functions import TruncDate

from groupleader.models import CommissionAccrual, CommissionTerms, Leader
from groupleader.selectors import Curve, CurveDay
from payments.api import SHANGHAI, business_date, day_bounds

Status = CommissionAccrual.Status
# How many steps a curve of each kind has.
STEPS: Final = {"day": 14, "week": 12, "month": 12}
WIDTH: Final = 340
HEIGHT: Final = 110
_RANKED_AT_LEAST: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines she wants to see: of a state, placed on some days, of a group."""

    status: str = ""
    since: date | None = None
    until: date | None = None
    group_id: str = ""

    def of(self, leader: Leader) -> QuerySet[CommissionAccrual]:
        """Return her lines that are wanted; an estimate that went to somebody else is none."""
        rows = CommissionAccrual.objects.filter(leader=leader).exclude(
            status=Status.ESTIMATED, earned_minor=0
        )
        if self.status:
            rows = rows.filter(status=self.status)
        if self.since:
            rows = rows.filter(accrued_at__gte=day_bounds(self.since)[0])
        if self.until:
            rows = rows.filter(accrued_at__lt=day_bounds(self.until)[1])
        if self.group_id:
            rows = rows.filter(terms__group_id=self.group_id)
        return rows


@dataclass(slots=True)
class EarnedOrder:
    """One order: when it was paid, what it earns (fen), and its lines."""

    order_no: str
    at: datetime
    amount_minor: int
    lines: list[CommissionAccrual] = field(default_factory=list)


def orders_wanted(leader: Leader, wanted: Wanted) -> QuerySet[CommissionAccrual, Any]:
    """Return the orders whose lines are wanted, the newest first; to be paged."""
    return (
        wanted.of(leader)
        .order_by()
        .values("terms__order_no")
        .annotate(at=Max("accrued_at"), sum_minor=Sum("amount_minor"))
        .order_by("-at", "terms__order_no")
    )


def with_lines(leader: Leader, wanted: Wanted, page: Sequence[dict[str, Any]]) -> list[EarnedOrder]:
    """Return a page of orders with their wanted lines; one query."""
    orders = {
        row["terms__order_no"]: EarnedOrder(row["terms__order_no"], row["at"], row["sum_minor"])
        for row in page
    }
    lines = wanted.of(leader).filter(terms__order_no__in=list(orders))
    for line in lines.select_related("terms", "statement").order_by("pk"):
        orders[line.terms.order_no].lines.append(line)
    return list(orders.values())


def curve_of(leader: Leader, step: str) -> Curve:
    """Return what each of the last days, weeks or months brought, the present one last; one query.

    KeyError for another step.
    """
    starts = _starts(step, STEPS[step])
    sums = (
        CommissionAccrual.objects.filter(leader=leader, accrued_at__gte=day_bounds(starts[0])[0])
        .order_by()
        .annotate(day=TruncDate("accrued_at", tzinfo=SHANGHAI))
        .values_list("day")
        .annotate(Sum("amount_minor"))
    )
    amounts: Counter[date] = Counter()
    for day, minor in sums:
        amounts[_start_of(step, day)] += minor
    top = max([*amounts.values(), 1])
    wide = (WIDTH - 20) / (len(starts) - 1)
    return Curve(
        [
            CurveDay(
                start,
                amounts[start],
                round(10 + nth * wide),
                round((HEIGHT - 4) - (HEIGHT - 16) * max(amounts[start], 0) / top),
            )
            for nth, start in enumerate(starts)
        ],
        WIDTH,
        HEIGHT,
    )


def _start_of(step: str, day: date) -> date:
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day


def _starts(step: str, count: int) -> list[date]:
    """Return the first days of the last so many steps, the oldest first."""
    found = [_start_of(step, business_date())]
    while len(found) < count:
        found.append(_start_of(step, found[-1] - timedelta(days=1)))
    return found[::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A leader's place in a list; nobody else's figures, only names masked to the first sign."""

    place: int
    name: str
    is_her: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Her place by goods of a month, how many are ranked, and the list's top and her neighbours."""

    month: date
    place: int | None
    count: int
    shown: Sequence[Ranked]


def ranking(leader: Leader, *, first: date, top: int = 10) -> Ranking:
    """Rank leaders by the goods ordered with them in a month less what went back; one query."""
    after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    rows = (
        CommissionTerms.objects.filter(
            part=CommissionTerms.Part.LEADER,
            placed_at__gte=day_bounds(first)[0],
            placed_at__lt=day_bounds(after)[0],
            leader__status=Leader.Status.ACTIVE,
            accruals__isnull=False,
        )
        .order_by()
        .values_list("leader_id", "leader__name")
        .annotate(kept=Sum("base_minor") - Sum("returned_minor"))
        .order_by("-kept", "leader_id")
    )
    places = list(enumerate(rows, start=1))
    hers = next((place for place, row in places if row[0] == leader.pk), None)
    near = {1, 2, 3, *range(1, top + 1)} | ({hers - 1, hers, hers + 1} if hers else set())
    return Ranking(
        month=first,
        place=hers,
        count=len(places) if len(places) >= _RANKED_AT_LEAST else 0,
        shown=[
            Ranked(
                place=place,
                name=name if pk == leader.pk else f"{name[:1]}**",
                is_her=pk == leader.pk,
            )
            for place, (pk, name, _kept) in places
            if place in near
        ],
    )
