"""What partners may be told, field by field: no names, no telephones, no pickup codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_ORDER: Final = (
    "order_no",
    "group_id",
    "goods_minor",
    "discount_minor",
    "payable_minor",
    "payer_minor",
    "paid_at",
    "at",
)
_LINE: Final = ("line_id", "product_id", "title", "quantity", "value_minor")
_SALE: Final = ("code", "group_ids", "at")
_LINE_BACK: Final = ("order_no", "line_id", "quantity", "value_minor", "refund_no", "why", "at")

# A fact that is not here is told to nobody outside.
SHOWN: Final[dict[str, tuple[str, ...]]] = {
    **{
        f"order.{what}": _ORDER
        for what in ("placed", "paid", "confirmed", "arrived", "collected", "closed")
    },
    "order.cancelled": _ORDER,
    "order.refunded": _ORDER,
    "line.refunded": _LINE_BACK,
    **{f"groupbuy.{what}": _SALE for what in ("opened", "closed", "formed", "failed", "ordered")},
}


def shown(fact: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a fact leaves the house. KeyError for one that is not public."""
    told = {name: payload.get(name) for name in SHOWN[fact]}
    if fact.startswith("order."):
        told["lines"] = [
            {name: line.get(name) for name in _LINE} for line in payload.get("lines", ())
        ]
    return told


def occurrence_of(payload: Mapping[str, Any]) -> str:
    """Name this one occurrence: the same fact delivered again is the same call."""
    subject = payload.get("refund_no") or payload.get("order_no") or payload.get("code") or ""
    return f"{subject}:{payload.get('line_id', '')}:{payload.get('at', '')}"[:160]
