"""Notices to merchants: written in the transaction that made them true, sent by the notifier."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping

from payments.sandbox.clock import now_ms, to_text


def enqueue(
    connection: sqlite3.Connection,
    *,
    event_type: str,
    business_no: str,
    order: sqlite3.Row | Mapping[str, str],
    resource: Mapping[str, object],
) -> None:
    """Write a notice down; `order` is any row with merchant_id and notify_url (empty: none)."""
    if not order["notify_url"]:
        return
    at = now_ms()
    event_id = f"EV{secrets.token_hex(15).upper()}"
    content = {
        "event_id": event_id,
        "event_type": event_type,
        "created_at": to_text(at),
        "merchant_id": order["merchant_id"],
        "resource": resource,
    }
    connection.execute(
        "INSERT INTO notices (merchant_id, event_id, event_type, business_no, url, content, state,"
        " next_ms, created_ms) VALUES (?, ?, ?, ?, ?, ?, 'WAITING', ?, ?)",
        (
            order["merchant_id"],
            event_id,
            event_type,
            business_no,
            order["notify_url"],
            json.dumps(content, ensure_ascii=False),
            at,
            at,
        ),
    )
