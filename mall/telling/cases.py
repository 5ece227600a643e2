"""What residents and leaders are told about after-sales cases and goods called back."""

from __future__ import annotations

from typing import Any, Final

from django.urls import reverse

from mall.messaging.sending import send
from mall.ordering.models import LineFulfilment
from mall.telling.people import order_link

Payload = dict[str, Any]
_LEADER: Final = "leader"
_RESIDENT: Final = "resident"


def case_opened(payload: Payload) -> None:
    """The leader whose turn it is decides; what goes straight to the mall is in its queue."""
    if payload["turn"] == _LEADER:
        _to_leader("case.opened", payload, asked_minor=payload["payer_minor"])


def case_offered(payload: Payload) -> None:
    """Less than she asked for is offered: she says yes or no."""
    _to_resident(
        "case.offered", payload, refund_minor=payload["payer_minor"], until_at=payload["until"]
    )


def case_message(payload: Payload) -> None:
    """Somebody wrote: the other side is told."""
    key = f"{payload['case_no']}:{payload['message_id']}"
    if payload["role"] != _RESIDENT:
        _to_resident("case.message", payload, key=key)
    elif payload["turn"] == _LEADER:
        _to_leader("case.message", payload, key=key)


def case_decided(payload: Payload) -> None:
    """It was decided: how, why, and what goes back."""
    _to_resident(
        f"case.{payload['outcome']}",
        payload,
        key=f"{payload['case_no']}:{payload['at']}",
        refund_minor=payload["payer_minor"],
        text=payload["text"],
    )


def case_compensated(payload: Payload) -> None:
    """The mall gives more than the goods were worth."""
    _to_resident(
        "case.compensated",
        payload,
        key=f"{payload['case_no']}:{payload['at']}",
        refund_minor=payload["payer_minor"],
    )


def recall_told(payload: Payload) -> None:
    """Goods of her order are called back: she must not eat them, whatever the hour."""
    send(
        "batch.recalled",
        key=f"{payload['recall_id']}:{payload['order_no']}",
        user_id=payload["resident_id"],
        values={
            "goods": payload["product"],
            "batch": payload["batch_no"],
            "reason": payload["reason"],
            "refund_minor": payload["payer_minor"],
        },
        link=order_link(payload["order_no"]),
    )


def _to_resident(kind: str, payload: Payload, *, key: str = "", **values: Any) -> None:
    send(
        kind,
        key=key or f"{payload['case_no']}:{payload['at']}",
        user_id=payload["resident_id"],
        values={"goods": _goods(payload), **values},
        link=reverse("storefront:case", args=[payload["case_no"]]),
    )


def _to_leader(kind: str, payload: Payload, *, key: str = "", **values: Any) -> None:
    send(
        kind,
        key=f"leader:{key or payload['case_no']}",
        user_id=payload["leader_id"],
        values={"goods": _goods(payload), **values},
        link=reverse("groupleader:case", args=[payload["case_no"]]),
    )


def _goods(payload: Payload) -> str:
    titles = LineFulfilment.objects.filter(pk=payload["line_id"]).values_list("title", flat=True)
    return titles.first() or ""
