"""Where a new leader's place may be: districts to choose from, and the point made for her."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet

from mall.accounts.models import User
from mall.pickup.errors import HoursError
from mall.pickup.keepers import begin_tenure
from mall.pickup.models import Community, PickupPoint
from payments.api import transact


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What an approved application says about the place."""

    name: str
    kind: str
    address: str
    hours_from: time
    hours_until: time
    hours_note: str = ""


def districts() -> list[tuple[str, str]]:
    """Return every (city, district) where the mall has communities."""
    rows = Community.objects.order_by("city", "district").values_list("city", "district")
    return list(rows.distinct())


def communities_in(*, city: str, district: str) -> QuerySet[Community]:
    """Return the communities of a district, by name."""
    return Community.objects.filter(city=city, district=district).order_by("name")


def community_named(community_id: int) -> Community | None:
    """Return a community by its number."""
    return Community.objects.filter(pk=community_id).first()


def kind_labels() -> dict[str, str]:
    """Return what sorts of places there are, in words."""
    return {value: str(label) for value, label in PickupPoint.Kind.choices}


def points_near(community: Community) -> dict[str, int]:
    """Count what is there already: points in use and leaders in the community and its district."""
    points = PickupPoint.objects.filter(active=True)
    here = Q(community=community) | Q(also_serves=community)
    around = Q(community__city=community.city, community__district=community.district)
    found = points.aggregate(
        points=Count("pk", filter=here, distinct=True),
        leaders=Count("leader", filter=here, distinct=True),
        district_points=Count("pk", filter=around, distinct=True),
    )
    return dict(found)


def middle_of(*, city: str, district: str) -> tuple[Decimal, Decimal] | None:
    """Return the middle of a district's communities, to start a new one from."""
    rows = Community.objects.filter(city=city, district=district)
    middle = rows.aggregate(latitude=Avg("latitude"), longitude=Avg("longitude"))
    if middle["latitude"] is None:
        return None
    edge = Decimal("0.000001")
    return (
        Decimal(str(middle["latitude"])).quantize(edge),
        Decimal(str(middle["longitude"])).quantize(edge),
    )


@transact()
def add_community(
    *, city: str, district: str, name: str, latitude: Decimal, longitude: Decimal
) -> Community:
    """Add a community; one of that name in the district is that one. ValueError off the Earth."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("no such place")
    values: Mapping[str, Any] = {"latitude": latitude, "longitude": longitude}
    found, _new = Community.objects.get_or_create(
        city=city, district=district, name=name, defaults=values
    )
    return found


@transact()
def found_point(*, user: User, community: Community, place: Place, by: User) -> PickupPoint:
    """Make a new leader's point, with her number and the middle of the community as its place.

    It starts closed: she turns the sign herself once she is ready. HoursError.
    """
    if place.hours_until <= place.hours_from:
        raise HoursError
    point = PickupPoint.objects.create(
        name=place.name,
        kind=place.kind,
        community=community,
        address=place.address,
        latitude=community.latitude,
        longitude=community.longitude,
        leader=user,
        phone=user.phone or "",
        hours_from=place.hours_from,
        hours_until=place.hours_until,
        hours_note=place.hours_note,
        is_open=False,
    )
    begin_tenure(point, by=by)
    return point
