"""What points do when an order goes along its life: collected earns, money back takes it again.

One consumer name for all: the outbox keeps an order's facts in their order within it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from mall.loyalty import earning
from mall.loyalty.earning import PaidOrder
from payments.api import business_date, subscribe

Payload = dict[str, Any]
_CONSUMER: Final = "loyalty.orders"


def listen() -> None:
    """Subscribe to what earns points and what takes them back."""
    subscribe("order.collected", _CONSUMER, order_collected)
    subscribe("order.uncollected", _CONSUMER, order_uncollected)
    subscribe("line.refunded", _CONSUMER, line_refunded)
    subscribe("order.refunded", _CONSUMER, order_refunded)


def order_collected(payload: Payload) -> None:
    """The goods are hers and the money is ours: the order earns its points."""
    if not payload.get("paid_at"):
        return  # told before points were counted
    earning.earn(
        PaidOrder(
            order_no=payload["order_no"],
            resident_id=payload["resident_id"],
            payer_minor=payload["payer_minor"],
            paid_on=business_date(datetime.fromisoformat(payload["paid_at"])),
            is_tied=payload["is_tied"],
        )
    )


def order_uncollected(payload: Payload) -> None:
    """The hand-over was undone: the points wait for the next one."""
    earning.undo(payload["order_no"])


def line_refunded(payload: Payload) -> None:
    """A part of her money went back: so do its points. Before collection there are none yet."""
    if "payer_minor" not in payload:
        return  # told before points were counted
    earning.refund(
        order_no=payload["order_no"],
        payer_minor=payload["payer_minor"],
        because=f"{payload['refund_no']}:{payload['line_id']}",
    )


def order_refunded(payload: Payload) -> None:
    """All her money went back: nothing is earned."""
    earning.refund_all(payload["order_no"])
