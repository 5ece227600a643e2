"""Oscar's order app with a few of its classes replaced by ours."""

from __future__ import annotations

from oscar.apps.order.apps import OrderConfig as CoreOrderConfig


class OrderConfig(CoreOrderConfig):
    """Points Oscar's class loader at this package; models and migrations stay Oscar's."""

    name = "mall.forks.order"
