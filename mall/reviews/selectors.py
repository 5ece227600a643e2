"""Reviews as residents read them: everybody's of a product, and one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mall.reviews.models import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRow:
    """A picture to a review."""

    url: str
    small_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One review as it is shown; hidden_because only to her who wrote it."""

    review_id: int
    title: str
    name: str
    stars: int
    text: str
    at: datetime
    photos: tuple[PhotoRow, ...]
    reply: str
    hidden_because: str

    @property
    def filled(self) -> range:
        """Return something to draw the given stars over."""
        return range(self.stars)

    @property
    def empty(self) -> range:
        """Return something to draw the missing stars over."""
        return range(5 - self.stars)


def shown_reviews(product_id: int) -> QuerySet[Review]:
    """Return what residents said about a product, newest first; two queries when read."""
    return _with_all(Review.objects.filter(product=product_id, hidden_at=None))


def reviews_of(product_id: int, *, limit: int) -> list[ReviewRow]:
    """Return the newest reviews of a product: two queries."""
    return [row_of(review) for review in shown_reviews(product_id)[:limit]]


def own_reviews(resident_id: int) -> QuerySet[Review]:
    """Return everything she said, hidden or not, newest first."""
    return _with_all(Review.objects.filter(resident=resident_id))


def row_of(review: Review, *, is_own: bool = False) -> ReviewRow:
    """Describe a review that came from a selector: no query."""
    photos = tuple(
        PhotoRow(url=photo.image.url, small_url=photo.small.url) for photo in review.photos.all()
    )
    return ReviewRow(
        review_id=review.pk,
        title=review.line.title,
        name=review.shown_name or _("A neighbour"),
        stars=review.stars,
        text=review.text,
        at=review.at,
        photos=photos,
        reply=review.reply,
        hidden_because=review.hidden_because if is_own else "",
    )


def _with_all(reviews: QuerySet[Review]) -> QuerySet[Review]:
    ordered = reviews.select_related("line").order_by("-at", "-pk")
    return ordered.prefetch_related("photos")
