"""The stars of a product, as its card shows them: only where there are real ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oscar.apps.catalogue.models import Product

from mall.catalogue.models import ProductRating


@dataclass(frozen=True, slots=True, kw_only=True)
class Stars:
    """How many stars on average, in tenths, out of how many reviews."""

    tenths: int
    reviews: int

    @property
    def average(self) -> str:
        """Return the average with one decimal: 4.8."""
        return f"{self.tenths // 10}.{self.tenths % 10}"


def stars_of(product: Product) -> Stars | None:
    """Return a product's stars; None without reviews. No query with its rating at hand."""
    rating = getattr(product, "rating_of_residents", None)
    if rating is None or not rating.reviews:
        return None
    # half up, so that 4.85 is not sold as less than it is
    tenths = (20 * rating.stars + rating.reviews) // (2 * rating.reviews)
    return Stars(tenths=tenths, reviews=rating.reviews)


def write_rating(product_id: int, stars: Iterable[int]) -> None:
    """Write down the stars of all reviews of a product that are shown; in a transaction.

    Called by mall.reviews with the product's row held, so that two reviews both count.
    """
    given = list(stars)
    ProductRating.objects.update_or_create(
        product_id=product_id, defaults={"reviews": len(given), "stars": sum(given)}
    )


def hold_rating(product_id: int) -> None:
    """Hold the row two reviews of one product wait for; in a transaction."""
    ProductRating.objects.get_or_create(product_id=product_id)
    list(ProductRating.objects.select_for_update(no_key=True).filter(product=product_id))
