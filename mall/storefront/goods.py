"""Goods of several groups as cards: with when they are collected, hearts and real stars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.catalogue.favourites import liked_among
from mall.groupbuy.baskets import find_basket
from mall.groupbuy.selectors import GroupCard
from mall.groupbuy.summaries import summary
from mall.storefront.basket_bar import basket_bar, line_facts
from mall.storefront.groups import day_text, head_of
from mall.storefront.on_sale import OnSale, held_in
from mall.storefront.shelf import ShelfCard, card
from mall.storefront.visitor import resident, shopper_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsCard:
    """A card with what a page of many groups says beside it."""

    card: ShelfCard
    pickup: str


def goods_cards(request: HttpRequest, sale: OnSale, item_ids: Sequence[int]) -> list[GoodsCard]:
    """Put items of several groups on cards: a fixed number of queries for all of them."""
    shown = sale.cards(item_ids)
    held = held_in(shopper_of(request), {group.group_id for group, _item in shown})
    person = resident(request)
    liked = liked_among(person.pk if person else None, [item.product_id for _g, item in shown])
    heads = {group.group_id: head_of(group) for group, _item in shown}
    return [
        GoodsCard(
            card=card(
                item,
                group=heads[group.group_id],
                quantity=held.get((group.group_id, item.product_id), 0),
                is_liked=item.product_id in liked,
            ),
            pickup=_("Collect %(day)s") % {"day": day_text(group.pickup_on)},
        )
        for group, item in shown
    ]


def bar_here(request: HttpRequest, sale: OnSale) -> dict[str, Any]:
    """Return the bar of the basket she has begun, for a page of many groups.

    With baskets in more than one of them, the one that closes first is shown.
    """
    groups = list(sale.groups.values())
    if not groups:
        return {}
    held = held_in(shopper_of(request), {group.group_id for group in groups})
    begun = {group_id for group_id, _product in held}
    chosen = next((group for group in groups if group.group_id in begun), groups[0])
    return _bar_of(request, chosen, is_begun=chosen.group_id in begun)


def _bar_of(request: HttpRequest, group: GroupCard, *, is_begun: bool) -> dict[str, Any]:
    person: User | None = resident(request)
    found = find_basket(shopper=shopper_of(request), group_id=group.group_id) if is_begun else None
    basket = summary(found, group_id=group.group_id)
    bar = basket_bar(line_facts(basket), count=basket.quantity, group=head_of(group), person=person)
    return {"basket": bar, "basket_url": bar.basket_url, "basket_count": bar.count}
