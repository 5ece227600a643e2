"""Planning the rounds of a pickup day: which van goes where, with how many pieces and boxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.db.models import F, Sum

from mall.catalogue.models import ProductExtra
from mall.fulfilment.models import Delivery, DeliveryStop, Route, RouteStop
from mall.fulfilment.models.deliveries import new_delivery_token
from mall.groupbuy.models import LeaderGroup, State
from mall.ordering.models import LineFulfilment, Status
from mall.pickup.capacity import boxes_of
from payments.api import business_date, each, now, transact

# What has formed will be driven; what is still open or undecided may come to nothing.
TO_DRIVE: Final = (State.FORMED, State.ORDERED, State.ARRIVED, State.SETTLED)
_GOING: Final = (Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT)
_DAYS_AHEAD: Final = 2


@dataclass(slots=True)
class Load:
    """What goes to a point: pieces per product, cold ones apart."""

    cold: dict[int, int] = field(default_factory=dict)
    warm: dict[int, int] = field(default_factory=dict)

    def figures(self) -> dict[str, int]:
        """Return pieces and boxes as a stop keeps them."""
        cold_boxes = boxes_of(self.cold)
        cold = sum(self.cold.values())
        return {
            "pieces": cold + sum(self.warm.values()),
            "cold_pieces": cold,
            "boxes": cold_boxes + boxes_of(self.warm),
            "cold_boxes": cold_boxes,
        }


@transact()
def plan_day(day: date) -> list[Delivery]:
    """Put every point with goods for a day on a round; rounds already sent stay as they are.

    A point on no route goes with the default route, or on a round without route where there is
    none; its stop says so. Repeatable: planned rounds follow the routes and the goods.
    """
    loads = loads_of(day)
    sent = dict(
        DeliveryStop.objects.filter(pickup_on=day)
        .exclude(delivery__status=Delivery.Status.PLANNED)
        .values_list("pickup_point_id", "delivery_id")
    )
    wanted = [point for point in loads if point not in sent]
    routes = _routes_of(wanted)
    closed = set(
        Delivery.objects.filter(pickup_on=day)
        .exclude(status=Delivery.Status.PLANNED)
        .values_list("route_id", flat=True)
    )
    default = Route.objects.filter(is_default=True).first()
    rounds: dict[int | None, Delivery] = {}
    kept = []
    for point in wanted:
        stop = routes.get(point)
        route = next(
            (way for way in (stop and stop.route, default) if way and way.pk not in closed),
            None,
        )
        key = route.pk if route else None
        if key not in rounds:
            rounds[key] = _round(route, day)
        kept.append(point)
        _place(rounds[key], point, stop=stop, route=route, load=loads[point])
    _drop_empty(day, kept)
    return list(rounds.values())


def plan_due(limit: int) -> dict[str, int]:
    """Plan the rounds of today and the next days; a job."""
    days = [business_date() + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD + 1)]
    groups = LeaderGroup.objects.filter(state__in=TO_DRIVE, group_buy__pickup_on__in=days)
    due = groups.order_by("group_buy__pickup_on").values_list("group_buy__pickup_on", flat=True)
    named = [day.isoformat() for day in due.distinct()]
    return dict(
        each(
            named,
            lambda day: len(plan_day(date.fromisoformat(day))),
            limit=limit,
            done="rounds",
        )
    )


def loads_of(day: date) -> dict[int, Load]:
    """Return what is to go to each point for a day: one query."""
    lines = LineFulfilment.objects.filter(
        order__group_buy__pickup_on=day,
        order__group__state__in=TO_DRIVE,
        order__status__in=_GOING,
        order__cancel_requested_at=None,
    )
    rows = lines.values("order__pickup_point", "product", "storage_class").annotate(
        n=Sum(F("quantity") - F("refunded_quantity"))
    )
    loads: defaultdict[int, Load] = defaultdict(Load)
    for row in rows.order_by("order__pickup_point", "product"):
        if not row["n"]:
            continue
        load = loads[row["order__pickup_point"]]
        is_cold = row["storage_class"] not in {"", ProductExtra.Storage.AMBIENT}
        kind = load.cold if is_cold else load.warm
        kind[row["product"]] = kind.get(row["product"], 0) + row["n"]
    return dict(loads)


def _routes_of(points: Iterable[int]) -> Mapping[int, RouteStop]:
    stops = RouteStop.objects.filter(pickup_point__in=points, route__active=True)
    return {stop.pickup_point_id: stop for stop in stops.select_related("route")}


def _round(route: Route | None, day: date) -> Delivery:
    """Return the planned round of a route, driver and vehicle as the route says now."""
    rows = Delivery.objects.filter(route=route, pickup_on=day, status=Delivery.Status.PLANNED)
    who = {
        "driver_name": route.driver_name if route else "",
        "driver_phone": route.driver_phone if route else "",
        "vehicle": route.vehicle if route else "",
    }
    if not rows.filter(asked_at=None).update(**who) and not rows.exists():
        Delivery.objects.bulk_create(
            [Delivery(route=route, pickup_on=day, planned_at=now(), **who)], ignore_conflicts=True
        )
    return Delivery.objects.get(route=route, pickup_on=day)


def _place(
    delivery: Delivery, point: int, *, stop: RouteStop | None, route: Route | None, load: Load
) -> None:
    is_own = stop is not None and route is not None and stop.route_id == route.pk
    values = {
        "delivery": delivery,
        "position": stop.position if stop and is_own else 999,
        "is_on_no_route": not is_own,
        **load.figures(),
    }
    rows = DeliveryStop.objects.filter(pickup_point=point, pickup_on=delivery.pickup_on)
    if not rows.update(**values):
        new = DeliveryStop(pickup_point_id=point, pickup_on=delivery.pickup_on, **values)
        DeliveryStop.objects.bulk_create([new], ignore_conflicts=True)


def _drop_empty(day: date, kept: list[int]) -> None:
    """Take off planned rounds what no goods go to any more, and rounds without a stop."""
    planned = Delivery.objects.filter(pickup_on=day, status=Delivery.Status.PLANNED, asked_at=None)
    DeliveryStop.objects.filter(delivery__in=planned).exclude(pickup_point__in=kept).delete()
    planned.filter(stops=None).delete()


def change_token(delivery: Delivery) -> str:
    """Give a round a new driver's link; the old one ends at once. Return the new token."""
    token = new_delivery_token()
    Delivery.objects.filter(pk=delivery.pk).update(token=token)
    return token
