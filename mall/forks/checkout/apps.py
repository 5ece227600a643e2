"""Oscar's checkout app with a few of its classes replaced by ours."""

from __future__ import annotations

from oscar.apps.checkout.apps import CheckoutConfig as CoreCheckoutConfig


class CheckoutConfig(CoreCheckoutConfig):
    """Points Oscar's class loader at this package; models and migrations stay Oscar's."""

    name = "mall.forks.checkout"
