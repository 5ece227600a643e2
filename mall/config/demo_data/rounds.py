"""Two vans for the town's points: one drives east, the other takes what is on no route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mall.fulfilment.models import Route, RouteStop
from mall.pickup.models import PickupPoint


@dataclass(frozen=True, kw_only=True)
class Van:
    """A route as the demo has it; the points by their names, in order."""

    name: str
    driver: str
    phone: str
    vehicle: str
    points: tuple[str, ...] = ()
    is_default: bool = False


_VANS: Final = (
    Van(
        name="城东线",
        driver="周师傅",
        phone="13800000091",
        vehicle="白色面包车 赣K·A2356",
        points=("王姐水果店", "李记便利店"),
    ),
    Van(
        name="环城线",
        driver="郑师傅",
        phone="13800000092",
        vehicle="冷藏车 赣K·B7781",
        points=("南门驿站",),
        is_default=True,
    ),
)


def load_routes(points: Sequence[PickupPoint]) -> list[Route]:
    """Make the routes unless they are there; points named by none go with the default one."""
    named = {point.name: point for point in points}
    has_default = Route.objects.filter(is_default=True).exists()
    routes = []
    for van in _VANS:
        route, is_new = Route.objects.get_or_create(
            name=van.name,
            defaults={
                "driver_name": van.driver,
                "driver_phone": van.phone,
                "vehicle": van.vehicle,
                "is_default": van.is_default and not has_default,
            },
        )
        routes.append(route)
        for position, name in enumerate(van.points if is_new else (), start=1):
            RouteStop.objects.get_or_create(
                pickup_point=named[name], defaults={"route": route, "position": position}
            )
    return routes
