"""What suppliers are told by telephone: an order to fill, a reminder, what became of a wish."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from mall.catalogue.models import SupplierProfile
from mall.messaging.sending import send

Payload = dict[str, Any]


def purchase_sent(payload: Payload) -> None:
    """A purchase order waits behind a link; resent, it is told again."""
    _tell("purchase.sent", payload)


def purchase_reminded(payload: Payload) -> None:
    """Nobody has acknowledged it yet."""
    _tell("purchase.reminder", payload)


def link_sent(payload: Payload) -> None:
    """A link to a statement, or to goods and statements."""
    send(
        "supplier.statement" if payload["number"] else "supplier.link",
        key=payload["link"],
        phone=payload["phone"],
        values={"number": payload["number"], "url": settings.SITE_URL + payload["link"]},
    )


def proposal_decided(payload: Payload) -> None:
    """The mall said yes or no to what he proposed; one without a telephone sees it on his page."""
    phones = SupplierProfile.objects.filter(partner=payload["supplier_id"])
    phone = phones.values_list("phone", flat=True).first()
    if not phone:
        return
    send(
        f"proposal.{payload['state']}",
        key=str(payload["proposal_id"]),
        phone=phone,
        values={"goods": payload["title"], "reason": payload["decision"]},
    )


def _tell(kind: str, payload: Payload) -> None:
    if not payload["phone"]:
        return
    send(
        kind,
        key=f"{payload['order_no']}:{payload['link']}",
        phone=payload["phone"],
        values={"number": payload["order_no"], "url": settings.SITE_URL + payload["link"]},
    )
