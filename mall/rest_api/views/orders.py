"""Placing, paying, changing and cancelling orders for an app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mall.accounts.phones import normalise_phone
from mall.groupbuy.baskets import find_basket
from mall.groupbuy.shoppers import Shopper
from mall.ordering.changing import change_order
from mall.ordering.ending import cancel_order, cancel_paid_order
from mall.ordering.errors import EmptyBasketError
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import pay_order
from mall.ordering.placing import place_order
from mall.ordering.pricing import Wish
from mall.ordering.rows import Receiver
from mall.rest_api.answering import checked, shape, shown
from mall.rest_api.orders import order_shown, orders_of, own_order
from mall.rest_api.paging import PAGE, page_of, paged
from mall.rest_api.schema import KEY, REFUSALS
from mall.rest_api.shapes import OrderShown
from mall.rest_api.views.baskets import WishInput
from mall.rest_api.views.groups import group_of
from payments.api import Money, PaymentStep

_HIGHEST = 10**12
_PIECES_MOST = 9999
_Order = shape(OrderShown)


class ReceiverInput(serializers.Serializer):
    """Who collects."""

    name = serializers.CharField(max_length=40)
    phone = serializers.CharField(max_length=20)
    remark = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    chain_remark = serializers.CharField(
        max_length=60, required=False, default="", allow_blank=True
    )
    is_anonymous = serializers.BooleanField(required=False, default=False)


class PlaceInput(serializers.Serializer):
    """Her wish, who collects, and what she was shown to pay in the end (fen)."""

    wish = WishInput()
    receiver = ReceiverInput()
    expected_payable_minor = serializers.IntegerField(min_value=1, max_value=_HIGHEST)


class ChangeInput(serializers.Serializer):
    """How many of each line (by its number) stay; lines not named stay as they are."""

    quantities = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=_PIECES_MOST), allow_empty=False
    )


class ListInput(serializers.Serializer):
    """Which orders."""

    status = serializers.ChoiceField(choices=Status.choices, required=False, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """What the payer does next: go to `url`, wait and look again, or nothing."""

    kind: str
    url: str
    payment_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedShown:
    """What a change gives back (fen)."""

    refund_no: str
    back_minor: int
    is_cancelled: bool


class PlaceView(APIView):
    """Ordering what is in the basket."""

    @extend_schema(parameters=[KEY], request=PlaceInput, responses={201: _Order, **REFUSALS})
    def post(self, request: Request, share_code: str) -> Response:
        """Place the order; the same key again returns the first. Then pay it."""
        wish = checked(PlaceInput, request.data)
        group = group_of(share_code)
        basket = find_basket(shopper=Shopper(user=request.user), group_id=group.pk)
        key = request.headers.get("Idempotency-Key", "")[:64]
        if basket is None:
            return _placed_before(request, key)
        order = place_order(
            resident=request.user,
            group_basket=basket,
            receiver=_receiver(wish["receiver"]),
            wish=Wish(**wish["wish"]),
            expected_payable=Money(wish["expected_payable_minor"]),
            idem_key=key,
        )
        return _shown(request, order.order_no, status=201)


class OrdersView(APIView):
    """Her orders."""

    @extend_schema(
        operation_id="orders_list",
        parameters=[ListInput, PAGE],
        responses={200: page_of(OrderShown), **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        """Return her orders, newest first."""
        rows = orders_of(request.user, **checked(ListInput, request.query_params))
        return paged(request, rows, OrderShown)


class OrderView(APIView):
    """One order."""

    @extend_schema(responses={200: _Order, **REFUSALS})
    def get(self, request: Request, order_no: str) -> Response:
        """Return one of her orders."""
        return _shown(request, order_no)


class PayView(APIView):
    """Paying."""

    @extend_schema(
        parameters=[KEY],
        request=None,
        responses={200: shape(StepShown), **REFUSALS},
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Ask the acquirer for the order's money and say what comes next."""
        own_order(request.user, order_no)
        step = pay_order(order_no=order_no, resident_id=request.user.pk)
        return shown(_step(step))


class CancelView(APIView):
    """Cancelling."""

    @extend_schema(parameters=[KEY], request=None, responses={200: _Order, **REFUSALS})
    def post(self, request: Request, order_no: str) -> Response:
        """Cancel an order: unpaid, or paid until the cut-off; the money goes back by itself."""
        order = own_order(request.user, order_no)
        if order.status == Status.PENDING_PAYMENT:
            cancel_order(order_no=order_no, resident_id=request.user.pk)
        else:
            cancel_paid_order(order_no=order_no, resident_id=request.user.pk)
        return _shown(request, order_no)


class ChangeView(APIView):
    """Taking something off."""

    @extend_schema(
        parameters=[KEY],
        request=ChangeInput,
        responses={200: shape(ChangedShown), **REFUSALS},
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Leave so many of the named lines of a paid order; the rest goes back at once."""
        wish = checked(ChangeInput, request.data)
        own_order(request.user, order_no)
        done = change_order(
            order_no=order_no,
            resident_id=request.user.pk,
            quantities=_by_line(wish["quantities"]),
        )
        return shown(
            ChangedShown(
                refund_no=done.refund_no,
                back_minor=done.back.minor,
                is_cancelled=done.is_cancelled,
            )
        )


def _shown(request: Request, order_no: str, *, status: int = 200) -> Response:
    return shown(order_shown(own_order(request.user, order_no)), status=status)


def _placed_before(request: Request, key: str) -> Response:
    placed = OrderFulfilment.objects.filter(resident=request.user, idem_key=key).first()
    if placed is None:
        raise EmptyBasketError
    return _shown(request, placed.order_no, status=201)


def _receiver(typed: dict[str, Any]) -> Receiver:
    return Receiver(**{**typed, "phone": normalise_phone(typed["phone"])})


def _by_line(typed: dict[str, int]) -> dict[int, int]:
    if not all(name.isascii() and name.isdecimal() and len(name) < 19 for name in typed):
        raise Http404
    return {int(name): quantity for name, quantity in typed.items()}


def _step(step: PaymentStep) -> StepShown:
    result = settings.SITE_URL + reverse("cashier:result", args=[step.view.payment_no])
    url = step.url if step.kind == "redirect" else result
    return StepShown(kind=step.kind, url=url, payment_no=step.view.payment_no)
