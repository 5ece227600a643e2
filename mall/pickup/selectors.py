"""Finding a pickup point: near a place, in a district, or by a word."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db.models import Q, QuerySet

from mall.pickup.models import PickupPoint
from payments.api import business_date

EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius, IUGG
_METRES_PER_DEGREE: Final = math.pi * EARTH_RADIUS_M / 180
# Nobody collects dinner further away than the last of these.
_SEARCH_RADII_M: Final = (3_000, 15_000, 60_000)


@dataclass(frozen=True, kw_only=True)
class NearbyPoint:
    """A pickup point and how far it is, as the crow flies."""

    point: PickupPoint
    metres: int


@dataclass(frozen=True, kw_only=True)
class District:
    """The pickup points of one district of one city."""

    city: str
    name: str
    points: tuple[PickupPoint, ...]


def distance_m(*, from_lat: float, from_lng: float, to_lat: float, to_lng: float) -> float:
    """Return the great-circle distance in metres (haversine)."""
    lat_1, lat_2 = math.radians(from_lat), math.radians(to_lat)
    half_lat = (lat_2 - lat_1) / 2
    half_lng = math.radians(to_lng - from_lng) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_1) * math.cos(lat_2) * math.sin(half_lng) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


def active_points() -> QuerySet[PickupPoint]:
    """Return the points in use, with community, leader, bank and breaks at hand."""
    points = PickupPoint.objects.filter(active=True)
    return points.select_related("community", "leader", "bank_unit").prefetch_related("breaks")


def nearest_points(*, latitude: float, longitude: float, limit: int = 5) -> list[NearbyPoint]:
    """Return up to ``limit`` points, nearest first, as far as the mall shows them.

    LINLI_POINTS_WITHIN_METRES is how far that is (0: 60 km), LINLI_POINTS_SHOWN how many at most
    (0: as many as asked for). ValueError where the place is not on Earth. Only a box of the table
    is read, and a wider one only when the circle inside it held too few: what is returned really
    is the nearest.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("no such place")
    limit = min(limit, settings.LINLI_POINTS_SHOWN or limit)
    near: list[NearbyPoint] = []
    for radius_m in _radii():
        today = active_points().filter(_there_from(business_date()))
        box = today.filter(_box(latitude, longitude, radius_m))
        near = _within(box, latitude=latitude, longitude=longitude, radius_m=radius_m)
        if len(near) >= limit:
            break
    return near[:limit]


def points_by_district() -> list[District]:
    """Return every point in use, grouped by city and district, for choosing without a location."""
    return _grouped(active_points().order_by("community__city", "community__district", "name"))


def search_points(text: str, limit: int = 50) -> list[District]:
    """Return the points whose name, address, community or district holds the text."""
    wanted = text.strip()
    found = active_points().filter(
        Q(name__icontains=wanted)
        | Q(address__icontains=wanted)
        | Q(community__name__icontains=wanted)
        | Q(community__district__icontains=wanted)
    )
    return _grouped(found.order_by("community__city", "community__district", "name")[:limit])


def _radii() -> list[int]:
    """Return how far to look, step by step, and never further than the mall shows points."""
    furthest = settings.LINLI_POINTS_WITHIN_METRES or _SEARCH_RADII_M[-1]
    return [*(radius for radius in _SEARCH_RADII_M if radius < furthest), furthest]


def _there_from(today: date) -> Q:
    """Keep temporary points that are over out of the way."""
    return Q(used_until__isnull=True) | Q(used_until__gte=today)


def _box(latitude: float, longitude: float, radius_m: int) -> Q:
    """Return a box of degrees that holds the whole circle."""
    lat_span = radius_m / _METRES_PER_DEGREE
    narrowest = math.cos(math.radians(min(90.0, abs(latitude) + lat_span)))
    lng_span = 180.0 if narrowest < 1e-6 else min(180.0, lat_span / narrowest)
    return Q(latitude__range=_span(latitude, lat_span), longitude__range=_span(longitude, lng_span))


def _span(middle: float, half: float) -> tuple[Decimal, Decimal]:
    edge = Decimal("0.000001")
    low, high = Decimal(str(middle - half)), Decimal(str(middle + half))
    return low.quantize(edge) - edge, high.quantize(edge) + edge


def _within(
    points: Iterable[PickupPoint], *, latitude: float, longitude: float, radius_m: int
) -> list[NearbyPoint]:
    measured = (
        (
            distance_m(
                from_lat=latitude,
                from_lng=longitude,
                to_lat=float(point.latitude),
                to_lng=float(point.longitude),
            ),
            point,
        )
        for point in points
    )
    near = sorted((each for each in measured if each[0] <= radius_m), key=lambda m: (m[0], m[1].pk))
    return [NearbyPoint(point=point, metres=round(metres)) for metres, point in near]


def _grouped(points: Iterable[PickupPoint]) -> list[District]:
    districts: dict[tuple[str, str], list[PickupPoint]] = {}
    for point in points:
        place = (point.community.city, point.community.district)
        districts.setdefault(place, []).append(point)
    return [
        District(city=city, name=name, points=tuple(found))
        for (city, name), found in districts.items()
    ]
