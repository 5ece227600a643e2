"""Notices to merchants: written in the transaction that made them true, sent by the notifier.

Before its first try a notice is weighed: the rules may delay it, hold it until another one has
left, double it, spoil its first tries, or drop it.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Final

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.faults import Point
from payments.sandbox.rules import Rules, Strike

# What an event is about, by the first half of its type, as rules name it.
KINDS: Final = {"payment": "pay"}
_NUMBERS: Final = ("our_no", "refund_no", "transfer_no", "agreement_no", "split_no", "return_no")
# A notice that waits for another one to leave first waits no longer than this.
_HELD_SECONDS_MAX: Final = 5.0


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


def may_be_weighed(notice: sqlite3.Row) -> bool:
    """Tell whether a notice has not been tried or weighed yet."""
    return not notice["attempts"] and not notice["is_weighed"]


def weigh(connection: sqlite3.Connection, rules: Rules, notice: sqlite3.Row) -> None:
    """Let the rules decide, once, how a notice misbehaves."""
    prefix = notice["event_type"].partition(".")[0]
    resource = json.loads(notice["content"])["resource"]
    struck = rules.find(
        Point.NOTIFY,
        kind=KINDS.get(prefix, prefix),
        numbers={str(resource[name]) for name in _NUMBERS if resource.get(name)},
    )
    changes: dict[str, object] = {"is_weighed": 1}
    for strike in struck:
        changes |= _misbehaviour(strike)
    columns = ", ".join(f"{name} = ?" for name in changes)
    connection.execute(
        f"UPDATE notices SET {columns} WHERE id = ?",  # noqa: S608 - our own column names
        (*changes.values(), notice["id"]),
    )


def _misbehaviour(strike: Strike) -> dict[str, object]:
    """Return the columns of a notice that a strike sets."""
    if strike.fault == "notify_never":
        return {"state": "GIVEN_UP", "last_answer": "never sent"}
    if strike.fault == "notify_delay":
        return {"next_ms": now_ms() + int(strike.seconds(2) * 1000)}
    if strike.fault == "notify_duplicate":
        return {"copies_left": strike.whole("times", 1)}
    if strike.fault == "notify_reorder":
        return {"is_held": 1, "next_ms": now_ms() + int(strike.seconds(_HELD_SECONDS_MAX) * 1000)}
    return {
        "flaw": strike.fault.removeprefix("notify_"),
        "flawed_tries": strike.whole("tries", 1),
    }


def let_held_go(connection: sqlite3.Connection, delivered_id: int) -> None:
    """Let the notices go that waited for another one to be delivered first."""
    connection.execute(
        "UPDATE notices SET is_held = 0, next_ms = ? WHERE is_held = 1 AND id <> ?",
        (now_ms(), delivered_id),
    )
