"""A fact becomes one call per partner that asked for it, in the delivery's own transaction."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from mall.webhooks.facts import SHOWN, occurrence_of, shown
from mall.webhooks.models import Webhook, WebhookCall
from payments.api import now, subscribe


def note_fact(fact: str, payload: dict[str, Any]) -> None:
    """Write a call for everybody who wants to know; nothing leaves before the commit."""
    partners = [each for each in Webhook.objects.filter(is_on=True) if fact in each.facts]
    if not partners:
        return
    at = now()
    data = {"type": fact, "timestamp": at.isoformat(), "data": shown(fact, payload)}
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    WebhookCall.objects.bulk_create(
        [
            WebhookCall(
                webhook=partner,
                fact=fact,
                occurrence=occurrence_of(payload),
                body=body,
                next_at=at,
                created_at=at,
            )
            for partner in partners
        ],
        ignore_conflicts=True,
    )


def listen() -> None:
    """Subscribe to every fact partners may be told."""
    for fact in SHOWN:
        subscribe(fact, f"webhooks.{fact}", partial(note_fact, fact))
