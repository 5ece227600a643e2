"""Collecting and giving back at WeChat Pay: what is asked, and what an answer decides."""

from __future__ import annotations

from typing import Final

from payments.acquiring.contract import (
    CloseOutcome,
    CloseResult,
    NotSupportedError,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    PayResult,
    RefundRef,
    RefundRequest,
    RefundResult,
    Scene,
)
from payments.adapters.wechatpay import messages, refunds
from payments.adapters.wechatpay.codes import CLOSED, NO_SUCH, PAID
from payments.adapters.wechatpay.line import Line, new_mark

ORDERS: Final = "/v3/pay/transactions/out-trade-no"
REFUNDS: Final = "/v3/refund/domestic/refunds"


def create(line: Line, request: PayRequest) -> PayResult:
    """Open an order; the answer says where the payer goes."""
    if request.scene is Scene.MINIPROGRAM and not request.payer_id:
        raise NotSupportedError("a payment inside WeChat needs the payer's openid")
    paper = messages.order_paper(request, line.profile)
    data = line.demand("POST", messages.ROUTES[request.scene], paper)
    return messages.read_opened(
        data, request, keys=line.keys, profile=line.profile, mark=new_mark()
    )


def query(line: Line, payment_no: str) -> PayResult:
    """Ask by our number."""
    said = line.ask("GET", f"{ORDERS}/{payment_no}?mchid={line.profile.merchant_id}")
    if said.status == 404 and said.code in NO_SUCH:
        return PayResult(outcome=Outcome.NOT_FOUND, payment_no=payment_no)
    if not said.is_good:
        said.refuse()
    result = messages.read_payment(said.data, line.profile)
    return messages.expect_payment(result, payment_no=payment_no, profile=line.profile)


def close(line: Line, ref: PayRef) -> CloseResult:
    """Close by our number; the answer is empty, and one that was paid is looked up."""
    number = ref.payment_no
    said = line.ask("POST", f"{ORDERS}/{number}/close", {"mchid": line.profile.merchant_id})
    if said.status == 404 and said.code in NO_SUCH:
        return CloseResult(CloseOutcome.NOT_FOUND, number)
    if said.code in PAID:
        return CloseResult(CloseOutcome.ALREADY_PAID, number, paid=_paid(line, number))
    if said.status == 204 or said.code in CLOSED:
        return CloseResult(CloseOutcome.CLOSED, number)
    if not said.is_good:
        said.refuse()
    raise OutcomeUnknownError(f"WeChat Pay's answer to closing {number} cannot be read")


def _paid(line: Line, number: str) -> PayResult:
    result = query(line, number)
    if result.outcome is not Outcome.SUCCEEDED:
        raise OutcomeUnknownError(f"WeChat Pay says {number} is paid and {result.outcome}")
    return result


def refund(line: Line, request: RefundRequest) -> RefundResult:
    """Give money back; the order is looked up first, for its amount is part of the request."""
    order = query(line, request.payment_no)
    data = line.demand("POST", REFUNDS, refunds.refund_paper(request, order))
    return refunds.expect_refund(
        refunds.read_refund(data, line.profile), refund_no=request.refund_no, amount=request.amount
    )


def query_refund(line: Line, ref: RefundRef) -> RefundResult:
    """Ask by our refund number."""
    said = line.ask("GET", f"{REFUNDS}/{ref.refund_no}")
    if said.status == 404 and said.code in NO_SUCH:
        return refunds.not_found_refund(ref.refund_no, ref.payment_no)
    if not said.is_good:
        said.refuse()
    return refunds.expect_refund(
        refunds.read_refund(said.data, line.profile), refund_no=ref.refund_no, amount=None
    )
