"""Codes of payers that a merchant scanned: paid, asked about, cancelled.

The last digit of a scanned code is its temper: 1 is refused, 2 waits for its owner, others pay.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Blueprint, Response, g

from payments.sandbox.clock import now_ms
from payments.sandbox.core import cards, orders, paying
from payments.sandbox.core.bills import yuan
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.dialects.ccb import keys
from payments.sandbox.dialects.ccb.saying import json_answer
from payments.sandbox.dialects.ccb.speech import fen
from payments.sandbox.refusals import Refusal

if TYPE_CHECKING:
    from payments.sandbox.dialects.ccb.door import CcbDoor

_MINUTES = 5
_RESULTS = {"SUCCESS": "Y", "NOTPAY": "Q", "USERPAYING": "Q", "CLOSED": "N", "PAYERROR": "N"}


def add_routes(routes: Blueprint, door: CcbDoor) -> None:
    """Add the address of scans."""

    @routes.post("/CCBIS/B2CMainPlat_00_BEPAY")
    def scan() -> Response:
        said: dict[str, str] = g.said
        if said.get("MERCHANTID") != door.merchant_id or said.get("POSID") != door.pos_id:
            raise Refusal("SBX0MERCHANT", "no such merchant or counter")
        code = said.get("TXCODE", "")
        if code == "PAY100":
            return _pay(door, said)
        if code in {"PAY101", "PAY102"}:
            return _ask(door, said)
        if code == "PAY103":
            return _cancel(door, said)
        raise Refusal("SBX0PARAM", "no such TXCODE")


def _pay(door: CcbDoor, said: Mapping[str, str]) -> Response:
    bank, temper = door.bank, said.get("QRCODE", "")[-1:]
    new = NewOrder(
        merchant_id=door.merchant_id,
        our_no=said.get("ORDERID", ""),
        way="cashier",
        amount_minor=fen(said.get("AMOUNT", "")),
        currency="CNY",
        subject="建行被扫",
        return_url="",
        notify_url=door.portal.notify_url,
        expires_ms=now_ms() + _MINUTES * 60_000,
    )
    with bank.books.writing() as connection:
        order, is_new = orders.place(connection, new)
        if is_new and temper == "1":
            orders.fail(connection, bank, order=order, code="INSUFFICIENT_FUNDS")
        elif is_new and temper != "2":
            card = cards.read(cards.number_for("621700"), bank.keys.secret)
            paying.pay(connection, bank, order=order, card=card)
        order = orders.by_number(connection, door.merchant_id, new.our_no)
    return _result(door, order, traced=True)


def _ask(door: CcbDoor, said: Mapping[str, str]) -> Response:
    bank, number = door.bank, said.get("ORDERID", "")
    order = orders.find(bank.books.connection, door.merchant_id, number)
    if order is None:
        raise Refusal("9002", "no such order came")
    if said.get("QRYTIME") == "6" and order["status"] in {"NOTPAY", "USERPAYING"}:
        with bank.books.writing() as connection:
            order = orders.close(connection, door.merchant_id, number)
    return _result(door, order, traced=False)


def _cancel(door: CcbDoor, said: Mapping[str, str]) -> Response:
    bank, number = door.bank, said.get("ORDERID", "")
    if orders.find(bank.books.connection, door.merchant_id, number) is None:
        raise Refusal("9003", "no such order came")
    try:
        with bank.books.writing() as connection:
            orders.close(connection, door.merchant_id, number)
    except Refusal as refusal:
        raise Refusal("9004", "this order has been paid") from refusal
    return json_answer({"RESULT": "Y", "ORDERID": number, "RECALL": "N"})


def _result(door: CcbDoor, order: sqlite3.Row, *, traced: bool) -> Response:
    result = _RESULTS[order["status"]]
    fields = {
        "RESULT": result,
        "ORDERID": order["our_no"],
        "AMOUNT": yuan(order["amount_minor"]),
        "WAITTIME": "5" if result == "Q" else "",
    }
    if traced:
        fields["TRACEID"] = order["acquirer_no"]
    text = "&".join(f"{name}={value}" for name, value in fields.items())
    no = {"ERRCODE": "SBX0CARD", "ERRMSG": "the code was refused"} if result == "N" else {}
    return json_answer({**fields, **no, "SIGN": keys.signed(door.key, text.encode("gb18030"))})
