"""Hearts: what a resident wants to find again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.models import Product

from mall.catalogue.models import Favourite
from payments.api import LinliError, now, transact

MOST: Final = 300


class TooManyFavouritesError(LinliError):
    """The list would be too long to be of use."""

    code = "too_many_favourites"
    message = _("Your list of favourites is full. Please take something off it first.")


class ProductGoneError(LinliError):
    """There is no such product, or it is not shown any more."""

    code = "product_gone"
    http_status = 404
    message = _("This product is not shown any more.")


@transact()
def like(*, resident_id: int, product_id: int) -> None:
    """Put her heart on a product; once is enough. ProductGoneError, TooManyFavouritesError."""
    if not Product.objects.filter(pk=product_id, is_public=True).exists():
        raise ProductGoneError
    hearts = Favourite.objects.filter(resident=resident_id)
    if hearts.filter(product=product_id).exists():
        return
    if hearts.count() >= MOST:
        raise TooManyFavouritesError
    Favourite.objects.bulk_create(
        [Favourite(resident_id=resident_id, product_id=product_id, at=now())],
        ignore_conflicts=True,
    )


def unlike(*, resident_id: int, product_id: int) -> None:
    """Take her heart off a product; where there is none, nothing happens."""
    Favourite.objects.filter(resident=resident_id, product=product_id).delete()


def liked_among(resident_id: int | None, product_ids: Collection[int]) -> set[int]:
    """Return which of some products have her heart: one query, none for a stranger."""
    if resident_id is None or not product_ids:
        return set()
    hearts = Favourite.objects.filter(resident=resident_id, product__in=product_ids)
    return set(hearts.values_list("product_id", flat=True))


def favourites_of(resident_id: int) -> list[int]:
    """Return the products with her heart, the latest first."""
    hearts = Favourite.objects.filter(resident=resident_id)
    return list(hearts.values_list("product_id", flat=True)[:MOST])
