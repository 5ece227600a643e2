"""Overrides Oscar's event handler: orders move by what happens to them, not by its buttons."""

from __future__ import annotations

from typing import Any, NoReturn

from django.utils.translation import gettext as _
from oscar.apps.order.exceptions import (
    InvalidOrderStatus,
    InvalidPaymentEvent,
    InvalidShippingEvent,
)
from oscar.apps.order.processing import EventHandler as CoreEventHandler


class EventHandler(CoreEventHandler):
    """Says where the step is done instead; Oscar's dashboard shows the sentence."""

    def handle_order_status_change(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a status without its money, stock and offer would be a lie."""
        raise InvalidOrderStatus(
            _("Orders move by payment, dispatch and collection. Please use the admin.")
        )

    def handle_shipping_event(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: goods are dispatched per group."""
        raise InvalidShippingEvent(_("Goods are dispatched and received per group in the admin."))

    def handle_payment_event(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: money moves only through the acquirer."""
        raise InvalidPaymentEvent(_("Payments and refunds are made through the acquirer only."))

    def consume_stock_allocations(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: mall.ordering.stock is the only writer of stock."""
        raise RuntimeError("stock is kept by mall.ordering.stock")

    def cancel_stock_allocations(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: mall.ordering.stock is the only writer of stock."""
        raise RuntimeError("stock is kept by mall.ordering.stock")
