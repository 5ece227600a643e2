"""Transfers: the merchant pays somebody out of its own balance; the result comes a moment later.

Some wait for their payee to confirm first, and may be cancelled as long as they wait; some come
back from the payee's bank after they had succeeded.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.core import movements, notices, takings
from payments.sandbox.core.bank import Bank, new_acquirer_no
from payments.sandbox.faults import Point
from payments.sandbox.refusals import Refusal

# How a payee's account ends decides what becomes of a transfer, so that demos and tests can see it.
FAILING_END: Final = "0404"
RETURNING_END: Final = "0505"
WAITING_END: Final = "0606"
FAILING_NAME: Final = "退票"
# How long a payee may take to confirm before the bank gives up.
CONFIRM_WITHIN_MS: Final = 86_400_000


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
    # Whether its payee has to confirm, wherever her account ends.
    waits: bool = False

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
    movements.spend(connection, new.merchant_id, new.amount_minor)
    _write(connection, bank, new)
    return by_number(connection, new.merchant_id, new.transfer_no)


def _write(connection: sqlite3.Connection, bank: Bank, new: NewTransfer) -> None:
    at, delay_ms = now_ms(), int(bank.settings.transfer_delay_seconds * 1000)
    struck = bank.rules.find(Point.TRANSFER, kind="transfer", numbers={new.transfer_no})
    faults = {strike.fault: strike for strike in struck}
    status, due, back = "PROCESSING", at + delay_ms, None
    is_waiting = new.waits or new.payee_account.endswith(WAITING_END)
    if bank.settings.transfers_wait or is_waiting:
        status, due = "WAIT_USER_CONFIRM", at + CONFIRM_WITHIN_MS
    if patience := faults.get("transfer_user_never_confirms"):
        status, due = "WAIT_USER_CONFIRM", at + int(patience.seconds(86_400) * 1000)
    if returned := faults.get("transfer_returned"):
        back = at + delay_ms + int(returned.seconds(1) * 1000)
    elif new.payee_account.endswith(RETURNING_END):
        back = at + 2 * delay_ms
    connection.execute(
        "INSERT INTO transfers (merchant_id, transfer_no, acquirer_transfer_no, amount_minor,"
        " payee_name, payee_account, payee_bank, purpose, notify_url, status, comes_back_ms,"
        " created_ms, due_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            status,
            back,
            at,
            due,
        ),
    )


def finish_due(connection: sqlite3.Connection) -> None:
    """Bring every transfer whose moment has come to its end, and tell the merchants."""
    at = now_ms()
    due = connection.execute(
        "SELECT * FROM transfers WHERE status IN ('PROCESSING', 'WAIT_USER_CONFIRM')"
        " AND due_ms <= ?",
        (at,),
    ).fetchall()
    for transfer in due:
        if transfer["status"] == "WAIT_USER_CONFIRM":
            _end(connection, transfer, status="CANCELLED", code="CONFIRM_TIMEOUT")
        elif _is_refused(transfer):
            _end(connection, transfer, status="FAILED", code="PAYEE_ACCOUNT_INVALID")
        else:
            _end(connection, transfer, status="SUCCESS")
    returning = connection.execute(
        "SELECT * FROM transfers WHERE status = 'SUCCESS' AND comes_back_ms <= ?", (at,)
    ).fetchall()
    for transfer in returning:
        come_back(connection, transfer)


def _is_refused(transfer: sqlite3.Row) -> bool:
    return transfer["payee_account"].endswith(FAILING_END) or FAILING_NAME in transfer["payee_name"]


def _end(
    connection: sqlite3.Connection, transfer: sqlite3.Row, *, status: str, code: str = ""
) -> None:
    """End a transfer that is under way; without success its money is the merchant's again."""
    at = now_ms()
    connection.execute(
        "UPDATE transfers SET status = ?, failure_code = ?, done_ms = ? WHERE id = ?",
        (status, code, at, transfer["id"]),
    )
    if status == "CANCELLED":
        # It was never carried out, so no statement speaks of it.
        movements.earn(connection, transfer["merchant_id"], transfer["amount_minor"])
    else:
        takings.transferred(connection, transfer, at_ms=at, status=status)
    names = {"SUCCESS": "succeeded", "FAILED": "failed", "CANCELLED": "cancelled"}
    _tell(connection, transfer, f"transfer.{names[status]}")


def confirm(connection: sqlite3.Connection, bank: Bank, transfer: sqlite3.Row) -> None:
    """Let the payee confirm: the transfer goes on. Refusal TRANSFER_NOT_WAITING."""
    confirmed = connection.execute(
        "UPDATE transfers SET status = 'PROCESSING', due_ms = ?"
        " WHERE id = ? AND status = 'WAIT_USER_CONFIRM'",
        (now_ms() + int(bank.settings.transfer_delay_seconds * 1000), transfer["id"]),
    )
    if confirmed.rowcount != 1:
        raise Refusal("TRANSFER_NOT_WAITING", "nobody has to confirm this transfer", status=409)


def cancel(connection: sqlite3.Connection, transfer: sqlite3.Row) -> None:
    """Take back what its payee has not confirmed; twice is the same.

    Refusal TRANSFER_NOT_CANCELLABLE for one that is being carried out or has ended otherwise.
    """
    if transfer["status"] == "WAIT_USER_CONFIRM":
        _end(connection, transfer, status="CANCELLED", code="CANCELLED_BY_MERCHANT")
    elif transfer["status"] != "CANCELLED":
        raise Refusal(
            "TRANSFER_NOT_CANCELLABLE",
            "this transfer can no longer be taken back",
            status=409,
            detail={"transfer": view(transfer)},
        )


def come_back(connection: sqlite3.Connection, transfer: sqlite3.Row) -> None:
    """Let a transfer that had succeeded come back from the payee's bank (退汇).

    Refusal TRANSFER_NOT_DONE for one that has not succeeded.
    """
    at = now_ms()
    returned = connection.execute(
        "UPDATE transfers SET status = 'RETURNED', failure_code = 'RETURNED_BY_BANK',"
        " returned_ms = ?, comes_back_ms = NULL WHERE id = ? AND status = 'SUCCESS'",
        (at, transfer["id"]),
    )
    if returned.rowcount != 1:
        raise Refusal("TRANSFER_NOT_DONE", "this transfer has not succeeded", status=409)
    takings.transferred(connection, transfer, at_ms=at, status="FAILED")
    _tell(connection, transfer, "transfer.returned")


def _tell(connection: sqlite3.Connection, transfer: sqlite3.Row, event: str) -> None:
    now = by_number(connection, transfer["merchant_id"], transfer["transfer_no"])
    notices.enqueue(
        connection,
        event_type=event,
        business_no=transfer["transfer_no"],
        order=transfer,
        resource=view(now),
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
        "returned_at": to_text(transfer["returned_ms"]),
    }
