"""Asking what became of a payment, and closing it at the acquirer, always by our number."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db.models import F, Q

from payments.acquiring.contract import (
    AcquirerError,
    AlreadyDoneError,
    CloseMode,
    CloseOutcome,
    CloseResult,
    ConfigError,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayResult,
)
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import now
from payments.kernel.transact import transact
from payments.models import ChannelFact, Payment
from payments.papers import PaymentView
from payments.selectors import UnknownNumberError, payment_view
from payments.services.accounts import adapter_of
from payments.services.facts import apply_channel_fact
from payments.services.health import Contact, note_answer
from payments.services.machine import Event, find_edge
from payments.services.schedule import (
    ASK_GAP,
    ASK_GAP_WHEN_OVER,
    EXPIRY_GRACE,
    next_try_at,
)
from payments.services.sending import note_silence, report_config_error
from payments.services.steps import locked_payment, move, tell_closed

logger = logging.getLogger(__name__)

Status = Payment.Status
Source = ChannelFact.Source


def refresh_payment(payment_no: str) -> PaymentView:
    """Ask the acquirer what became of a payment and act on it; return how it stands.

    Network: not inside a transaction. Asks at most once per 1.5 s and payment, whoever calls
    (once a minute where it ended without money); a paid one, or one never sent, is not asked
    about. No answer changes nothing. UnknownNumberError.
    """
    refuse_inside_transaction()
    payment = _found(payment_no)
    if _is_worth_asking(payment) and _claim_question(payment):
        _query(payment)
    return payment_view(payment_no)


def drive_close(payment_no: str) -> PaymentView:
    """Do one round of closing: ask whether money came, and if not, close it at the acquirer.

    Network: not inside a transaction. Nothing happens to a payment that is not being closed.
    UnknownNumberError.
    """
    refuse_inside_transaction()
    payment = _found(payment_no)
    if payment.status == Status.CLOSING and _claim_question(payment) and _query(payment):
        payment.refresh_from_db()
        if payment.status == Status.CLOSING:
            _close(payment)
    return payment_view(payment_no)


def lapses_at(payment_no: str) -> datetime | None:
    """Return when an attempt ends by itself where its acquirer cannot close it on request.

    None where it can, or where nothing was sent yet: there request_close is enough.
    UnknownNumberError.
    """
    payment = _found(payment_no)
    if payment.sent_at is None:
        return None
    try:
        closes = adapter_of(payment.account).caps.close == CloseMode.API
    except ConfigError:
        return None  # nobody can say; closing is tried, and stays open until somebody can
    return None if closes else payment.expires_at + EXPIRY_GRACE


def _found(payment_no: str) -> Payment:
    rows = Payment.objects.select_related("account").filter(payment_no=payment_no)
    payment = rows.first()
    if payment is None:
        raise UnknownNumberError(payment_no=payment_no)
    return payment


def _is_worth_asking(payment: Payment) -> bool:
    """A request that is still under way is answered by its own answer."""
    if payment.sent_at is None or payment.status == Status.SUCCEEDED:
        return False
    if payment.status == Status.SENT:
        if payment.next_action_at is not None and payment.next_action_at > now():
            return False
        note_silence(payment.payment_no, why=OutcomeUnknownError("its sender is gone"))
    return True


def _claim_question(payment: Payment) -> bool:
    """Let one of many ask, and plan the next question in the same statement."""
    is_over = payment.status in {Status.FAILED, Status.CLOSED}
    since: datetime = now() - (ASK_GAP_WHEN_OVER if is_over else ASK_GAP)
    rows = Payment.objects.filter(pk=payment.pk).filter(
        Q(queried_at__isnull=True) | Q(queried_at__lte=since)
    )
    if is_over:
        return rows.update(queried_at=now(), next_action_at=None) == 1
    return (
        rows.update(
            queried_at=now(), next_action_at=next_try_at(payment.tries), tries=F("tries") + 1
        )
        == 1
    )


def _query(payment: Payment) -> bool:
    """Ask and act on the answer; False when there was none to trust."""
    ref = PayRef(
        payment.payment_no,
        acquirer_no=payment.acquirer_no,
        sent_at=payment.sent_at,
        expires_at=payment.expires_at,
    )
    try:
        result = adapter_of(payment.account).query(ref)
    except AcquirerError as error:
        _note_no_answer(payment, error)
        return False
    note_answer(payment.account, Contact.ASK)
    return _hear(payment, result, Source.QUERY)


def _hear(payment: Payment, result: PayResult, source: str) -> bool:
    if result.payment_no != payment.payment_no or result.outcome == Outcome.UNKNOWN:
        return False
    apply_channel_fact(source=source, account=payment.account, result=result)
    return True


def _note_no_answer(payment: Payment, error: AcquirerError) -> None:
    """Write down that there was no answer; rubbish about one number counts once.

    Asked for ever, that number alone would take the account out of order.
    """
    logger.warning(
        "payment.question_unanswered payment=%s reason=%s", payment.payment_no, type(error).__name__
    )
    if not (isinstance(error, OutcomeUnknownError) and payment.tries):
        note_answer(payment.account, Contact.ASK, error=error)
    if isinstance(error, ConfigError):
        report_config_error(payment.account.code, error)


def _close(payment: Payment) -> None:
    adapter = adapter_of(payment.account)
    if adapter.caps.close != CloseMode.API:
        _close_by_time(payment.payment_no)
        return
    ref = PayRef(payment.payment_no, acquirer_no=payment.acquirer_no, sent_at=payment.sent_at)
    try:
        answer = adapter.close(ref)
    except AlreadyDoneError:
        _query(payment)
    except AcquirerError as error:
        _note_no_answer(payment, error)  # #16: it stays CLOSING, what is reserved stays reserved
    else:
        _hear_close(payment, answer)


def _hear_close(payment: Payment, answer: CloseResult) -> None:
    if answer.outcome == CloseOutcome.ALREADY_PAID:
        if answer.paid is not None:
            _hear(payment, answer.paid, Source.CLOSE)
        else:
            _query(payment)
        return
    outcome = {
        CloseOutcome.CLOSED: Outcome.CLOSED,
        CloseOutcome.NOT_FOUND: Outcome.NOT_FOUND,
    }.get(answer.outcome)
    if outcome is not None:
        result = PayResult(outcome=outcome, payment_no=answer.payment_no, raw=answer.raw)
        _hear(payment, result, Source.CLOSE)


@transact()
def _close_by_time(payment_no: str) -> None:
    """Where an acquirer cannot close: unpaid when asked, and its time limit has passed (#17)."""
    payment = locked_payment(payment_no)
    edge = find_edge(status=payment.status, event=Event.RAN_OUT)
    if edge is None or edge.to is None or now() < payment.expires_at + EXPIRY_GRACE:
        return
    move(payment, edge=edge.no, to=edge.to, ended_at=now(), next_action_at=None)
    tell_closed(payment)
