"""WeChat Pay's papers about refunds: ours in its words, its words in ours. Pure.

WeChat counts a refund in the order's amount, coupons included; we count in the payer's money. Where
a coupon without money behind it (免充值) lowered what was settled, the two differ, and a refund is
asked for in the proportion that gives the payer what we mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from payments.acquiring.contract import (
    Outcome,
    OutcomeUnknownError,
    PayResult,
    RefundRequest,
    RefundResult,
)
from payments.acquiring.masking import redacted
from payments.adapters.wechatpay.codes import REFUND_STATES
from payments.adapters.wechatpay.messages import UNREADABLE, Paper, at_of
from payments.adapters.wechatpay.profile import Profile
from payments.kernel.money import Money

_REASON_MAX: Final = 80


def refund_paper(request: RefundRequest, order: PayResult) -> Paper:
    """Write POST /v3/refund/domestic/refunds about an order that was just looked up."""
    total_minor = order.amount.minor if order.amount else request.paid.minor
    settled_minor = total_minor - sum(part.amount.minor for part in order.tenders)
    return {
        "out_trade_no": request.payment_no,
        "out_refund_no": request.refund_no,
        "reason": request.reason.encode()[:_REASON_MAX].decode(errors="ignore") or "refund",
        "notify_url": request.notify_url,
        "amount": {
            "refund": in_order_amount(request.amount.minor, total_minor, settled_minor),
            "total": total_minor,
            "currency": request.amount.currency,
        },
    }


def in_order_amount(minor: int, total_minor: int, settled_minor: int) -> int:
    """Turn the payer's money into a part of the order's amount (fen, rounded half up)."""
    if settled_minor in {0, total_minor}:
        return minor
    return (2 * minor * total_minor + settled_minor) // (2 * settled_minor)


def read_refund(data: Mapping[str, Any], profile: Profile) -> RefundResult:
    """Read a refund of an answer (`status`) or a message (`refund_status`).

    An answer does not name the merchant: it is to the one who asked. OutcomeUnknownError when it
    cannot be read.
    """
    try:
        return RefundResult(
            outcome=REFUND_STATES[data.get("status") or data["refund_status"]],
            refund_no=data["out_refund_no"],
            payment_no=data["out_trade_no"],
            acquirer_refund_no=data["refund_id"],
            amount=_payers_part(data["amount"]),
            merchant_id=str(data.get("mchid") or profile.merchant_id),
            refunded_at=at_of(data.get("success_time")),
            raw=redacted(data),
        )
    except UNREADABLE as error:
        raise OutcomeUnknownError("WeChat Pay's refund cannot be read") from error


def _payers_part(amount: Mapping[str, Any]) -> Money:
    """Return what leaves our account: less coupons without money behind them.

    A message does not say it; there the payer's own part stands for it where coupons were used.
    """
    minor = amount.get("settlement_refund")
    if minor is None:
        had_coupons = amount.get("payer_total", amount["total"]) != amount["total"]
        minor = amount["payer_refund"] if had_coupons else amount["refund"]
    if type(minor) is not int or minor < 0:
        raise ValueError(f"{minor!r} is not an amount in fen")
    return Money(minor, amount.get("currency", "CNY"))


def expect_refund(result: RefundResult, *, refund_no: str, amount: Money | None) -> RefundResult:
    """Pass a refund on when it is the one asked about; OutcomeUnknownError for any other."""
    if result.refund_no != refund_no:
        raise OutcomeUnknownError(f"WeChat Pay answered about another refund than {refund_no}")
    if amount is not None and result.amount != amount:
        raise OutcomeUnknownError(f"WeChat Pay answered another amount for {refund_no}")
    return result


def not_found_refund(refund_no: str, payment_no: str) -> RefundResult:
    """Say that WeChat Pay has never heard of a refund."""
    return RefundResult(Outcome.NOT_FOUND, refund_no, payment_no)
