"""Split returns (分账回退): a receiver gives a share back, so that the payer can be refunded."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.core import notices, splits, takings
from payments.sandbox.core.bank import Bank, new_acquirer_no
from payments.sandbox.faults import Point
from payments.sandbox.refusals import Refusal

# A receiver whose account ends so takes money and gives none back.
REFUSING_END: Final = "0707"


@dataclass(frozen=True, slots=True)
class NewReturn:
    """What a merchant asks back from one receiver of a split."""

    merchant_id: str
    return_no: str
    split_no: str
    receiver: str
    amount_minor: int
    notify_url: str


def request(connection: sqlite3.Connection, bank: Bank, new: NewReturn) -> sqlite3.Row:
    """Begin to take a share back, or find the return again.

    Refusals: SPLIT_NOT_FOUND, SHARE_NOT_PAID, NUMBER_REUSED, RETURN_TOO_MUCH.
    """
    split = splits.by_number(connection, new.merchant_id, new.split_no)
    share = connection.execute(
        "SELECT * FROM shares WHERE split_id = ? AND receiver = ?", (split["id"], new.receiver)
    ).fetchone()
    known = find(connection, new.merchant_id, new.return_no)
    if known is not None:
        if share is None or (known["share_id"], known["amount_minor"]) != (
            share["id"],
            new.amount_minor,
        ):
            raise Refusal("NUMBER_REUSED", "this number stands for another return", status=409)
        return known
    if share is None or share["status"] != "SUCCESS":
        raise Refusal("SHARE_NOT_PAID", "this receiver got no share", status=409)
    _write(connection, bank, share=share, new=new)
    finish_due(connection)
    return by_number(connection, new.merchant_id, new.return_no)


def _write(
    connection: sqlite3.Connection, bank: Bank, *, share: sqlite3.Row, new: NewReturn
) -> None:
    taken = connection.execute(
        "UPDATE shares SET returned_minor = returned_minor + ?"
        " WHERE id = ? AND returned_minor + ? <= amount_minor",
        (new.amount_minor, share["id"], new.amount_minor),
    )
    if taken.rowcount != 1:
        raise Refusal("RETURN_TOO_MUCH", "more than the share cannot come back", status=409)
    numbers = {new.return_no, new.split_no}
    struck = bank.rules.find(Point.SPLIT_RETURN, kind="split_return", numbers=numbers)
    is_refused = bool(struck) or new.receiver.endswith(REFUSING_END)
    at = now_ms()
    connection.execute(
        "INSERT INTO split_returns (merchant_id, return_no, acquirer_return_no, share_id,"
        " amount_minor, notify_url, status, fate, created_ms, due_ms)"
        " SELECT ?, ?, ?, ?, ?, CASE ? WHEN '' THEN splits.notify_url ELSE ? END, 'PROCESSING',"
        " ?, ?, ? FROM splits WHERE splits.id = ?",
        (
            new.merchant_id,
            new.return_no,
            new_acquirer_no("SQ"),
            share["id"],
            new.amount_minor,
            new.notify_url,
            new.notify_url,
            "FAILED" if is_refused else "SUCCESS",
            at,
            at + int(bank.settings.split_delay_seconds * 1000),
            share["split_id"],
        ),
    )


def finish_due(connection: sqlite3.Connection) -> None:
    """Bring every return whose moment has come to its end, and tell the merchants."""
    due = connection.execute(
        "SELECT split_returns.*, shares.receiver, shares.split_id, splits.split_no, splits.order_id"
        " FROM split_returns JOIN shares ON shares.id = share_id"
        " JOIN splits ON splits.id = split_id"
        " WHERE split_returns.status = 'PROCESSING' AND split_returns.due_ms <= ?",
        (now_ms(),),
    ).fetchall()
    for returned in due:
        _finish(connection, returned)


def _finish(connection: sqlite3.Connection, returned: sqlite3.Row) -> None:
    at, is_done = now_ms(), returned["fate"] == "SUCCESS"
    connection.execute(
        "UPDATE split_returns SET status = ?, failure_code = ?, done_ms = ? WHERE id = ?",
        (returned["fate"], "" if is_done else "RECEIVER_REFUSED", at, returned["id"]),
    )
    minor = returned["amount_minor"]
    if is_done:
        connection.execute(
            "UPDATE orders SET shared_minor = shared_minor - ? WHERE id = ?",
            (minor, returned["order_id"]),
        )
        takings.share_returned(
            connection,
            takings.Share(
                merchant_id=returned["merchant_id"],
                own_no=returned["return_no"],
                acquirer_no=returned["acquirer_return_no"],
                split_no=returned["split_no"],
                receiver=returned["receiver"],
                amount_minor=minor,
                at_ms=at,
            ),
        )
    else:
        connection.execute(
            "UPDATE shares SET returned_minor = returned_minor - ? WHERE id = ?",
            (minor, returned["share_id"]),
        )
    now = by_number(connection, returned["merchant_id"], returned["return_no"])
    notices.enqueue(
        connection,
        event_type="split_return.succeeded" if is_done else "split_return.failed",
        business_no=returned["return_no"],
        order=returned,
        resource=view(connection, now),
    )


def find(connection: sqlite3.Connection, merchant_id: str, return_no: str) -> sqlite3.Row | None:
    """Return a split return by the merchant's number."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM split_returns WHERE merchant_id = ? AND return_no = ?",
        (merchant_id, return_no),
    ).fetchone()
    return row


def by_number(connection: sqlite3.Connection, merchant_id: str, return_no: str) -> sqlite3.Row:
    """Return a split return by the merchant's number, or Refusal RETURN_NOT_FOUND."""
    row = find(connection, merchant_id, return_no)
    if row is None:
        raise Refusal("RETURN_NOT_FOUND", "no such return", status=404)
    return row


def view(connection: sqlite3.Connection, returned: sqlite3.Row) -> dict[str, object]:
    """Describe a split return to its merchant."""
    share = connection.execute(
        "SELECT shares.*, splits.split_no FROM shares JOIN splits ON splits.id = split_id"
        " WHERE shares.id = ?",
        (returned["share_id"],),
    ).fetchone()
    return {
        "merchant_id": returned["merchant_id"],
        "return_no": returned["return_no"],
        "acquirer_return_no": returned["acquirer_return_no"],
        "split_no": share["split_no"],
        "share_no": share["share_no"],
        "receiver": share["receiver"],
        "amount": {"minor": returned["amount_minor"], "currency": "CNY"},
        "return_state": returned["status"],
        "failure_code": returned["failure_code"],
        "created_at": to_text(returned["created_ms"]),
        "completed_at": to_text(returned["done_ms"]),
    }
