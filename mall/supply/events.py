"""What happened to a purchase order: a row in its story, and a fact for whoever listens."""

from __future__ import annotations

from typing import Any

from mall.supply.models import PurchaseEvent, PurchaseOrder
from payments.api import now, publish


def note(purchase: PurchaseOrder, what: str, *, by: str, words: str = "") -> None:
    """Write down who did what to an order, in this transaction."""
    PurchaseEvent.objects.create(
        purchase=purchase, at=now(), by=by[:150], what=what, note=words[:300]
    )


def tell(fact: str, purchase: PurchaseOrder, *, occurrence: str, **payload: Any) -> None:
    """Publish a fact about an order; ``occurrence`` tells two of the same name apart."""
    publish(
        fact,
        key=f"{fact}:{purchase.purchase_no}:{occurrence}",
        aggregate=f"purchase:{purchase.purchase_no}",
        payload={
            "order_no": purchase.purchase_no,
            "supplier_id": purchase.supplier_id,
            "group_buy_id": purchase.group_buy_id,
            **payload,
        },
    )
