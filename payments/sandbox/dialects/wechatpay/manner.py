"""How WeChat Pay's answers are spoiled where rules say so, and what a request is about."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from flask import Request, Response

from payments.sandbox.signatures import as_json, spoiled
from payments.sandbox.web.mishaps import Asked, say_instead

NUMBERS: Final = (
    *("out_refund_no", "out_return_no", "out_order_no", "out_bill_no", "out_trade_no"),
    *("combine_out_trade_no",),
)
_KINDS: Final = {
    "/v3/pay/": "pay",
    "/v3/combine-transactions/": "pay",
    "/v3/refund/": "refund",
    "/v3/profitsharing/receivers": "receiver",
    "/v3/profitsharing/orders": "split",
    "/v3/profitsharing/return-orders": "split_return",
    "/v3/profitsharing/bills": "bill",
    "/v3/fund-app/": "transfer",
    "/v3/bill": "bill",
}
_OPENING: Final = re.compile(r"/v3/pay/transactions/(native|h5|jsapi|app)")


def asked_by(request: Request, *, merchant_id: str, prefix: str) -> Asked:
    """Look at a request as rules see it; one that cannot be read names no numbers."""
    rule = str(request.url_rule or request.path).removeprefix(prefix)
    template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
    named = {**fields_of(request.get_data()), **(request.view_args or {})}
    numbers = {name: str(named[name]) for name in NUMBERS if named.get(name)}
    kinds = [kind for begin, kind in _KINDS.items() if template.startswith(begin)]
    return Asked(
        route=f"{request.method} {template}",
        kind=kinds[0] if kinds else "",
        numbers=frozenset(numbers.values()),
        payment_no=numbers.get("out_trade_no", ""),
        merchant_id=merchant_id,
        opens_order=bool(_OPENING.fullmatch(template)) and request.method == "POST",
    )


def fields_of(body: bytes) -> dict[str, Any]:
    """Read a JSON object; {} for anything else."""
    try:
        fields = json.loads(body)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


class WeChatManner:
    """Signed JSON: an answer to an order names neither number nor amount, so it stays as it is."""

    def fail(self, response: Response) -> None:
        """Answer 500."""
        response.status_code = 500
        say_instead(response, as_json({"code": "SYSTEM_ERROR", "message": "系统异常,请查单"}))

    def add_to_amount(self, response: Response, minor: int) -> None:
        """Change the amount, wherever this paper has it."""
        data = fields_of(response.get_data())
        holder, name = _amount_in(data)
        if isinstance(holder.get(name), int):
            holder[name] += minor
            say_instead(response, as_json(data))

    def speak_of_another(self, response: Response, asked: Asked, other: sqlite3.Row | None) -> None:
        """Speak of the other order's number, or of a made-up one."""
        del asked
        data = fields_of(response.get_data())
        name = next((name for name in NUMBERS if name in data), "")
        if name:
            number = other["our_no"] if other is not None and name == "out_trade_no" else ""
            data[name] = number or f"OTHER{str(data[name])[5:]}"
            say_instead(response, as_json(data))

    def spoil_signature(self, response: Response) -> None:
        """Spoil the header."""
        signature = response.headers.get("Wechatpay-Signature")
        if signature:
            response.headers["Wechatpay-Signature"] = spoiled(signature)


def _amount_in(data: dict[str, Any]) -> tuple[dict[str, Any], str]:
    amount: Mapping[str, Any] | object = data.get("amount")
    if isinstance(amount, dict):
        if "settlement_refund" in amount:
            return amount, "settlement_refund"
        return amount, "refund" if "refund" in amount else "total"
    shares = data.get("receivers")
    if isinstance(shares, list) and shares:
        return shares[0], "amount"
    return data, "transfer_amount" if "transfer_amount" in data else "amount"
