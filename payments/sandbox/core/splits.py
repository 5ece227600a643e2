"""Splits (分账): a paid order is shared out among receivers; each share succeeds or fails alone.

The shares of an order together stay within the merchant's percentage of what was paid, and with
what was refunded before never exceed it. See docs/decisions/0010-splits-at-the-sandbox.md.
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import Final

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.core import movements, notices, orders, receivers, takings
from payments.sandbox.core.bank import Bank, new_acquirer_no
from payments.sandbox.faults import Point
from payments.sandbox.refusals import Refusal

SHARES_MAX: Final = 50
# A receiver whose account ends so is known, and takes no money.
FAILING_END: Final = "0404"


@dataclass(frozen=True, slots=True)
class NewShare:
    """One receiver's part, under the merchant's own share number."""

    share_no: str
    receiver: str
    amount_minor: int
    note: str


@dataclass(frozen=True, slots=True)
class NewSplit:
    """What a merchant asks to share out."""

    merchant_id: str
    split_no: str
    our_no: str
    shares: tuple[NewShare, ...]
    is_last: bool
    notify_url: str

    @property
    def content_digest(self) -> str:
        """Digest what may not change under one number."""
        lines = [(s.share_no, s.receiver, s.amount_minor) for s in self.shares]
        return hashlib.sha256(repr((self.our_no, self.is_last, lines)).encode()).hexdigest()

    @property
    def total_minor(self) -> int:
        """All shares together, in fen."""
        return sum(share.amount_minor for share in self.shares)


def request(connection: sqlite3.Connection, bank: Bank, new: NewSplit) -> sqlite3.Row:
    """Begin to share a paid order out, or find the split again.

    Refusals: ORDER_NOT_FOUND, NUMBER_REUSED, PARAM_ERROR, RECEIVER_NOT_FOUND, ORDER_NOT_PAID,
    SHARING_ENDED, SPLIT_TOO_MUCH, BALANCE_TOO_LOW; nothing was shared then.
    """
    order = orders.by_number(connection, new.merchant_id, new.our_no)
    known = find(connection, new.merchant_id, new.split_no)
    if known is not None:
        if known["content_digest"] != new.content_digest:
            raise Refusal("NUMBER_REUSED", "this number stands for another split", status=409)
        return known
    _refuse_unfit_shares(connection, new)
    _take(connection, bank, order=order, new=new)
    _write(connection, bank, order=order, new=new)
    return by_number(connection, new.merchant_id, new.split_no)


def _refuse_unfit_shares(connection: sqlite3.Connection, new: NewSplit) -> None:
    if not 1 <= len(new.shares) <= SHARES_MAX:
        raise Refusal("PARAM_ERROR", f"a split has 1 to {SHARES_MAX} shares")
    if len({share.receiver for share in new.shares}) < len(new.shares):
        raise Refusal("PARAM_ERROR", "a receiver has one share in a split")
    for share in new.shares:
        if not receivers.is_active(connection, new.merchant_id, share.receiver):
            raise Refusal("RECEIVER_NOT_FOUND", f"{share.receiver} is no receiver", status=409)
        used = connection.execute(
            "SELECT 1 FROM shares WHERE merchant_id = ? AND share_no = ?",
            (new.merchant_id, share.share_no),
        ).fetchone()
        if used is not None:
            raise Refusal("NUMBER_REUSED", f"{share.share_no} stands for another share", status=409)


def _take(connection: sqlite3.Connection, bank: Bank, *, order: sqlite3.Row, new: NewSplit) -> None:
    """Commit the money of all shares: within the order, within the percentage, within the purse."""
    if order["status"] != "SUCCESS":
        raise Refusal("ORDER_NOT_PAID", "only a paid order is shared out", status=409)
    if order["sharing_ended_ms"] is not None:
        raise Refusal("SHARING_ENDED", "the rest of this order has been released", status=409)
    total, percent = new.total_minor, bank.settings.split_percent_max
    taken = connection.execute(
        "UPDATE orders SET shared_minor = shared_minor + ? WHERE id = ?"
        " AND shared_minor + ? + refunded_minor <= received_minor"
        " AND (shared_minor + ?) * 100 <= received_minor * ?",
        (total, order["id"], total, total, percent),
    )
    if taken.rowcount != 1:
        raise Refusal(
            "SPLIT_TOO_MUCH",
            f"at most {percent} % of an order, and no more than is left of it, can be shared out",
            status=409,
        )
    movements.hold(connection, new.merchant_id, total)


def _write(
    connection: sqlite3.Connection, bank: Bank, *, order: sqlite3.Row, new: NewSplit
) -> None:
    at = now_ms()
    added = connection.execute(
        "INSERT INTO splits (merchant_id, split_no, acquirer_split_no, order_id, content_digest,"
        " is_last, notify_url, status, created_ms, due_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'PROCESSING', ?, ?)",
        (
            new.merchant_id,
            new.split_no,
            new_acquirer_no("SP"),
            order["id"],
            new.content_digest,
            int(new.is_last),
            new.notify_url or order["notify_url"],
            at,
            at + int(bank.settings.split_delay_seconds * 1000),
        ),
    )
    connection.executemany(
        "INSERT INTO shares (merchant_id, split_id, share_no, receiver, amount_minor, note, status)"
        " VALUES (?, ?, ?, ?, ?, ?, 'PROCESSING')",
        [
            (new.merchant_id, added.lastrowid, s.share_no, s.receiver, s.amount_minor, s.note)
            for s in new.shares
        ],
    )
    if new.is_last:
        end_sharing(connection, order["id"])


def end_sharing(connection: sqlite3.Connection, order_id: int) -> None:
    """Release what is left of an order to the merchant; again is the same."""
    connection.execute(
        "UPDATE orders SET sharing_ended_ms = ? WHERE id = ? AND sharing_ended_ms IS NULL",
        (now_ms(), order_id),
    )


def unfreeze(connection: sqlite3.Connection, split: sqlite3.Row) -> None:
    """Release what is left of the order to the merchant: nothing of it is shared any more."""
    end_sharing(connection, split["order_id"])


def finish_due(connection: sqlite3.Connection, bank: Bank) -> None:
    """Pay every share whose moment has come, or refuse it, and tell the merchants."""
    due = connection.execute(
        "SELECT * FROM splits WHERE status = 'PROCESSING' AND due_ms <= ?", (now_ms(),)
    ).fetchall()
    for split in due:
        _finish(connection, bank, split)


def _finish(connection: sqlite3.Connection, bank: Bank, split: sqlite3.Row) -> None:
    shares, our_no = shares_of(connection, split), _our_no(connection, split)
    refused = {share["id"] for share in shares if share["receiver"].endswith(FAILING_END)}
    for strike in bank.rules.find(Point.SPLIT, kind="split", numbers={split["split_no"], our_no}):
        named = strike.text("receiver", shares[-1]["receiver"])
        refused |= {share["id"] for share in shares if share["receiver"] == named}
    for share in shares:
        if share["id"] in refused:
            _refuse(connection, split, share)
        else:
            _pay(connection, split, share)
    status = "SUCCESS" if not refused else "FAILED" if len(refused) == len(shares) else "PARTIAL"
    connection.execute(
        "UPDATE splits SET status = ?, done_ms = ? WHERE id = ?", (status, now_ms(), split["id"])
    )
    _tell(connection, split, "split.failed" if refused else "split.succeeded")


def _pay(connection: sqlite3.Connection, split: sqlite3.Row, share: sqlite3.Row) -> None:
    at = now_ms()
    connection.execute(
        "UPDATE shares SET status = 'SUCCESS', done_ms = ? WHERE id = ?", (at, share["id"])
    )
    movements.let_go(connection, split["merchant_id"], share["amount_minor"])
    takings.shared(
        connection,
        takings.Share(
            merchant_id=split["merchant_id"],
            own_no=share["share_no"],
            acquirer_no=split["acquirer_split_no"],
            split_no=split["split_no"],
            receiver=share["receiver"],
            amount_minor=share["amount_minor"],
            at_ms=at,
        ),
    )


def _refuse(connection: sqlite3.Connection, split: sqlite3.Row, share: sqlite3.Row) -> None:
    connection.execute(
        "UPDATE shares SET status = 'FAILED', failure_code = 'RECEIVER_ACCOUNT_ABNORMAL',"
        " done_ms = ? WHERE id = ?",
        (now_ms(), share["id"]),
    )
    movements.let_go(connection, split["merchant_id"], share["amount_minor"])
    connection.execute(
        "UPDATE orders SET shared_minor = shared_minor - ? WHERE id = ?",
        (share["amount_minor"], split["order_id"]),
    )


def _tell(connection: sqlite3.Connection, split: sqlite3.Row, event: str) -> None:
    now = by_number(connection, split["merchant_id"], split["split_no"])
    notices.enqueue(
        connection,
        event_type=event,
        business_no=split["split_no"],
        order=split,
        resource=view(connection, now),
    )


def shares_of(connection: sqlite3.Connection, split: sqlite3.Row) -> list[sqlite3.Row]:
    """List a split's shares, as they were asked for."""
    return connection.execute(
        "SELECT * FROM shares WHERE split_id = ? ORDER BY id", (split["id"],)
    ).fetchall()


def find(connection: sqlite3.Connection, merchant_id: str, split_no: str) -> sqlite3.Row | None:
    """Return a split by the merchant's number."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM splits WHERE merchant_id = ? AND split_no = ?", (merchant_id, split_no)
    ).fetchone()
    return row


def by_number(connection: sqlite3.Connection, merchant_id: str, split_no: str) -> sqlite3.Row:
    """Return a split by the merchant's number, or Refusal SPLIT_NOT_FOUND."""
    row = find(connection, merchant_id, split_no)
    if row is None:
        raise Refusal("SPLIT_NOT_FOUND", "no such split", status=404)
    return row


def _our_no(connection: sqlite3.Connection, split: sqlite3.Row) -> str:
    row = connection.execute(
        "SELECT our_no FROM orders WHERE id = ?", (split["order_id"],)
    ).fetchone()
    return str(row["our_no"])


def view(connection: sqlite3.Connection, split: sqlite3.Row) -> dict[str, object]:
    """Describe a split to its merchant, share by share."""
    order = connection.execute("SELECT * FROM orders WHERE id = ?", (split["order_id"],)).fetchone()
    return {
        "merchant_id": split["merchant_id"],
        "split_no": split["split_no"],
        "acquirer_split_no": split["acquirer_split_no"],
        "our_no": order["our_no"],
        "split_state": split["status"],
        "is_last": bool(split["is_last"]),
        "is_released": order["sharing_ended_ms"] is not None,
        "shares": [
            {
                "share_no": share["share_no"],
                "receiver": share["receiver"],
                "amount": {"minor": share["amount_minor"], "currency": "CNY"},
                "returned_minor": share["returned_minor"],
                "share_state": share["status"],
                "failure_code": share["failure_code"],
            }
            for share in shares_of(connection, split)
        ],
        "created_at": to_text(split["created_ms"]),
        "completed_at": to_text(split["done_ms"]),
    }
