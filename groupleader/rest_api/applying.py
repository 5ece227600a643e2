"""Becoming a leader in the app: where, the draft, its photo, handing it in, taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from groupleader.models import LeaderApplication
from groupleader.services.applying import (
    TERMS_VERSION,
    application_of,
    hand_in,
    keep_draft,
    withdraw,
)
from mall.api import communities_in, community_named, districts, kind_labels, picture_of
from mall.rest_api.answering import checked, shape, shown
from mall.rest_api.schema import KEY, REFUSALS

Status = LeaderApplication.Status
_NAME_MAX = 60
_NUMBER_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationShown:
    """Her application, and what became of it; ``reason`` in words."""

    status: str
    name: str
    community_id: int | None
    city: str
    district: str
    community_name: str
    place_name: str
    kind: str
    address: str
    has_photo: bool
    # the clock, as 08:00
    hours_from: str
    hours_until: str
    hours_note: str
    handed_in_at: datetime | None
    decided_at: datetime | None
    reason: str
    note: str
    terms_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityShown:
    """A community that is listed."""

    community_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictShown:
    """A district, and its communities."""

    city: str
    district: str
    communities: list[CommunityShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesShown:
    """What she chooses from, and which terms she agrees to."""

    districts: list[DistrictShown]
    kinds: dict[str, str]
    terms_version: str


class DraftInput(serializers.Serializer):
    """What is known so far; a listed community by its number, else district and name."""

    name = serializers.CharField(max_length=_NAME_MAX, required=False)
    community_id = serializers.IntegerField(
        min_value=1, max_value=_NUMBER_MAX, required=False, allow_null=True
    )
    city = serializers.CharField(max_length=_NAME_MAX, required=False)
    district = serializers.CharField(max_length=_NAME_MAX, required=False)
    community_name = serializers.CharField(max_length=_NAME_MAX, required=False)
    place_name = serializers.CharField(max_length=_NAME_MAX, required=False)
    kind = serializers.CharField(max_length=20, required=False)
    address = serializers.CharField(max_length=200, required=False)
    hours_from = serializers.TimeField(required=False)
    hours_until = serializers.TimeField(required=False)
    hours_note = serializers.CharField(max_length=100, required=False, allow_blank=True)


class PhotoInput(serializers.Serializer):
    """A picture of the place: JPEG, PNG or WebP, at most 5 MB."""

    photo = serializers.FileField()


class HandInInput(serializers.Serializer):
    """That she agrees to the terms, and to which."""

    agrees = serializers.BooleanField()
    terms_version = serializers.CharField(max_length=20)


class PlacesView(APIView):
    """Where leaders are looked for."""

    @extend_schema(responses={200: shape(PlacesShown), **REFUSALS})
    def get(self, _request: Request) -> Response:
        """Return districts with their communities, kinds of places and the terms' version."""
        found = [_district(city, district) for city, district in districts()]
        return shown(PlacesShown(districts=found, kinds=kind_labels(), terms_version=TERMS_VERSION))


class ApplicationView(APIView):
    """Her own application."""

    @extend_schema(responses={200: shape(ApplicationShown), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return her open application or draft, else her last one; 404 where there is none."""
        return _shown(request)

    @extend_schema(request=DraftInput, responses={200: shape(ApplicationShown), **REFUSALS})
    def put(self, request: Request) -> Response:
        """Keep what is known so far as a draft; what is not sent stays."""
        keep_draft(user=request.user, values=_values(checked(DraftInput, request.data)))
        return _shown(request)


class PhotoView(APIView):
    """The photo of her application."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": PhotoInput},
        responses={200: shape(ApplicationShown), **REFUSALS},
    )
    def put(self, request: Request) -> Response:
        """Keep a photo of the place with the draft, without what the telephone wrote into it."""
        sent = checked(PhotoInput, request.data)["photo"]
        keep_draft(user=request.user, values={}, photo=picture_of(sent))
        return _shown(request)


class HandInView(APIView):
    """Handing it in."""

    @extend_schema(
        parameters=[KEY], request=HandInInput, responses={200: shape(ApplicationShown), **REFUSALS}
    )
    def post(self, request: Request) -> Response:
        """Hand the draft in; what is missing is refused with ``not_whole`` and its names."""
        wish = checked(HandInInput, request.data)
        agrees = wish["agrees"] and wish["terms_version"] == TERMS_VERSION
        hand_in(user=request.user, agrees=agrees)
        return _shown(request)


class WithdrawView(APIView):
    """Taking it back."""

    @extend_schema(
        parameters=[KEY], request=None, responses={200: shape(ApplicationShown), **REFUSALS}
    )
    def post(self, request: Request) -> Response:
        """Take an open application back, or throw the draft away."""
        withdraw(user=request.user)
        return _shown(request)


def _shown(request: Request) -> Response:
    row = application_of(request.user.pk)
    if row is None:
        raise Http404
    return shown(
        ApplicationShown(
            has_photo=bool(row.photo),
            reason=str(row.get_reason_display()) if row.reason else "",
            hours_from=f"{row.hours_from:%H:%M}",
            hours_until=f"{row.hours_until:%H:%M}",
            **{name: getattr(row, name) for name in _PLAIN},
        )
    )


_PLAIN = (
    "status", "name", "community_id", "city", "district", "community_name", "place_name", "kind",
    "address", "hours_note", "handed_in_at", "decided_at", "note",
    "terms_version",
)  # fmt: skip


def _values(wish: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept: of a listed community its own names."""
    values = {name: each for name, each in wish.items() if each is not None}
    if "community_id" in wish:
        community = community_named(wish["community_id"] or 0)
        if wish["community_id"] and community is None:
            raise Http404
        values["community_id"] = community.pk if community else None
        if community is not None:
            named = {"city": community.city, "district": community.district}
            values |= named | {"community_name": community.name}
    return values


def _district(city: str, district: str) -> DistrictShown:
    rows = communities_in(city=city, district=district)
    return DistrictShown(
        city=city,
        district=district,
        communities=[CommunityShown(community_id=each.pk, name=each.name) for each in rows],
    )
