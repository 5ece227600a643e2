"""Refunds: money back to the payer of one order, never more than was paid."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.core import notices, orders
from payments.sandbox.core.bank import Bank, new_acquirer_no
from payments.sandbox.refusals import Refusal


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
    at = now_ms()
    connection.execute(
        "INSERT INTO refunds (merchant_id, refund_no, acquirer_refund_no, order_id, amount_minor,"
        " reason, notify_url, status, created_ms, due_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'PROCESSING', ?, ?)",
        (
            new.merchant_id,
            new.refund_no,
            new_acquirer_no("SR"),
            order["id"],
            new.amount_minor,
            new.reason,
            new.notify_url,
            at,
            at + int(bank.settings.refund_delay_seconds * 1000),
        ),
    )
    if not bank.settings.refund_delay_seconds:
        finish_due(connection)
    return by_number(connection, new.merchant_id, new.refund_no)


def _take(connection: sqlite3.Connection, order: sqlite3.Row, new: NewRefund) -> None:
    """Commit the money: the order's refundable rest and the merchant's balance, each guarded."""
    if order["status"] != "SUCCESS":
        raise Refusal("ORDER_NOT_PAID", "this order has not been paid", status=409)
    if order["currency"] != new.currency:
        raise Refusal("PARAM_ERROR", "a refund is in the order's currency")
    taken = connection.execute(
        "UPDATE orders SET refunded_minor = refunded_minor + ?"
        " WHERE id = ? AND status = 'SUCCESS' AND refunded_minor + ? <= amount_minor",
        (new.amount_minor, order["id"], new.amount_minor),
    )
    if taken.rowcount != 1:
        raise Refusal("REFUND_TOO_MUCH", "more than was paid cannot be given back", status=409)
    debited = connection.execute(
        "UPDATE merchants SET balance_minor = balance_minor - ?"
        " WHERE merchant_id = ? AND balance_minor >= ?",
        (new.amount_minor, new.merchant_id, new.amount_minor),
    )
    if debited.rowcount != 1:
        raise Refusal("BALANCE_TOO_LOW", "the merchant's balance does not suffice", status=409)


def finish_due(connection: sqlite3.Connection) -> int:
    """Complete every refund whose moment has come, and tell the merchants; return how many."""
    at = now_ms()
    due = connection.execute(
        "SELECT * FROM refunds WHERE status = 'PROCESSING' AND due_ms <= ?", (at,)
    ).fetchall()
    for refund in due:
        connection.execute(
            "UPDATE refunds SET status = 'SUCCESS', done_ms = ?"
            " WHERE id = ? AND status = 'PROCESSING'",
            (at, refund["id"]),
        )
        done = by_number(connection, refund["merchant_id"], refund["refund_no"])
        notices.enqueue(
            connection,
            event_type="refund.succeeded",
            business_no=refund["refund_no"],
            order=refund,
            resource=view(connection, done),
        )
    return len(due)


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
        "created_at": to_text(refund["created_ms"]),
        "refunded_at": to_text(refund["done_ms"]),
    }
