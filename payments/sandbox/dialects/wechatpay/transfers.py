"""Transfers of APIv3 (since 2025): one bill each, and its payee has to confirm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request

from payments.sandbox.core import transfers
from payments.sandbox.core.transfers import NewTransfer
from payments.sandbox.dialects.wechatpay import papers
from payments.sandbox.dialects.wechatpay.intake import Paper
from payments.sandbox.dialects.wechatpay.words import moment
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.answers import answer

if TYPE_CHECKING:
    import sqlite3

    from payments.sandbox.dialects.wechatpay.door import WeChatPayDoor

BILLS: Final = "/v3/fund-app/mch-transfer/transfer-bills"
NAME_FROM_MINOR: Final = 200_000
_NUMBER: Final = re.compile(r"[A-Za-z0-9]{6,32}")


def transfer_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    """Add /v3/fund-app/mch-transfer/transfer-bills."""
    bank = door.bank

    @api.post(BILLS)
    def create_transfer() -> Response:
        paper = Paper.of(request.get_data())
        paper.belongs_to(appid=door.appid, merchant_id=None)
        new = _new(door, paper)
        with bank.books.writing() as connection:
            try:
                row = transfers.request(connection, bank, new)
            except Refusal as refusal:
                code = "ALREADY_EXISTS" if refusal.code == "NUMBER_REUSED" else refusal.code
                raise Refusal(code, refusal.message) from refusal
        return answer(_opened(row))

    @api.get(f"{BILLS}/out-bill-no/<out_bill_no>")
    def show_transfer(out_bill_no: str) -> Response:
        row = transfers.by_number(bank.books.connection, door.merchant_id, out_bill_no)
        openid = row["payee_account"]
        return answer(papers.transfer(transfers.view(row), appid=door.appid, openid=openid))

    @api.post(f"{BILLS}/out-bill-no/<out_bill_no>/cancel")
    def cancel_transfer(out_bill_no: str) -> Response:
        with bank.books.writing() as connection:
            row = transfers.by_number(connection, door.merchant_id, out_bill_no)
            transfers.cancel(connection, row)
            row = transfers.by_number(connection, door.merchant_id, out_bill_no)
        shown = transfers.view(row)
        return answer(
            {
                "out_bill_no": out_bill_no,
                "transfer_bill_no": row["acquirer_transfer_no"],
                "state": "CANCELLED",
                "update_time": moment(shown["completed_at"]),
            }
        )


def _new(door: WeChatPayDoor, paper: Paper) -> NewTransfer:
    number, minor = paper.text("out_bill_no", length_max=32), paper.whole("transfer_amount")
    if not _NUMBER.fullmatch(number):
        raise Refusal("PARAM_ERROR", "out_bill_no只能由数字、大小写字母组成")
    paper.text("transfer_scene_id", length_max=36)
    if not paper.parts("transfer_scene_report_infos"):
        raise Refusal("PARAM_ERROR", "未传入完整且对应的转账场景报备信息")
    sealed = paper.text("user_name", length_max=1024, default="")
    if minor >= NAME_FROM_MINOR and not sealed:
        raise Refusal("PARAM_ERROR", "转账金额大于等于2000元时,收款用户姓名必填")
    serial = request.headers.get("Wechatpay-Serial", "")
    return NewTransfer(
        merchant_id=door.merchant_id,
        transfer_no=number,
        amount_minor=minor,
        payee_name=door.keys.opened(serial, sealed) if sealed else "",
        payee_account=paper.text("openid", length_max=64),
        payee_bank="",
        purpose=paper.text("transfer_remark", length_max=32),
        notify_url=paper.told_at(door.bank.settings.notify_hosts, is_needed=False),
        waits=True,
    )


def _opened(row: sqlite3.Row) -> dict[str, Any]:
    shown = transfers.view(row)
    paper = {
        "out_bill_no": row["transfer_no"],
        "transfer_bill_no": row["acquirer_transfer_no"],
        "create_time": moment(shown["created_at"]),
        "state": papers.transfer(shown, appid="", openid="")["state"],
    }
    if paper["state"] == "WAIT_USER_CONFIRM":
        paper["package_info"] = f"package-{row['acquirer_transfer_no']}"
    return paper
