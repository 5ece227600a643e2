"""Which goods of the shelf fill a gap: those that count, cost what is missing, and little more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mall.groupbuy.selectors import ItemCard
from mall.promotions.offers import offer_book
from mall.promotions.rules import OfferRule
from mall.storefront.goals import NextStep

# From exactly the gap to three tenths more: what reaches the saving without costing it.
_MOST: Final = 1.3
_SHOWN_MAX: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """Goods for a gap; ``fits`` tells whether one of them alone fills it at a fair price."""

    items: tuple[ItemCard, ...]
    fits: bool


def fitting(items: Sequence[ItemCard], *, step: NextStep) -> Fitting:
    """Return the goods priced 1.0 to 1.3 times the gap, the cheapest first.

    Where there are none, those that come nearest to the gap: above it first, then below.
    """
    gap = step.step.missing_minor
    rule = _rule(step.step.offer_code)
    there = [item for item in items if item.left > 0 and _counts(rule, item)]
    exact = [item for item in there if gap <= item.price_minor <= gap * _MOST]
    if exact:
        exact.sort(key=lambda item: item.price_minor)
        return Fitting(items=tuple(exact[:_SHOWN_MAX]), fits=True)
    near = sorted(there, key=lambda item: (item.price_minor < gap, abs(item.price_minor - gap)))
    return Fitting(items=tuple(near[:_SHOWN_MAX]), fits=False)


def _rule(code: str) -> OfferRule | None:
    return next((rule for rule in offer_book().rules if rule.code == code), None)


def _counts(rule: OfferRule | None, item: ItemCard) -> bool:
    """Tell whether an item counts towards the offer's threshold."""
    if rule is None:
        return True
    if rule.physical_only and not item.is_physical:
        return False
    if item.product_id in rule.excluded:
        return False
    return rule.included is None or item.product_id in rule.included
