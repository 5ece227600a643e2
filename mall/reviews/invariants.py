"""What must always be true of reviews, whatever raced: counted again from the rows."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum

from mall.catalogue.models import ProductRating
from mall.reviews.models import Review
from payments.api import CheckResult, one_moment, result_of


def check() -> list[CheckResult]:
    """Return one result per rule; a rule without violations holds."""
    with one_moment():
        return [_stars(), _own_lines()]


def _stars() -> CheckResult:
    """RV1: a product's stars are those of the reviews residents can read."""
    shown = Review.objects.filter(hidden_at=None).order_by().values("product")
    counted = {
        row["product"]: (row["n"], row["sum"])
        for row in shown.annotate(n=Count("pk"), sum=Sum("stars"))
    }
    rows = ProductRating.objects.count()
    return result_of("RV1 stars equal the reviews shown", rows=rows, wrong=_unequal(counted))


def _unequal(counted: dict[int, tuple[int, int]]) -> Iterator[tuple[str, str]]:
    for rating in ProductRating.objects.iterator():
        kept, found = (rating.reviews, rating.stars), counted.pop(rating.product_id, (0, 0))
        if kept != found:
            yield f"product {rating.product_id}", f"keeps {kept}, its reviews say {found}"
    for product, found in counted.items():
        yield f"product {product}", f"keeps nothing, its reviews say {found}"


def _own_lines() -> CheckResult:
    """RV2: who reviewed a line ordered it, and the review is of its product."""
    strange = ~Q(line__order__resident=F("resident")) | ~Q(line__product=F("product"))
    wrong = (
        (f"review {review.pk}", f"line {review.line_id} is another's")
        for review in Review.objects.filter(strange).iterator()
    )
    rows = Review.objects.count()
    return result_of("RV2 only one's own lines are reviewed", rows=rows, wrong=wrong)
