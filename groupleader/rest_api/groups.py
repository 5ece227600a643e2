"""A leader's day and groups: what is to do, who ordered what, ordering for others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from groupleader.rest_api.access import LeaderView
from mall.api import (
    BoardGroup,
    Desk,
    ItemRow,
    OrderRow,
    cases_to_decide,
    desk_of,
    group_of_leader,
    groups_of_leader,
    items_ordered,
    orders_of_leader,
    pay_link_of,
    place_for,
    prolong_by_leader,
)
from mall.rest_api.answering import checked, shape, shown, shown_all
from mall.rest_api.paging import PAGE, page_of, paged
from mall.rest_api.schema import KEY, REFUSALS

_PIECES_MOST = 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShown:
    """What is to be done today."""

    desk: Desk
    cases_to_decide: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedGroup:
    """One of her groups; amounts in fen, times of day as HH:MM of Shanghai."""

    group_id: int
    title: str
    state: str
    share_code: str
    point_id: int
    point_name: str
    closes_at: datetime
    pickup_on: date
    pickup_from: str
    pickup_until: str
    joined: int
    orders: int
    quantity: int
    amount_minor: int
    can_receive: bool
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForOtherShown:
    """An order for a neighbour, and the link she pays by; fen."""

    order_no: str
    payable_minor: int
    pay_url: str
    expires_at: datetime


class SearchInput(serializers.Serializer):
    """A name, four last digits, or a code; and which state."""

    q = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    state = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)


class ForOtherInput(serializers.Serializer):
    """Who cannot order herself, and what she wants: pieces per item."""

    phone = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=40)
    remark = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    items = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=_PIECES_MOST), allow_empty=False
    )


class UntilInput(serializers.Serializer):
    """A later cut-off."""

    closes_at = serializers.DateTimeField()


class DayView(LeaderView):
    """Her day."""

    @extend_schema(responses={200: shape(DayShown), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return what is to be received, handed over and decided today."""
        day = DayShown(
            desk=desk_of(request.user.pk), cases_to_decide=cases_to_decide(request.user.pk)
        )
        return shown(day)


class GroupsView(LeaderView):
    """Her groups."""

    @extend_schema(responses={200: shape(LedGroup, many=True), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return her groups, newest first."""
        return shown_all([_group(group) for group in groups_of_leader(request.user.pk)], LedGroup)


class GroupView(LeaderView):
    """One of her groups."""

    @extend_schema(responses={200: shape(LedGroup), **REFUSALS})
    def get(self, request: Request, group_id: int) -> Response:
        """Return one of her groups."""
        return shown(_group(group_of_leader(request.user.pk, group_id)))


class ItemsView(LeaderView):
    """What a group ordered."""

    @extend_schema(responses={200: shape(ItemRow, many=True), **REFUSALS})
    def get(self, request: Request, group_id: int) -> Response:
        """Return what a group's paid orders come to, per item."""
        group_of_leader(request.user.pk, group_id)
        return shown_all(items_ordered(request.user.pk, group_id), ItemRow)


class OrdersView(LeaderView):
    """Who ordered."""

    @extend_schema(parameters=[SearchInput, PAGE], responses={200: page_of(OrderRow), **REFUSALS})
    def get(self, request: Request, group_id: int) -> Response:
        """Return a group's paid orders, names masked; searched by name, last digits or code."""
        group_of_leader(request.user.pk, group_id)
        wish = checked(SearchInput, request.query_params)
        rows = orders_of_leader(
            request.user.pk, group_id=group_id, query=wish["q"], show=wish["state"]
        )
        return paged(request, rows, OrderRow)


class ForOtherView(LeaderView):
    """Ordering for a neighbour who cannot."""

    @extend_schema(
        parameters=[KEY], request=ForOtherInput, responses={201: shape(ForOtherShown), **REFUSALS}
    )
    def post(self, request: Request, group_id: int) -> Response:
        """Order for a neighbour; both are written down, and she pays by the link."""
        wish = checked(ForOtherInput, request.data)
        order = place_for(
            leader=request.user,
            group_id=group_id,
            phone=wish["phone"],
            name=wish["name"],
            remark=wish["remark"],
            items=by_number(wish["items"]),
            idem_key=request.headers.get("Idempotency-Key", "")[:64],
        )
        path = reverse("storefront:pay-for", args=[pay_link_of(order)])
        placed = ForOtherShown(
            order_no=order.order_no,
            payable_minor=order.payable_minor,
            pay_url=settings.SITE_URL + path,
            expires_at=order.expires_at,
        )
        return shown(placed, status=201)


class ProlongView(LeaderView):
    """A later cut-off."""

    @extend_schema(
        parameters=[KEY], request=UntilInput, responses={200: shape(LedGroup), **REFUSALS}
    )
    def post(self, request: Request, group_id: int) -> Response:
        """Prolong her own group once, before it is decided."""
        wish = checked(UntilInput, request.data)
        prolong_by_leader(group_id=group_id, leader_id=request.user.pk, closes_at=wish["closes_at"])
        return shown(_group(group_of_leader(request.user.pk, group_id)))


def by_number(typed: dict[str, int]) -> dict[int, int]:
    """Return figures by the number they are named with; ValidationError for a name that is none."""
    if not all(name.isascii() and name.isdecimal() and len(name) < 19 for name in typed):
        raise serializers.ValidationError({"": "every name is a number"})
    return {int(name): figure for name, figure in typed.items()}


def _group(group: BoardGroup) -> LedGroup:
    names = LedGroup.__dataclass_fields__.keys() - {"pickup_from", "pickup_until"}
    return LedGroup(
        **{name: getattr(group, name) for name in names},
        pickup_from=f"{group.pickup_from:%H:%M}",
        pickup_until=f"{group.pickup_until:%H:%M}",
    )
