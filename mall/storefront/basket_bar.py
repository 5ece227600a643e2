"""The bar under the shelf: how much is in the basket, what it costs, what is missing to save."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from mall.accounts.models import User
from mall.groupbuy.selectors import ItemCard
from mall.groupbuy.summaries import BasketSummary
from mall.ordering.pricing import Pricing
from mall.promotions.rules import LineFacts
from mall.storefront.goals import Goal, goal_of
from mall.storefront.groups import GroupHead
from mall.storefront.prices import price_for


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketBar:
    """What the bar says; fen. ``missing_minor`` is what the group's least amount still lacks."""

    count: int
    payable_minor: int
    saved_minor: int
    missing_minor: int
    basket_url: str
    checkout_url: str
    goal: Goal | None


def line_facts(basket: BasketSummary) -> list[LineFacts]:
    """Return what offers look at: every line that is still offered."""
    return [
        LineFacts(
            product_id=line.product_id,
            value_minor=line.value_minor,
            is_physical=line.is_physical,
        )
        for line in basket.lines
        if line.item_id is not None
    ]


def facts_on_shelf(items: Iterable[ItemCard], quantities: Mapping[int, int]) -> list[LineFacts]:
    """Return the same for a basket seen from the shelf, whose prices are known already."""
    return [
        LineFacts(
            product_id=item.product_id,
            value_minor=item.price_minor * quantities[item.product_id],
            is_physical=item.is_physical,
        )
        for item in items
        if item.product_id in quantities
    ]


def basket_bar(
    facts: Sequence[LineFacts], *, count: int, group: GroupHead, person: User | None
) -> BasketBar:
    """Price a basket of ``count`` pieces for its bar; an empty basket costs no query."""
    return bar_of(price_for(facts, person) if facts else None, count=count, group=group)


def bar_of(pricing: Pricing | None, *, count: int, group: GroupHead) -> BasketBar:
    """Return what the bar says of a price; None is the price of nothing."""
    asked = pricing.asked.minor if pricing else 0
    return BasketBar(
        count=count,
        payable_minor=asked,
        saved_minor=pricing.goods.minor - asked if pricing else 0,
        missing_minor=max(0, group.min_order_minor - pricing.goods.minor) if pricing else 0,
        basket_url=reverse("storefront:basket", args=[group.share_code]),
        checkout_url=reverse("storefront:checkout", args=[group.share_code]),
        goal=goal_of(pricing, more_url(group)) if pricing else None,
    )


def more_url(group: GroupHead) -> str:
    """Return where to find something to add."""
    return reverse("storefront:more", args=[group.share_code])
