"""How this door's answers are spoiled, and what its requests are about, for the rules."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from payments.sandbox.core.bank import Bank
from payments.sandbox.dialects.alipay import trades
from payments.sandbox.dialects.alipay.envelope import Call, good, written
from payments.sandbox.dialects.alipay.papers import yuan
from payments.sandbox.signatures import spoiled
from payments.sandbox.web.mishaps import Asked, say_instead

KINDS: Final = {
    "alipay.trade.refund": "refund",
    "alipay.trade.fastpay.refund.query": "refund",
    "alipay.trade.order.settle": "split",
    "alipay.trade.order.settle.query": "split",
    "alipay.trade.royalty.relation.bind": "receiver",
    "alipay.trade.royalty.relation.unbind": "receiver",
    "alipay.user.agreement.query": "agreement",
    "alipay.user.agreement.unsign": "agreement",
    "alipay.fund.trans.uni.transfer": "transfer",
    "alipay.fund.trans.common.query": "transfer",
    "alipay.data.dataservice.bill.downloadurl.query": "bill",
}
_NUMBERS: Final = ("out_trade_no", "out_request_no", "out_biz_no", "external_agreement_no")
_AMOUNTS: Final = ("refund_amount", "trans_amount", "total_amount")
_NAMES: Final = ("out_request_no", "out_trade_no", "out_biz_no", "external_agreement_no")


def asked_by(call: Call, merchant_id: str) -> Asked:
    """Look at a request as the rules do."""
    named = {name: call.paper.get(name) for name in _NUMBERS}
    numbers = frozenset(value for value in named.values() if isinstance(value, str) and value)
    return Asked(
        route=call.method,
        kind=KINDS.get(call.method, "pay"),
        numbers=numbers,
        payment_no=str(named.get("out_trade_no") or ""),
        merchant_id=merchant_id,
        opens_order=call.method in {"alipay.trade.precreate", "alipay.trade.create"},
    )


class AlipayManner:
    """Spoils a node before it is signed, or the signature after that."""

    def __init__(self, bank: Bank) -> None:
        """Take the books answers are written from."""
        self._bank = bank

    def fail(self, response: Response) -> None:
        """Answer 500."""
        response.status_code = 500
        say_instead(response, b"<html><body>500</body></html>")

    def add_to_amount(self, response: Response, minor: int) -> None:
        """Change the amount the node speaks of."""
        data = node_of(response)
        details = data.get("royalty_detail_list")
        holder = details[0] if isinstance(details, list) and details else data
        name = next((name for name in (*_AMOUNTS, "amount") if name in holder), "")
        if name:
            holder[name] = yuan(int(str(holder[name]).replace(".", "")) + minor)
            say_instead(response, written(data))

    def speak_of_another(self, response: Response, asked: Asked, other: sqlite3.Row | None) -> None:
        """Speak of the other trade, or of the same under a made-up number."""
        del asked
        data = node_of(response)
        if other is not None:
            data = good(**trades.described(self._bank.books.connection, other))
        elif name := next((name for name in _NAMES if name in data), ""):
            data[name] = f"OTHER{str(data[name])[5:]}"
        say_instead(response, written(data))

    def spoil_signature(self, response: Response) -> None:
        """Change the signature of the sealed answer."""
        data = node_of(response)
        if "sign" in data:
            response.set_data(
                response.get_data().replace(
                    data["sign"].encode(), spoiled(str(data["sign"])).encode()
                )
            )


def node_of(response: Response) -> dict[str, Any]:
    """Read what an answer holds; nothing where it is no JSON object."""
    try:
        data = json.loads(response.get_data())
    except ValueError:
        return {}
    return data if isinstance(data, Mapping) else {}  # type: ignore[return-value]
