"""The bank's day book: every movement of a merchant's money, once, on its Shanghai day.

Bills and settlements are read from here. A merchant has two balances: `balance_minor` is available,
for transfers; `pending_minor` holds the takings until they are settled, less refunds under way, and
may be negative. Together they are never below nothing.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from payments.sandbox.refusals import Refusal

SHANGHAI: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the day book. Amounts in fen; `net_minor` is what the takings grow by.

    `kind` is PAY, REFUND, SPLIT, SPLIT_RETURN, TRANSFER or SETTLEMENT. `status` FAILED is money
    that came back: it undoes the SUCCESS line of the same kind and number, if there is one.
    """

    merchant_id: str
    kind: str
    own_no: str
    acquirer_no: str
    amount_minor: int
    at_ms: int
    net_minor: int = 0
    fee_minor: int = 0
    status: str = "SUCCESS"
    related_no: str = ""
    party: str = ""


BILL_OF: Final = {
    "PAY": "trade",
    "REFUND": "trade",
    "SPLIT": "split",
    "SPLIT_RETURN": "split",
    "TRANSFER": "transfer",
    "SETTLEMENT": "fund",
}


def day_of(at_ms: int) -> str:
    """Return the Shanghai day of an instant as YYYY-MM-DD."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(SHANGHAI):%Y-%m-%d}"


def record(connection: sqlite3.Connection, movement: Movement, *, held_minor: int = 0) -> None:
    """Write a movement into the day book and the takings of its day.

    `held_minor` is what was held for it before, and is let go in the same step.
    """
    day = day_of(movement.at_ms)
    write(connection, movement, day)
    connection.execute(
        "INSERT INTO takings (merchant_id, day, net_minor) VALUES (?, ?, ?)"
        " ON CONFLICT (merchant_id, day) DO UPDATE SET net_minor = net_minor + excluded.net_minor",
        (movement.merchant_id, day, movement.net_minor),
    )
    _add_pending(connection, movement.merchant_id, movement.net_minor + held_minor)


def write(connection: sqlite3.Connection, movement: Movement, day: str) -> None:
    """Write the line alone, under a day of the bank's choice; the takings are the caller's."""
    connection.execute(
        "INSERT INTO movements (merchant_id, day, bill, kind, own_no, acquirer_no, related_no,"
        " party, amount_minor, fee_minor, status, at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            movement.merchant_id,
            day,
            BILL_OF[movement.kind],
            movement.kind,
            movement.own_no,
            movement.acquirer_no,
            movement.related_no,
            movement.party,
            movement.amount_minor,
            movement.fee_minor,
            movement.status,
            movement.at_ms,
        ),
    )


def hold(connection: sqlite3.Connection, merchant_id: str, minor: int) -> None:
    """Keep money back for something that is under way; Refusal BALANCE_TOO_LOW."""
    held = connection.execute(
        "UPDATE merchants SET pending_minor = pending_minor - ?"
        " WHERE merchant_id = ? AND balance_minor + pending_minor >= ?",
        (minor, merchant_id, minor),
    )
    if held.rowcount != 1:
        raise Refusal("BALANCE_TOO_LOW", "the merchant's balance does not suffice", status=409)


def let_go(connection: sqlite3.Connection, merchant_id: str, minor: int) -> None:
    """Give back what was held: what was under way has failed."""
    _add_pending(connection, merchant_id, minor)


def _add_pending(connection: sqlite3.Connection, merchant_id: str, minor: int) -> None:
    connection.execute(
        "UPDATE merchants SET pending_minor = pending_minor + ? WHERE merchant_id = ?",
        (minor, merchant_id),
    )


def spend(connection: sqlite3.Connection, merchant_id: str, minor: int) -> None:
    """Take money for a transfer out of the available balance; Refusal BALANCE_TOO_LOW.

    What is needed to cover negative takings stays.
    """
    spent = connection.execute(
        "UPDATE merchants SET balance_minor = balance_minor - ?"
        " WHERE merchant_id = ? AND balance_minor >= ? AND balance_minor + pending_minor >= ?",
        (minor, merchant_id, minor, minor),
    )
    if spent.rowcount != 1:
        raise Refusal("BALANCE_TOO_LOW", "the merchant's balance does not suffice", status=409)


def earn(connection: sqlite3.Connection, merchant_id: str, minor: int) -> None:
    """Add money to the available balance: a transfer came back, takings were settled."""
    connection.execute(
        "UPDATE merchants SET balance_minor = balance_minor + ? WHERE merchant_id = ?",
        (minor, merchant_id),
    )


def totals(connection: sqlite3.Connection, merchant_id: str) -> list[sqlite3.Row]:
    """Sum the day book per day, kind and status: count, amount_minor, fee_minor."""
    return connection.execute(
        "SELECT day, kind, status, count(*) AS count, sum(amount_minor) AS amount_minor,"
        " sum(fee_minor) AS fee_minor FROM movements WHERE merchant_id = ?"
        " GROUP BY day, kind, status ORDER BY day, kind, status",
        (merchant_id,),
    ).fetchall()
