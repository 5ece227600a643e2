"""Oscar's checkout app without its pages: it takes money before an order exists, ours after."""

from __future__ import annotations

from typing import Any

from oscar.apps.checkout.apps import CheckoutConfig as CoreCheckoutConfig


class CheckoutConfig(CoreCheckoutConfig):
    """Keeps what Oscar's other apps import from checkout; nobody can reach its views."""

    name = "mall.forks.checkout"

    def get_urls(self) -> list[Any]:
        """Offer no page: residents check out in mall.storefront."""
        return []
