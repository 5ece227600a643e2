"""Smaller wishes: hearts, what neighbours say, waiting for room, collecting elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mall.catalogue.favourites import favourites_of, like, unlike
from mall.groupbuy.waiting import join, leave, place_of
from mall.ordering.moving import move_order, quote_move
from mall.rest_api.answering import checked, shape, shown
from mall.rest_api.orders import order_shown, own_order
from mall.rest_api.paging import PAGE, page_of, paged
from mall.rest_api.rows import Rows
from mall.rest_api.schema import KEY, REFUSALS
from mall.rest_api.shapes import OrderShown
from mall.rest_api.views.groups import group_of
from mall.reviews.selectors import ReviewRow, row_of, shown_reviews
from mall.reviews.writing import write_review

_HIGHEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FavouritesShown:
    """The products with her heart, the latest first."""

    product_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingShown:
    """How many wait up to her; null where she does not wait."""

    place: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveShown:
    """What a move would do: the goods cost so much less there; fen."""

    cheaper_minor: int
    is_same_sale: bool


class ReviewInput(serializers.Serializer):
    """What she says about a line she collected."""

    line_id = serializers.IntegerField(min_value=1, max_value=_HIGHEST)
    stars = serializers.IntegerField(min_value=1, max_value=5)
    text = serializers.CharField(max_length=500, default="", allow_blank=True)
    is_named = serializers.BooleanField(default=True)


class ToGroupInput(serializers.Serializer):
    """Where to: the code of another group."""

    share_code = serializers.SlugField(max_length=16)


class FavouritesView(APIView):
    """Her hearts."""

    @extend_schema(responses={200: shape(FavouritesShown), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return the products with her heart."""
        return shown(FavouritesShown(product_ids=favourites_of(request.user.pk)))


class FavouriteView(APIView):
    """One heart."""

    @extend_schema(request=None, responses={204: OpenApiResponse(), **REFUSALS})
    def put(self, request: Request, product_id: int) -> Response:
        """Put her heart on a product; once is enough."""
        like(resident_id=request.user.pk, product_id=product_id)
        return Response(status=204)

    @extend_schema(responses={204: OpenApiResponse(), **REFUSALS})
    def delete(self, request: Request, product_id: int) -> Response:
        """Take her heart off a product."""
        unlike(resident_id=request.user.pk, product_id=product_id)
        return Response(status=204)


class ReviewsView(APIView):
    """What neighbours say about a product."""

    permission_classes = (AllowAny,)

    @extend_schema(parameters=[PAGE], responses={200: page_of(ReviewRow), **REFUSALS})
    def get(self, request: Request, product_id: int) -> Response:
        """Return the reviews of a product, newest first."""
        return paged(request, Rows(shown_reviews(product_id), row_of), ReviewRow)


class WriteReviewView(APIView):
    """What she says."""

    @extend_schema(
        parameters=[KEY], request=ReviewInput, responses={204: OpenApiResponse(), **REFUSALS}
    )
    def post(self, request: Request) -> Response:
        """Review a line she collected, once."""
        write_review(resident=request.user, photos=(), **checked(ReviewInput, request.data))
        return Response(status=204)


class WaitingView(APIView):
    """Waiting for room in a full group."""

    @extend_schema(responses={200: shape(WaitingShown), **REFUSALS})
    def get(self, request: Request, share_code: str) -> Response:
        """Return her place on the waiting list."""
        group = group_of(share_code)
        return shown(WaitingShown(place=place_of(group_id=group.pk, resident_id=request.user.pk)))

    @extend_schema(request=None, responses={200: shape(WaitingShown), **REFUSALS})
    def put(self, request: Request, share_code: str) -> Response:
        """Wait for room; once is enough."""
        group = group_of(share_code)
        return shown(WaitingShown(place=join(group_id=group.pk, resident_id=request.user.pk)))

    @extend_schema(responses={204: OpenApiResponse(), **REFUSALS})
    def delete(self, request: Request, share_code: str) -> Response:
        """Wait no longer."""
        leave(group_id=group_of(share_code).pk, resident_id=request.user.pk)
        return Response(status=204)


class MoveView(APIView):
    """Collecting somewhere else."""

    @extend_schema(parameters=[ToGroupInput], responses={200: shape(MoveShown), **REFUSALS})
    def get(self, request: Request, order_no: str) -> Response:
        """Say what moving an order to another group would do; nothing is changed."""
        own_order(request.user, order_no)
        to = group_of(checked(ToGroupInput, request.query_params)["share_code"])
        quote = quote_move(order_no=order_no, to_group_id=to.pk, by=request.user)
        return shown(MoveShown(cheaper_minor=quote.cheaper_minor, is_same_sale=quote.is_same_sale))

    @extend_schema(
        parameters=[KEY], request=ToGroupInput, responses={200: shape(OrderShown), **REFUSALS}
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Move an order to another group, until the cut-off."""
        own_order(request.user, order_no)
        to = group_of(checked(ToGroupInput, request.data)["share_code"])
        move_order(order_no=order_no, to_group_id=to.pk, by=request.user)
        return shown(order_shown(own_order(request.user, order_no)))
