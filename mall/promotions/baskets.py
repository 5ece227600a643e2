"""Which lines of a basket an offer counts on, and how a discount is spread over them; pure."""

from __future__ import annotations

from collections.abc import Sequence

from mall.promotions.rules import LineFacts, OfferRule
from payments.api import spread

GoodsRule = tuple[frozenset[int] | None, frozenset[int], bool]


def goods_rule(rule: OfferRule) -> GoodsRule:
    """Return what of a rule is about goods; most offers share theirs."""
    return rule.included, rule.excluded, rule.physical_only


class Basket:
    """The lines of a basket; their sum is made once for each goods rule."""

    def __init__(self, lines: Sequence[LineFacts]) -> None:
        """Keep the lines."""
        self._lines = lines
        self._sums: dict[GoodsRule, int] = {}

    def eligible_minor(self, goods: GoodsRule) -> int:
        """Return what the lines that count are worth together (fen)."""
        if goods not in self._sums:
            self._sums[goods] = sum(_values(goods, self._lines))
        return self._sums[goods]


def eligible_values(rule: OfferRule, lines: Sequence[LineFacts]) -> list[int]:
    """Return what each line counts for under the rule (fen), 0 where it does not count."""
    return _values(goods_rule(rule), lines)


def shares_of(rule: OfferRule, lines: Sequence[LineFacts], discount_minor: int) -> list[int]:
    """Spread a discount over the lines that count, to the fen; the parts sum to the discount."""
    return spread(discount_minor, eligible_values(rule, lines))


def _values(goods: GoodsRule, lines: Sequence[LineFacts]) -> list[int]:
    included, excluded, physical_only = goods
    return [
        line.value_minor
        if (line.is_physical or not physical_only)
        and line.product_id not in excluded
        and (included is None or line.product_id in included)
        else 0
        for line in lines
    ]
