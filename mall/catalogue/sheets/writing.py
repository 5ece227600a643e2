"""Goods out: the sheet the import reads again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Product

from mall.catalogue.models import ProductExtra
from mall.catalogue.sheets.columns import COLUMNS, headings
from payments.admin.spreadsheets import spreadsheet
from payments.api import Money


def products_file(form: str, products: QuerySet[Product]) -> HttpResponseBase:
    """Return goods as goods.xlsx or goods.csv, one row per product and supplier."""
    return spreadsheet(form, name="goods", headers=headings(), rows=rows_of(products))


def rows_of(products: QuerySet[Product]) -> Iterator[list[Any]]:
    """Return the cells of each row: a fixed number of queries per five hundred products."""
    wanted = products.select_related("extra").prefetch_related(
        "categories", "stockrecords__partner", "stockrecords__cost"
    )
    for product in wanted.order_by("pk").iterator(chunk_size=500):
        records = list(product.stockrecords.all()) or [None]
        for record in records:
            yield [_cell(column.key, product, record) for column in COLUMNS]


def _cell(key: str, product: Product, record: Any) -> Any:
    if key in {"upc", "title", "description"}:
        return getattr(product, key) or ""
    if key == "category":
        return next((category.name for category in product.categories.all()), "")
    if key in {"supplier", "price", "cost", "stock"}:
        return _of_record(key, record)
    extra = getattr(product, "extra", None)
    return _of_extra(key, extra) if extra else ""


def _of_extra(key: str, extra: ProductExtra) -> Any:
    if key == "storage":
        return str(extra.get_storage_class_display())
    if key == "is_weighed":
        return _("yes") if extra.is_weighed else ""
    value = getattr(extra, key)
    return "" if value is None else value


def _of_record(key: str, record: Any) -> Any:
    if record is None:
        return ""
    cost = getattr(record, "cost", None)
    cells = {
        "supplier": record.partner.name,
        "price": record.price,
        "cost": Money(cost.cost_minor).major if cost else "",
        "stock": record.num_in_stock,
    }
    return "" if cells[key] is None else cells[key]
