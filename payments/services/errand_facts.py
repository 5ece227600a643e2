"""What acquirers say about refunds and transfers: done, refused, come back, or not yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from payments.acquiring.contract import Advice, Outcome, RefundResult, TransferResult
from payments.incidents import report_incident
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.state import advance
from payments.ledger import recipes
from payments.ledger.accounts import account_of
from payments.ledger.posting import Leg
from payments.models import ChannelFact, Incident, Refund, Transfer
from payments.models.errands import Errand
from payments.outbox import publish
from payments.selectors import UnknownNumberError
from payments.services.evidence import Heard, acquirers_number, keep
from payments.services.returning import tell_refund
from payments.services.schedule import VISIBILITY_WINDOW, next_try_at
from payments.services.steps import locked_payment

Status = Errand.Status
Verdict = ChannelFact.Verdict
WAIT_AFTER_REFUSAL = timedelta(minutes=10)
REFUSALS_MAX = 20


def hear_of_refund(heard: Heard, result: RefundResult) -> ChannelFact:
    """Note a statement about a refund and do what follows from it. UnknownNumberError."""
    known = Refund.objects.filter(refund_no=result.refund_no)
    payment_no = known.values_list("payment__payment_no", flat=True).first()
    if payment_no is None:
        raise UnknownNumberError(refund_no=result.refund_no)
    payment = locked_payment(payment_no)
    refund = Refund.objects.select_for_update(no_key=True).get(refund_no=result.refund_no)
    if payment.account.code != heard.account.code:
        raise UnknownNumberError(refund_no=result.refund_no)
    refund.payment = payment
    merchant_id = payment.account.merchant_id
    is_of_another = result.payment_no not in {"", payment.payment_no}
    reason = "payment" if is_of_another else _mismatch(result, merchant_id, refund.amount)
    if reason:
        fact = keep(heard, verdict=Verdict.MISMATCHED, edge="22", refund=refund, payment=payment)
        _report_mismatch(refund.refund_no, reason, fact)
        return fact
    moved = _move(refund, result, acquirer_refund_no=result.acquirer_refund_no)
    verdict = Verdict.APPLIED if moved else Verdict.REPEATED
    fact = keep(heard, verdict=verdict, refund=refund, payment=payment)
    if moved:
        _after_refund(refund, payment.account.code)
    return fact


def _after_refund(refund: Refund, account_code: str) -> None:
    number, amount = refund.refund_no, refund.amount
    if refund.status == Status.SUCCEEDED:
        recipes.refund_succeeded(refund_no=number, account_code=account_code, amount=amount)
        tell_refund(refund, "succeeded")
    elif refund.status == Status.FAILED:
        recipes.refund_failed(refund_no=number, amount=amount)
        report_incident(
            Incident.Kind.REFUND_FAILED, key=number, subject_no=number, code=refund.failure_code
        )
        tell_refund(refund, "failed")
    elif refund.status == Status.FAILED_AFTER_SUCCESS:
        recipes.refund_returned(refund_no=number, account_code=account_code, amount=amount)
        report_incident(
            Incident.Kind.REFUND_CAME_BACK, key=number, subject_no=number, code=refund.failure_code
        )
        tell_refund(refund, "failed")


def hear_of_transfer(heard: Heard, result: TransferResult) -> ChannelFact:
    """Note a statement about a transfer and do what follows from it. UnknownNumberError."""
    rows = Transfer.objects.select_for_update(no_key=True).filter(
        transfer_no=result.transfer_no, account__code=heard.account.code
    )
    transfer = rows.first()
    if transfer is None:
        raise UnknownNumberError(transfer_no=result.transfer_no)
    merchant_id = heard.account.merchant_id
    if reason := _mismatch(result, merchant_id, transfer.amount):
        fact = keep(heard, verdict=Verdict.MISMATCHED, edge="22", transfer=transfer)
        _report_mismatch(transfer.transfer_no, reason, fact)
        return fact
    moved = _move(transfer, result, acquirer_transfer_no=result.acquirer_transfer_no)
    verdict = Verdict.APPLIED if moved else Verdict.REPEATED
    fact = keep(heard, verdict=verdict, transfer=transfer)
    if moved:
        _after_transfer(transfer)
    return fact


def _after_transfer(transfer: Transfer) -> None:
    number = transfer.transfer_no
    if transfer.status == Status.SUCCEEDED:
        recipes.transfer_succeeded(transfer_no=number, in_transit=_in_transit(transfer))
        _tell_transfer(transfer, "succeeded")
    elif transfer.status == Status.FAILED:
        report_incident(
            Incident.Kind.TRANSFER_FAILED, key=number, subject_no=number, code=transfer.failure_code
        )
        _tell_transfer(transfer, "failed")
    elif transfer.status == Status.FAILED_AFTER_SUCCESS:
        recipes.transfer_returned(transfer_no=number, in_transit=_in_transit(transfer))
        report_incident(
            Incident.Kind.TRANSFER_CAME_BACK,
            key=number,
            subject_no=number,
            code=transfer.failure_code,
        )
        _tell_transfer(transfer, "failed")


def _in_transit(transfer: Transfer) -> Leg:
    dims = transfer.ledger
    return Leg(
        account_of(dims["account"]),
        transfer.amount,
        party=dims["party"],
        reference=dims["reference"],
    )


def _tell_transfer(transfer: Transfer, what: str) -> None:
    publish(
        f"transfer.{what}",
        key=f"transfer.{what}:{transfer.transfer_no}",
        aggregate=transfer.reference,
        payload={
            "transfer_no": transfer.transfer_no,
            "transfer_key": transfer.transfer_key,
            "reference": transfer.reference,
            "amount_minor": transfer.amount_minor,
            "code": transfer.failure_code,
            "message": transfer.failure_message,
        },
    )


def _mismatch(result: RefundResult | TransferResult, merchant_id: str, asked: Money) -> str:
    is_success = result.outcome == Outcome.SUCCEEDED
    if (result.merchant_id or is_success) and result.merchant_id != merchant_id:
        return "merchant"
    if result.amount is None:
        return "amount" if is_success else ""
    if result.amount.currency != asked.currency:
        return "currency"
    return "amount" if result.amount != asked else ""


def _report_mismatch(number: str, reason: str, fact: ChannelFact) -> None:
    report_incident(
        Incident.Kind.AMOUNT_MISMATCH,
        key=f"{number}:{reason}",
        subject_no=number,
        reason=reason,
        said_minor=fact.amount_minor,
        fact=fact.pk,
    )


def _move(errand: Errand, result: RefundResult | TransferResult, **number: str) -> bool:
    """Move an errand to where the answer leads, if there is such an edge; say whether it moved."""
    to = _target(errand, result)
    if to is None or to == errand.status:
        return False
    if to not in Errand.EDGES[errand.status]:
        if to in {Status.SUCCEEDED, Status.FAILED}:
            _report_contradiction(errand, to, acquirers_number(result))
        return False
    changes = _changes(to, result)
    if acquirers_number(result):
        changes |= number
    return advance(errand, Errand.EDGES, to, came_from=[errand.status], **changes)


def _target(errand: Errand, result: RefundResult | TransferResult) -> str | None:
    if result.outcome == Outcome.NOT_FOUND:
        is_early = errand.sent_at is not None and now() - errand.sent_at < VISIBILITY_WINDOW
        is_lost = errand.status in {Status.SENT, Status.UNKNOWN} and not is_early
        return Status.CREATED if is_lost else None
    if result.outcome in {Outcome.FAILED, Outcome.CLOSED}:
        if errand.status == Status.SUCCEEDED:
            return Status.FAILED_AFTER_SUCCESS
        return Status.CREATED if _may_be_repeated(errand, result) else Status.FAILED
    if result.outcome == Outcome.SUCCEEDED:
        return Status.SUCCEEDED
    return Status.PROCESSING if result.outcome == Outcome.PENDING else None


def _may_be_repeated(errand: Errand, result: RefundResult | TransferResult) -> bool:
    """Tell whether the refusal was for now only (our balance there is too low, for example)."""
    is_for_now = result.failure is not None and result.failure.advice == Advice.RETRY_LATER
    return is_for_now and errand.status == Status.SENT and errand.tries < REFUSALS_MAX


def _changes(to: str, result: RefundResult | TransferResult) -> dict[str, Any]:
    at = now()
    if to == Status.PROCESSING:
        return {"next_action_at": next_try_at(0), "tries": 0}
    if to == Status.CREATED:
        is_refused = result.outcome != Outcome.NOT_FOUND
        return {"next_action_at": at + WAIT_AFTER_REFUSAL if is_refused else at}
    changes: dict[str, Any] = {"done_at": at, "next_action_at": None}
    if to != Status.SUCCEEDED:
        changes["failure_code"] = result.failure.code[:64] if result.failure else "refused"
        changes["failure_message"] = result.failure.message[:500] if result.failure else ""
    return changes


def _report_contradiction(errand: Errand, to: str, acquirer_no: str) -> None:
    report_incident(
        Incident.Kind.CONTRADICTION,
        key=f"{errand}:{errand.status}:{to}",
        subject_no=str(errand),
        is_=errand.status,
        said=to,
        acquirer_no=acquirer_no,
    )
