"""Pictures of products: cut to squares once, then known without asking the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.core.files.storage import default_storage
from oscar.apps.catalogue.models import Product
from sorl.thumbnail import get_thumbnail

from mall.catalogue.models import ProductExtra

log = structlog.get_logger(__name__)

SIZES: Final = (240, 480, 720)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture ready for an <img>: its address and its size in pixels."""

    url: str
    width: int
    height: int


def product_picture(product: Product, size: int) -> Picture | None:
    """Return the product's square picture of a size out of SIZES, or None where it has none.

    No query when the product came with select_related("extra").
    """
    try:
        extra = product.extra
    except ProductExtra.DoesNotExist:
        return None
    return stored_picture(extra.pictures, size)


def stored_picture(pictures: dict[str, Any], size: int) -> Picture | None:
    """Read one size out of what cut_pictures() wrote down."""
    if size not in SIZES:
        raise ValueError(f"pictures are {SIZES} pixels wide, not {size}")
    found = pictures.get(str(size))
    if not found:
        return None
    url = default_storage.url(found["name"])
    return Picture(url=url, width=found["width"], height=found["height"])


def cut_pictures(product: Product) -> dict[str, Any]:
    """Cut the product's first picture to every size; an unreadable picture counts as none."""
    first = product.images.order_by("display_order", "pk").first()
    if first is None:
        return {}
    try:
        return {str(size): _cut(first.original, size) for size in SIZES}
    except (OSError, ValueError) as error:
        log.warning("catalogue.picture_unreadable", product_id=product.pk, error=str(error))
        return {}


def _cut(original: Any, size: int) -> dict[str, Any]:
    cut = get_thumbnail(original, f"{size}x{size}", crop="center", format="WEBP", quality=80)
    if not cut.exists():
        raise ValueError("the original cannot be read as a picture")
    return {"name": cut.name, "width": cut.width, "height": cut.height}
