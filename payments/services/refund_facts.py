"""What acquirers say about refunds: done, refused, closed, abnormal, come back, or not yet."""

from __future__ import annotations

from typing import Any

from payments.acquiring.contract import RefundResult
from payments.kernel.clock import now
from payments.ledger import recipes
from payments.models import ChannelFact, Incident, Payment, Refund
from payments.selectors import UnknownNumberError
from payments.services.errand_judging import changes_of, event_of, mismatch_of
from payments.services.errand_machines import REFUNDS, ErrandEvent
from payments.services.errand_reports import heed, report_mismatch, report_refusal
from payments.services.errand_steps import find_errand_edge, move_errand, names_another
from payments.services.evidence import Heard, keep
from payments.services.fees import book_fee_again, book_fee_back
from payments.services.returning import tell_refund
from payments.services.steps import locked_payment

Status = Refund.Status
Verdict = ChannelFact.Verdict


def hear_of_refund(heard: Heard, result: RefundResult) -> ChannelFact:
    """Note a statement about a refund and do what follows from it. UnknownNumberError."""
    refund = _locked_refund(heard, result)
    payment = refund.payment
    if reason := _mismatch(refund, result):
        edge = REFUNDS.find(status=refund.status, event=ErrandEvent.MISMATCH)
        number = edge.no if edge else ""
        fact = keep(heard, verdict=Verdict.MISMATCHED, edge=number, refund=refund, payment=payment)
        report_mismatch(refund, reason, fact)
        return fact
    event = event_of(refund, result)
    edge = find_errand_edge(refund, event, heard=heard.source) if event else None
    is_move = edge is not None and edge.to is not None
    fact = keep(
        heard,
        verdict=Verdict.APPLIED if is_move else Verdict.REPEATED,
        edge=edge.no if edge else "",
        refund=refund,
        payment=payment,
    )
    if event is None or not is_move:
        heed(refund, edge, fact)
        return fact
    came_from = refund.status
    if move_errand(refund, event, fact=fact, **_changes(refund, event, result)):
        refund.payment = payment
        _follow_up(refund, came_from)
    return fact


def _locked_refund(heard: Heard, result: RefundResult) -> Refund:
    known = Refund.objects.filter(refund_no=result.refund_no)
    payment_no = known.values_list("payment__payment_no", flat=True).first()
    if payment_no is None:
        raise UnknownNumberError(refund_no=result.refund_no)
    payment: Payment = locked_payment(payment_no)
    refund = Refund.objects.select_for_update(no_key=True).get(refund_no=result.refund_no)
    if payment.account.code != heard.account.code:
        raise UnknownNumberError(refund_no=result.refund_no)
    refund.payment = payment
    return refund


def _mismatch(refund: Refund, result: RefundResult) -> str:
    if names_another(refund, result.acquirer_refund_no):
        return "acquirer_no"
    if result.payment_no not in {"", refund.payment.payment_no}:
        return "payment"
    merchant_id = refund.payment.account.merchant_id
    return mismatch_of(result, merchant_id=merchant_id, asked=refund.amount)


def _changes(refund: Refund, event: ErrandEvent, result: RefundResult) -> dict[str, Any]:
    changes = changes_of(event, result)
    if result.acquirer_refund_no:
        changes["acquirer_refund_no"] = result.acquirer_refund_no
    if event == ErrandEvent.SUCCESS:
        changes["succeeded_at"] = now()
    if "failure_code" in changes and event != ErrandEvent.SUCCESS:
        changes["refusals"] = refund.refusals + 1
    return changes


def _follow_up(refund: Refund, came_from: str) -> None:
    if refund.status == Status.SUCCEEDED:
        _after_success(refund, came_from)
    elif refund.status in Refund.REFUSED:
        recipes.refund_failed(
            refund_no=refund.refund_no, amount=refund.amount, round_no=refund.refusals
        )
        kind = Incident.Kind.REFUND_FAILED
        report_refusal(refund, kind, round_no=refund.refusals)
        tell_refund(refund, "failed")
    elif refund.status == Status.FAILED_AFTER_SUCCESS:
        book = _paper(refund)
        recipes.refund_returned(**book)
        book_fee_again(refund)
        report_refusal(refund, Incident.Kind.REFUND_CAME_BACK)
        tell_refund(refund, "failed")


def _after_success(refund: Refund, came_from: str) -> None:
    if came_from in Refund.REFUSED:
        recipes.refund_succeeded_after_refusal(**_paper(refund))
    else:
        recipes.refund_succeeded(**_paper(refund))
    book_fee_back(refund)
    tell_refund(refund, "succeeded")


def _paper(refund: Refund) -> dict[str, Any]:
    return {
        "refund_no": refund.refund_no,
        "account_code": refund.payment.account.code,
        "amount": refund.amount,
    }
