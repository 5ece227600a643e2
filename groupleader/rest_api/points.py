"""A leader's pickup points in her app: the sign, hours, days away, who helps there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from groupleader.models import Leader
from groupleader.rest_api.access import LeaderView
from mall.api import (
    HelperGoneError,
    add_break,
    drop_break,
    end_helper,
    helpers_of,
    invite_helper,
    orders_between,
    points_kept,
    set_hours,
    set_sign,
)
from mall.rest_api.answering import checked, shape, shown, shown_all
from mall.rest_api.schema import KEY, REFUSALS
from payments.api import business_date

_NUMBER_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakShown:
    """Days on which nothing is handed out, and how many orders there are for them already."""

    break_id: int
    first_day: date
    last_day: date
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperShown:
    """Somebody who helps at a point, or is invited to as long as ``since`` is empty."""

    helper_id: int
    name: str
    phone_tail: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointShown:
    """One of her points, as she keeps it."""

    point_id: int
    name: str
    address: str
    is_open: bool
    takes_orders_today: bool
    # the clock, as 08:00
    hours_from: str
    hours_until: str
    hours_note: str
    phone: str
    breaks: list[BreakShown]
    helpers: list[HelperShown]


class SignInput(serializers.Serializer):
    """Open or closed for new orders."""

    is_open = serializers.BooleanField()


class HoursInput(serializers.Serializer):
    """Opening hours, a note on them, and the number residents call; empty for her own."""

    hours_from = serializers.TimeField()
    hours_until = serializers.TimeField()
    note = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class BreakInput(serializers.Serializer):
    """The first and the last day away."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()


class HelperInput(serializers.Serializer):
    """Who is invited, by her number."""

    phone = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class PointsView(LeaderView):
    """Her points."""

    @extend_schema(responses={200: shape(PointShown, many=True), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return her points with their signs, hours, days away and helpers."""
        leader = self.leader(request)
        return shown_all([_point(each, leader) for each in points_kept(leader.user)], PointShown)


class SignView(LeaderView):
    """The shop sign of one of her points."""

    @extend_schema(request=SignInput, responses={200: shape(PointShown), **REFUSALS})
    def put(self, request: Request, point_id: int) -> Response:
        """Turn the sign; what was ordered goes on."""
        own = _own(request, point_id)
        wish = checked(SignInput, request.data)
        set_sign(point_id=own, is_open=wish["is_open"], by=request.user)
        return _shown(request, own)


class HoursView(LeaderView):
    """Opening hours of one of her points."""

    @extend_schema(request=HoursInput, responses={200: shape(PointShown), **REFUSALS})
    def put(self, request: Request, point_id: int) -> Response:
        """Change hours, note and phone."""
        own = _own(request, point_id)
        set_hours(point_id=own, by=request.user, **checked(HoursInput, request.data))
        return _shown(request, own)


class BreaksView(LeaderView):
    """Days away of one of her points."""

    @extend_schema(
        parameters=[KEY], request=BreakInput, responses={201: shape(BreakShown), **REFUSALS}
    )
    def post(self, request: Request, point_id: int) -> Response:
        """Write days away down; the same days again are the same break."""
        own = _own(request, point_id)
        made = add_break(point_id=own, by=request.user, **checked(BreakInput, request.data))
        if made is None:
            raise Http404
        return shown(_break(made), status=201)


class BreakView(LeaderView):
    """One of her breaks."""

    @extend_schema(responses={204: OpenApiResponse(), **REFUSALS})
    def delete(self, request: Request, break_id: int) -> Response:
        """Take days away back."""
        if break_id > _NUMBER_MAX or not drop_break(break_id=break_id, by=request.user):
            raise Http404
        return Response(status=204)


class HelpersView(LeaderView):
    """Who helps at one of her points."""

    @extend_schema(responses={200: shape(HelperShown, many=True), **REFUSALS})
    def get(self, request: Request, point_id: int) -> Response:
        """Return helpers and open invitations, those who said yes first."""
        own, leader = _own(request, point_id), self.leader(request)
        return shown_all([_helper(row) for row in _helpers(own, leader)], HelperShown)

    @extend_schema(
        parameters=[KEY], request=HelperInput, responses={201: shape(HelperShown), **REFUSALS}
    )
    def post(self, request: Request, point_id: int) -> Response:
        """Invite a number; she signs in with it and says yes. The same again is the same one."""
        own = _own(request, point_id)
        wish = checked(HelperInput, request.data)
        row = invite_helper(point_id=own, by=request.user, **wish)
        return shown(_helper(row), status=201)


class HelperView(LeaderView):
    """One helper or invitation at her points."""

    @extend_schema(responses={204: OpenApiResponse(), **REFUSALS})
    def delete(self, request: Request, helper_id: int) -> Response:
        """End it: she receives and hands over no longer."""
        if helper_id > _NUMBER_MAX:
            raise Http404
        try:
            end_helper(helper_id=helper_id, by=request.user)
        except HelperGoneError as gone:
            raise Http404 from gone
        return Response(status=204)


def _own(request: Request, point_id: int) -> int:
    """Return the number of a point of hers; 404 for anybody else's."""
    hers = points_kept(request.user)
    if point_id > _NUMBER_MAX or not hers.filter(pk=point_id).exists():
        raise Http404
    return point_id


def _shown(request: Request, point_id: int) -> Response:
    leader = LeaderView.leader(request)
    return shown(_point(points_kept(leader.user).get(pk=point_id), leader))


def _point(point: Any, leader: Leader) -> PointShown:
    today = business_date()
    return PointShown(
        point_id=point.pk,
        name=point.name,
        address=point.address,
        is_open=point.is_open,
        takes_orders_today=point.takes_orders(today),
        hours_from=f"{point.hours_from:%H:%M}",
        hours_until=f"{point.hours_until:%H:%M}",
        hours_note=point.hours_note,
        phone=point.phone,
        breaks=[_break(each) for each in point.breaks.all() if each.last_day >= today],
        helpers=[_helper(row) for row in _helpers(point.pk, leader)],
    )


def _helpers(point_id: int, leader: Leader) -> Any:
    # Whom the keeper before her invited is none of hers.
    return helpers_of(point_id).filter(invited_by=leader.user)


def _break(row: Any) -> BreakShown:
    return BreakShown(
        break_id=row.pk,
        first_day=row.first_day,
        last_day=row.last_day,
        orders=orders_between(row.point_id, row.first_day, row.last_day),
    )


def _helper(row: Any) -> HelperShown:
    return HelperShown(helper_id=row.pk, name=row.name, phone_tail=row.phone[-4:], since=row.since)
