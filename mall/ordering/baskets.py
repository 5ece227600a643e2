"""A basket as the price looks at it."""

from __future__ import annotations

from mall.groupbuy.summaries import BasketSummary
from mall.promotions.rules import LineFacts


def facts_of(basket: BasketSummary) -> list[LineFacts]:
    """Return what vouchers, points and offers look at: every line that is still offered."""
    return [
        LineFacts(
            product_id=line.product_id, value_minor=line.value_minor, is_physical=line.is_physical
        )
        for line in basket.lines
        if line.item_id is not None
    ]
