"""The board of a day: every round and point with what was expected, sent, arrived and short."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _

from mall.fulfilment.models import Delivery, DeliveryStop, ShortageShare
from mall.fulfilment.planning import TO_DRIVE
from mall.fulfilment.rounds import Sent, progress_of_rounds
from mall.groupbuy.models import LeaderGroup, State
from mall.ordering.models import LineFulfilment, Status
from mall.pickup.models import PickupPoint

_GOES: Final = (Status.PAID, Status.CONFIRMED)
_SENT: Final = (Status.IN_TRANSIT, Status.ARRIVED, Status.COLLECTED, Status.CLOSED)
_THERE: Final = (Status.ARRIVED, Status.COLLECTED, Status.CLOSED)
_GONE: Final = (Status.COLLECTED, Status.CLOSED)
SHOWS: Final = ("", "unsent", "away", "short")


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRow:
    """One point of a round; pieces."""

    point_id: int
    name: str
    leader: str
    expected: int
    sent: int
    arrived: int
    collected: int
    short: int
    groups: int
    undecided: int
    stop: DeliveryStop | None

    @property
    def state(self) -> tuple[str, str]:
        """Return where the point's goods are: a colour and a word."""
        if self.expected and self.arrived >= self.expected - self.short:
            return "success", _("Arrived")
        if self.arrived:
            return "warning", _("Partly arrived")
        if self.stop is not None and self.stop.delivered_at:
            return "info", _("Delivered, not counted yet")
        if self.sent:
            return "info", _("On its way")
        return ("warning", _("Undecided")) if self.undecided else ("base", _("Planned"))


@dataclass(slots=True, kw_only=True)
class RoundRow:
    """One round with its points, or the points that are on no round yet."""

    delivery: Delivery | None
    progress: Sent | None
    points: list[PointRow] = field(default_factory=list)

    def total(self, name: str) -> int:
        """Return a figure summed over the points."""
        return sum(getattr(point, name) for point in self.points)

    @property
    def totals(self) -> dict[str, int]:
        """Return all figures summed over the points."""
        names = ("expected", "sent", "arrived", "collected", "short")
        return {name: self.total(name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A day's rounds, the sums over all of them, and what somebody must look at."""

    day: date
    rounds: tuple[RoundRow, ...]
    totals: dict[str, int]
    alerts: tuple[str, ...]
    is_sending: bool


def board_of(day: date, *, show: str = "", query: str = "") -> Board:
    """Return the board of a day: the same number of queries however many points and orders.

    ``show`` is one of SHOWS: not sent, sent and not arrived, short; ``query`` looks for a point.
    """
    figures = _figures(day)
    groups = _groups(day)
    stops = {
        stop.pickup_point_id: stop
        for stop in DeliveryStop.objects.filter(pickup_on=day)
        .select_related("delivery__route", "pickup_point__leader")
        .order_by("position", "pk")
    }
    named = PickupPoint.objects.filter(pk__in={*figures, *stops}).select_related("leader")
    deliveries = list({stop.delivery_id: stop.delivery for stop in stops.values()}.values())
    progress = progress_of_rounds(deliveries) if deliveries else {}
    rows = [
        _point(
            point, figures.get(point.pk, Counter()), groups.get(point.pk), stop=stops.get(point.pk)
        )
        for point in named
    ]
    wanted = [row for row in rows if _is_wanted(row, show=show, query=query.strip())]
    rounds = _rounds(wanted, progress)
    names = ("expected", "sent", "arrived", "collected", "short")
    return Board(
        day=day,
        rounds=tuple(rounds),
        totals={name: sum(getattr(row, name) for row in rows) for name in names},
        alerts=tuple(_alerts(rows)),
        is_sending=any(
            each.asked_at and each.status == Delivery.Status.PLANNED for each in deliveries
        ),
    )


def _figures(day: date) -> dict[int, Counter[str]]:
    """Return pieces per point by how far they are, and what was short of them."""
    kept = F("quantity") - F("refunded_quantity")
    lines = LineFulfilment.objects.filter(
        order__group_buy__pickup_on=day,
        order__status__in=[*_GOES, *_SENT],
        order__cancel_requested_at=None,
        order__group__state__in=TO_DRIVE,
    )
    rows = lines.values("order__pickup_point").annotate(
        kept=Sum(kept, default=0),
        sent=Sum(kept, filter=Q(order__status__in=_SENT), default=0),
        arrived=Sum(kept, filter=Q(order__status__in=_THERE), default=0),
        collected=Sum(kept, filter=Q(order__status__in=_GONE), default=0),
    )
    figures = {
        row["order__pickup_point"]: Counter(
            {name: row[name] for name in ("kept", "sent", "arrived", "collected")}
        )
        for row in rows
    }
    short = (
        ShortageShare.objects.filter(line__order__group_buy__pickup_on=day)
        .values("line__order__pickup_point")
        .annotate(n=Sum(F("due") - F("got")))
    )
    for row in short:
        figures.setdefault(row["line__order__pickup_point"], Counter())["short"] = row["n"]
    return figures


def _groups(day: date) -> dict[int, Counter[str]]:
    """Return how many groups with orders each point has, and how many are undecided."""
    rows = (
        LeaderGroup.objects.filter(group_buy__pickup_on=day, order_count__gt=0)
        .exclude(state=State.FAILED)
        .values("pickup_point")
        .annotate(
            groups=Count("pk"),
            undecided=Count("pk", filter=Q(state__in=(State.OPEN, State.CLOSED))),
        )
    )
    return {
        row["pickup_point"]: Counter({name: row[name] for name in ("groups", "undecided")})
        for row in rows
    }


def _point(
    point: PickupPoint,
    figures: Counter[str],
    groups: Counter[str] | None,
    *,
    stop: DeliveryStop | None,
) -> PointRow:
    groups = groups or Counter()
    return PointRow(
        point_id=point.pk,
        name=point.name,
        leader=point.leader.display_name,
        expected=figures["kept"] + figures["short"],
        sent=figures["sent"],
        arrived=figures["arrived"],
        collected=figures["collected"],
        short=figures["short"],
        groups=groups["groups"],
        undecided=groups["undecided"],
        stop=stop,
    )


def _is_wanted(row: PointRow, *, show: str, query: str) -> bool:
    if query and query.lower() not in row.name.lower():
        return False
    if show == "unsent":
        return row.sent < row.expected - row.short
    if show == "away":
        return row.arrived < row.sent
    return bool(row.short) if show == "short" else True


def _rounds(rows: list[PointRow], progress: dict[int, Sent]) -> list[RoundRow]:
    by_round: defaultdict[int, list[PointRow]] = defaultdict(list)
    deliveries: dict[int, Delivery] = {}
    for row in rows:
        if row.stop is not None:
            deliveries[row.stop.delivery_id] = row.stop.delivery
        by_round[row.stop.delivery_id if row.stop else 0].append(row)
    found = [
        RoundRow(
            delivery=deliveries.get(pk),
            progress=progress.get(pk),
            points=sorted(points, key=lambda row: (row.stop.position if row.stop else 0, row.name)),
        )
        for pk, points in by_round.items()
    ]
    return sorted(
        found,
        key=lambda each: (each.delivery is None, str(each.delivery.route) if each.delivery else ""),
    )


def _alerts(rows: list[PointRow]) -> list[str]:
    alerts = []
    lost = [row.name for row in rows if row.stop is not None and row.stop.is_on_no_route]
    if lost:
        alerts.append(
            _("On no route, so they go with the default one: %(points)s")
            % {"points": ", ".join(lost[:12])}
        )
    nowhere = [row.name for row in rows if row.stop is None and row.expected]
    if nowhere:
        alerts.append(
            _("Not on a round yet, please plan the day: %(points)s")
            % {"points": ", ".join(nowhere[:12])}
        )
    without = {
        str(row.stop.delivery_id)
        for row in rows
        if row.stop is not None and row.stop.delivery.route_id is None
    }
    if without:
        alerts.append(
            _("No route takes points of no route: make one the default, then plan the day again.")
        )
    return alerts
