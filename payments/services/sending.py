"""Sending a payment: our number is committed first, then the first byte leaves, once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from payments.acquiring.contract import (
    AcquirerError,
    Advice,
    AgreementPay,
    ConfigError,
    DeclinedError,
    Failure,
    NotSentError,
    NotSupportedError,
    Outcome,
    OutcomeUnknownError,
    PayRequest,
    PayResult,
    RateLimitedError,
    Scene,
    StepKind,
)
from payments.acquiring.transport import refuse_inside_transaction
from payments.incidents import report_incident
from payments.kernel.clock import now
from payments.kernel.transact import transact
from payments.models import CardAgreement, ChannelFact, Incident, Payment
from payments.papers import PaymentView
from payments.selectors import payment_view
from payments.services.accounts import (
    adapter_of,
    code_url,
    form_url,
    merchant_of,
    notify_url,
    result_url,
)
from payments.services.closing import want_close
from payments.services.facts import apply_channel_fact
from payments.services.health import Contact, note_answer
from payments.services.machine import Event, find_edge
from payments.services.routing import admitted_account
from payments.services.schedule import (
    IN_FLIGHT,
    SENDS_MAX,
    WAIT_AFTER_CONFIG_ERROR,
    next_try_at,
)
from payments.services.steps import locked_payment, move, tell_failed

logger = logging.getLogger(__name__)

Status = Payment.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStep:
    """What the payer's browser does next: go to `url`, or look at the result page."""

    kind: Literal["done", "redirect", "processing", "failed"]
    url: str
    view: PaymentView


def send_payment(payment_no: str) -> PaymentStep:
    """Ask the acquirer to collect a payment, once; repeated, return the step it was given.

    Network: not inside a transaction. Of several at the same time one asks, the others get
    "processing". A silence is "processing" too: the result page and the runner ask again.
    UnknownNumberError; PaymentUnavailableError where it was never sent and every account that could
    take it is out of order: it stays as it is, to be sent later.
    """
    refuse_inside_transaction()
    claimed = _claim(payment_no)
    if claimed is not None:
        _ask(claimed)
    return step_of(payment_view(payment_no))


def step_of(view: PaymentView) -> PaymentStep:
    """Say what the payer does next in this state; pure."""
    if view.status == Status.SUCCEEDED:
        return PaymentStep(kind="done", url="", view=view)
    if view.status in {Status.FAILED, Status.CLOSED}:
        return PaymentStep(kind="failed", url="", view=view)
    if view.status == Status.PENDING and (page := _page_of_step(view)):
        return PaymentStep(kind="redirect", url=page, view=view)
    return PaymentStep(kind="processing", url="", view=view)


def _page_of_step(view: PaymentView) -> str:
    """Return where the browser goes: the acquirer's page, or ours for a code or a form."""
    ours = {
        StepKind.QR_CODE: result_url,
        StepKind.FORM_POST: form_url,
        StepKind.SMS_CODE: code_url,
    }
    page = ours.get(StepKind(view.step_kind)) if view.step_kind else None
    return page(view.payment_no) if page else view.step_url


@transact()
def _claim(payment_no: str) -> Payment | None:
    """Mark the payment as sent before it is; None when another did, or its time is over (#2)."""
    payment = locked_payment(payment_no)
    if payment.status != Status.CREATED:
        return None
    at = now()
    if at >= payment.expires_at:
        want_close(payment, reason="expired")
        return None
    edge = find_edge(status=payment.status, event=Event.SEND)
    if edge is None or edge.to is None:
        return None
    # Until its first byte leaves, a payment belongs to no acquirer: it goes to one in order.
    account = admitted_account(payment) if payment.sent_at is None else payment.account
    move(
        payment,
        edge=edge.no,
        to=edge.to,
        account=account,
        merchant=merchant_of(account),
        sent_at=at,
        next_action_at=at + IN_FLIGHT,
        tries=payment.tries + 1,
    )
    return payment


def _ask(payment: Payment) -> None:
    """Send the one request and let its answer, its refusal or its silence speak."""
    try:
        result = _request(payment)
    except AcquirerError as error:
        _note_error(payment, error)
        note_answer(payment.account, Contact.PAY, error=error)
    else:
        hear(payment, result)
        note_answer(payment.account, Contact.PAY)


def _note_error(payment: Payment, error: AcquirerError) -> None:
    """Do what the error's class says: tell the payer, send again, call an operator, or only ask."""
    if isinstance(error, DeclinedError):
        hear(payment, refusal_of(payment, error))
    elif isinstance(error, NotSentError):
        _put_back(payment.payment_no, wait=None, why=error)
    elif isinstance(error, RateLimitedError):
        wait = timedelta(seconds=max(error.retry_after_seconds, 1))
        _put_back(payment.payment_no, wait=wait, why=error)
    elif isinstance(error, ConfigError | NotSupportedError):
        report_config_error(payment.account.code, error)
        _put_back(payment.payment_no, wait=WAIT_AFTER_CONFIG_ERROR, why=error)
    else:
        note_silence(payment.payment_no, why=error)


def charge_of(payment: Payment, card: CardAgreement, *, code: str = "") -> AgreementPay:
    """Write the paper that charges a tied card, with the code its owner typed if one is asked."""
    return AgreementPay(
        payment_no=payment.payment_no,
        agreement_no=card.agreement_no,
        token=card.token,
        amount=payment.amount,
        subject=payment.subject,
        expires_at=payment.expires_at,
        notify_url=notify_url(payment.account),
        return_url=result_url(payment.payment_no),
        lang=payment.lang,
        sent_at=payment.sent_at,
        code=code,
    )


def _request(payment: Payment) -> PayResult:
    account = payment.account
    adapter = adapter_of(account)
    if payment.scene == Scene.CARD_TOKEN and payment.agreement is not None:
        return adapter.pay_with_agreement(charge_of(payment, payment.agreement))
    return adapter.create(
        PayRequest(
            payment_no=payment.payment_no,
            amount=payment.amount,
            subject=payment.subject,
            scene=Scene(payment.scene),
            expires_at=payment.expires_at,
            notify_url=notify_url(account),
            return_url=result_url(payment.payment_no),
            payer_ip=payment.payer_ip or "",
            lang=payment.lang,
            sent_at=payment.sent_at,
        )
    )


def refusal_of(payment: Payment, error: DeclinedError) -> PayResult:
    return PayResult(
        outcome=Outcome.FAILED,
        payment_no=payment.payment_no,
        failure=failure_of(error),
        raw=error.raw,
    )


def failure_of(error: DeclinedError) -> Failure:
    """Write a definite no down as the paper a result carries."""
    return Failure(
        code=error.code,
        acquirer_code=error.acquirer_code,
        message=error.message,
        advice=Advice(error.advice),
    )


def hear(payment: Payment, result: PayResult) -> None:
    """Believe an answer about the number we asked about; any other is no answer."""
    is_ours = result.payment_no == payment.payment_no
    if not is_ours or result.outcome in {Outcome.UNKNOWN, Outcome.NOT_FOUND}:
        why = OutcomeUnknownError("the answer says nothing about this payment")
        note_silence(payment.payment_no, why=why)
        return
    apply_channel_fact(source=ChannelFact.Source.CREATE, account=payment.account, result=result)


@transact()
def _put_back(payment_no: str, *, wait: timedelta | None, why: AcquirerError) -> None:
    """Nothing was executed: the same number may be sent again, a few times (#6)."""
    payment = locked_payment(payment_no)
    is_over = payment.tries >= SENDS_MAX or now() >= payment.expires_at
    event = Event.GIVE_UP if is_over else Event.NOT_SENT
    edge = find_edge(status=payment.status, event=event)
    if edge is None or edge.to is None:
        return
    logger.warning("payment.not_sent payment=%s reason=%s", payment_no, type(why).__name__)
    if is_over:
        move(
            payment,
            edge=edge.no,
            to=edge.to,
            failure_code="acquirer_unreachable",
            failure_advice=Advice.RETRY_LATER,
            ended_at=now(),
            next_action_at=None,
        )
        tell_failed(payment)
        return
    at = next_try_at(payment.tries - 1) if wait is None else now() + wait
    move(payment, edge=edge.no, to=edge.to, next_action_at=at)


@transact()
def note_silence(payment_no: str, *, why: Exception) -> None:
    """Sent, and no answer to trust: change nothing but the plan to ask (#7)."""
    payment = locked_payment(payment_no)
    edge = find_edge(status=payment.status, event=Event.NO_ANSWER)
    if edge is None or edge.to is None:
        return
    logger.warning("payment.no_answer payment=%s reason=%s", payment_no, type(why).__name__)
    move(payment, edge=edge.no, to=edge.to, next_action_at=next_try_at(0), tries=0)


@transact()
def report_config_error(account_code: str, error: AcquirerError) -> None:
    """Call an operator: the account is set up wrongly, and every payment through it suffers."""
    report_incident(
        Incident.Kind.ACQUIRER_CONFIG,
        key=f"{account_code}:{error.acquirer_code or type(error).__name__}",
        subject_no=account_code,
        message=error.message[:200],
    )
