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
# More than five pictures of one product nobody looks at on a phone.
GALLERY: Final = 5
_MORE: Final = "more"


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


def gallery_of(product: Product, *, size: int = 720) -> tuple[Picture, ...]:
    """Return all pictures of a product in a size, the first one first; none where it has none.

    No query when the product came with select_related("extra").
    """
    extra = getattr(product, "extra", None)
    if extra is None:
        return ()
    stored = [extra.pictures, *extra.pictures.get(_MORE, [])]
    found = [stored_picture(pictures, size) for pictures in stored]
    return tuple(picture for picture in found if picture)


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
    """Cut the product's first five pictures to every size; an unreadable picture counts as none."""
    images = product.images.order_by("display_order", "pk")[:GALLERY]
    cut = [sizes for image in images if (sizes := _sizes(image.original, product.pk))]
    if not cut:
        return {}
    first, *more = cut
    return {**first, _MORE: more} if more else first


def _sizes(original: Any, product_id: int) -> dict[str, Any]:
    try:
        return {str(size): _cut(original, size) for size in SIZES}
    except (OSError, ValueError) as error:
        log.warning("catalogue.picture_unreadable", product_id=product_id, error=str(error))
        return {}


def _cut(original: Any, size: int) -> dict[str, Any]:
    cut = get_thumbnail(original, f"{size}x{size}", crop="center", format="WEBP", quality=80)
    if not cut.exists():
        raise ValueError("the original cannot be read as a picture")
    return {"name": cut.name, "width": cut.width, "height": cut.height}
