"""Goods in: what a sheet's rows would do, and doing it, each row by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Category, Product, ProductCategory
from oscar.apps.partner.models import Partner, StockRecord

from mall.accounts.models import User
from mall.catalogue.costs import set_cost, set_price
from mall.catalogue.kinds import goods_class
from mall.catalogue.services import save_product
from mall.catalogue.sheets.reading import GoodsRow
from mall.catalogue.slugs import pinyin_slug
from payments.api import Money, transact

_OF_EXTRA: Final = (
    "sales_unit",
    "net_grams",
    "is_weighed",
    "shelf_life_days",
    "pieces_per_box",
    "origin",
    "producer",
    "organic_certificate",
    "allergens",
    "keeping",
    "short_text",
    "keywords",
    "title_en",
)
# Empty numbers are unknown, empty texts are empty.
_MAY_BE_NULL: Final = frozenset({"net_grams", "shelf_life_days", "pieces_per_box"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a sheet."""

    created: int
    changed: int
    failed: list[GoodsRow]


def look_up(rows: Sequence[GoodsRow]) -> None:
    """Say of each row whether it is new and whom or what it names that is not there: 3 queries."""
    known = set(_products(rows))
    categories = set(Category.objects.values_list("name", flat=True))
    suppliers = set(Partner.objects.values_list("name", flat=True))
    for row in rows:
        values = row.values
        row.is_new = values.get("upc") not in known
        if values.get("category") and values["category"] not in categories:
            row.errors.append(_("There is no category of this name: %s") % values["category"])
        if values.get("supplier") and values["supplier"] not in suppliers:
            row.errors.append(_("There is no supplier of this name: %s") % values["supplier"])


def apply_rows(rows: Sequence[GoodsRow], *, by: User | None) -> Done:
    """Write the rows that are right; one that fails changes nothing and says why.

    Not in a transaction: each row is one of its own, and indexing comes after it.
    """
    created = changed = 0
    failed = []
    for row in rows:
        if row.errors:
            failed.append(row)
            continue
        try:
            is_new = _apply(row.values, by=by)
        except ValidationError as error:
            row.errors += error.messages
            failed.append(row)
            continue
        created, changed = created + is_new, changed + (not is_new)
    return Done(created=created, changed=changed, failed=failed)


def _apply(values: dict[str, Any], *, by: User | None) -> bool:
    product = Product.objects.filter(upc=values["upc"]).first()
    is_new = product is None
    product = product or Product(
        upc=values["upc"],
        slug=pinyin_slug(values["title"])[:200] or "product",
        product_class=goods_class(),
        structure=Product.STANDALONE,
    )
    product.title = values["title"]
    if "description" in values:
        product.description = values["description"] or ""
    save_product(product=product, details=_details(values))
    _place(product, values, by=by)
    return is_new


@transact()
def _place(product: Product, values: dict[str, Any], *, by: User | None) -> None:
    category = Category.objects.filter(name=values["category"]).order_by("path").first()
    supplier = Partner.objects.filter(name=values["supplier"]).order_by("pk").first()
    if category is None or supplier is None:
        raise ValidationError(_("The category or the supplier is gone."))
    ProductCategory.objects.get_or_create(product=product, category=category)
    record = StockRecord.objects.filter(product=product, partner=supplier).first()
    if record is None:
        record = StockRecord.objects.create(
            product=product,
            partner=supplier,
            partner_sku=f"{values['upc']}-{supplier.pk}",
            price_currency="CNY",
            price=Money(values["price"]).major,
            num_in_stock=values.get("stock") or 0,
        )
    else:
        set_price(stockrecord_id=record.pk, price_minor=values["price"], by=by)
    if values.get("cost") is not None:
        set_cost(stockrecord_id=record.pk, cost_minor=values["cost"], by=by)


def _details(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of ProductExtra a row says something about."""
    found: dict[str, Any] = {}
    for key in _OF_EXTRA:
        if key not in values:
            continue
        value = values[key]
        empty: Any = False if key == "is_weighed" else ""
        found[key] = empty if value is None and key not in _MAY_BE_NULL else value
    if values.get("storage"):
        found["storage_class"] = values["storage"]
    return found


def _products(rows: Iterable[GoodsRow]) -> Iterable[str | None]:
    codes = [row.values["upc"] for row in rows if row.values.get("upc")]
    return Product.objects.filter(upc__in=codes).values_list("upc", flat=True)
