"""What who wrote a review is told: that the mall hid it, and why."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from oscar.apps.catalogue.models import Product

from mall.messaging.sending import send


def review_hidden(payload: dict[str, Any]) -> None:
    """Her review is read by nobody but her now."""
    product = Product.objects.filter(pk=payload["product_id"]).first()
    send(
        "review.hidden",
        key=f"{payload['review_id']}:{payload['reason']}"[:120],
        user_id=payload["resident_id"],
        values={"goods": str(product or ""), "reason": payload["reason"]},
        link=reverse("storefront:my-reviews"),
    )
