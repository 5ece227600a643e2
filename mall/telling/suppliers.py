"""What suppliers are told by telephone: an order to fill, a reminder to say yes."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from mall.messaging.sending import send

Payload = dict[str, Any]


def purchase_sent(payload: Payload) -> None:
    """A purchase order waits behind a link; resent, it is told again."""
    _tell("purchase.sent", payload)


def purchase_reminded(payload: Payload) -> None:
    """Nobody has acknowledged it yet."""
    _tell("purchase.reminder", payload)


def _tell(kind: str, payload: Payload) -> None:
    if not payload["phone"]:
        return
    send(
        kind,
        key=f"{payload['order_no']}:{payload['link']}",
        phone=payload["phone"],
        values={"number": payload["order_no"], "url": settings.SITE_URL + payload["link"]},
    )
