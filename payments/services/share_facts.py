"""What acquirers say about shares taken back: returned, refused (then we advance them), not yet."""

from __future__ import annotations

from payments.acquiring.contract import SplitReturnResult
from payments.kernel.clock import now
from payments.ledger import recipes
from payments.models import ChannelFact, Incident, SplitReturn
from payments.selectors import UnknownNumberError
from payments.services.errand_judging import changes_of, event_of, mismatch_of
from payments.services.errand_machines import SHARE_RETURNS, ErrandEvent
from payments.services.errand_reports import heed, report_mismatch, report_refusal
from payments.services.errand_steps import find_errand_edge, move_errand, names_another
from payments.services.evidence import Heard, keep
from payments.services.share_returns import free_refund, tell_return
from payments.services.split_facts import drawer_of
from payments.services.steps import locked_payment

Status = SplitReturn.Status
Verdict = ChannelFact.Verdict


def hear_of_share_return(heard: Heard, result: SplitReturnResult) -> ChannelFact:
    """Note a statement about a return and do what follows from it. UnknownNumberError."""
    found = _locked_return(heard, result)
    payment = found.share.split.payment
    if reason := _mismatch(found, result):
        edge = SHARE_RETURNS.find(status=found.status, event=ErrandEvent.MISMATCH)
        number = edge.no if edge else ""
        fact = keep(
            heard, verdict=Verdict.MISMATCHED, edge=number, split_return=found, payment=payment
        )
        report_mismatch(found, reason, fact)
        return fact
    event = event_of(found, result)
    edge = find_errand_edge(found, event, heard=heard.source) if event else None
    is_move = edge is not None and edge.to is not None
    fact = keep(
        heard,
        verdict=Verdict.APPLIED if is_move else Verdict.REPEATED,
        edge=edge.no if edge else "",
        split_return=found,
        payment=payment,
    )
    if event is None or not is_move:
        heed(found, edge, fact)
        return fact
    changes = changes_of(event, result)
    if result.acquirer_return_no:
        changes["acquirer_return_no"] = result.acquirer_return_no
    if move_errand(found, event, fact=fact, **changes):
        _follow_up(found)
    return fact


def _locked_return(heard: Heard, result: SplitReturnResult) -> SplitReturn:
    known = SplitReturn.objects.filter(return_no=result.return_no)
    payment_no = known.values_list("share__split__payment__payment_no", flat=True).first()
    if payment_no is None:
        raise UnknownNumberError(return_no=result.return_no)
    payment = locked_payment(payment_no)
    if payment.account.code != heard.account.code:
        raise UnknownNumberError(return_no=result.return_no)
    return SplitReturn.objects.select_for_update(no_key=True).get(return_no=result.return_no)


def _mismatch(found: SplitReturn, result: SplitReturnResult) -> str:
    if names_another(found, result.acquirer_return_no):
        return "acquirer_no"
    split = found.share.split
    if result.split_no not in {"", split.split_no}:
        return "split"
    merchant_id = split.payment.account.merchant_id
    return mismatch_of(result, merchant_id=merchant_id, asked=found.amount)


def _follow_up(found: SplitReturn) -> None:
    if found.status == Status.SUCCEEDED:
        _book_return(found)
        tell_return(found, "succeeded")
        free_refund(found.refund)
    elif found.status == Status.FAILED:
        _advance(found)
        free_refund(found.refund)


def _book_return(found: SplitReturn) -> None:
    split = found.share.split
    code = split.payment.account.code
    if found.advanced_at is None:
        recipes.share_returned(
            return_no=found.return_no,
            account_code=code,
            drawer=drawer_of(found.share),
            amount=found.amount,
        )
    else:
        recipes.share_returned_after_advance(
            return_no=found.return_no,
            account_code=code,
            receiver=found.share.receiver,
            split_no=split.split_no,
            amount=found.amount,
        )


def _advance(found: SplitReturn) -> None:
    """Pay the receiver's part ourselves, once: it owes us, and the payer does not wait for it."""
    report_refusal(found, Incident.Kind.SPLIT_RETURN_FAILED)
    if found.advanced_at is not None:
        return
    SplitReturn.objects.filter(pk=found.pk).update(advanced_at=now())
    found.refresh_from_db()
    recipes.share_advanced(
        return_no=found.return_no,
        receiver=found.share.receiver,
        split_no=found.share.split.split_no,
        drawer=drawer_of(found.share),
        amount=found.amount,
    )
    tell_return(found, "failed")
