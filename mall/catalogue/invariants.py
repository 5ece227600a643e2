"""What must always be true of goods, whatever raced: counted again from the rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Max, Min, Q, Sum

from mall.catalogue.models import Batch, Deal, DealDay
from payments.api import CheckResult, one_moment, result_of


def check() -> list[CheckResult]:
    """Return one result per rule; a rule without violations holds."""
    with one_moment():
        return [_days(), _current_batches()]


def _days() -> CheckResult:
    """GD1: a day's lowest, highest and pieces are those of its deals."""
    made = Deal.objects.filter(pieces__gt=0).order_by().values("product", "day")
    counted = {
        (row["product"], row["day"]): (row["lowest"], row["highest"], row["sum"])
        for row in made.annotate(
            lowest=Min("unit_minor"), highest=Max("unit_minor"), sum=Sum("pieces")
        )
    }
    rows = DealDay.objects.count()
    return result_of("GD1 deals by day equal the deals", rows=rows, wrong=_unequal(counted))


def _unequal(counted: dict[tuple[int, date], tuple[Any, Any, Any]]) -> Iterator[tuple[str, str]]:
    for day in DealDay.objects.filter(pieces__gt=0).iterator():
        kept = (day.lowest_minor, day.highest_minor, day.pieces)
        found = counted.pop((day.product_id, day.day), None)
        if kept != found:
            yield f"product {day.product_id} on {day.day}", f"keeps {kept}, its deals say {found}"
    for (product, day_of), found in counted.items():
        yield f"product {product} on {day_of}", f"keeps nothing, its deals say {found}"


def _current_batches() -> CheckResult:
    """GD2: a product with batches has one current one, the newest."""
    newest = dict(
        Batch.objects.order_by()
        .values("product")
        .annotate(last=Max("pk"))
        .values_list("product", "last")
    )
    marked = Batch.objects.filter(Q(is_current=True)).values_list("product_id", "pk")
    current = dict(marked)
    wrong = (
        (f"product {product}", f"batch {current.get(product)} is current, {last} is the newest")
        for product, last in newest.items()
        if current.get(product) != last
    )
    return result_of("GD2 the newest batch is the current one", rows=len(newest), wrong=wrong)
