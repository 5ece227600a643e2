"""The outreach client beside the merchant: flows, refunds, statements, each a request in XML."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, g

from payments.sandbox.clock import now_ms
from payments.sandbox.core import bill_files, bills, orders, refunds
from payments.sandbox.core.bills import yuan
from payments.sandbox.core.fees import fee_on
from payments.sandbox.core.movements import day_of
from payments.sandbox.core.refunds import NewRefund
from payments.sandbox.dialects.ccb import bills as bill_forms
from payments.sandbox.dialects.ccb.gateway import is_shown
from payments.sandbox.dialects.ccb.saying import tx
from payments.sandbox.dialects.ccb.speech import china, element, elements, fen
from payments.sandbox.refusals import Refusal

if TYPE_CHECKING:
    from payments.sandbox.dialects.ccb.door import CcbDoor

_DAY: Final = re.compile(r"[0-9]{8}", re.ASCII)
_FILE: Final = re.compile(
    r"SHOP\.[0-9]+\.([0-9]{8})\.(pay|refund)\.(settled\.zip|unsettled\.txt\.gz)"
)
_REFUND_STATES: Final = {"SUCCESS": "1", "FAILED": "0", "PROCESSING": "2", "ABNORMAL": "5"}


def add_routes(routes: Blueprint, door: CcbDoor) -> None:
    """Add the client's one address, and the folder it puts files into."""
    brought: set[str] = set()
    answers = {
        "5W1002": lambda said: _payments(door, said),
        "5W1003": lambda said: _refunds(door, said),
        "5W1004": lambda said: _refund(door, said),
        "5W1005": lambda said: _file_name(door, said),
        "6W0111": lambda said: _bring(said, brought),
    }

    @routes.post("/wlpt/")
    def ask() -> Response:
        said: dict[str, str] = g.said
        who = (said.get("CUST_ID"), said.get("USER_ID"), said.get("PASSWORD"))
        if who != (door.merchant_id, door.user_id, door.operator_password):
            raise Refusal("SBX0PASSWORD", "customer, operator or password is wrong")
        if said.get("TX_CODE") not in answers:
            raise Refusal("SBX0PARAM", "no such TX_CODE")
        return answers[said["TX_CODE"]](said)

    @routes.get("/wlpt/files/<name>")
    def file(name: str) -> Response:
        if name not in brought:
            return Response("no such file", status=404)
        return Response(_written(door, name), content_type="application/octet-stream")


def _order(door: CcbDoor, said: Mapping[str, str]) -> sqlite3.Row:
    order = orders.find(door.bank.books.connection, door.merchant_id, said.get("ORDER", ""))
    if order is None:
        raise Refusal("SBX0NORECORD", "没有满足条件的记录")
    return order


def _payments(door: CcbDoor, said: Mapping[str, str]) -> Response:
    order = _order(door, said)
    if not is_shown(order, said.get("KIND", "0")):
        raise Refusal("SBX0NORECORD", "没有满足条件的记录")
    is_paid = order["status"] == "SUCCESS"
    at = order["paid_ms"] if is_paid else order["closed_ms"]
    charged = order["amount_minor"] - order["discount_minor"]
    fee = fee_on(order["fee_rate"], charged)
    flow = {
        "TRAN_DATE": china(at, "%Y-%m-%d %H:%M:%S"),
        "ACC_DATE": china(at, "%Y-%m-%d"),
        "ORDER": order["our_no"],
        "ACCOUNT": "",
        "PAYMENT_MONEY": yuan(order["amount_minor"]),
        "REFUND_MONEY": yuan(order["refunded_minor"]),
        "POS_ID": door.pos_id,
        "REM1": "",
        "REM2": "",
        "ORDER_STATUS": _order_status(order),
        "PAY_MODE": "BHK",
        "Orig_Amt": yuan(order["amount_minor"]),
        "Txn_ClrgAmt": yuan(charged - fee),
        "MrchCmsn_Amt": yuan(fee),
        "Discount_Amt": yuan(order["discount_minor"]),
        "OriOvrlsttnEV_Trck_No": order["acquirer_no"],
        "MsgRp_Jrnl_No": order["our_no"],
        "TxnAmt": yuan(charged),
    }
    return tx(said, _page() + elements("LIST", [flow]))


def _page() -> str:
    return element("CUR_PAGE", "1") + element("PAGE_COUNT", "1") + element("NOTICE", "")


def _order_status(order: sqlite3.Row) -> str:
    if order["status"] != "SUCCESS":
        return "0"
    if not order["refunded_minor"]:
        return "1"
    return "4" if order["refunded_minor"] == order["received_minor"] else "3"


def _refunds(door: CcbDoor, said: Mapping[str, str]) -> Response:
    order = _order(door, said)
    rows = door.bank.books.connection.execute(
        "SELECT * FROM refunds WHERE order_id = ? ORDER BY id", (order["id"],)
    ).fetchall()
    today = day_of(now_ms())
    is_settled = said.get("KIND") == "1"
    shown = [row for row in rows if (day_of(row["created_ms"]) != today) == is_settled]
    if not shown:
        raise Refusal("SBX0NORECORD", "没有满足条件的记录")
    return tx(said, _page() + elements("LIST", [_refund_flow(door, order, row) for row in shown]))


def _refund_flow(door: CcbDoor, order: sqlite3.Row, refund: sqlite3.Row) -> dict[str, str]:
    at = refund["done_ms"] or refund["created_ms"]
    return {
        "TRAN_DATE": china(order["paid_ms"], "%Y-%m-%d %H:%M:%S"),
        "REFUND_DATE": china(at, "%Y-%m-%d %H:%M:%S"),
        "ORDER_NUMBER": order["our_no"],
        "REFUND_ACCOUNT": "",
        "PAY_AMOUNT": yuan(order["amount_minor"]),
        "REFUNDEMENT_AMOUNT": yuan(refund["amount_minor"]),
        "POS_CODE": door.pos_id,
        "USERID": door.user_id,
        "STATUS": _REFUND_STATES[refund["status"]],
        "REFUND_CODE": refund["refund_no"],
        "OriOvrlsttnEV_Trck_No": refund["acquirer_refund_no"],
        "MsgRp_Jrnl_No": refund["refund_no"],
    }


def _refund(door: CcbDoor, said: Mapping[str, str]) -> Response:
    code = said.get("REFUND_CODE", "")
    if not 1 <= len(code) <= 15 or not code.isascii() or not code.isalnum():
        raise Refusal("SBX0PARAM", "REFUND_CODE is 1 to 15 letters and digits")
    new = NewRefund(
        merchant_id=door.merchant_id,
        refund_no=code,
        our_no=said.get("ORDER", ""),
        amount_minor=fen(said.get("MONEY", "")),
        currency="CNY",
        reason="",
        notify_url="",
    )
    if new.amount_minor <= 0:
        raise Refusal("SBX0PARAM", "MONEY is more than nothing")
    with door.bank.books.writing() as connection:
        refunds.request(connection, door.bank, new)
        order = orders.by_number(connection, door.merchant_id, new.our_no)
    done = {
        "ORDER_NUM": new.our_no,
        "PAY_AMOUNT": yuan(order["amount_minor"]),
        "AMOUNT": yuan(new.amount_minor),
    }
    return tx(said, "".join(element(name, value) for name, value in done.items()))


def _file_name(door: CcbDoor, said: Mapping[str, str]) -> Response:
    wish = _wish(door, said.get("DATE", ""))
    try:
        bills.refuse_untimely(wish.day)
    except Refusal as refusal:
        raise Refusal("YBLA06413051", "该日流水尚未清算") from refusal
    try:
        bill_files.refuse_absent(door.bank, wish)
    except Refusal as refusal:
        if refusal.code == "BILL_NOT_READY":
            raise Refusal("YBLA06413102", "文件正在生成，请十分钟后再试") from refusal
        if refusal.code != "BILL_EMPTY":
            raise
    part = "refund" if said.get("TYPE") == "1" else "pay"
    form = "settled.zip" if said.get("KIND") == "1" else "unsettled.txt.gz"
    name = f"SHOP.{door.merchant_id}.{said['DATE']}.{part}.{form}"
    return tx(said, element("FILE_NAME", name) + element("NOTICE", ""))


def _wish(door: CcbDoor, date: str) -> bills.Wish:
    if not _DAY.fullmatch(date):
        raise Refusal("SBX0PARAM", "DATE is yyyyMMdd")
    day = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    return bills.read_wish(door.merchant_id, day=day, kind="trade")


def _bring(said: Mapping[str, str], brought: set[str]) -> Response:
    name = said.get("SOURCE", "")
    if not _FILE.fullmatch(name) or said.get("FILEPATH") != "merchant/shls":
        raise Refusal("SBX0PARAM", "no such file")
    brought.add(name)
    return tx(said, text="下载文件成功")


def _written(door: CcbDoor, name: str) -> bytes:
    day, part, form = _FILE.findall(name)[0]
    write = bill_forms.writer(part, form, pos_id=door.pos_id)
    file = io.BytesIO()
    bill_files.make(door.bank, _wish(door, day), file, write=write)
    text = bill_forms.as_gbk(file.getvalue())
    if form.endswith("gz"):
        return bill_forms.packed(text)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        stamp = (int(day[:4]), int(day[4:6]), int(day[6:]), 9, 0, 0)
        archive.writestr(zipfile.ZipInfo(name.replace(".zip", ".txt"), stamp), text)
    return zipped.getvalue()
