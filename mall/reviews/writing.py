"""Writing a review: who collected something says what it was like, once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from mall.accounts.masking import mask_name
from mall.accounts.models import User
from mall.catalogue.ratings import hold_rating, write_rating
from mall.ordering.models import LineFulfilment, Status
from mall.papers.uploads import clean_picture
from mall.reviews.errors import NotReviewableError, ReviewTextError
from mall.reviews.models import Review, ReviewPhoto
from payments.api import now, transact

TEXT_MAX: Final = 500
PHOTOS_MAX: Final = 6
_SMALL_EDGE: Final = 240
# Seven digits or more in a row, however they are spaced: somebody's number.
_PHONE: Final = re.compile(r"(?:\d[\s\-—·.]?){7,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A picture drawn anew, large and small."""

    large: ContentFile[bytes]
    small: ContentFile[bytes]


def reviewable(resident_id: int) -> QuerySet[LineFulfilment]:
    """Return the lines she may review now, the latest collected first: kept, and in time."""
    since = now() - timedelta(days=settings.LINLI_REVIEW_DAYS)
    lines = LineFulfilment.objects.filter(
        order__resident=resident_id,
        order__status__in=[Status.COLLECTED, Status.CLOSED],
        order__collected_at__gte=since,
        refunded_quantity__lt=F("quantity"),
        refunded_minor__lt=F("value_minor"),
        review=None,
    )
    return lines.select_related("order", "product__extra").order_by("-order__collected_at", "pk")


def write_review(
    *, resident: User, line_id: int, stars: int, text: str, photos: Sequence[Any], is_named: bool
) -> Review:
    """Keep what she says about a line; said again, it stays as it was first.

    ``photos`` are uploaded files, at most six. NotReviewableError, ReviewTextError,
    UploadRefusedError. Not in a transaction: drawing pictures takes a moment.
    """
    said = Review.objects.filter(line=line_id, resident=resident).first()
    if said is not None:
        return said
    if not reviewable(resident.pk).filter(pk=line_id).exists():
        raise NotReviewableError
    text = _checked(stars, text, photos)
    drawn = [_drawn(photo) for photo in photos]
    name = mask_name(resident.display_name) if is_named and resident.display_name else ""
    review = Review(
        line_id=line_id, resident=resident, stars=stars, text=text, shown_name=name, at=now()
    )
    return _keep(review, drawn)


@transact()
def _keep(review: Review, drawn: Sequence[_Drawn]) -> Review:
    line = reviewable(review.resident_id).filter(pk=review.line_id).first()
    if line is None:
        said = Review.objects.filter(line=review.line_id, resident=review.resident_id).first()
        if said is not None:
            return said
        raise NotReviewableError
    hold_rating(line.product_id)
    kept, is_new = Review.objects.get_or_create(
        line=line,
        defaults={
            "product_id": line.product_id,
            "resident_id": review.resident_id,
            "stars": review.stars,
            "text": review.text,
            "shown_name": review.shown_name,
            "at": review.at,
        },
    )
    if is_new:
        for position, picture in enumerate(drawn):
            ReviewPhoto.objects.create(
                review=kept, position=position, image=picture.large, small=picture.small
            )
        count_stars(line.product_id)
    return kept


def count_stars(product_id: int) -> None:
    """Count a product's stars anew; in a transaction that holds its rating."""
    shown = Review.objects.filter(product=product_id, hidden_at=None)
    write_rating(product_id, shown.order_by().values_list("stars", flat=True))


def _checked(stars: int, text: str, photos: Sequence[Any]) -> str:
    text = "\n".join(line.strip() for line in text.strip().splitlines() if line.strip())
    if not 1 <= stars <= 5:
        raise ReviewTextError
    if len(text) > TEXT_MAX:
        told = _("Please use at most %(most)s characters; these are %(n)s.")
        raise ReviewTextError(told % {"most": TEXT_MAX, "n": len(text)})
    if _PHONE.search(text):
        raise ReviewTextError(_("Please leave phone and card numbers out: everybody reads this."))
    if len(photos) > PHOTOS_MAX:
        raise ReviewTextError(_("Please send at most %(most)s pictures.") % {"most": PHOTOS_MAX})
    return text


def _drawn(photo: Any) -> _Drawn:
    large = clean_picture(photo)
    return _Drawn(large=large, small=clean_picture(large, edge=_SMALL_EDGE))
