"""The order's life, from unpaid to closed, and aside: cancelled, refunded."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.api import Edges


class Status(models.TextChoices):
    """Where an order is. Partial refunds do not change it; the lines carry them."""

    PENDING_PAYMENT = "pending_payment", _("Waiting for payment")
    PAID = "paid", _("Paid")
    CONFIRMED = "confirmed", _("Confirmed")
    IN_TRANSIT = "in_transit", _("On its way")
    ARRIVED = "arrived", _("Ready for collection")
    COLLECTED = "collected", _("Collected")
    CLOSED = "closed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    REFUNDED = "refunded", _("Refunded")


# Oscar's pipeline in mall.config.oscar says the same; a test compares them.
EDGES: Edges = {
    Status.PENDING_PAYMENT: frozenset({Status.PAID, Status.CANCELLED}),
    Status.PAID: frozenset({Status.CONFIRMED, Status.REFUNDED}),
    Status.CONFIRMED: frozenset({Status.IN_TRANSIT, Status.ARRIVED, Status.REFUNDED}),
    Status.IN_TRANSIT: frozenset({Status.ARRIVED, Status.REFUNDED}),
    Status.ARRIVED: frozenset({Status.COLLECTED, Status.REFUNDED}),
    # back to arrived: a hand-over that was undone
    Status.COLLECTED: frozenset({Status.CLOSED, Status.REFUNDED, Status.ARRIVED}),
    Status.CLOSED: frozenset({Status.REFUNDED}),
    Status.CANCELLED: frozenset(),
    Status.REFUNDED: frozenset(),
}
