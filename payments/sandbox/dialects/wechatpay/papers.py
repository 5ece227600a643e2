"""What the books know, as WeChat Pay writes it: transactions, refunds, splits, transfers."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from payments.sandbox.dialects.wechatpay.words import moment

Paper = dict[str, Any]

_REFUND_STATES: Final = {
    "PROCESSING": "PROCESSING",
    "SUCCESS": "SUCCESS",
    "FAILED": "CLOSED",
    "ABNORMAL": "ABNORMAL",
}
_TRANSFER_STATES: Final = {
    "PROCESSING": "TRANSFERING",
    "WAIT_USER_CONFIRM": "WAIT_USER_CONFIRM",
    "SUCCESS": "SUCCESS",
    "FAILED": "FAIL",
    "CANCELLED": "CANCELLED",
    "RETURNED": "FAIL",
}
_SHARE_STATES: Final = {"PROCESSING": "PENDING", "SUCCESS": "SUCCESS", "FAILED": "CLOSED"}
_RETURN_STATES: Final = {"PROCESSING": "PROCESSING", "SUCCESS": "SUCCESS", "FAILED": "FAILED"}
_FAIL_REASONS: Final = {
    "RECEIVER_ACCOUNT_ABNORMAL": "ACCOUNT_ABNORMAL",
    "RECEIVER_REFUSED": "PAYER_ACCOUNT_ABNORMAL",
    "PAYEE_ACCOUNT_INVALID": "PAYEE_ACCOUNT_ABNORMAL",
    "RETURNED_BY_BANK": "PAYEE_ACCOUNT_ABNORMAL",
    "CONFIRM_TIMEOUT": "OVERDUE_CLOSE",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What the books keep of an order besides: see `wechatpay_orders`."""

    trade_type: str = "NATIVE"
    openid: str = ""
    is_shared: bool = False

    @classmethod
    def of(cls, connection: sqlite3.Connection, our_no: str) -> Scene:
        """Look it up."""
        row = connection.execute(
            "SELECT trade_type, openid, is_shared FROM wechatpay_orders WHERE our_no = ?",
            (our_no,),
        ).fetchone()
        return cls(row["trade_type"], row["openid"], bool(row["is_shared"])) if row else cls()


def transaction(order: Mapping[str, Any], scene: Scene, *, appid: str) -> Paper:
    """Write an order as the core describes it."""
    state, total = order["trade_state"], order["amount"]["minor"]
    is_paid = state == "SUCCESS"
    paper: Paper = {
        "appid": appid,
        "mchid": order["merchant_id"],
        "out_trade_no": order["our_no"],
        "trade_state": "REFUND" if is_paid and order["refunded_minor"] else state,
        "trade_state_desc": state,
        "attach": "",
        "amount": {"total": total, "currency": "CNY"},
    }
    if is_paid:
        paper |= {
            "transaction_id": order["acquirer_no"],
            "trade_type": scene.trade_type,
            "bank_type": "OTHERS",
            "success_time": moment(order["paid_at"]),
            "payer": {"openid": scene.openid or "oLinliSandboxPayer0000000001"},
        }
        paper["amount"] |= {
            "payer_total": order["payer_amount"]["minor"],
            "payer_currency": "CNY",
        }
        paper["promotion_detail"] = [_promotion(part) for part in order["discounts"]]
    return paper


def _promotion(part: Mapping[str, Any]) -> Paper:
    """A bank takes something off by itself: nobody pays it to the merchant through WeChat."""
    minor = part["amount"]["minor"]
    return {
        "coupon_id": "1090000001",
        "name": "银行立减",
        "scope": "GLOBAL",
        "type": "NOCASH",
        "amount": minor,
        "stock_id": part["ref"],
        "wechatpay_contribute": 0,
        "merchant_contribute": 0,
        "other_contribute": minor,
        "currency": "CNY",
    }


def in_payers_money(minor: int, order: sqlite3.Row) -> int:
    """Turn a part of the order's amount into the payer's money (fen, rounded half up)."""
    total, paid = order["amount_minor"], order["amount_minor"] - order["discount_minor"]
    return int((2 * minor * paid + total) // (2 * total))


def in_order_money(minor: int, order: sqlite3.Row) -> int:
    """Turn the payer's money into a part of the order's amount (fen, rounded half up)."""
    total, paid = order["amount_minor"], order["amount_minor"] - order["discount_minor"]
    return int((2 * minor * total + paid) // (2 * paid))


def refund(shown: Mapping[str, Any], order: sqlite3.Row) -> Paper:
    """Write a refund as an answer has it."""
    minor, total = shown["amount"]["minor"], order["amount_minor"]
    asked = in_order_money(minor, order)
    paper: Paper = {
        "refund_id": shown["acquirer_refund_no"],
        "out_refund_no": shown["refund_no"],
        "transaction_id": order["acquirer_no"],
        "out_trade_no": shown["our_no"],
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": moment(shown["created_at"]),
        "status": _REFUND_STATES[shown["refund_state"]],
        "funds_account": "AVAILABLE",
        "amount": {
            "total": total,
            "refund": asked,
            "payer_total": total - order["discount_minor"],
            "payer_refund": minor,
            "settlement_total": total - order["discount_minor"],
            "settlement_refund": minor,
            "discount_refund": asked - minor,
            "currency": "CNY",
        },
        "promotion_detail": [],
    }
    if shown["refunded_at"]:
        paper["success_time"] = moment(shown["refunded_at"])
    return paper


def refund_notice(shown: Mapping[str, Any], order: sqlite3.Row) -> Paper:
    """Write a refund as a message has it: fewer fields under other names."""
    full = refund(shown, order)
    amount = {name: full["amount"][name] for name in _NOTICE_AMOUNTS}
    kept = ("refund_id", "out_refund_no", "transaction_id", "out_trade_no", "user_received_account")
    paper = {name: full[name] for name in kept}
    paper |= {"mchid": shown["merchant_id"], "refund_status": full["status"], "amount": amount}
    if "success_time" in full:
        paper["success_time"] = full["success_time"]
    return paper


_NOTICE_AMOUNTS: Final = ("total", "refund", "payer_total", "payer_refund")


def split(
    shown: Mapping[str, Any], *, transaction_id: str, rows: Mapping[str, sqlite3.Row]
) -> Paper:
    """Write a split; `rows` are its shares by share number."""
    is_over = shown["split_state"] != "PROCESSING"
    return {
        "transaction_id": transaction_id,
        "out_order_no": shown["split_no"],
        "order_id": shown["acquirer_split_no"],
        "state": "FINISHED" if is_over else "PROCESSING",
        "receivers": [_share(part, rows[part["share_no"]], shown) for part in shown["shares"]],
    }


def _share(part: Mapping[str, Any], row: sqlite3.Row, shown: Mapping[str, Any]) -> Paper:
    paper: Paper = {
        "amount": part["amount"]["minor"],
        "description": row["note"],
        "type": "MERCHANT_ID" if part["receiver"].isdecimal() else "PERSONAL_OPENID",
        "account": part["receiver"],
        "result": _SHARE_STATES[part["share_state"]],
        "create_time": moment(shown["created_at"]),
        "detail_id": f"36{row['id']:020d}",
    }
    if part["failure_code"]:
        paper["fail_reason"] = _FAIL_REASONS.get(part["failure_code"], "NO_AUTH")
    if shown["completed_at"]:
        paper["finish_time"] = moment(shown["completed_at"])
    return paper


def returned(shown: Mapping[str, Any], order_id: str) -> Paper:
    """Write a share given back."""
    paper: Paper = {
        "order_id": order_id,
        "out_order_no": shown["split_no"],
        "out_return_no": shown["return_no"],
        "return_id": shown["acquirer_return_no"],
        "return_mchid": shown["receiver"],
        "amount": shown["amount"]["minor"],
        "description": "退款",
        "result": _RETURN_STATES[shown["return_state"]],
        "create_time": moment(shown["created_at"]),
    }
    if shown["failure_code"]:
        paper["fail_reason"] = _FAIL_REASONS.get(shown["failure_code"], "NO_AUTH")
    if shown["completed_at"]:
        paper["finish_time"] = moment(shown["completed_at"])
    return paper


def transfer(shown: Mapping[str, Any], *, appid: str, openid: str) -> Paper:
    """Write a transfer as a question's answer has it."""
    ended = shown["returned_at"] or shown["completed_at"] or shown["created_at"]
    paper: Paper = {
        "mch_id": shown["merchant_id"],
        "appid": appid,
        "out_bill_no": shown["transfer_no"],
        "transfer_bill_no": shown["acquirer_transfer_no"],
        "state": _TRANSFER_STATES[shown["transfer_state"]],
        "transfer_amount": shown["amount"]["minor"],
        "openid": openid,
        "create_time": moment(shown["created_at"]),
        "update_time": moment(ended),
    }
    if paper["state"] == "FAIL":
        paper["fail_reason"] = _FAIL_REASONS.get(shown["failure_code"], "ACCOUNT_ERROR")
    return paper
