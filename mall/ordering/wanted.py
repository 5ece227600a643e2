"""What a basket asks for, read fresh for the order: items, prices, goods, suppliers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from oscar.apps.basket.models import Line
from oscar.apps.catalogue.models import Product, ProductCategory

from mall.groupbuy.errors import ItemGoneError
from mall.groupbuy.models import GroupBasket, GroupBuyItem
from mall.ordering.errors import EmptyBasketError
from mall.promotions.goods import line_facts
from mall.promotions.rules import LineFacts


@dataclass(frozen=True, kw_only=True)
class WantedLine:
    """One product at its group price, with what the order must remember of it."""

    item: GroupBuyItem
    # with what she would take on top, so that a case fills
    quantity: int
    category_ids: tuple[int, ...]
    tolerance: int = 0

    @property
    def product(self) -> Product:
        """Return the product."""
        return self.item.product

    @property
    def value_minor(self) -> int:
        """Return price times quantity, in fen."""
        return self.item.price_minor * self.quantity

    @property
    def title(self) -> str:
        """Return the title as the shop's own language has it."""
        return str(self.product.get_title())

    @property
    def storage_class(self) -> str:
        """Return how the product must be kept; nothing where nobody said."""
        extra = getattr(self.product, "extra", None)
        return extra.storage_class if extra else ""

    @property
    def takes_room(self) -> bool:
        """Tell whether the pickup point counts boxes for it."""
        extra = getattr(self.product, "extra", None)
        return bool(extra and extra.pieces_per_box)

    @property
    def piece_grams(self) -> int | None:
        """Return the estimated weight of a piece of goods priced by weight, else nothing."""
        extra = getattr(self.product, "extra", None)
        return extra.net_grams if extra and extra.is_weighed else None

    @property
    def facts(self) -> LineFacts:
        """Return what bank offers look at."""
        return line_facts(self.product, value_minor=self.value_minor)


def wanted_lines(group_basket: GroupBasket) -> list[WantedLine]:
    """Read a basket in three queries, whatever is in it.

    What she would take on top so that a case fills is asked and paid for with the rest; what no
    case needs comes back after the cut-off. EmptyBasketError, and ItemGoneError where something is
    no longer part of the group's sale.
    """
    quantities = dict(
        Line.objects.filter(basket_id=group_basket.basket_id, quantity__gt=0)
        .order_by("pk")
        .values_list("product_id", "quantity")
    )
    if not quantities:
        raise EmptyBasketError
    return lines_of_sale(
        group_buy_id=group_basket.group.group_buy_id,
        quantities=quantities,
        tolerances=group_basket.tolerances,
    )


def lines_of_sale(
    *, group_buy_id: int, quantities: Mapping[int, int], tolerances: Mapping[str, int]
) -> list[WantedLine]:
    """Read so many of some products of a sale: two queries; ItemGoneError."""
    items = GroupBuyItem.objects.filter(
        group_buy_id=group_buy_id, product_id__in=quantities
    ).select_related(
        "product__product_class",
        "product__parent__product_class",
        "product__extra",
        "stockrecord__partner",
    )
    by_product = {item.product_id: item for item in items}
    if missing := [pk for pk in quantities if pk not in by_product]:
        raise ItemGoneError(product_ids=missing)
    categories = _categories(quantities)
    more = {
        pk: tolerances.get(str(pk), 0) if by_product[pk].allows_tolerance else 0
        for pk in quantities
    }
    return [
        WantedLine(
            item=by_product[pk],
            quantity=quantity + more[pk],
            tolerance=more[pk],
            category_ids=tuple(categories[pk]),
        )
        for pk, quantity in quantities.items()
    ]


def _categories(product_ids: Mapping[int, int]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = ProductCategory.objects.filter(product_id__in=product_ids).order_by("pk")
    for product_id, category_id in rows.values_list("product_id", "category_id"):
        found[product_id].append(category_id)
    return found
