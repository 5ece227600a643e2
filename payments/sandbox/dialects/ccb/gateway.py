"""The gateway on the internet: codes to scan, pages, mini programs, and questions about flows."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, g, redirect
from werkzeug.wrappers import Response as AnyResponse

from payments.sandbox.clock import now_ms
from payments.sandbox.core import orders
from payments.sandbox.core.bills import yuan
from payments.sandbox.core.movements import day_of
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.dialects.ccb.saying import DONE, document, json_answer
from payments.sandbox.dialects.ccb.speech import check_mac, china, china_ms, element, elements, fen
from payments.sandbox.refusals import Refusal

if TYPE_CHECKING:
    from payments.sandbox.dialects.ccb.door import CcbDoor

_MINUTES_DEFAULT = 30
_SUBJECT = "建行收款"


def add_routes(routes: Blueprint, door: CcbDoor) -> None:
    """Add the gateway."""
    bank = door.bank

    @routes.route("/CCBIS/ccbMain", methods=["GET", "POST"])
    def main() -> AnyResponse:
        said: dict[str, str] = g.said
        check_mac(said, door.pub)
        _check_place(door, said)
        if said["TXCODE"] == "410408":
            return _flows(door, said)
        with bank.books.writing() as connection:
            order, _ = orders.place(connection, _new(door, said))
            page = order["page_token"]
        if said["TXCODE"] == "520100":
            return redirect(f"{bank.settings.base_url}/cashier/{page}")
        place = "QR" if said["TXCODE"] == "530550" else "MINI"
        return json_answer({"SUCCESS": "true", "PAYURL": f"{door.url}/CCBIS/{place}/{page}"})

    @routes.get("/CCBIS/QR/<page>")
    def code(page: str) -> Response:
        order = orders.by_page(bank.books.connection, page)
        url = f"{bank.settings.base_url}/scan/{order['page_token']}"
        return json_answer({"SUCCESS": "true", "QRURL": quote(url, safe="")})

    @routes.get("/CCBIS/MINI/<page>")
    def mini_program(page: str) -> Response:
        order = orders.by_page(bank.books.connection, page)
        return json_answer(
            {
                "ERRCODE": DONE,
                "timeStamp": str(now_ms() // 1000),
                "nonceStr": secrets.token_hex(16),
                "package": f"prepay_id={order['page_token']}",
                "signType": "MD5",
                "paySign": secrets.token_hex(16).upper(),
            }
        )


def _check_place(door: CcbDoor, said: Mapping[str, str]) -> None:
    ours = (door.merchant_id, door.pos_id, door.branch_id)
    if (said.get("MERCHANTID"), said.get("POSID"), said.get("BRANCHID")) != ours:
        raise Refusal("SBX0MERCHANT", "no such merchant, counter or branch")


def _new(door: CcbDoor, said: Mapping[str, str]) -> NewOrder:
    until, number = said.get("TIMEOUT", ""), said.get("ORDERID", "")
    if not 1 <= len(number) <= 30 or not number.isascii() or not number.isalnum():
        raise Refusal("SBX0PARAM", "ORDERID is 1 to 30 letters and digits")
    amount = fen(said.get("PAYMENT", ""))
    if amount <= 0 or said.get("CURCODE") != "01":
        raise Refusal("SBX0PARAM", "PAYMENT is yuan, more than nothing")
    return NewOrder(
        merchant_id=door.merchant_id,
        our_no=number,
        way="cashier",
        amount_minor=amount,
        currency="CNY",
        subject=_SUBJECT,
        return_url="",
        notify_url=door.portal.notify_url,
        expires_ms=china_ms(until) if until else now_ms() + _MINUTES_DEFAULT * 60_000,
    )


def _flows(door: CcbDoor, said: Mapping[str, str]) -> Response:
    if said.get("QUPWD") != door.query_password:
        raise Refusal("SBX0PASSWORD", "the query password is wrong")
    number = said.get("ORDERID") or said.get("BEGORDERID") or ""
    order = orders.find(door.bank.books.connection, door.merchant_id, number)
    if order is None or not is_shown(order, said.get("KIND", "0")):
        raise Refusal("SBX0NORECORD", "没有满足条件的记录")
    flow = _flow(door, order)
    sums = {
        "RETURN_CODE": DONE,
        "RETURN_MSG": "",
        "CURPAGE": "1",
        "PAGECOUNT": "1",
        "TOTAL": "1",
        "PAYAMOUNT": yuan(order["amount_minor"]),
        "REFUNDAMOUNT": yuan(order["refunded_minor"]),
    }
    head = "".join(element(name, value) for name, value in sums.items())
    return document(head + elements("QUERYORDER", [flow]))


def is_shown(order: sqlite3.Row, kind: str) -> bool:
    """Tell whether an order has a flow of this kind: 0 unsettled is today's, 1 settled older."""
    if order["status"] == "PAYERROR":
        return kind == "0"
    if order["status"] != "SUCCESS":
        return False
    return (day_of(order["paid_ms"]) == day_of(now_ms())) == (kind == "0")


def _flow(door: CcbDoor, order: sqlite3.Row) -> dict[str, str]:
    is_paid = order["status"] == "SUCCESS"
    at = order["paid_ms"] if is_paid else order["closed_ms"]
    return {
        "MERCHANTID": door.merchant_id,
        "BRANCHID": door.branch_id,
        "POSID": door.pos_id,
        "ORDERID": order["our_no"],
        "ORDERDATE": china(at, "%Y%m%d%H%M%S"),
        "ACCDATE": china(at, "%Y%m%d"),
        "AMOUNT": yuan(order["amount_minor"]),
        "STATUSCODE": "1" if is_paid else "0",
        "STATUS": "成功" if is_paid else "失败",
        "REFUND": yuan(order["refunded_minor"]),
        "SIGN": "",
    }
