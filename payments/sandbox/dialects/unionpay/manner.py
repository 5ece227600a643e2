"""How faults look at UnionPay: what a request is about, and how its answers are spoiled."""

from __future__ import annotations

import base64
import sqlite3
from typing import Final

from flask import Request, Response

from payments.sandbox.core import orders, refunds
from payments.sandbox.core.bank import Bank
from payments.sandbox.dialects.unionpay import numbers, opened, wire
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.mishaps import Asked, say_instead

_KINDS: Final = {
    "01": "pay",
    "77": "pay",
    "04": "refund",
    "31": "refund",
    "74": "agreement",
    "78": "agreement",
    "76": "bill",
}


def asked_by(request: Request, fields: wire.Fields, *, bank: Bank, merchant_id: str) -> Asked:
    """Look at a request as rules do; a question is about what its number stands for."""
    connection, number = bank.books.connection, fields.get("orderId", "")
    kind, payment_no = fields.get("txnType", ""), ""
    known = numbers.recall(connection, number)
    if kind == "00" and known is not None:
        kind = known["txn_type"]
    named = _KINDS.get(kind, "pay" if kind == "00" else "")
    if named == "pay":
        payment_no = number
    elif named == "refund":
        payment_no = _payment_of(connection, fields, merchant_id)
    return Asked(
        route=f"POST {request.path}",
        kind=named,
        numbers=frozenset(filter(None, (number, payment_no))),
        payment_no=payment_no,
        merchant_id=merchant_id,
        opens_order=kind == "01" and "tokenPayData" not in fields and fields["txnType"] == "01",
    )


def _payment_of(connection: sqlite3.Connection, fields: wire.Fields, merchant_id: str) -> str:
    refund = refunds.find(connection, merchant_id, fields.get("orderId", ""))
    try:
        if refund is not None:
            return str(refunds.view(connection, refund)["our_no"])
        found = numbers.order_of(connection, merchant_id, fields.get("origQryId", ""))
        return str(found["our_no"])
    except Refusal:
        return ""


def spoiled_signature(signature: str) -> str:
    """Change a signature so that it proves nothing and still looks like one."""
    raw = bytearray(base64.b64decode(signature))
    raw[len(raw) // 2] ^= 0x01
    return base64.b64encode(bytes(raw)).decode()


class UnionPayManner:
    """Answers of k=v&k=v with their signature among them."""

    def __init__(self, bank: Bank) -> None:
        """Take the books answers are written from."""
        self._bank = bank

    def fail(self, response: Response) -> None:
        """Answer 500."""
        response.status_code = 500
        say_instead(response, b"")

    def add_to_amount(self, response: Response, minor: int) -> None:
        """Change the amount it speaks of."""
        said = wire.read_draft(response.get_data())
        if said is not None and "txnAmt" in said:
            said["txnAmt"] = str(int(said["txnAmt"]) + minor)
            say_instead(response, wire.draft(said))

    def speak_of_another(self, response: Response, asked: Asked, other: sqlite3.Row | None) -> None:
        """Speak of another order, or of the same under a made-up number."""
        del asked
        said = wire.read_draft(response.get_data())
        if said is None:
            return
        if other is not None:
            connection = self._bank.books.connection
            order = orders.by_number(connection, other["merchant_id"], other["our_no"])
            said |= {"orderId": other["our_no"], **opened.of_order(connection, order)}
        else:
            said["orderId"] = f"OTHER{said.get('orderId', '')[5:]}"
        say_instead(response, wire.draft(said))

    def spoil_signature(self, response: Response) -> None:
        """Spoil the one field."""
        body = response.get_data()
        at = body.find(b"&signature=") + len(b"&signature=")
        end = body.find(b"&", at)
        end = len(body) if end < 0 else end
        if at >= len(b"&signature="):
            spoiled = spoiled_signature(body[at:end].decode()).encode()
            response.set_data(body[:at] + spoiled + body[end:])
