"""What can be bought at her point now, out of all sales that are open there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.db.models import Prefetch, Q, QuerySet
from oscar.apps.basket.models import Line
from oscar.apps.catalogue.models import ProductCategory

from mall.catalogue.batches import blocked_products
from mall.catalogue.suppliers import barred
from mall.groupbuy.cards import GroupCard, ItemCard, item_card
from mall.groupbuy.models import GroupBasket, GroupBuyItem
from mall.groupbuy.selectors import open_groups_of_point
from mall.groupbuy.shoppers import Shopper
from payments.api import now

# A point with more sales open at once than this shows those with the soonest cut-off.
_SALES_MAX: Final = 6


@dataclass(frozen=True, kw_only=True)
class OnSale:
    """The open groups of a point, and their goods."""

    groups: dict[int, GroupCard]

    @cached_property
    def items(self) -> QuerySet[GroupBuyItem]:
        """Return every item she may buy; nothing that a batch or a supplier holds back."""
        sold = Q(pk__in=[])
        for group in self.groups.values():
            suppliers = barred(group.pickup_on)
            sold |= Q(group_buy=group.group_buy_id) & ~Q(stockrecord__partner__in=list(suppliers))
        return GroupBuyItem.objects.filter(sold).exclude(product__in=list(blocked_products()))

    def soonest(self, product_ids: Iterable[int]) -> dict[int, int]:
        """Return for each product on sale the item that is collected soonest: one query."""
        rows = self.items.filter(product__in=list(product_ids))
        found: dict[int, tuple[int, int]] = {}
        for pk, product_id, sale in rows.order_by().values_list("pk", "product", "group_buy"):
            rank = self.order[sale]
            if product_id not in found or rank < found[product_id][0]:
                found[product_id] = (rank, pk)
        return {product_id: pk for product_id, (_rank, pk) in found.items()}

    @cached_property
    def order(self) -> dict[int, int]:
        """Return the place of each sale when those collected soonest come first."""
        sales = sorted(
            self.groups.values(),
            key=lambda group: (group.pickup_on, group.closes_at, group.group_id),
        )
        return {group.group_buy_id: place for place, group in enumerate(sales)}

    def cards(self, item_ids: Sequence[int]) -> list[tuple[GroupCard, ItemCard]]:
        """Return items with their groups, in the order asked for: two queries."""
        rows = {row.pk: row for row in _with_all(GroupBuyItem.objects.filter(pk__in=item_ids))}
        wanted = [rows[pk] for pk in item_ids if pk in rows]
        return [(self.groups[row.group_buy_id], item_card(row)) for row in wanted]


def on_sale_at(point_id: int) -> OnSale:
    """Return what is on sale at a point now."""
    at = now()
    groups = [group for group in open_groups_of_point(point_id) if group.is_selling(at)]
    return OnSale(groups={group.group_buy_id: group for group in groups[:_SALES_MAX]})


def held_in(shopper: Shopper, group_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """Return how many she holds of each product in each of several groups: at most two queries."""
    if not shopper.is_known or not group_ids:
        return {}
    baskets = GroupBasket.objects.filter(group__in=group_ids, is_live=True, **shopper.owner)
    group_of = dict(baskets.values_list("basket_id", "group_id"))
    lines = Line.objects.filter(basket__in=list(group_of)) if group_of else Line.objects.none()
    rows = lines.order_by("pk").values_list("basket_id", "product_id", "quantity")
    return {(group_of[basket], product): quantity for basket, product, quantity in rows}


def _with_all(items: QuerySet[GroupBuyItem]) -> QuerySet[GroupBuyItem]:
    categories = ProductCategory.objects.select_related("category")
    return items.select_related(
        "product__extra",
        "product__rating_of_residents",
        "product__product_class",
        "product__parent__product_class",
        "stockrecord",
    ).prefetch_related(Prefetch("product__productcategory_set", categories))
