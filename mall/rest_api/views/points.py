"""Pickup points near somebody, and what is open there."""

from __future__ import annotations

from dataclasses import dataclass

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mall.groupbuy.cards import PointCard, point_card
from mall.groupbuy.selectors import open_groups_of_point
from mall.pickup.selectors import active_points, nearest_points, search_points
from mall.rest_api.answering import checked, shape, shown_all
from mall.rest_api.schema import REFUSALS
from mall.rest_api.shapes import GroupHead, group_head

_MOST = 50


class PlaceInput(serializers.Serializer):
    """Where somebody is (both or neither), or a word of the point's name or address."""

    latitude = serializers.FloatField(min_value=-90, max_value=90, required=False)
    longitude = serializers.FloatField(min_value=-180, max_value=180, required=False)
    q = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPoint:
    """A pickup point and how far it is, where somebody said where she is."""

    point: PointCard
    metres: int | None


class PointsView(APIView):
    """Finding a pickup point."""

    permission_classes = (AllowAny,)

    @extend_schema(
        parameters=[PlaceInput],
        responses={200: shape(FoundPoint, many=True), **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        """Return the nearest points, those a word finds, or the first fifty by name."""
        return shown_all(_found(checked(PlaceInput, request.query_params)), FoundPoint)


class GroupsView(APIView):
    """What is open at a point."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={200: shape(GroupHead, many=True), **REFUSALS})
    def get(self, _request: Request, point_id: int) -> Response:
        """Return the groups of a point that are open or about to open, soonest cut-off first."""
        groups = [group_head(group) for group in open_groups_of_point(point_id)]
        return shown_all(groups, GroupHead)


def _found(wish: dict[str, object]) -> list[FoundPoint]:
    latitude, longitude = wish.get("latitude"), wish.get("longitude")
    if (latitude is None) != (longitude is None):
        raise serializers.ValidationError({"longitude": "latitude and longitude go together"})
    if isinstance(latitude, float) and isinstance(longitude, float):
        near = nearest_points(latitude=latitude, longitude=longitude, limit=_MOST)
        return [FoundPoint(point=point_card(each.point), metres=each.metres) for each in near]
    if wish["q"]:
        districts = search_points(str(wish["q"]), _MOST)
        points = [point for district in districts for point in district.points]
    else:
        points = list(active_points().order_by("name", "pk")[:_MOST])
    return [FoundPoint(point=point_card(point), metres=None) for point in points]
