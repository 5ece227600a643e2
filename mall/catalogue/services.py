"""Keeping products: their fresh-goods details, what they are found by, and their pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nh3
from oscar.apps.catalogue.models import Product

from mall.catalogue.finding import beside_of, write_terms
from mall.catalogue.models import ProductExtra
from mall.catalogue.pictures import cut_pictures
from mall.catalogue.search import search_text
from payments.api import now, transact


def save_product(*, product: Product, details: Mapping[str, Any]) -> ProductExtra:
    """Save a product with its fresh-goods details (fields of ProductExtra) and index it.

    Markup in the description is cleaned: Oscar's pages print it as it is. ValidationError where the
    details contradict each other. Not inside a transaction: cutting pictures takes a moment.
    """
    _save(product=product, details=details)
    return index_product(product)


@transact()
def _save(*, product: Product, details: Mapping[str, Any]) -> None:
    if "<" in product.description:
        product.description = nh3.clean(product.description)
    product.save()
    extra = ProductExtra.objects.filter(product=product).first() or ProductExtra(product=product)
    for field, value in details.items():
        setattr(extra, field, value)
    extra.full_clean(validate_unique=False, validate_constraints=True)
    extra.save()


def index_product(product: Product) -> ProductExtra:
    """Bring search text and pictures up to the product as it is now; call after changing either."""
    text = search_text(product.get_title())
    extra, _created = ProductExtra.objects.get_or_create(product=product)
    beside = beside_of(product, extra)
    values = {
        "pinyin": text.pinyin[:600],
        "initials": text.initials[:120],
        "found_beside": "\n".join(beside),
        "pictures": cut_pictures(product),
        "indexed_at": now(),
    }
    ProductExtra.objects.filter(pk=extra.pk).update(**values)
    write_terms(product, beside)
    extra.refresh_from_db(fields=list(values))
    return extra
