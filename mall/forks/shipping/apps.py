"""Oscar's shipping app with a few of its classes replaced by ours."""

from __future__ import annotations

from oscar.apps.shipping.apps import ShippingConfig as CoreShippingConfig


class ShippingConfig(CoreShippingConfig):
    """Points Oscar's class loader at this package; models and migrations stay Oscar's."""

    name = "mall.forks.shipping"
