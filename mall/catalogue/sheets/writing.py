"""Goods out: the sheet the import reads again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Product, ProductCategory

from mall.catalogue.models import ProductExtra
from mall.catalogue.sheets.columns import COLUMNS, headings
from payments.admin.spreadsheets import spreadsheet
from payments.api import Money

# Where each column comes from, as seen from a product; what is not here is one of its details.
_FROM: Final = {
    "upc": "upc",
    "title": "title",
    "description": "description",
    "category": "pk",
    "supplier": "stockrecords__partner__name",
    "price": "stockrecords__price",
    "cost": "stockrecords__cost__cost_minor",
    "stock": "stockrecords__num_in_stock",
    "storage": "extra__storage_class",
}


def products_file(form: str, products: QuerySet[Product]) -> HttpResponseBase:
    """Return goods as goods.xlsx or goods.csv, one row per product and supplier."""
    return spreadsheet(form, name="goods", headers=headings(), rows=rows_of(products))


def rows_of(products: QuerySet[Product]) -> Iterator[list[Any]]:
    """Return the cells of each row: two queries however many there are."""
    fields = [_FROM.get(column.key, f"extra__{column.key}") for column in COLUMNS]
    telling = _telling(products)
    told = [telling.get(column.key) for column in COLUMNS]
    wanted = Product.objects.filter(pk__in=products.order_by().values("pk"))
    rows = wanted.order_by("pk", "stockrecords__pk").values_list(*fields)
    for row in rows.iterator(chunk_size=2000):
        yield [
            tell(cell) if tell else ("" if cell is None else cell)
            for tell, cell in zip(told, row, strict=True)
        ]


def _telling(products: QuerySet[Product]) -> dict[str, Callable[[Any], Any]]:
    """Return how the columns that are not told as they are kept are told."""
    storages = {value: str(label) for value, label in ProductExtra.Storage.choices}
    categories = _categories(products)
    yes = _("yes")
    return {
        "category": lambda pk: categories.get(pk, ""),
        "cost": lambda minor: "" if minor is None else Money(minor).major,
        "storage": lambda value: storages.get(value, ""),
        "is_weighed": lambda value: yes if value else "",
    }


def _categories(products: QuerySet[Product]) -> dict[int, str]:
    rows = ProductCategory.objects.filter(product__in=products.order_by().values("pk"))
    return dict(rows.order_by("-category__path").values_list("product_id", "category__name"))
