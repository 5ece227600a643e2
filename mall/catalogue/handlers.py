"""What the catalogue hears: what was really paid for goods."""

from __future__ import annotations

from mall.catalogue.deals import record_paid, record_refunded
from payments.api import subscribe


def listen() -> None:
    """Subscribe; called once when all apps are ready."""
    # One name for both: an order's refund reaches us after its payment.
    subscribe("order.paid", "catalogue.deals", record_paid)
    subscribe("line.refunded", "catalogue.deals", record_refunded)
