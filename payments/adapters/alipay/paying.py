"""Collecting at Alipay: by code, page, app or mini program, by agreement; closing, giving back."""

from __future__ import annotations

from payments.acquiring.contract import (
    AcquirerError,
    AgreementPay,
    CloseOutcome,
    CloseResult,
    ConfigError,
    NextStep,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    PayResult,
    RefundRef,
    RefundRequest,
    RefundResult,
    Scene,
    StepKind,
)
from payments.adapters.alipay import messages
from payments.adapters.alipay.codes import NO_TRADE, UNDER_WAY, WRONG_STATE
from payments.adapters.alipay.line import Line, Return
from payments.adapters.alipay.messages import expect, kept, order_paper


def create(line: Line, request: PayRequest) -> PayResult:
    """Open a payment as its scene wants it.

    NATIVE_QR and MINIPROGRAM ask Alipay; H5 and APP sign what the payer's browser or app brings
    there, so Alipay hears of the payment only then.
    """
    back = Return(request.notify_url, request.return_url)
    if request.scene is Scene.NATIVE_QR:
        return _precreate(line, request)
    if request.scene is Scene.MINIPROGRAM:
        return _create_for_mini_program(line, request)
    if request.scene is Scene.APP:
        paper = order_paper(request, "QUICK_MSECURITY_PAY")
        return _opened(request, line.order_string("alipay.trade.app.pay", paper, back))
    if line.profile.page == "page":
        paper = order_paper(request, "FAST_INSTANT_TRADE_PAY")
        return _opened(request, line.form("alipay.trade.page.pay", paper, back))
    paper = {**order_paper(request, "QUICK_WAP_WAY"), "quit_url": request.return_url}
    return _opened(request, line.form("alipay.trade.wap.pay", paper, back))


def _opened(request: PayRequest, step: NextStep, acquirer_no: str = "") -> PayResult:
    return PayResult(
        outcome=Outcome.REQUIRES_ACTION,
        payment_no=request.payment_no,
        acquirer_no=acquirer_no,
        expires_at=request.expires_at,
        step=step,
    )


def _precreate(line: Line, request: PayRequest) -> PayResult:
    paper = order_paper(request, "FACE_TO_FACE_PAYMENT")
    data = line.demand("alipay.trade.precreate", paper, Return(request.notify_url))
    expect("payment", said=data.get("out_trade_no"), asked=request.payment_no)
    code = data.get("qr_code")
    if not isinstance(code, str) or not code:
        raise OutcomeUnknownError("Alipay answered without a code to scan")
    return _opened(request, NextStep(StepKind.QR_CODE, url=code))


def _create_for_mini_program(line: Line, request: PayRequest) -> PayResult:
    if not request.payer_id:
        raise ConfigError("a mini program's payment needs the payer's open id")
    paper = {
        **order_paper(request, "JSAPI_PAY"),
        "op_app_id": line.profile.op_app_id or line.profile.app_id,
        "buyer_open_id": request.payer_id,
    }
    data = line.demand("alipay.trade.create", paper, Return(request.notify_url))
    expect("payment", said=data.get("out_trade_no"), asked=request.payment_no)
    trade_no = data.get("trade_no")
    if not isinstance(trade_no, str) or not trade_no:
        raise OutcomeUnknownError("Alipay answered without its number")
    step = NextStep(StepKind.SDK_PAYLOAD, fields={"tradeNO": trade_no})
    return _opened(request, step, trade_no)


def query(line: Line, ref: PayRef) -> PayResult:
    """Ask by our number. One whose code was never scanned, or page never opened, is not found."""
    answer = line.ask("alipay.trade.query", messages.question_paper(ref))
    if answer.reason in NO_TRADE:
        return PayResult(outcome=Outcome.NOT_FOUND, payment_no=ref.payment_no)
    result = messages.read_trade(answer.good(), line.profile)
    expect("payment", said=result.payment_no, asked=ref.payment_no)
    return result


def close(line: Line, ref: PayRef) -> CloseResult:
    """Close an unpaid payment; where it cannot be closed a question tells why."""
    answer = line.ask("alipay.trade.close", {"out_trade_no": ref.payment_no})
    if answer.reason in NO_TRADE:
        return CloseResult(CloseOutcome.NOT_FOUND, ref.payment_no)
    if answer.reason not in WRONG_STATE:
        data = answer.good()
        expect("payment", said=data.get("out_trade_no"), asked=ref.payment_no)
        return CloseResult(CloseOutcome.CLOSED, ref.payment_no, raw=kept(data))
    told = query(line, ref)
    if told.outcome is Outcome.SUCCEEDED:
        return CloseResult(CloseOutcome.ALREADY_PAID, ref.payment_no, paid=told)
    if told.outcome is Outcome.CLOSED:
        return CloseResult(CloseOutcome.CLOSED, ref.payment_no, raw=told.raw)
    return CloseResult(CloseOutcome.UNKNOWN, ref.payment_no, raw=told.raw)


def charge(line: Line, request: AgreementPay) -> PayResult:
    """Charge a signed agreement; what was charged before under this number is told again."""
    paper = messages.charge_paper(request, line.profile)
    answer = line.ask("alipay.trade.pay", paper, Return(request.notify_url))
    if answer.reason == "ACQ.TRADE_HAS_SUCCESS":
        told = query(line, PayRef(request.payment_no))
        if told.amount == request.amount and told.outcome is Outcome.SUCCEEDED:
            return told
    outcome = Outcome.PENDING if answer.code == UNDER_WAY else Outcome.SUCCEEDED
    result = messages.read_trade(answer.good(), line.profile, outcome=outcome)
    expect("payment", said=result.payment_no, asked=request.payment_no)
    expect("amount", said=result.amount, asked=request.amount)
    return result


def refund(line: Line, request: RefundRequest) -> RefundResult:
    """Give back, and ask at once what became of it.

    The answer to a refund names what has been given back of the payment in all, not what this one
    gave: so the refund's own question is the proof. Whatever goes wrong with that is unknown, for
    the refund itself was sent.
    """
    data = line.demand("alipay.trade.refund", messages.refund_paper(request))
    expect("payment", said=data.get("out_trade_no"), asked=request.payment_no)
    ref = RefundRef(request.refund_no, request.payment_no, acquirer_no=request.acquirer_no)
    try:
        told = query_refund(line, ref)
    except AcquirerError as error:
        raise OutcomeUnknownError("sent, and not heard of since") from error
    if told.outcome is Outcome.NOT_FOUND:
        raise OutcomeUnknownError("Alipay took the refund and does not call it done")
    if told.amount is not None:
        expect("amount", said=told.amount, asked=request.amount)
    return told


def query_refund(line: Line, ref: RefundRef) -> RefundResult:
    """Ask what became of a refund."""
    answer = line.ask("alipay.trade.fastpay.refund.query", messages.refund_question(ref))
    if answer.reason in NO_TRADE or (answer.is_good and not answer.data.get("out_request_no")):
        return RefundResult(Outcome.NOT_FOUND, ref.refund_no, ref.payment_no)
    result = messages.read_refund(answer.good(), line.profile)
    expect("refund", said=result.refund_no, asked=ref.refund_no)
    expect("payment", said=result.payment_no, asked=ref.payment_no)
    return result
