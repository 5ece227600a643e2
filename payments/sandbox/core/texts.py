"""Text messages: the demo's telephone. Nothing leaves this bank."""

from __future__ import annotations

import sqlite3

from payments.sandbox.clock import now_ms


def send(connection: sqlite3.Connection, *, phone: str, sender: str, body: str) -> int:
    """Put a text on the telephone; return its number."""
    sent = connection.execute(
        "INSERT INTO texts (phone, sender, body, at_ms) VALUES (?, ?, ?, ?)",
        (phone, sender, body, now_ms()),
    )
    return int(sent.lastrowid or 0)


def newest(connection: sqlite3.Connection, phone: str, limit: int = 30) -> list[sqlite3.Row]:
    """List the newest texts of one phone, or of all phones when none is named."""
    return connection.execute(
        "SELECT * FROM texts WHERE ? = '' OR phone = ? ORDER BY id DESC LIMIT ?",
        (phone, phone, limit),
    ).fetchall()
