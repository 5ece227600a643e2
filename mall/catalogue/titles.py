"""What a product is called in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language
from oscar.apps.catalogue.models import Product

from mall.catalogue.models import ProductExtra


def title_of(product: Product) -> str:
    """Return the English title to an English reader where there is one, else the Chinese title.

    No query when the product came with select_related("extra").
    """
    extra = _extra(product)
    if extra and extra.title_en and reads_english():
        return extra.title_en
    return product.get_title()


def short_text_of(product: Product) -> str:
    """Return the selling point, in English to an English reader where there is one."""
    extra = _extra(product)
    if extra is None:
        return ""
    return (reads_english() and extra.short_text_en) or extra.short_text


def reads_english() -> bool:
    """Tell whether the active language is English."""
    return (get_language() or "").startswith("en")


def _extra(product: Product) -> ProductExtra | None:
    try:
        return product.extra
    except ProductExtra.DoesNotExist:
        return None
