"""Under which name the small bank knows a resident: her tied cards and payments hang on it."""

from __future__ import annotations

from django.conf import settings


def payer_ref(user_id: int) -> str:
    """Return the owner reference of a resident's cards and payments."""
    # The result page of payments shows a payment to the account whose key this is.
    return str(user_id)


def order_page(order_no: str) -> str:
    """Return the address of an order's page, where the result page leads on to."""
    return f"{settings.SITE_URL}/orders/{order_no}/"
