"""The only way in: whatever an acquirer says about money becomes true here or nowhere.

Answers to our requests, answers to our questions, notifications and statements all come through
`apply_channel_fact`, in any order and any number of times. It is one transaction: evidence, state,
ledger and the facts for the floors above are written together or not at all.
"""

from __future__ import annotations

from typing import Any, Final

from payments.acquiring.contract import (
    AgreementResult,
    Outcome,
    PayResult,
    RefundResult,
    SplitResult,
    TransferResult,
)
from payments.incidents import report_incident
from payments.kernel.clock import now
from payments.kernel.numbers import is_check_number
from payments.kernel.transact import transact
from payments.models import (
    AcquirerAccount,
    ChannelFact,
    Decision,
    Incident,
    Notification,
    Payment,
    Refund,
)
from payments.selectors import UnknownNumberError
from payments.services.agreement_facts import hear_of_agreement
from payments.services.errand_judging import Answer
from payments.services.evidence import Heard, Result, keep, own_number
from payments.services.judging import Judgement, charged_minor, judge
from payments.services.machine import Event, named_edge
from payments.services.refund_facts import hear_of_refund
from payments.services.schedule import next_try_at
from payments.services.share_facts import hear_of_share_return
from payments.services.split_facts import hear_of_split
from payments.services.steps import locked_payment, move, tell_closed, tell_failed
from payments.services.taking import take
from payments.services.transfer_facts import hear_of_transfer

Status = Payment.Status
# Why a success is not believed: its money went back as held money already.
_GIVEN_BACK: Final = "given_back"


@transact()
def apply_channel_fact(
    *,
    source: str,
    account: AcquirerAccount,
    result: Result,
    notification: Notification | None = None,
) -> ChannelFact:
    """Believe, refuse or merely note one authentic statement; return the evidence row.

    `source` is a ChannelFact.Source. Its `verdict` and `edge` tell what was made of it. Statements
    about a number we never gave out, or gave to another acquirer, are kept as orphans (#25).
    """
    heard = Heard(source=source, account=account, result=result, notification=notification)
    try:
        return _listen(heard)
    except UnknownNumberError:
        return _keep_orphan(heard)


def _listen(heard: Heard) -> ChannelFact:
    if isinstance(heard.result, PayResult):
        return _hear_of_payment(heard, heard.result)
    if isinstance(heard.result, AgreementResult):
        return hear_of_agreement(heard, heard.result)
    return _hear_of_errand(heard, heard.result)


def _hear_of_errand(heard: Heard, said: Answer) -> ChannelFact:
    if isinstance(said, RefundResult):
        return hear_of_refund(heard, said)
    if isinstance(said, TransferResult):
        return hear_of_transfer(heard, said)
    if isinstance(said, SplitResult):
        return hear_of_split(heard, said)
    return hear_of_share_return(heard, said)


def _keep_orphan(heard: Heard) -> ChannelFact:
    """Keep a statement about money we know nothing of; the daily statement decides (#25)."""
    fact = keep(heard, verdict=ChannelFact.Verdict.ORPHANED, edge=named_edge(Event.ORPHAN).no)
    number = own_number(heard.result)[:64]
    if is_check_number(number):
        return fact
    report_incident(
        Incident.Kind.ORPHAN_NOTIFY,
        key=f"{heard.account.code}:{number}",
        subject_no=number,
        source=heard.source,
        fact=fact.pk,
    )
    return fact


def _hear_of_payment(heard: Heard, result: PayResult) -> ChannelFact:
    payment = locked_payment(result.payment_no)
    if payment.account.code != heard.account.code:
        raise UnknownNumberError(payment_no=result.payment_no)
    judgement = judge(payment, source=heard.source, result=result, at=now())
    if judgement.to == Status.SUCCEEDED and (reason := _spent_as(payment, result)):
        number = named_edge(Event.MISMATCH).no
        verdict = ChannelFact.Verdict.MISMATCHED
        judgement = Judgement(number, None, verdict, Event.MISMATCH, reason)
    fact = keep(heard, verdict=judgement.verdict, edge=judgement.edge, payment=payment)
    _carry_out(payment, judgement, result=result, fact=fact)
    return fact


def _spent_as(payment: Payment, result: PayResult) -> str:
    """Say why money under the acquirer's number cannot pay this payment; "" where it can.

    It stands for another payment of ours, or two people gave it back as held money.
    """
    if not result.acquirer_no:
        return ""
    rows = Payment.objects.filter(merchant=payment.merchant, acquirer_no=result.acquirer_no)
    if rows.exclude(pk=payment.pk).exists():
        return "acquirer_no"
    return _GIVEN_BACK if _was_given_back(payment, result.acquirer_no) else ""


def _was_given_back(payment: Payment, acquirer_no: str) -> bool:
    decided = Decision.objects.filter(
        subject_no=payment.payment_no,
        acquirer_no=acquirer_no,
        kind=Decision.Kind.HELD_RETURN,
        status=Decision.Status.CARRIED_OUT,
    )
    return decided.exists()


def _carry_out(
    payment: Payment, judgement: Judgement, *, result: PayResult, fact: ChannelFact
) -> None:
    if judgement.to is not None:
        came_from = payment.status
        changes = _changes(payment, judgement.to, result)
        move(payment, edge=judgement.edge, to=judgement.to, fact=fact, **changes)
        _follow_up(payment, came_from=came_from, result=result, fact=fact)
    elif judgement.event == Event.MISMATCH:
        _hold(payment, judgement.reason, fact)
    elif judgement.event == Event.OTHER_SUCCESS:
        _report_second_transaction(payment, fact)
    elif judgement.event == Event.DOWNGRADE:
        _heed_downgrade(payment, result, fact)
    elif judgement.event == Event.WAITING or payment.status == Status.PENDING:
        _fill_in_step(payment, result)


def _changes(payment: Payment, to: str, result: PayResult) -> dict[str, Any]:
    """Return the columns that change with the state."""
    at = now()
    if to == Status.SUCCEEDED:
        return {
            "acquirer_no": result.acquirer_no,
            "captured_minor": charged_minor(payment, result),
            "succeeded_at": result.paid_at or at,
            "ended_at": None,
            "next_action_at": None,
            "failure_code": "",
            "failure_message": "",
            "failure_advice": "",
        }
    if to == Status.PENDING:
        return {"next_action_at": next_try_at(0), "tries": 0, **_step(result)}
    if to == Status.CREATED:
        return {"next_action_at": at}
    return {"ended_at": at, "next_action_at": None, **_failure(payment, to, result)}


def _step(result: PayResult) -> dict[str, Any]:
    if result.step is None:
        return {}
    step = result.step
    return {
        "step_kind": step.kind,
        "step_url": step.url[:1000],
        "step_fields": dict(step.fields),
    }


def _failure(payment: Payment, to: str, result: PayResult) -> dict[str, Any]:
    if to == Status.CLOSED:
        return {"close_reason": payment.close_reason or "closed_by_acquirer"}
    if result.failure is None:
        return {"failure_code": "never_arrived", "failure_advice": "retry_later"}
    return {
        "failure_code": result.failure.code[:64],
        "failure_message": result.failure.message[:500],
        "failure_advice": result.failure.advice,
    }


def _follow_up(payment: Payment, *, came_from: str, result: PayResult, fact: ChannelFact) -> None:
    if payment.status == Status.SUCCEEDED:
        take(payment, came_from=came_from, result=result, fact=fact)
    elif payment.status == Status.FAILED:
        tell_failed(payment)
    elif payment.status == Status.CLOSED:
        tell_closed(payment)


def _hold(payment: Payment, reason: str, fact: ChannelFact) -> None:
    """Genuine, but not what we asked for: nothing is paid by it, a person must look (#22).

    What two people have decided about already is not held again.
    """
    is_decided = _was_given_back(payment, fact.acquirer_no)
    if is_decided and reason != _GIVEN_BACK:
        return
    rows = Payment.objects.filter(pk=payment.pk, application=Payment.Application.NONE)
    if not is_decided:
        rows.update(application=Payment.Application.HELD)
    report_incident(
        Incident.Kind.AMOUNT_MISMATCH,
        key=f"{payment.payment_no}:{reason}",
        subject_no=payment.payment_no,
        reason=reason,
        expected_minor=payment.amount_minor,
        said_minor=fact.amount_minor,
        said_currency=fact.currency,
        fact=fact.pk,
    )


def _report_second_transaction(payment: Payment, fact: ChannelFact) -> None:
    """One number of ours, two transactions at the acquirer: a person must look (#19b)."""
    report_incident(
        Incident.Kind.DOUBLE_TXN,
        key=f"{payment.payment_no}:{fact.acquirer_no}",
        subject_no=payment.payment_no,
        known=payment.acquirer_no,
        said=fact.acquirer_no,
        amount_minor=payment.amount_minor,
        fact=fact.pk,
    )


def _heed_downgrade(payment: Payment, result: PayResult, fact: ChannelFact) -> None:
    """Said to be over after it was paid (#24): given back, perhaps, so ask about its refunds.

    An answer to our own question that knows no refund of ours contradicts itself: a person looks.
    """
    if result.outcome not in {Outcome.FAILED, Outcome.CLOSED}:
        return
    payment.refunds.filter(status__in=Refund.ASKABLE).update(next_action_at=now())
    if fact.source == ChannelFact.Source.QUERY and not payment.refund_committed_minor:
        report_incident(
            Incident.Kind.CONTRADICTION,
            key=f"{payment.payment_no}:{payment.status}:{result.outcome}",
            subject_no=payment.payment_no,
            is_=payment.status,
            said=result.outcome,
            fact=fact.pk,
        )


def _fill_in_step(payment: Payment, result: PayResult) -> None:
    """Keep the payer's next step when it comes later than the state it belongs to (#8)."""
    if result.step is not None and not payment.step_url:
        Payment.objects.filter(pk=payment.pk, step_url="").update(**_step(result))
