"""What the demo's leaders may sell in groups of their own."""

from __future__ import annotations

from typing import Final

from oscar.apps.partner.models import StockRecord

from mall.config.demo_data.goods import read_goods
from mall.groupbuy.models import Assortment, AssortmentItem

NAME: Final = "团长自选好货"
_GOODS: Final = 24


def load_shelf(stock: dict[str, StockRecord]) -> Assortment:
    """Let every leader sell two dozen goods at between the usual price and a fifth above it."""
    shelf, is_new = Assortment.objects.get_or_create(name=NAME)
    if is_new:
        goods = read_goods()["products"][:_GOODS]
        AssortmentItem.objects.bulk_create(
            AssortmentItem(
                assortment=shelf,
                product_id=stock[each["slug"]].product_id,
                stockrecord_id=stock[each["slug"]].pk,
                cost_minor=each["cost_minor"],
                floor_minor=each["price_minor"],
                ceiling_minor=each["price_minor"] * 6 // 5,
                commission_rate="0.1",
                most_pieces=60,
            )
            for each in goods
        )
    return shelf
