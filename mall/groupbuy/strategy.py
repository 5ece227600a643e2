"""What an item costs in its group and how many are left: our rows answer Oscar's questions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from oscar.apps.catalogue.models import Product
from oscar.apps.partner.availability import StockRequired, Unavailable
from oscar.apps.partner.models import StockRecord
from oscar.apps.partner.prices import FixedPrice
from oscar.apps.partner.prices import Unavailable as UnavailablePrice
from oscar.apps.partner.strategy import PurchaseInfo, Structured

from mall.groupbuy.models import GroupBuyItem
from payments.api import Money


def left_of(item: GroupBuyItem) -> int:
    """Return how many more can be sold: the supplier's stock or the quota, whichever ends first.

    No query when the item came with select_related("stockrecord"). For the screen only: the order
    takes its goods by a conditional update (mall.ordering.stock).
    """
    stock = item.stockrecord
    in_stock = (stock.num_in_stock or 0) - (stock.num_allocated or 0)
    if item.quota is None:
        return max(0, in_stock)
    return max(0, min(in_stock, item.quota - item.held - item.sold))


class GroupStrategy(Structured):
    """Prices and availability inside one group buy; anything else is not for sale there."""

    def __init__(self, items: Iterable[GroupBuyItem]) -> None:
        """Take the items of the group buy, with their stock records."""
        super().__init__(None)
        self._items = {item.product_id: item for item in items}

    def fetch_for_product(
        self, product: Product, stockrecord: StockRecord | None = None
    ) -> PurchaseInfo:
        """Answer from the item of this product; the stock record is the item's own."""
        del stockrecord
        item = self._items.get(product.pk)
        if item is None:
            return PurchaseInfo(
                price=UnavailablePrice(), availability=Unavailable(), stockrecord=None
            )
        return PurchaseInfo(
            price=group_price(item),
            availability=StockRequired(left_of(item)),
            stockrecord=item.stockrecord,
        )

    def fetch_for_parent(self, product: Product) -> PurchaseInfo:
        """A parent product is never sold itself."""
        return self.fetch_for_product(product)

    def select_children_stockrecords(self, product: Product) -> list[Any]:
        """Groups sell single products, not families of variants."""
        del product
        return []


def group_price(item: GroupBuyItem) -> FixedPrice:
    """Return the group price in yuan, taxes included, as Oscar wants it."""
    money = Money(item.price_minor)
    return FixedPrice(currency=money.currency, excl_tax=money.major, tax=Decimal("0.00"))
