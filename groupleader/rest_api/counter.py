"""Goods in, goods out: receiving a delivery, handing bags over, those nobody collects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from groupleader.rest_api.access import LeaderView
from groupleader.rest_api.groups import by_number
from mall.api import (
    Bag,
    ItemRow,
    NotYourPointError,
    Preview,
    Receipt,
    WaitingBag,
    bag_of,
    collect_order,
    collect_part,
    extend_storage,
    find_by_code,
    find_by_tail,
    find_by_token,
    group_of_leader,
    items_to_receive,
    points_of_leader,
    preview_arrival,
    record_arrival,
    undo_collection,
    waiting_bags,
)
from mall.rest_api.answering import checked, shape, shown, shown_all
from mall.rest_api.schema import KEY, REFUSALS

_PIECES_MOST = 999_999
_MEANS = ("code", "scan", "list")


class CountsInput(serializers.Serializer):
    """How many of each item came in good order, how many damaged, who signed, a note."""

    counts = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=_PIECES_MOST), allow_empty=False
    )
    damaged = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=_PIECES_MOST),
        required=False,
        default=dict,
    )
    signer = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class FindInput(serializers.Serializer):
    """One of: the six digits at a point, the token of a QR, the last four digits of a phone."""

    point_id = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    code = serializers.CharField(max_length=12, required=False, default="", allow_blank=True)
    tail = serializers.CharField(max_length=4, required=False, default="", allow_blank=True)
    token = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class HandOverInput(serializers.Serializer):
    """Everything of a bag, or so many pieces per line."""

    means = serializers.ChoiceField(choices=_MEANS, required=False, default="list")
    pieces = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=_PIECES_MOST), required=False
    )


class UndoInput(serializers.Serializer):
    """Why a hand-over is taken back, and which."""

    reason = serializers.CharField(max_length=200)
    visit_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


class ExtendInput(serializers.Serializer):
    """So many hours more, and why."""

    hours = serializers.IntegerField(min_value=1, max_value=24 * 14)
    reason = serializers.CharField(max_length=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedShown:
    """A delivery that was taken in."""

    group_id: int
    items: list[ItemRow]


class DeliveryView(LeaderView):
    """A group's delivery."""

    @extend_schema(responses={200: shape(ReceivedShown), **REFUSALS})
    def get(self, request: Request, group_id: int) -> Response:
        """Return what the delivery should hold, or held."""
        return _delivery(request, group_id)

    @extend_schema(
        parameters=[KEY], request=CountsInput, responses={200: shape(ReceivedShown), **REFUSALS}
    )
    def post(self, request: Request, group_id: int) -> Response:
        """Take the delivery in: codes are given out, missing pieces go back; once."""
        wish = checked(CountsInput, request.data)
        group_of_leader(request.user.pk, group_id)
        receipt = Receipt(
            signer=wish["signer"], note=wish["note"], damaged=by_number(wish["damaged"])
        )
        record_arrival(
            group_id=group_id,
            counts=by_number(wish["counts"]),
            by=request.user,
            receipt=receipt,
        )
        return _delivery(request, group_id)


class PreviewView(LeaderView):
    """Who would go short."""

    @extend_schema(
        parameters=[KEY], request=CountsInput, responses={200: shape(Preview), **REFUSALS}
    )
    def post(self, request: Request, group_id: int) -> Response:
        """Say who would go short if so many came; nothing is written."""
        wish = checked(CountsInput, request.data)
        return shown(preview_arrival(request.user.pk, group_id, by_number(wish["counts"])))


class FindView(LeaderView):
    """Finding bags."""

    @extend_schema(parameters=[FindInput], responses={200: shape(Bag, many=True), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return the bags a code, a QR or last digits name; five wrong codes lock the screen."""
        numbers = _numbers(request, checked(FindInput, request.query_params))
        return shown_all([bag_of(number, by=request.user) for number in numbers], Bag)


class BagView(LeaderView):
    """One bag."""

    @extend_schema(responses={200: shape(Bag), **REFUSALS})
    def get(self, request: Request, order_no: str) -> Response:
        """Return a bag as it is."""
        return shown(bag_of(order_no, by=request.user))


class HandOverView(LeaderView):
    """Handing over."""

    @extend_schema(parameters=[KEY], request=HandOverInput, responses={200: shape(Bag), **REFUSALS})
    def post(self, request: Request, order_no: str) -> Response:
        """Hand a bag over, or some of it; the same key again is the same hand-over."""
        wish = checked(HandOverInput, request.data)
        bag_of(order_no, by=request.user)
        if "pieces" in wish:
            collect_part(
                order_no=order_no,
                pieces=by_number(wish["pieces"]),
                by=request.user,
                means=wish["means"],
                key=request.headers.get("Idempotency-Key", "")[:64],
            )
        else:
            collect_order(order_no=order_no, by=request.user, means=wish["means"])
        return shown(bag_of(order_no, by=request.user))


class UndoView(LeaderView):
    """Taking a hand-over back."""

    @extend_schema(parameters=[KEY], request=UndoInput, responses={200: shape(Bag), **REFUSALS})
    def post(self, request: Request, order_no: str) -> Response:
        """Take the last hand-over back, with a reason."""
        wish = checked(UndoInput, request.data)
        bag_of(order_no, by=request.user)
        undo_collection(
            order_no=order_no,
            by=request.user,
            reason=wish["reason"],
            collection_id=wish.get("visit_id"),
        )
        return shown(bag_of(order_no, by=request.user))


class WaitingView(LeaderView):
    """Bags nobody has fetched."""

    @extend_schema(responses={200: shape(WaitingBag, many=True), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return the bags that wait longer than they should, the most urgent first."""
        return shown_all(list(waiting_bags(request.user.pk)), WaitingBag)


class ExtendView(LeaderView):
    """Keeping a bag longer."""

    @extend_schema(
        parameters=[KEY],
        request=ExtendInput,
        responses={200: shape(WaitingBag, many=True), **REFUSALS},
    )
    def post(self, request: Request, bag_id: int) -> Response:
        """Keep a bag some hours longer, with a reason."""
        wish = checked(ExtendInput, request.data)
        try:
            extend_storage(bag_id=bag_id, by=request.user, **wish)
        except NotYourPointError as other:
            raise Http404 from other
        return shown_all(list(waiting_bags(request.user.pk)), WaitingBag)


def _delivery(request: Request, group_id: int) -> Response:
    group_of_leader(request.user.pk, group_id)
    items = list(items_to_receive(request.user.pk, group_id))
    return shown(ReceivedShown(group_id=group_id, items=items))


def _numbers(request: Request, wish: dict[str, Any]) -> list[str]:
    if wish["token"]:
        return [find_by_token(token=wish["token"], by=request.user).order_no]
    point_id = wish.get("point_id")
    if point_id not in points_of_leader(request.user.pk):
        raise serializers.ValidationError({"point_id": "one of your own pickup points"})
    if wish["tail"]:
        found = find_by_tail(point_id=point_id, tail=wish["tail"])
        return [order.order_no for order in found]
    return [find_by_code(point_id=point_id, code=wish["code"], by=request.user).order_no]
