"""Text messages: the demo's telephone. Nothing leaves this bank."""

from __future__ import annotations

import sqlite3

from payments.sandbox.clock import now_ms


def send(connection: sqlite3.Connection, *, phone: str, sender: str, body: str) -> int:
    """Put a text on the telephone; return its number."""
    sent = connection.execute(
        "INSERT INTO texts (phone, sender, body, at_ms) VALUES (?, ?, ?, ?)",
        (local_number(phone), sender, body, now_ms()),
    )
    return int(sent.lastrowid or 0)


def newest(connection: sqlite3.Connection, phone: str, limit: int = 30) -> list[sqlite3.Row]:
    """List the newest texts of one phone, or of all phones when none is named."""
    wanted = local_number(phone)
    return connection.execute(
        "SELECT * FROM texts WHERE ? = '' OR phone = ? ORDER BY id DESC LIMIT ?",
        (wanted, wanted, limit),
    ).fetchall()


def local_number(phone: str) -> str:
    """Write a number as its owner types it: +86 139… and 139… are one telephone."""
    return phone.replace(" ", "").removeprefix("+86")
