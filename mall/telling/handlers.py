"""Which fact tells whom: each handler writes messages in the delivery's own transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mall.telling import groups, orders
from payments.api import subscribe

_HANDLERS: Final[dict[str, Callable[[dict[str, Any]], None]]] = {
    "order.paid": orders.order_paid,
    "order.arrived": orders.order_arrived,
    "order.cancelled": orders.order_cancelled,
    "order.refunded": orders.order_refunded,
    "line.refunded": orders.line_refunded,
    "refund.failed": orders.refund_failed,
    "groupbuy.failed": orders.group_failed,
    "groupbuy.closing": groups.group_closing,
    "group.has_room": groups.group_has_room,
}


def listen() -> None:
    """Subscribe to everything people are told about."""
    for fact, handler in _HANDLERS.items():
        subscribe(fact, f"telling.{fact}", handler)
