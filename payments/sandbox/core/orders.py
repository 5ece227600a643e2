"""Orders: opened by a merchant, paid by a payer, closed by whoever comes first."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import Final

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.core import campaigns, cards, notices
from payments.sandbox.core.bank import Bank, new_acquirer_no, new_page_token
from payments.sandbox.faults import NoticeWithheldError, Point, Temper, strike
from payments.sandbox.refusals import Refusal

# Where a rule pays closed orders the clerk looks at this one soon (paying.pay_the_late); or NULL.
_MAYBE_LATE: Final = "(SELECT 0 FROM fault_rules WHERE fault = 'pay_after_close' LIMIT 1)"


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What a merchant asks to collect. `way` is cashier or agreement."""

    merchant_id: str
    our_no: str
    way: str
    amount_minor: int
    currency: str
    subject: str
    return_url: str
    notify_url: str
    expires_ms: int
    agreement_no: str = ""

    @property
    def content_digest(self) -> str:
        """Digest what may not change under one number."""
        content = (self.way, self.amount_minor, self.currency, self.subject, self.agreement_no)
        return hashlib.sha256(repr(content).encode()).hexdigest()


def place(connection: sqlite3.Connection, new: NewOrder) -> tuple[sqlite3.Row, bool]:
    """Open an order, or find it again; return it and whether it is new. Refusal NUMBER_REUSED."""
    known = find(connection, new.merchant_id, new.our_no)
    if known is not None:
        if known["content_digest"] != new.content_digest:
            raise Refusal("NUMBER_REUSED", "this number stands for another payment", status=409)
        return known, False
    at = now_ms()
    if new.expires_ms <= at:
        raise Refusal("EXPIRES_AT_PASSED", "the time to pay is over", status=422)
    connection.execute(
        "INSERT INTO orders (merchant_id, our_no, acquirer_no, page_token, way, content_digest,"
        " amount_minor, currency, subject, return_url, notify_url, agreement_no, status,"
        " created_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'NOTPAY', ?, ?)",
        (
            new.merchant_id,
            new.our_no,
            new_acquirer_no("SB"),
            new_page_token(),
            new.way,
            new.content_digest,
            new.amount_minor,
            new.currency,
            new.subject,
            new.return_url,
            new.notify_url,
            new.agreement_no,
            at,
            new.expires_ms,
        ),
    )
    return by_number(connection, new.merchant_id, new.our_no), True


def find(connection: sqlite3.Connection, merchant_id: str, our_no: str) -> sqlite3.Row | None:
    """Return an order by the merchant's number; one whose time is over is closed first."""
    _close_overdue(connection, merchant_id, our_no)
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM orders WHERE merchant_id = ? AND our_no = ?", (merchant_id, our_no)
    ).fetchone()
    return row


def by_number(connection: sqlite3.Connection, merchant_id: str, our_no: str) -> sqlite3.Row:
    """Return an order by the merchant's number, or Refusal ORDER_NOT_FOUND."""
    row = find(connection, merchant_id, our_no)
    if row is None:
        raise Refusal("ORDER_NOT_FOUND", "no such order", status=404)
    return row


def by_page(connection: sqlite3.Connection, page_token: str) -> sqlite3.Row:
    """Return an order by the secret of its page, or Refusal PAGE_NOT_FOUND."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM orders WHERE page_token = ?", (page_token,)
    ).fetchone()
    if row is None:
        raise Refusal("PAGE_NOT_FOUND", "no such page", status=404)
    return by_number(connection, row["merchant_id"], row["our_no"])


def _close_overdue(connection: sqlite3.Connection, merchant_id: str, our_no: str) -> None:
    overdue = connection.execute(
        "SELECT id FROM orders WHERE merchant_id = ? AND our_no = ? AND expires_ms <= ?"
        " AND status IN ('NOTPAY', 'USERPAYING')",
        (merchant_id, our_no, now_ms()),
    ).fetchone()
    if overdue is not None:
        _end(connection, overdue["id"], status="CLOSED")


def _end(
    connection: sqlite3.Connection, order_id: int, *, status: str, failure_code: str = ""
) -> bool:
    ended = connection.execute(
        f"UPDATE orders SET status = ?, failure_code = ?, closed_ms = ?, late_pay_ms = {_MAYBE_LATE}"  # noqa: S608, E501
        " WHERE id = ? AND status IN ('NOTPAY', 'USERPAYING')",
        (status, failure_code, now_ms(), order_id),
    )
    return ended.rowcount == 1


def close(connection: sqlite3.Connection, merchant_id: str, our_no: str) -> sqlite3.Row:
    """Close an unpaid order; closing it again changes nothing; Refusal ORDER_PAID."""
    order = by_number(connection, merchant_id, our_no)
    _end(connection, order["id"], status="CLOSED")
    order = by_number(connection, merchant_id, our_no)
    if order["status"] == "SUCCESS":
        raise Refusal("ORDER_PAID", "this order has been paid", status=409)
    return order


def close_all_overdue(connection: sqlite3.Connection) -> int:
    """Close every order whose time is over; return how many."""
    at = now_ms()
    closed = connection.execute(
        f"UPDATE orders SET status = 'CLOSED', closed_ms = ?, late_pay_ms = {_MAYBE_LATE}"  # noqa: S608
        " WHERE status IN ('NOTPAY', 'USERPAYING') AND expires_ms <= ?",
        (at, at),
    )
    return closed.rowcount


def decline(connection: sqlite3.Connection, order: sqlite3.Row, code: str) -> None:
    """End an agreement payment with a definite no that the merchant hears in the answer itself."""
    _end(connection, order["id"], status="PAYERROR", failure_code=code)


def await_code(connection: sqlite3.Connection, order: sqlite3.Row, phone: str) -> None:
    """Let an order wait for its payer's one-time code."""
    connection.execute(
        "UPDATE orders SET status = 'USERPAYING', phone = ? WHERE id = ? AND status = 'NOTPAY'",
        (phone, order["id"]),
    )


def fail(connection: sqlite3.Connection, bank: Bank, *, order: sqlite3.Row, code: str) -> None:
    """End an order its payer gave up, and tell the merchant."""
    if _end(connection, order["id"], status="PAYERROR", failure_code=code):
        tell(connection, bank, order=order, event="payment.failed")


def tell(
    connection: sqlite3.Connection,
    bank: Bank,
    *,
    order: sqlite3.Row,
    event: str,
    acquirer_no: str = "",
) -> None:
    """Tell the merchant what became of an order; another `acquirer_no` is a further payment."""
    now = by_number(connection, order["merchant_id"], order["our_no"])
    card = cards.recall(connection, now["fingerprint"])
    try:
        strike(Point.NOTIFY, card.temper if card else Temper.NORMAL, bank.settings)
    except NoticeWithheldError:
        return
    shown = view(connection, bank, now)
    notices.enqueue(
        connection,
        event_type=event,
        business_no=order["our_no"],
        order=order,
        resource={**shown, "acquirer_no": acquirer_no or shown["acquirer_no"]},
    )


def view(connection: sqlite3.Connection, bank: Bank, order: sqlite3.Row) -> dict[str, object]:
    """Describe an order to its merchant."""
    base, page = bank.settings.base_url, order["page_token"]
    is_open = order["status"] in {"NOTPAY", "USERPAYING"}
    has_cashier = is_open and order["way"] == "cashier"
    return {
        "merchant_id": order["merchant_id"],
        "our_no": order["our_no"],
        "acquirer_no": order["acquirer_no"],
        "way": order["way"],
        "amount": {"minor": order["amount_minor"], "currency": order["currency"]},
        "payer_amount": {
            "minor": order["amount_minor"] - order["discount_minor"],
            "currency": order["currency"],
        },
        "discounts": campaigns.discounts_of(connection, order),
        "subject": order["subject"],
        "trade_state": order["status"],
        "failure_code": order["failure_code"],
        "refunded_minor": order["refunded_minor"],
        "shared_minor": order["shared_minor"],
        "further_payments": _further(connection, order),
        "agreement_no": order["agreement_no"],
        "payer_card": cards.described(cards.recall(connection, order["fingerprint"])),
        "created_at": to_text(order["created_ms"]),
        "expires_at": to_text(order["expires_ms"]),
        "paid_at": to_text(order["paid_ms"]),
        "closed_at": to_text(order["closed_ms"]),
        "cashier_url": f"{base}/cashier/{page}" if has_cashier else "",
        "qr_url": f"{base}/scan/{page}" if has_cashier else "",
        "action_url": f"{base}/otp/{page}" if order["status"] == "USERPAYING" else "",
    }


def _further(connection: sqlite3.Connection, order: sqlite3.Row) -> list[dict[str, object]]:
    """List the payments an order got besides its own."""
    rows = connection.execute(
        "SELECT * FROM further_payments WHERE order_id = ? ORDER BY id", (order["id"],)
    )
    return [
        {
            "acquirer_no": row["acquirer_no"],
            "amount": {"minor": row["amount_minor"], "currency": order["currency"]},
            "paid_at": to_text(row["paid_ms"]),
        }
        for row in rows
    ]
