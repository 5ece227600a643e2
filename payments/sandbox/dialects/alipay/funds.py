"""Paying out (转账): to an Alipay account or a bank card, for merchants with certificates only."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from payments.sandbox.core import transfers
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.transfers import NewTransfer
from payments.sandbox.dialects.alipay.envelope import Call, good
from payments.sandbox.dialects.alipay.papers import (
    TRANSFER_REASONS,
    GatewayError,
    beijing,
    business,
    fen,
    number,
    text,
    yuan,
)
from payments.sandbox.notifier import is_allowed_url
from payments.sandbox.refusals import Refusal

STATES: Final = {
    "PROCESSING": "DEALING",
    "WAIT_USER_CONFIRM": "WAIT_PAY",
    "SUCCESS": "SUCCESS",
    "FAILED": "FAIL",
    "CANCELLED": "CLOSED",
    "RETURNED": "REFUND",
}
_CARD: Final = re.compile(r"(?!2088\d{12}$)\d{12,19}")


def product_of(account: str) -> str:
    """Name the product a payee's account belongs to."""
    return "TRANS_BANKCARD_NO_PWD" if _CARD.fullmatch(account) else "TRANS_ACCOUNT_NO_PWD"


class Funds:
    """The transfers of one merchant."""

    def __init__(self, bank: Bank, merchant_id: str) -> None:
        """Take the bank's books."""
        self._bank = bank
        self._merchant_id = merchant_id

    def transfer(self, call: Call) -> dict[str, object]:
        """alipay.fund.trans.uni.transfer."""
        _need_certificates(call)
        paper, payee = call.paper, call.paper.get("payee_info")
        if not isinstance(payee, dict):
            raise business("INVALID_PARAMETER", "payee_info is missing")
        account, product = text(payee, "identity"), text(paper, "product_code")
        if product != product_of(account) or text(paper, "biz_scene") != "DIRECT_TRANSFER":
            raise business("INVALID_PARAMETER", "the product does not fit the payee")
        hosts = self._bank.settings.notify_hosts
        if call.notify_url and not is_allowed_url(call.notify_url, hosts):
            raise business("INVALID_PARAMETER", "notify_url")
        new = NewTransfer(
            merchant_id=self._merchant_id,
            transfer_no=number(paper, "out_biz_no"),
            amount_minor=fen(paper, "trans_amount"),
            payee_name=text(payee, "name"),
            payee_account=account,
            payee_bank="",
            purpose=text(paper, "order_title"),
            notify_url=call.notify_url,
        )
        try:
            with self._bank.books.writing() as connection:
                row = transfers.request(connection, self._bank, new)
        except Refusal as refusal:
            raise GatewayError.of(refusal, TRANSFER_REASONS) from refusal
        said = {name: value for name, value in described(row).items() if name != "trans_amount"}
        return good(**said)

    def query(self, call: Call) -> dict[str, object]:
        """alipay.fund.trans.common.query: by Alipay's number, or by ours with the product."""
        _need_certificates(call)
        return good(**described(self._existing(call.paper)))

    def _existing(self, paper: Mapping[str, Any]) -> sqlite3.Row:
        connection = self._bank.books.connection
        if order_id := text(paper, "order_id"):
            row = connection.execute(
                "SELECT * FROM transfers WHERE merchant_id = ? AND acquirer_transfer_no = ?",
                (self._merchant_id, order_id),
            ).fetchone()
        else:
            row = transfers.find(connection, self._merchant_id, text(paper, "out_biz_no"))
            is_of_product = row is not None and (
                text(paper, "product_code") == product_of(row["payee_account"])
            )
            row = row if is_of_product else None
        if row is None:
            raise business("ORDER_NOT_EXIST")
        found: sqlite3.Row = row
        return found


def _need_certificates(call: Call) -> None:
    if not call.with_certificates:
        raise GatewayError("40006", "isv.insufficient-isv-permissions", "certificates are needed")


def described(row: sqlite3.Row) -> dict[str, object]:
    """Describe a transfer in Alipay's words."""
    said: dict[str, object] = {
        "out_biz_no": row["transfer_no"],
        "order_id": row["acquirer_transfer_no"],
        "pay_fund_order_id": f"{row['acquirer_transfer_no']}F",
        "status": STATES[row["status"]],
        "trans_amount": yuan(row["amount_minor"]),
    }
    if row["done_ms"] is not None:
        said["pay_date"] = beijing(row["done_ms"])
    if row["failure_code"]:
        said |= {"error_code": "PAYEE_USER_INFO_ERROR", "fail_reason": row["failure_code"]}
    return said
