"""The basket of a group, and what it would cost by her wish."""

from __future__ import annotations

from dataclasses import dataclass

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mall.groupbuy.baskets import basket_for, find_basket, set_quantity
from mall.groupbuy.models import LeaderGroup
from mall.groupbuy.shoppers import Shopper
from mall.groupbuy.summaries import BasketSummary, summary
from mall.groupbuy.tolerances import set_tolerance
from mall.ordering.allowances import bought_by
from mall.ordering.baskets import facts_of
from mall.ordering.payer import payer_ref
from mall.ordering.pricing import Pricing, Wish, price
from mall.ordering.purses import Browser, purses_for
from mall.promotions.quoting import WayQuote
from mall.rest_api.answering import checked, shape, shown
from mall.rest_api.schema import REFUSALS
from mall.rest_api.shapes import BasketShown, basket_shown
from mall.rest_api.views.groups import group_of
from payments.api import Purse, Scene, agreements_of

_PIECES_MOST = 9999
# Where she stands when she pays at the cashier; a tied card has a scene of its own.
_SCENES = [str(each) for each in Scene if each is not Scene.CARD_TOKEN]


class WishInput(serializers.Serializer):
    """How she would pay; what she leaves open is chosen best for her."""

    way = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    voucher_no = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    points = serializers.IntegerField(min_value=0, max_value=10**9, required=False, default=0)
    offer_code = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)
    purse = serializers.ChoiceField(
        [str(each) for each in Purse], required=False, default="", allow_blank=True
    )
    scene = serializers.ChoiceField(_SCENES, required=False, default="", allow_blank=True)


class ItemInput(serializers.Serializer):
    """So many of an item; and so many more where that fills a case."""

    quantity = serializers.IntegerField(min_value=0, max_value=_PIECES_MOST)
    tolerance = serializers.IntegerField(min_value=0, max_value=_PIECES_MOST, required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayShown:
    """One way of paying: what the acquirer is asked for, and what it costs in the end; fen."""

    way: str
    kind: str
    asked_minor: int
    payable_minor: int
    saving_minor: int
    offer_code: str
    offer_name: str
    hint: str
    voucher_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteShown:
    """What a basket costs by her wish; `payable_minor` is sent back with the order; fen."""

    goods_minor: int
    voucher_no: str
    voucher_minor: int
    points: int
    points_minor: int
    way: str
    asked_minor: int
    payable_minor: int
    ways: list[WayShown]
    # what the cashier takes her money out of on a phone: her choice for `purse`
    purses: list[str]


class BasketView(APIView):
    """Her basket in a group."""

    @extend_schema(responses={200: shape(BasketShown), **REFUSALS})
    def get(self, request: Request, share_code: str) -> Response:
        """Return what is in it, at today's prices, and what stands in its way."""
        group = group_of(share_code)
        return _answer(_summary(request, group))


class ItemView(APIView):
    """One item of her basket."""

    @extend_schema(
        request=ItemInput,
        responses={200: shape(BasketShown), **REFUSALS},
    )
    def put(self, request: Request, share_code: str, item_id: int) -> Response:
        """Make the basket hold so many of an item; none takes it out."""
        wish = checked(ItemInput, request.data)
        group = group_of(share_code)
        basket = basket_for(shopper=_shopper(request), group_id=group.pk)
        bought = bought_by(resident_id=request.user.pk, group_buy_id=group.group_buy_id)
        set_quantity(
            group_basket=basket,
            item_id=item_id,
            quantity=wish["quantity"],
            bought=bought,
        )
        if "tolerance" in wish:
            set_tolerance(group_basket=basket, item_id=item_id, pieces=wish["tolerance"])
        return _answer(_summary(request, group))


class QuoteView(APIView):
    """What her basket costs; asks for nothing and changes nothing."""

    @extend_schema(
        parameters=[WishInput],
        responses={200: shape(QuoteShown), **REFUSALS},
    )
    def get(self, request: Request, share_code: str) -> Response:
        """Return every way of paying for the basket and what each would cost."""
        wish = Wish(**checked(WishInput, request.query_params))
        basket = _summary(request, group_of(share_code))
        pricing = price(
            lines=facts_of(basket),
            wish=wish,
            resident_id=request.user.pk,
            cards=agreements_of(payer_ref(request.user.pk)),
        )
        return shown(_quote(pricing))


def _shopper(request: Request) -> Shopper:
    return Shopper(user=request.user)


def _summary(request: Request, group: LeaderGroup) -> BasketSummary:
    found = find_basket(shopper=_shopper(request), group_id=group.pk)
    bought = bought_by(resident_id=request.user.pk, group_buy_id=group.group_buy_id)
    return summary(found, group_id=group.pk, bought=bought)


def _answer(basket: BasketSummary) -> Response:
    return shown(basket_shown(basket))


def _quote(pricing: Pricing) -> QuoteShown:
    return QuoteShown(
        goods_minor=pricing.goods.minor,
        voucher_no=pricing.voucher.voucher_no if pricing.voucher else "",
        voucher_minor=pricing.voucher_minor,
        points=pricing.points_used,
        points_minor=pricing.points_minor,
        way=pricing.way.key,
        asked_minor=pricing.asked.minor,
        payable_minor=pricing.payable.minor,
        ways=[_way(pricing, way) for way in pricing.quote.ways],
        purses=[str(each.purse) for each in purses_for(Browser.PHONE)],
    )


def _way(pricing: Pricing, way: WayQuote) -> WayShown:
    voucher = pricing.voucher_of(way.key)
    return WayShown(
        way=way.key,
        kind=str(way.kind),
        asked_minor=way.payable.minor,
        payable_minor=(way.payable - way.expected).minor,
        saving_minor=way.saving.minor,
        offer_code=way.offer.code if way.offer else "",
        offer_name=way.offer.name if way.offer else "",
        hint=way.hint,
        voucher_no=voucher.voucher_no if voucher else "",
    )
