"""Market pay's calls: orders with their shares, questions, refunds, and the goods' arrival."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from payments.sandbox.clock import now_ms
from payments.sandbox.core import orders, refunds
from payments.sandbox.core.bills import yuan
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.core.refunds import NewRefund
from payments.sandbox.dialects.ccb.speech import china, fen
from payments.sandbox.dialects.ccb_hsb import paper
from payments.sandbox.dialects.ccb_hsb.manner import Manner
from payments.sandbox.refusals import Refusal
from payments.sandbox.web import mishaps

if TYPE_CHECKING:
    from payments.sandbox.dialects.ccb_hsb.door import HsbDoor

logger = logging.getLogger(__name__)

ORDER_STATES: Final = {
    "NOTPAY": "1",
    "USERPAYING": "9",
    "SUCCESS": "2",
    "PAYERROR": "3",
    "CLOSED": "4",
}
REFUND_STATES: Final = {"SUCCESS": "00", "FAILED": "01", "PROCESSING": "02", "ABNORMAL": "03"}
_KINDS: Final = {
    "gatherPlaceorder": "pay",
    "gatherEnquireOrder": "pay",
    "mergeNoticeArrival": "pay",
    "refundOrder": "refund",
    "enquireRefundOrder": "refund",
}
_NUMBER: Final = re.compile(r"[0-9A-Za-z]{1,40}", re.ASCII)


def add_routes(routes: Blueprint, door: HsbDoor) -> None:
    """Add the calls, guarded by signatures and by the rules of misbehaviour."""
    _guard(routes, door)
    _say_no(routes, door)

    @routes.post("/online/direct/<api>")
    def call(api: str) -> Response:
        if api not in CALLS:
            return Response("no such call", status=404)
        return paper.answer(CALLS[api](door, g.said), door.key)


def _guard(routes: Blueprint, door: HsbDoor) -> None:
    bank, manner = door.bank, Manner(door)

    @routes.before_request
    def begin() -> Response | None:
        api = request.path.rpartition("/")[2]
        if api not in CALLS:
            return None
        g.said = paper.read(request.get_data(), door.merchant_key)
        if g.said.get("Mkt_Id") != door.merchant_id:
            raise Refusal("SBX1MARKET", "no such market")
        g.asked = _asked(door, api, g.said)
        return mishaps.before_execution(bank, request, g.asked)

    @routes.after_request
    def end(response: Response) -> Response:
        bank.bell.set()
        asked = g.get("asked")
        if asked is None:
            return response
        left = mishaps.after_execution(bank, asked, response, manner=manner)
        return mishaps.after_signing(request, response, left, manner=manner)


def _say_no(routes: Blueprint, door: HsbDoor) -> None:
    @routes.errorhandler(Refusal)
    def no(refusal: Refusal) -> Response:
        logger.info("hsb.refused path=%s code=%s", request.path, refusal.code)
        return paper.refusal(refusal, door.key)

    @routes.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return Response(error.name, status=error.code or 500)
        logger.error("hsb.broken path=%s", request.path, exc_info=error)
        return Response("system busy", status=500)


def _asked(door: HsbDoor, api: str, said: dict[str, Any]) -> mishaps.Asked:
    number = str(said.get("Main_Ordr_No") or "")
    named = {number, str(said.get("Cust_Rfnd_Trcno") or ""), str(said.get("Py_Trn_No") or "")}
    return mishaps.Asked(
        route=f"POST {api}",
        kind=_KINDS[api],
        numbers=frozenset(named - {""}),
        payment_no=number,
        merchant_id=door.merchant_id,
        opens_order=api == "gatherPlaceorder",
    )


def _number(said: dict[str, Any], name: str) -> str:
    value = str(said.get(name) or "")
    if not _NUMBER.fullmatch(value):
        raise Refusal("SBX1PARAM", f"{name} is 1 to 40 letters and digits")
    return value


def _place(door: HsbDoor, said: dict[str, Any]) -> dict[str, Any]:
    bank, number = door.bank, _number(said, "Main_Ordr_No")
    amount, seconds = fen(str(said.get("Ordr_Tamt") or "")), str(said.get("Order_Time_Out") or "")
    if said.get("Ccy") != "156" or said.get("Py_Ordr_Tpcd") != "04" or not seconds.isdecimal():
        raise Refusal("SBX1PARAM", "Ccy, Py_Ordr_Tpcd or Order_Time_Out is wrong")
    shares = _shares(door, said, amount)
    new = NewOrder(
        merchant_id=door.merchant_id,
        our_no=number,
        way="cashier",
        amount_minor=amount,
        currency="CNY",
        subject=str(said.get("Pay_Dsc") or "惠市宝收款"),
        return_url=str(said.get("Pgfc_Ret_Url_Adr") or ""),
        notify_url=door.portal.notify_url,
        expires_ms=now_ms() + int(seconds[:7]) * 1000,
    )
    with bank.books.writing() as connection:
        order, is_new = orders.place(connection, new)
        _keep_shares(connection, order, shares, is_new=is_new)
    base, page = bank.settings.base_url, order["page_token"]
    mini = {"package": f"prepay_id={page}", "signType": "RSA"}
    return {
        "Main_Ordr_No": number,
        "Py_Trn_No": order["acquirer_no"],
        "Prim_Ordr_No": order["acquirer_no"],
        "Ordr_Stcd": ORDER_STATES[order["status"]],
        "Ordr_Gen_Tm": china(order["created_ms"], "%Y%m%d%H%M%S"),
        "Cshdk_Url": f"{base}/cashier/{page}" if said.get("Pymd_Cd") == "03" else "",
        "Pay_Qr_Code": f"{base}/scan/{page}" if said.get("Pymd_Cd") == "07" else "",
        "Rtn_Par_Data": json.dumps(mini) if said.get("Pymd_Cd") == "05" else "",
    }


def _shares(door: HsbDoor, said: dict[str, Any], amount: int) -> list[tuple[int, str, int]]:
    """Read who gets what of the one sub-order; nothing is everything for its seller."""
    lines = said.get("Orderlist")
    if not isinstance(lines, list) or len(lines) != 1 or not isinstance(lines[0], dict):
        raise Refusal("SBX1PARAM", "one sub-order is what this market takes")
    if fen(str(lines[0].get("Ordr_Amt") or "")) != amount:
        raise Refusal("SBX1PARAM", "the sub-orders are not the order")
    parts = lines[0].get("Parlist") or [
        {"Seq_No": "1", "Mkt_Mrch_Id": door.seller_id, "Amt": yuan(amount)}
    ]
    shares = [
        (int(part["Seq_No"]), str(part["Mkt_Mrch_Id"]), fen(str(part["Amt"]))) for part in parts
    ]
    if sum(minor for _, _, minor in shares) != amount:
        raise Refusal("SBX1PARAM", "the shares are not the order")
    return shares


def _keep_shares(
    connection: sqlite3.Connection,
    order: sqlite3.Row,
    shares: list[tuple[int, str, int]],
    *,
    is_new: bool,
) -> None:
    if is_new:
        connection.executemany(
            "INSERT INTO hsb_shares (order_id, seq_no, seller, amount_minor) VALUES (?, ?, ?, ?)",
            [(order["id"], *share) for share in shares],
        )
        return
    known = connection.execute(
        "SELECT seq_no, seller, amount_minor FROM hsb_shares WHERE order_id = ? ORDER BY seq_no",
        (order["id"],),
    ).fetchall()
    if [tuple(row) for row in known] != sorted(shares):
        raise Refusal("NUMBER_REUSED", "this number is shared out otherwise", status=409)


def _show(door: HsbDoor, said: dict[str, Any]) -> dict[str, Any]:
    connection = door.bank.books.connection
    order = orders.by_number(connection, door.merchant_id, _number(said, "Main_Ordr_No"))
    amount = yuan(order["amount_minor"])
    paid_ms = order["paid_ms"]
    return {
        "Main_Ordr_No": order["our_no"],
        "Py_Trn_No": order["acquirer_no"],
        "Ordr_Amt": amount,
        "Txnamt": amount,
        "Ordr_Stcd": ORDER_STATES[order["status"]],
        "Pay_Time": china(paid_ms, "%Y%m%d%H%M%S") if paid_ms else "",
        "List": [
            {"Seq_No": str(row["seq_no"]), "Mkt_Mrch_Id": row["seller"], "Amt": yuan(row[2])}
            for row in connection.execute(
                "SELECT seq_no, seller, amount_minor FROM hsb_shares WHERE order_id = ?"
                " ORDER BY seq_no",
                (order["id"],),
            )
        ],
    }


def _by_theirs(door: HsbDoor, number: str) -> sqlite3.Row:
    row = door.bank.books.connection.execute(
        "SELECT * FROM orders WHERE merchant_id = ? AND acquirer_no = ?",
        (door.merchant_id, number),
    ).fetchone()
    if row is None:
        raise Refusal("ORDER_NOT_FOUND", "no such order", status=404)
    found: sqlite3.Row = row
    return found


def _arrived(door: HsbDoor, said: dict[str, Any]) -> dict[str, Any]:
    """Pay the shares out: once, however often it is said."""
    order = _by_theirs(door, str(said.get("Prim_Ordr_No") or ""))
    if order["status"] != "SUCCESS":
        raise Refusal("ORDER_NOT_PAID", "this order has not been paid", status=409)
    with door.bank.books.writing() as connection:
        connection.execute(
            "UPDATE hsb_shares SET released_ms = ? WHERE order_id = ? AND released_ms IS NULL",
            (now_ms(), order["id"]),
        )
    return {"Prim_Ordr_No": order["acquirer_no"]}


def _refund(door: HsbDoor, said: dict[str, Any]) -> dict[str, Any]:
    order = _by_theirs(door, str(said.get("Py_Trn_No") or ""))
    new = NewRefund(
        merchant_id=door.merchant_id,
        refund_no=_number(said, "Cust_Rfnd_Trcno"),
        our_no=order["our_no"],
        amount_minor=fen(str(said.get("Rfnd_Amt") or "")),
        currency="CNY",
        reason="",
        notify_url=door.portal.notify_url,
    )
    if new.amount_minor <= 0:
        raise Refusal("SBX1PARAM", "Rfnd_Amt is more than nothing")
    with door.bank.books.writing() as connection:
        refund = refunds.request(connection, door.bank, new)
    return _refund_said(refund)


def _show_refund(door: HsbDoor, said: dict[str, Any]) -> dict[str, Any]:
    number = _number(said, "Cust_Rfnd_Trcno")
    refund = refunds.find(door.bank.books.connection, door.merchant_id, number)
    if refund is None:
        return {"Cust_Rfnd_Trcno": number, "Refund_Rsp_St": "05"}
    return _refund_said(refund)


def _refund_said(refund: sqlite3.Row) -> dict[str, str]:
    return {
        "Cust_Rfnd_Trcno": refund["refund_no"],
        "Rfnd_Trcno": refund["acquirer_refund_no"],
        "Rfnd_Amt": yuan(refund["amount_minor"]),
        "Refund_Rsp_St": REFUND_STATES[refund["status"]],
    }


CALLS: Final[dict[str, Callable[[HsbDoor, dict[str, Any]], dict[str, Any]]]] = {
    "gatherPlaceorder": _place,
    "gatherEnquireOrder": _show,
    "mergeNoticeArrival": _arrived,
    "refundOrder": _refund,
    "enquireRefundOrder": _show_refund,
}
