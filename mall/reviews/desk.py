"""What staff do with reviews: answer them, hide them with a reason, show them again."""

from __future__ import annotations

from typing import Any

from mall.accounts.models import User
from mall.catalogue.ratings import hold_rating
from mall.reviews.models import Review
from mall.reviews.writing import count_stars
from payments.api import now, publish, transact

REPLY_MAX = 300
REASON_MAX = 200


@transact()
def hide(*, review_id: int, by: User, reason: str) -> bool:
    """Hide a review; its stars count no more and she is told why. False where it was hidden.

    ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a review is hidden with a reason")
    at, told = now(), reason.strip()[:REASON_MAX]
    changes = {"hidden_at": at, "hidden_by": by, "hidden_because": told}
    review = Review.objects.get(pk=review_id)
    if not _change(review, hidden_at=None, changes=changes):
        return False
    publish(
        "review.hidden",
        key=f"review.hidden:{review.pk}:{at.isoformat()}",
        aggregate=f"review:{review.pk}",
        payload={
            "review_id": review.pk,
            "resident_id": review.resident_id,
            "product_id": review.product_id,
            "reason": told,
        },
    )
    return True


@transact()
def show_again(*, review_id: int) -> bool:
    """Show a hidden review again; False where it is shown."""
    changes = {"hidden_at": None, "hidden_by": None, "hidden_because": ""}
    review = Review.objects.get(pk=review_id)
    return review.hidden_at is not None and _change(
        review, hidden_at=review.hidden_at, changes=changes
    )


def answer(*, review_id: int, by: User, text: str) -> None:
    """Put the mall's answer under a review; empty takes it away. ValueError if too long."""
    text = text.strip()
    if len(text) > REPLY_MAX:
        raise ValueError(f"an answer has at most {REPLY_MAX} characters")
    Review.objects.filter(pk=review_id).update(
        reply=text, replied_at=now() if text else None, replied_by=by if text else None
    )


def _change(review: Review, *, hidden_at: Any, changes: dict[str, Any]) -> bool:
    hold_rating(review.product_id)
    rows = Review.objects.filter(pk=review.pk, hidden_at=hidden_at)
    if not rows.update(**changes):
        return False
    count_stars(review.product_id)
    return True
