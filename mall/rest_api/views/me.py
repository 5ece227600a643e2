"""About her: name, pickup point, messages."""

from __future__ import annotations

from dataclasses import dataclass

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mall.accounts.masking import mask_phone
from mall.accounts.profiles import profile_of, rename, set_elder_mode
from mall.messaging.reading import mark_all_read
from mall.messaging.selectors import MessageRow, messages_of, unread_count
from mall.pickup.choosing import choose_point
from mall.rest_api.answering import checked, shape, shown
from mall.rest_api.paging import PAGE, page_of, paged
from mall.rest_api.schema import KEY, REFUSALS


@dataclass(frozen=True, slots=True, kw_only=True)
class MeShown:
    """What a person sees of herself."""

    name: str
    phone_masked: str
    point_id: int | None
    elder_mode: bool
    unread_messages: int


class MeInput(serializers.Serializer):
    """What she changes; what is not sent stays."""

    name = serializers.CharField(max_length=40, required=False)
    point_id = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    elder_mode = serializers.BooleanField(required=False)


_Me = shape(MeShown)


class MeView(APIView):
    """Herself."""

    @extend_schema(responses={200: _Me, **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return who is signed in."""
        return shown(_me(request))

    @extend_schema(request=MeInput, responses={200: _Me, **REFUSALS})
    def patch(self, request: Request) -> Response:
        """Change name, pickup point or large text."""
        wish = checked(MeInput, request.data)
        if "point_id" in wish:
            choose_point(user=request.user, point_id=wish["point_id"])
        if "name" in wish:
            rename(user=request.user, display_name=wish["name"])
        if "elder_mode" in wish:
            set_elder_mode(user=request.user, elder_mode=wish["elder_mode"])
        return shown(_me(request))


class MessagesView(APIView):
    """What she was told."""

    @extend_schema(parameters=[PAGE], responses={200: page_of(MessageRow), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return her messages, newest first, in the reader's language."""
        return paged(request, messages_of(request.user.pk), MessageRow)


class ReadView(APIView):
    """Having read them."""

    @extend_schema(parameters=[KEY], request=None, responses={204: OpenApiResponse(), **REFUSALS})
    def post(self, request: Request) -> Response:
        """Mark everything read."""
        mark_all_read(user_id=request.user.pk)
        return Response(status=204)


def _me(request: Request) -> MeShown:
    profile = profile_of(request.user)
    return MeShown(
        name=request.user.display_name,
        phone_masked=mask_phone(request.user.phone),
        point_id=profile.pickup_point_id,
        elder_mode=profile.elder_mode,
        unread_messages=unread_count(request.user.pk),
    )
