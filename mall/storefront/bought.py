"""What she bought before: where "buy again" begins."""

from __future__ import annotations

from typing import Final

from django.db.models import F, Max

from mall.ordering.models import LineFulfilment

_MOST: Final = 100


def bought_before(resident_id: int) -> list[int]:
    """Return the products she paid for and kept, the latest bought first: one query."""
    lines = LineFulfilment.objects.filter(
        order__resident=resident_id,
        order__paid_at__isnull=False,
        refunded_quantity__lt=F("quantity"),
    )
    latest = lines.order_by().values("product").annotate(at=Max("order__placed_at"))
    return [row["product"] for row in latest.order_by("-at", "product")[:_MOST]]
