"""Refunds: money back to the payer of one order, never more than was paid.

A refund succeeds when it is due. By a rule it fails instead, or is ABNORMAL (the payer's account
takes no money, and it waits for a person), or comes back after it had succeeded.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.core import movements, notices, orders, takings
from payments.sandbox.core.bank import Bank, new_acquirer_no
from payments.sandbox.faults import Point
from payments.sandbox.refusals import Refusal
from payments.sandbox.rules import Strike

_CODES: Final = {
    "SUCCESS": "",
    "FAILED": "REFUND_REJECTED",
    "ABNORMAL": "PAYER_ACCOUNT_CLOSED",
}
_FATES: Final = {"refund_pending_then_fail": "FAILED", "refund_abnormal": "ABNORMAL"}


@dataclass(frozen=True, slots=True)
class NewRefund:
    """What a merchant asks to give back."""

    merchant_id: str
    refund_no: str
    our_no: str
    amount_minor: int
    currency: str
    reason: str
    notify_url: str


def request(connection: sqlite3.Connection, bank: Bank, new: NewRefund) -> sqlite3.Row:
    """Give back, or find the refund again.

    Refusals: ORDER_NOT_FOUND, NUMBER_REUSED, ORDER_NOT_PAID, REFUND_TOO_MUCH, BALANCE_TOO_LOW.
    """
    order = orders.by_number(connection, new.merchant_id, new.our_no)
    known = find(connection, new.merchant_id, new.refund_no)
    if known is not None:
        if (known["order_id"], known["amount_minor"]) != (order["id"], new.amount_minor):
            raise Refusal("NUMBER_REUSED", "this number stands for another refund", status=409)
        return known
    _take(connection, order, new)
    struck = bank.rules.find(Point.REFUND, kind="refund", numbers={new.refund_no, new.our_no})
    _write(connection, bank, new=new, order=order, fate=_fate(struck))
    finish_due(connection)
    return by_number(connection, new.merchant_id, new.refund_no)


@dataclass(frozen=True, slots=True)
class _Fate:
    """How a refund will end, how many seconds from now, and when it comes back after all."""

    status: str = "SUCCESS"
    seconds: float | None = None
    comes_back_seconds: float | None = None


def _fate(struck: list[Strike]) -> _Fate:
    for strike in struck:
        if strike.fault == "refund_fail_after_success":
            return _Fate(comes_back_seconds=strike.seconds(2))
        return _Fate(_FATES[strike.fault], strike.seconds(1))
    return _Fate()


def _write(
    connection: sqlite3.Connection, bank: Bank, *, new: NewRefund, order: sqlite3.Row, fate: _Fate
) -> None:
    at = now_ms()
    delay = bank.settings.refund_delay_seconds if fate.seconds is None else fate.seconds
    back = fate.comes_back_seconds
    connection.execute(
        "INSERT INTO refunds (merchant_id, refund_no, acquirer_refund_no, order_id, amount_minor,"
        " reason, notify_url, status, fate, comes_back_ms, created_ms, due_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'PROCESSING', ?, ?, ?, ?)",
        (
            new.merchant_id,
            new.refund_no,
            new_acquirer_no("SR"),
            order["id"],
            new.amount_minor,
            new.reason,
            new.notify_url,
            fate.status,
            None if back is None else at + int((delay + back) * 1000),
            at,
            at + int(delay * 1000),
        ),
    )


def _take(connection: sqlite3.Connection, order: sqlite3.Row, new: NewRefund) -> None:
    """Commit the money: the order's refundable rest and the merchant's balance, each guarded."""
    if order["status"] != "SUCCESS":
        raise Refusal("ORDER_NOT_PAID", "this order has not been paid", status=409)
    if order["currency"] != new.currency:
        raise Refusal("PARAM_ERROR", "a refund is in the order's currency")
    taken = connection.execute(
        "UPDATE orders SET refunded_minor = refunded_minor + ?"
        " WHERE id = ? AND status = 'SUCCESS' AND refunded_minor + ? <= received_minor",
        (new.amount_minor, order["id"], new.amount_minor),
    )
    if taken.rowcount != 1:
        raise Refusal("REFUND_TOO_MUCH", "more than was paid cannot be given back", status=409)
    movements.hold(connection, new.merchant_id, new.amount_minor)


def finish_due(connection: sqlite3.Connection) -> None:
    """Bring every refund whose moment has come to its end, and tell the merchants."""
    at = now_ms()
    due = connection.execute(
        "SELECT * FROM refunds WHERE status = 'PROCESSING' AND due_ms <= ?", (at,)
    ).fetchall()
    for refund in due:
        end(connection, refund, refund["fate"])
    returning = connection.execute(
        "SELECT * FROM refunds WHERE status = 'SUCCESS' AND comes_back_ms <= ?", (at,)
    ).fetchall()
    for refund in returning:
        come_back(connection, refund)


def end(connection: sqlite3.Connection, refund: sqlite3.Row, status: str) -> None:
    """End a refund that is under way or ABNORMAL as SUCCESS, FAILED or ABNORMAL.

    Refusal REFUND_OVER when it has ended before.
    """
    at = now_ms()
    ended = connection.execute(
        "UPDATE refunds SET status = ?, failure_code = ?, done_ms = ?, failed_ms = ?"
        " WHERE id = ? AND status IN ('PROCESSING', 'ABNORMAL')",
        (
            status,
            _CODES[status],
            at if status == "SUCCESS" else None,
            at if status == "FAILED" else None,
            refund["id"],
        ),
    )
    if ended.rowcount != 1:
        raise Refusal("REFUND_OVER", "this refund has ended", status=409)
    if status == "SUCCESS":
        takings.refunded(connection, refund, at_ms=at)
    elif status == "FAILED":
        movements.let_go(connection, refund["merchant_id"], refund["amount_minor"])
        _make_refundable_again(connection, refund)
    names = {"SUCCESS": "succeeded", "FAILED": "failed", "ABNORMAL": "abnormal"}
    _tell(connection, refund, f"refund.{names[status]}")


def come_back(connection: sqlite3.Connection, refund: sqlite3.Row) -> None:
    """Let a refund that had succeeded come back from the payer's bank: it FAILED after all.

    Refusal REFUND_NOT_DONE for one that has not succeeded.
    """
    at = now_ms()
    failed = connection.execute(
        "UPDATE refunds SET status = 'FAILED', failure_code = 'RETURNED_BY_BANK', failed_ms = ?,"
        " comes_back_ms = NULL WHERE id = ? AND status = 'SUCCESS'",
        (at, refund["id"]),
    )
    if failed.rowcount != 1:
        raise Refusal("REFUND_NOT_DONE", "this refund has not succeeded", status=409)
    takings.refund_came_back(connection, refund, at_ms=at)
    _make_refundable_again(connection, refund)
    _tell(connection, refund, "refund.failed")


def _make_refundable_again(connection: sqlite3.Connection, refund: sqlite3.Row) -> None:
    connection.execute(
        "UPDATE orders SET refunded_minor = refunded_minor - ? WHERE id = ?",
        (refund["amount_minor"], refund["order_id"]),
    )


def _tell(connection: sqlite3.Connection, refund: sqlite3.Row, event: str) -> None:
    now = by_number(connection, refund["merchant_id"], refund["refund_no"])
    notices.enqueue(
        connection,
        event_type=event,
        business_no=refund["refund_no"],
        order=refund,
        resource=view(connection, now),
    )


def find(connection: sqlite3.Connection, merchant_id: str, refund_no: str) -> sqlite3.Row | None:
    """Return a refund by the merchant's number."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM refunds WHERE merchant_id = ? AND refund_no = ?", (merchant_id, refund_no)
    ).fetchone()
    return row


def by_number(connection: sqlite3.Connection, merchant_id: str, refund_no: str) -> sqlite3.Row:
    """Return a refund by the merchant's number, or Refusal REFUND_NOT_FOUND."""
    row = find(connection, merchant_id, refund_no)
    if row is None:
        raise Refusal("REFUND_NOT_FOUND", "no such refund", status=404)
    return row


def view(connection: sqlite3.Connection, refund: sqlite3.Row) -> dict[str, object]:
    """Describe a refund to its merchant."""
    order = connection.execute(
        "SELECT * FROM orders WHERE id = ?", (refund["order_id"],)
    ).fetchone()
    return {
        "merchant_id": refund["merchant_id"],
        "refund_no": refund["refund_no"],
        "acquirer_refund_no": refund["acquirer_refund_no"],
        "our_no": order["our_no"],
        "amount": {"minor": refund["amount_minor"], "currency": order["currency"]},
        "refund_state": refund["status"],
        "failure_code": refund["failure_code"],
        "created_at": to_text(refund["created_ms"]),
        "refunded_at": to_text(refund["done_ms"]),
        "failed_at": to_text(refund["failed_ms"]),
    }
