"""Alipay's papers about payments and refunds: ours in its words, its words in ours. Pure.

Amounts are yuan as text, "0.01"; they become fen digit by digit and are never a float.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from payments.acquiring.contract import (
    AcquirerTender,
    AgreementPay,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    PayResult,
    RefundRef,
    RefundRequest,
    RefundResult,
)
from payments.acquiring.masking import redacted
from payments.adapters.alipay.codes import TRADE_STATES
from payments.adapters.alipay.profile import Profile
from payments.adapters.alipay.wire import instant_text, read_instant
from payments.kernel.money import Money

Paper = dict[str, object]
SUBJECT_LENGTH_MAX: Final = 128
# Alipay takes none of these in a subject, and no control characters.
_UNWANTED: Final = re.compile(r"[/=&\x00-\x1f\x7f]+")

_WHO: Final = frozenset(
    {
        *("buyer_id", "buyer_user_id", "buyer_open_id", "buyer_logon_id", "open_id"),
        *("principal_id", "principal_open_id", "alipay_user_id", "alipay_open_id"),
        *("alipay_logon_id", "agreement_no"),
    }
)


def subject_of(text: str) -> str:
    """Return a subject as Alipay takes it."""
    return _UNWANTED.sub(" ", text).strip()[:SUBJECT_LENGTH_MAX] or "-"


def order_paper(request: PayRequest | AgreementPay, product_code: str) -> Paper:
    """Write what every way of collecting says."""
    return {
        "out_trade_no": request.payment_no,
        "total_amount": request.amount.to_major_str(),
        "subject": subject_of(request.subject),
        "product_code": product_code,
        "time_expire": instant_text(request.expires_at),
    }


def charge_paper(request: AgreementPay, profile: Profile) -> Paper:
    """Write alipay.trade.pay under an agreement (商家扣款)."""
    agreement = {"agreement_no": request.token}
    return {**order_paper(request, profile.product_code), "agreement_params": agreement}


def trade_ref(ref: PayRef | RefundRef | RefundRequest) -> Paper:
    """Name a payment: by our number, and by Alipay's where we know it."""
    named: Paper = {"out_trade_no": ref.payment_no}
    return {**named, "trade_no": ref.acquirer_no} if ref.acquirer_no else named


def question_paper(ref: PayRef) -> Paper:
    """Write alipay.trade.query: who gave what of the amount is only told when asked for."""
    named: Paper = {"out_trade_no": ref.payment_no}
    return {**named, "query_options": ["fund_bill_list", "voucher_detail_list"]}


def refund_paper(request: RefundRequest) -> Paper:
    """Write alipay.trade.refund."""
    return {
        **trade_ref(request),
        "refund_amount": request.amount.to_major_str(),
        "out_request_no": request.refund_no,
        "refund_reason": subject_of(request.reason),
    }


def refund_question(ref: RefundRef) -> Paper:
    """Write alipay.trade.fastpay.refund.query."""
    return {
        **trade_ref(ref),
        "out_request_no": ref.refund_no,
        "query_options": ["gmt_refund_pay"],
    }


def kept(data: Mapping[str, Any]) -> dict[str, object]:
    """Copy an answer for keeping: who she is at Alipay stays out of it."""
    return redacted({name: "***" if name in _WHO else value for name, value in data.items()})


def yuan(data: Mapping[str, Any], name: str) -> Money:
    """Read an amount in yuan; KeyError, TypeError, ValueError."""
    return Money.from_major_str(data[name])


def time_of(data: Mapping[str, Any], *names: str) -> datetime | None:
    """Read the first of these times that is told; ValueError."""
    text = next((data[name] for name in names if data.get(name)), "")
    return read_instant(text) if text else None


def read_trade(
    data: Mapping[str, Any], profile: Profile, *, outcome: Outcome | None = None
) -> PayResult:
    """Read a payment from an answer or a message; OutcomeUnknownError when it cannot be read.

    `outcome` is for answers whose code says it all. A trade closed after it was paid (TRADE_CLOSED
    also stands for "refunded in full") was paid: what came of its refunds is told by themselves.
    """
    try:
        paid_at = time_of(data, "gmt_payment", "send_pay_date")
        said = outcome or TRADE_STATES[data["trade_status"]]
        if said is Outcome.CLOSED and (paid_at is not None or data.get("gmt_refund")):
            said = Outcome.SUCCEEDED
        amount = yuan(data, "total_amount")
        return PayResult(
            outcome=said,
            payment_no=data["out_trade_no"],
            acquirer_no=data["trade_no"],
            amount=amount,
            merchant_id=profile.seller_id,
            paid_at=paid_at if said is Outcome.SUCCEEDED else None,
            tenders=read_tenders(data, amount) if said is Outcome.SUCCEEDED else (),
            raw=kept(data),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("Alipay's payment cannot be read") from error


def read_tenders(data: Mapping[str, Any], amount: Money) -> tuple[AcquirerTender, ...]:
    """Name who gave what of the amount; ValueError, TypeError, KeyError.

    A voucher says what we contribute ourselves (our platform's part: we receive so much less) and
    what others do. Where the vouchers do not explain all the payer did not pay, one part does.
    """
    parts = []
    for voucher in _listed(data.get("voucher_detail_list")):
        ref = f"alipay:{voucher['id']}"[:64]
        ours = Money.from_major_str(voucher.get("merchant_contribute") or "0.00")
        others = Money.from_major_str(voucher["amount"]) - ours
        parts += [AcquirerTender("platform", ref, ours)] if ours.minor > 0 else []
        parts += [AcquirerTender("bank", ref, others)] if others.minor > 0 else []
    if not data.get("buyer_pay_amount"):
        return tuple(parts)
    taken_off = amount - yuan(data, "buyer_pay_amount")
    # After a full refund some answers say that she paid nothing: that names no giver.
    explained = sum(part.amount.minor for part in parts)
    if taken_off == amount or explained == taken_off.minor:
        return tuple(parts)
    if taken_off.minor < 0:
        raise ValueError("the payer paid more than the amount")
    return (AcquirerTender("bank", "alipay:unexplained", taken_off),)


def _listed(value: Any) -> list[Mapping[str, Any]]:
    """Read a list: as it stands in answers, as JSON inside a text in messages."""
    found = json.loads(value, parse_float=str) if isinstance(value, str) and value else value
    return list(found or [])


def read_refund(data: Mapping[str, Any], profile: Profile) -> RefundResult:
    """Read a refund's question; without a state Alipay never heard of it, or gave it up.

    Then it wants to be asked again under the same number, which is what NOT_FOUND leads to.
    """
    try:
        number, payment_no = data["out_request_no"], data["out_trade_no"]
        outcome = _REFUND_STATES.get(data.get("refund_status") or "", Outcome.NOT_FOUND)
        is_done = outcome is Outcome.SUCCEEDED
        return RefundResult(
            outcome=outcome,
            refund_no=number,
            payment_no=payment_no,
            acquirer_refund_no=number,
            amount=yuan(data, "refund_amount") if is_done else None,
            merchant_id=profile.seller_id,
            refunded_at=time_of(data, "gmt_refund_pay") if is_done else None,
            raw=kept(data),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("Alipay's refund cannot be read") from error


_REFUND_STATES: Final = {
    "REFUND_SUCCESS": Outcome.SUCCEEDED,
    "REFUND_PROCESSING": Outcome.PENDING,
}


def expect(what: str, *, said: object, asked: object) -> None:
    """Raise OutcomeUnknownError for an answer about something else than was asked."""
    if said != asked:
        raise OutcomeUnknownError(f"Alipay answered about another {what} than {asked}")
