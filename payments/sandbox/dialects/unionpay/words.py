"""UnionPay's answer codes for what the bank says."""

from __future__ import annotations

from typing import Final

from payments.sandbox.refusals import Refusal

DONE: Final = "00"
ACCEPTED: Final = "05"
# The bank's refusals -> respCode and its words.
CODES: Final = {
    "NUMBER_REUSED": ("12", "重复交易"),
    "ORDER_PAID": ("12", "重复交易"),
    "ORDER_NOT_FOUND": ("34", "查无此交易"),
    "REFUND_NOT_FOUND": ("34", "查无此交易"),
    "AGREEMENT_NOT_FOUND": ("34", "查无此交易"),
    "ORDER_NOT_PAID": ("35", "原交易不存在或状态不正确"),
    "REFUND_TOO_MUCH": ("36", "与原交易信息不符"),
    "BALANCE_TOO_LOW": ("33", "交易金额超限"),
    "AGREEMENT_NOT_ACTIVE": ("40", "绑定关系检查失败"),
    "EXPIRES_AT_PASSED": ("69", "您的输入超时，请重新提交"),
    "ORDER_NOT_PAYABLE": ("69", "您的输入超时，请重新提交"),
    "INSUFFICIENT_FUNDS": ("64", "卡上的余额不足"),
    "USER_CANCELLED": ("69", "您的输入超时，请重新提交"),
    "REFUND_REJECTED": ("60", "交易失败，详情请咨询您的发卡行"),
    "RETURNED_BY_BANK": ("60", "交易失败，详情请咨询您的发卡行"),
    "PAYER_ACCOUNT_CLOSED": ("63", "卡状态不正确"),
    "CODE_WRONG": ("71", "动态口令或短信验证码校验失败"),
    "CODE_EXPIRED": ("71", "动态口令或短信验证码校验失败"),
    "CODE_MISSING": ("71", "动态口令或短信验证码校验失败"),
    "CODE_USED_UP": ("71", "动态口令或短信验证码校验失败"),
    "CODE_TOO_SOON": ("37", "已超过最大查询次数或操作过于频繁"),
    "CODE_TOO_MANY": ("37", "已超过最大查询次数或操作过于频繁"),
    "BILL_NOT_READY": ("98", "文件不存在"),
    "BILL_EMPTY": ("98", "文件不存在"),
    "BILL_GONE": ("98", "文件不存在"),
    "NOTIFY_URL_NOT_ALLOWED": ("13", "交易要素缺失[backUrl]"),
    "PARAM_ERROR": ("10", "报文格式错误"),
}


def said(refusal: Refusal) -> tuple[str, str]:
    """Return respCode and respMsg of a refusal; a code of UnionPay's own is passed on."""
    if refusal.code.isdecimal():
        return refusal.code, refusal.message
    return CODES.get(refusal.code, ("06", "系统繁忙，请稍后再试"))


def became(status: str, failure_code: str) -> tuple[str, str]:
    """Return origRespCode and words of an order's or a refund's state."""
    if status == "SUCCESS":
        return DONE, "成功"
    if status in {"NOTPAY", "USERPAYING", "PROCESSING"}:
        return ACCEPTED, "交易已受理，请稍后查询交易结果"
    if status == "CLOSED":
        return CODES["EXPIRES_AT_PASSED"]
    return CODES.get(failure_code, ("01", "交易失败，详情请咨询95516"))
