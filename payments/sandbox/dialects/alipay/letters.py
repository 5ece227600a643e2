"""What Alipay writes to a merchant: forms, signed field by field; of much it says nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from payments.sandbox.clock import from_text, real_ms
from payments.sandbox.core import agreements, orders, transfers
from payments.sandbox.core.bank import Bank
from payments.sandbox.dialects.alipay import funds, mandates, trades
from payments.sandbox.dialects.alipay.keys import DoorKeys
from payments.sandbox.dialects.alipay.papers import beijing, yuan
from payments.sandbox.letters import Letter
from payments.sandbox.notifier import STALE_SECONDS
from payments.sandbox.signatures import sign, spoiled

_HEADERS: Final = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
_UNSIGNED: Final = frozenset({"sign", "sign_type"})


class Writer:
    """Writes the notices of one merchant."""

    def __init__(self, bank: Bank, keys: DoorKeys, *, app_id: str, merchant_id: str) -> None:
        """Take the books and the keys."""
        self._bank = bank
        self._keys = keys
        self._app_id = app_id
        self._merchant_id = merchant_id

    def letter(self, notice: sqlite3.Row, flaw: str) -> Letter | None:
        """Write a notice anew; None where Alipay tells nobody."""
        content = json.loads(notice["content"])
        write = _WRITERS.get(notice["event_type"])
        told = write(self, content) if write else None
        if told is None:
            return None
        sent_ms = real_ms() - (STALE_SECONDS * 1000 if flaw == "stale_timestamp" else 0)
        fields = {
            **told,
            "app_id": self._app_id,
            "auth_app_id": self._app_id,
            "charset": "utf-8",
            "version": "1.0",
            "notify_id": str(notice["event_id"]).lower(),
            "notify_time": beijing(sent_ms),
            "sign_type": "RSA2",
        }
        return Letter(urlencode(self._signed(fields, flaw)).encode(), _HEADERS)

    def _signed(self, fields: Mapping[str, str], flaw: str) -> dict[str, str]:
        told = sorted((name, value) for name, value in fields.items() if name not in _UNSIGNED)
        message = "&".join(f"{name}={value}" for name, value in told).encode()
        key = self._keys.stranger if flaw == "old_key" else self._keys.alipay
        signature = sign(key, message)
        return {**fields, "sign": spoiled(signature) if flaw == "bad_signature" else signature}

    def paid(self, content: Mapping[str, Any]) -> dict[str, str]:
        """A trade that was paid."""
        said = content["resource"]
        return {
            **self._trade(said["our_no"]),
            "trade_no": said["acquirer_no"],
            "trade_status": "TRADE_SUCCESS",
            "out_biz_no": "",
        }

    def _trade(self, our_no: str) -> dict[str, str]:
        connection = self._bank.books.connection
        order = orders.by_number(connection, self._merchant_id, our_no)
        said = trades.described(connection, order)
        lists = ("fund_bill_list", "voucher_detail_list")
        fields = {name: str(value) for name, value in said.items() if name not in lists}
        fields |= {
            name: json.dumps(said[name], ensure_ascii=False, separators=(",", ":"))
            for name in lists
            if name in said
        }
        fields["gmt_payment"] = fields.pop("send_pay_date")
        fields["buyer_id"] = fields.pop("buyer_user_id")
        return {
            **fields,
            "notify_type": "trade_status_sync",
            "gmt_create": beijing(order["created_ms"]),
            "subject": order["subject"],
            "seller_id": self._merchant_id,
            "seller_email": "linli@sandbox.example",
        }

    def refunded(self, content: Mapping[str, Any]) -> dict[str, str]:
        """A trade of which something went back: the same message, with what went back in all."""
        said, connection = content["resource"], self._bank.books.connection
        order = orders.by_number(connection, self._merchant_id, said["our_no"])
        return {
            **self._trade(said["our_no"]),
            "out_biz_no": said["refund_no"],
            "refund_fee": yuan(trades.given_back(connection, order)),
            "gmt_refund": f"{beijing(from_text(said['refunded_at'], name='refunded_at'))}.000",
        }

    def signed(self, content: Mapping[str, Any]) -> dict[str, str]:
        """An agreement that was signed."""
        return {**self._agreement(content), "notify_type": "dut_user_sign", "status": "NORMAL"}

    def unsigned(self, content: Mapping[str, Any]) -> dict[str, str]:
        """An agreement that was ended, by whomever."""
        return {
            **self._agreement(content),
            "notify_type": "dut_user_unsign",
            "status": "UNSIGN",
            "unsign_time": beijing(real_ms()),
        }

    def _agreement(self, content: Mapping[str, Any]) -> dict[str, str]:
        connection = self._bank.books.connection
        number = content["resource"]["agreement_no"]
        row = agreements.by_number(connection, self._merchant_id, number)
        said = mandates.described(connection, row)
        fields = {name: str(value) for name, value in said.items() if value}
        fields["alipay_user_id"] = fields.pop("principal_id")
        return fields

    def transferred(self, content: Mapping[str, Any]) -> dict[str, str]:
        """A transfer that ended."""
        connection = self._bank.books.connection
        number = content["resource"]["transfer_no"]
        row = transfers.by_number(connection, self._merchant_id, number)
        said = {
            **funds.described(row),
            "product_code": funds.product_of(row["payee_account"]),
            "biz_scene": "DIRECT_TRANSFER",
            "action_type": "FINISH",
            "origin_interface": "alipay.fund.trans.uni.transfer",
        }
        return {
            "msg_method": "alipay.fund.trans.order.changed",
            "utc_timestamp": str(real_ms()),
            "biz_content": json.dumps(said, ensure_ascii=False, separators=(",", ":")),
        }


_WRITERS: Final[Mapping[str, Callable[[Writer, Mapping[str, Any]], dict[str, str]]]] = {
    "payment.succeeded": Writer.paid,
    "refund.succeeded": Writer.refunded,
    "agreement.signed": Writer.signed,
    "agreement.revoked": Writer.unsigned,
    "transfer.succeeded": Writer.transferred,
    "transfer.failed": Writer.transferred,
    "transfer.cancelled": Writer.transferred,
    "transfer.returned": Writer.transferred,
}
