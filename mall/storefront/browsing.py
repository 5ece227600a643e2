"""Looking through what is on sale: by category, sorted and filtered, and what sells most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.models import Category

from mall.catalogue.models import ProductExtra
from mall.catalogue.prices import price_per_jin_minor
from mall.storefront.on_sale import OnSale


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryHere:
    """A category with goods on sale at her point."""

    name: str
    url: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How she wants to see a category: sorted by what, only which."""

    sort: str = "soonest"
    storage: str = ""
    organic: bool = False

    def query(self, **changed: str | bool) -> str:
        """Return the address of this look with something changed; empty where it is the plain."""
        wanted = {"sort": self.sort, "storage": self.storage, "organic": self.organic} | changed
        plain = {"sort": "soonest", "storage": "", "organic": False}
        parts = [
            f"{name}={'1' if value is True else value}"
            for name, value in wanted.items()
            if value != plain[name]
        ]
        return "&".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    pk: int
    product_id: int
    rank: int
    price_minor: int
    sold: int
    net_grams: int | None

    @property
    def unit_minor(self) -> int:
        """Return the price of 500 g; what has no weight comes last."""
        per_jin = price_per_jin_minor(price_minor=self.price_minor, net_grams=self.net_grams)
        return per_jin if per_jin is not None else 1 << 40


SORTS: Final[dict[str, tuple[Promise, Callable[[_Row], tuple[int, ...]]]]] = {
    "soonest": (_("Collected soonest"), lambda row: (row.rank,)),
    "price": (_("Price"), lambda row: (row.price_minor,)),
    "unit": (_("Price per 500 g"), lambda row: (row.unit_minor,)),
    "sold": (_("Sold most"), lambda row: (-row.sold,)),
}


def look_of(asked: dict[str, str]) -> Look:
    """Read a look out of an address; what is not offered there is left out."""
    sort, storage = asked.get("sort", ""), asked.get("storage", "")
    return Look(
        sort=sort if sort in SORTS else "soonest",
        storage=storage if storage in ProductExtra.Storage.values else "",
        organic=asked.get("organic") == "1",
    )


def categories_here(sale: OnSale) -> list[CategoryHere]:
    """Return the categories something is on sale in here, in the catalogue's order: one query."""
    if not sale.groups:
        return []
    products = sale.items.order_by().values("product")
    counted = Category.objects.filter(product__in=products).annotate(
        here=Count("product", filter=Q(product__in=products), distinct=True)
    )
    return [
        CategoryHere(
            name=row.name, url=reverse("storefront:category", args=[row.slug]), count=row.here
        )
        for row in counted.order_by("path")
    ]


def items_in(sale: OnSale, category: Category | None, look: Look) -> list[int]:
    """Return a category's items on sale here, as she wants to see them: one query.

    Of a product in several sales, the one collected soonest.
    """
    items = sale.items
    if category is not None:
        items = items.filter(product__categories__path__startswith=category.path)
    if look.storage:
        items = items.filter(product__extra__storage_class=look.storage)
    if look.organic:
        items = items.exclude(product__extra__organic_certificate="").exclude(product__extra=None)
    _label, key = SORTS[look.sort]
    rows = sorted(_soonest(sale, items), key=lambda row: (*key(row), row.pk))
    return [row.pk for row in rows]


def best_sold(sale: OnSale, *, limit: int) -> list[int]:
    """Return what was really sold most of in the sales that are open: one query."""
    if not sale.groups:
        return []
    rows = _soonest(sale, sale.items.filter(sold__gt=0))
    return [row.pk for row in sorted(rows, key=lambda row: (-row.sold, row.pk))[:limit]]


def _soonest(sale: OnSale, items: object) -> list[_Row]:
    fields = ("pk", "product", "group_buy", "price_minor", "sold", "product__extra__net_grams")
    found: dict[int, _Row] = {}
    for pk, product_id, group_buy, price, sold, grams in items.order_by().values_list(*fields):  # type: ignore[attr-defined]
        row = _Row(
            pk=pk,
            product_id=product_id,
            rank=sale.order[group_buy],
            price_minor=price,
            sold=sold,
            net_grams=grams,
        )
        other = found.get(product_id)
        if other is None or row.rank < other.rank:
            found[product_id] = row
    return list(found.values())
