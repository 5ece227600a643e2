"""Transfers: the merchant pays somebody out of its own balance; the result comes a moment later."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.core import notices
from payments.sandbox.core.bank import Bank, new_acquirer_no
from payments.sandbox.refusals import Refusal

# Who always fails, so that a demo and a test can see a payout come back.
FAILING_ACCOUNT_END: Final = "0404"
FAILING_NAME: Final = "退票"


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """What a merchant asks to pay out."""

    merchant_id: str
    transfer_no: str
    amount_minor: int
    payee_name: str
    payee_account: str
    payee_bank: str
    purpose: str
    notify_url: str

    @property
    def content(self) -> tuple[object, ...]:
        """What may not change under one number."""
        return (self.amount_minor, self.payee_name, self.payee_account, self.payee_bank)


def request(connection: sqlite3.Connection, bank: Bank, new: NewTransfer) -> sqlite3.Row:
    """Start a transfer, or find it again. Refusals: NUMBER_REUSED, BALANCE_TOO_LOW."""
    known = find(connection, new.merchant_id, new.transfer_no)
    if known is not None:
        columns = ("amount_minor", "payee_name", "payee_account", "payee_bank")
        if tuple(known[column] for column in columns) != new.content:
            raise Refusal("NUMBER_REUSED", "this number stands for another transfer", status=409)
        return known
    _move(connection, new.merchant_id, -new.amount_minor)
    at = now_ms()
    connection.execute(
        "INSERT INTO transfers (merchant_id, transfer_no, acquirer_transfer_no, amount_minor,"
        " payee_name, payee_account, payee_bank, purpose, notify_url, status, created_ms, due_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'PROCESSING', ?, ?)",
        (
            new.merchant_id,
            new.transfer_no,
            new_acquirer_no("ST"),
            new.amount_minor,
            new.payee_name,
            new.payee_account,
            new.payee_bank,
            new.purpose,
            new.notify_url,
            at,
            at + int(bank.settings.transfer_delay_seconds * 1000),
        ),
    )
    return by_number(connection, new.merchant_id, new.transfer_no)


def _move(connection: sqlite3.Connection, merchant_id: str, change_minor: int) -> None:
    moved = connection.execute(
        "UPDATE merchants SET balance_minor = balance_minor + ?"
        " WHERE merchant_id = ? AND balance_minor + ? >= 0",
        (change_minor, merchant_id, change_minor),
    )
    if moved.rowcount != 1:
        raise Refusal("BALANCE_TOO_LOW", "the merchant's balance does not suffice", status=409)


def finish_due(connection: sqlite3.Connection) -> int:
    """Complete every transfer whose moment has come, and tell the merchants; return how many."""
    at = now_ms()
    due = connection.execute(
        "SELECT * FROM transfers WHERE status = 'PROCESSING' AND due_ms <= ?", (at,)
    ).fetchall()
    for transfer in due:
        _finish(connection, transfer, at)
    return len(due)


def _finish(connection: sqlite3.Connection, transfer: sqlite3.Row, at: int) -> None:
    comes_back = (
        transfer["payee_account"].endswith(FAILING_ACCOUNT_END)
        or FAILING_NAME in transfer["payee_name"]
    )
    status, code = ("FAILED", "PAYEE_ACCOUNT_INVALID") if comes_back else ("SUCCESS", "")
    done = connection.execute(
        "UPDATE transfers SET status = ?, failure_code = ?, done_ms = ?"
        " WHERE id = ? AND status = 'PROCESSING'",
        (status, code, at, transfer["id"]),
    )
    if done.rowcount != 1:
        return
    if comes_back:
        _move(connection, transfer["merchant_id"], transfer["amount_minor"])
    notices.enqueue(
        connection,
        event_type="transfer.failed" if comes_back else "transfer.succeeded",
        business_no=transfer["transfer_no"],
        order=transfer,
        resource=view(by_number(connection, transfer["merchant_id"], transfer["transfer_no"])),
    )


def find(connection: sqlite3.Connection, merchant_id: str, transfer_no: str) -> sqlite3.Row | None:
    """Return a transfer by the merchant's number."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM transfers WHERE merchant_id = ? AND transfer_no = ?",
        (merchant_id, transfer_no),
    ).fetchone()
    return row


def by_number(connection: sqlite3.Connection, merchant_id: str, transfer_no: str) -> sqlite3.Row:
    """Return a transfer by the merchant's number, or Refusal TRANSFER_NOT_FOUND."""
    row = find(connection, merchant_id, transfer_no)
    if row is None:
        raise Refusal("TRANSFER_NOT_FOUND", "no such transfer", status=404)
    return row


def view(transfer: sqlite3.Row) -> dict[str, object]:
    """Describe a transfer to its merchant."""
    return {
        "merchant_id": transfer["merchant_id"],
        "transfer_no": transfer["transfer_no"],
        "acquirer_transfer_no": transfer["acquirer_transfer_no"],
        "amount": {"minor": transfer["amount_minor"], "currency": "CNY"},
        "payee_name": transfer["payee_name"],
        "payee_account_end": transfer["payee_account"][-4:],
        "transfer_state": transfer["status"],
        "failure_code": transfer["failure_code"],
        "created_at": to_text(transfer["created_ms"]),
        "completed_at": to_text(transfer["done_ms"]),
    }
