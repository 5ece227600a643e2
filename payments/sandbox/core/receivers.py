"""Receivers (分账接收方): whom a merchant may give shares to."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.refusals import Refusal

RECEIVERS_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class NewReceiver:
    """Whom a merchant names. `kind` is merchant or person."""

    merchant_id: str
    account: str
    name: str
    kind: str


def add(connection: sqlite3.Connection, new: NewReceiver) -> sqlite3.Row:
    """Allow somebody to receive shares; again is the same, also after a removal.

    Refusals: NUMBER_REUSED for an account that has another name, RECEIVERS_TOO_MANY.
    """
    known = find(connection, new.merchant_id, new.account)
    if known is not None and known["name"] != new.name:
        raise Refusal("NUMBER_REUSED", "this account belongs to another name", status=409)
    if known is None or known["removed_ms"] is not None:
        _refuse_too_many(connection, new.merchant_id)
    connection.execute(
        "INSERT INTO receivers (merchant_id, account, name, kind, added_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (merchant_id, account) DO UPDATE SET removed_ms = NULL",
        (new.merchant_id, new.account, new.name, new.kind, now_ms()),
    )
    return by_account(connection, new.merchant_id, new.account)


def _refuse_too_many(connection: sqlite3.Connection, merchant_id: str) -> None:
    row = connection.execute(
        "SELECT count(*) FROM receivers WHERE merchant_id = ? AND removed_ms IS NULL",
        (merchant_id,),
    ).fetchone()
    if row[0] >= RECEIVERS_MAX:
        raise Refusal(
            "RECEIVERS_TOO_MANY", f"a merchant has at most {RECEIVERS_MAX} receivers", status=409
        )


def remove(connection: sqlite3.Connection, merchant_id: str, account: str) -> sqlite3.Row:
    """Stop somebody from receiving shares; twice is the same. Refusal RECEIVER_NOT_FOUND."""
    receiver = by_account(connection, merchant_id, account)
    connection.execute(
        "UPDATE receivers SET removed_ms = ?"
        " WHERE merchant_id = ? AND account = ? AND removed_ms IS NULL",
        (now_ms(), merchant_id, receiver["account"]),
    )
    return by_account(connection, merchant_id, account)


def is_active(connection: sqlite3.Connection, merchant_id: str, account: str) -> bool:
    """Tell whether an account may receive shares now."""
    known = find(connection, merchant_id, account)
    return known is not None and known["removed_ms"] is None


def find(connection: sqlite3.Connection, merchant_id: str, account: str) -> sqlite3.Row | None:
    """Return a receiver by its account."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM receivers WHERE merchant_id = ? AND account = ?", (merchant_id, account)
    ).fetchone()
    return row


def by_account(connection: sqlite3.Connection, merchant_id: str, account: str) -> sqlite3.Row:
    """Return a receiver by its account, or Refusal RECEIVER_NOT_FOUND."""
    row = find(connection, merchant_id, account)
    if row is None:
        raise Refusal("RECEIVER_NOT_FOUND", "no such receiver", status=404)
    return row


def view(receiver: sqlite3.Row) -> dict[str, object]:
    """Describe a receiver to its merchant."""
    return {
        "merchant_id": receiver["merchant_id"],
        "account": receiver["account"],
        "name": receiver["name"],
        "kind": receiver["kind"],
        "receiver_state": "ACTIVE" if receiver["removed_ms"] is None else "REMOVED",
        "added_at": to_text(receiver["added_ms"]),
    }
