"""Choosing where to collect: nearest by location if allowed, by district otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mall.groupbuy.cards import point_card
from mall.pickup import choosing
from mall.pickup.models import PickupPoint
from mall.pickup.selectors import nearest_points, points_by_district, search_points
from mall.storefront.groups import point_notes
from mall.storefront.visitor import chosen_point, remember_point
from payments.api import business_date


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRow:
    """A pickup point as the list shows it."""

    id: int
    name: str
    leader_name: str
    community_name: str
    address: str
    opening_hours: str
    distance_text: str
    resting: str
    notes: tuple[str, ...]


@require_GET
def points(request: HttpRequest) -> HttpResponse:
    """Show the points near a place (lat, lng), matching a word (q), or all by district."""
    query = request.GET.get("q", "").strip()[:40]
    place = _place(request)
    if place:
        near = nearest_points(latitude=place[0], longitude=place[1], limit=10)
        rows = [_row(each.point, metres=each.metres) for each in near]
        districts = [{"name": _("Near you"), "points": rows}] if rows else []
    else:
        found = search_points(query) if query else points_by_district()
        districts = [
            {"name": f"{district.city} {district.name}", "points": _rows(district.points)}
            for district in found
        ]
    chosen = chosen_point(request)
    context: dict[str, Any] = {
        "districts": districts,
        "query": query,
        "located": bool(place and districts),
        "chosen_id": chosen.pk if chosen else None,
    }
    return render(request, "storefront/points.html", context)


@require_POST
def choose(request: HttpRequest, point_id: int) -> HttpResponse:
    """Keep the chosen point in a signed cookie (and the profile) and go home."""
    try:
        point = choosing.choose_point(user=request.user, point_id=point_id)
    except PickupPoint.DoesNotExist as error:
        raise Http404 from error
    response = redirect("storefront:home")
    remember_point(response, point)
    return response


def resting_text(point: PickupPoint) -> str:
    """Say why a point takes no orders now; empty where it does."""
    rest = point.break_on(business_date())
    if rest:
        until = date_format(rest.last_day, "MONTH_DAY_FORMAT")
        return _("On holiday until %(day)s") % {"day": until}
    return "" if point.has_sign_open else _("Takes no new orders at the moment")


def _place(request: HttpRequest) -> tuple[float, float] | None:
    """Read lat and lng; a place that is none is as good as no place."""
    try:
        latitude, longitude = float(request.GET["lat"]), float(request.GET["lng"])
    except (KeyError, ValueError):
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _rows(found: Iterable[PickupPoint]) -> list[PointRow]:
    return [_row(point) for point in found]


def _row(point: PickupPoint, *, metres: int | None = None) -> PointRow:
    return PointRow(
        id=point.pk,
        name=point.name,
        leader_name=point.leader.display_name,
        community_name=point.community.name,
        address=point.address,
        opening_hours=point.opening_hours,
        distance_text=_distance(metres),
        resting=resting_text(point),
        notes=tuple(point_notes(point_card(point))),
    )


def _distance(metres: int | None) -> str:
    if metres is None:
        return ""
    if metres < 1000:
        return _("%(metres)d m away") % {"metres": round(metres, -1)}
    return _("%(kilometres).1f km away") % {"kilometres": metres / 1000}
