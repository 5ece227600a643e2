"""What acquirers say about splits: which receivers have their share, and which do not."""

from __future__ import annotations

from payments.acquiring.contract import Outcome, ShareResult, SplitResult
from payments.kernel.clock import now
from payments.ledger import recipes
from payments.models import ChannelFact, Incident, Split, SplitShare
from payments.outbox import publish
from payments.selectors import UnknownNumberError
from payments.services.errand_judging import absence_of, changes_of, event_of
from payments.services.errand_machines import SPLITS, ErrandEvent
from payments.services.errand_reports import heed, report_mismatch, report_refusal
from payments.services.errand_steps import find_errand_edge, move_errand, names_another
from payments.services.evidence import Heard, keep
from payments.services.share_returns import free_share, settle_waiting_returns
from payments.services.steps import locked_payment

Status = Split.Status
Verdict = ChannelFact.Verdict


def hear_of_split(heard: Heard, result: SplitResult) -> ChannelFact:
    """Note a statement about a split and do what follows from it. UnknownNumberError."""
    split = _locked_split(heard, result)
    event = _event(split, result)
    is_anothers = names_another(split, result.acquirer_split_no)
    if reason := "acquirer_no" if is_anothers else _mismatch(split, result):
        edge = SPLITS.find(status=split.status, event=ErrandEvent.MISMATCH)
        number = edge.no if edge else ""
        fact = keep(
            heard, verdict=Verdict.MISMATCHED, edge=number, split=split, payment=split.payment
        )
        report_mismatch(split, reason, fact)
        return fact
    edge = find_errand_edge(split, event, heard=heard.source) if event else None
    is_move = edge is not None and edge.to is not None
    fact = keep(
        heard,
        verdict=Verdict.APPLIED if is_move else Verdict.REPEATED,
        edge=edge.no if edge else "",
        split=split,
        payment=split.payment,
    )
    if event is None or not is_move:
        heed(split, edge, fact)
        return fact
    changes = changes_of(event, result)
    if result.acquirer_split_no:
        changes["acquirer_split_no"] = result.acquirer_split_no
    if changes.get("done_at") and split.finish == Split.Finish.WANTED:
        changes["next_action_at"] = changes["done_at"]
    payment = split.payment
    if move_errand(split, event, fact=fact, **changes):
        split.payment = payment
        _follow_up(split, result)
    return fact


def _locked_split(heard: Heard, result: SplitResult) -> Split:
    known = Split.objects.filter(split_no=result.split_no)
    payment_no = known.values_list("payment__payment_no", flat=True).first()
    if payment_no is None:
        raise UnknownNumberError(split_no=result.split_no)
    payment = locked_payment(payment_no)
    if payment.account.code != heard.account.code:
        raise UnknownNumberError(split_no=result.split_no)
    split = Split.objects.select_for_update(no_key=True).get(split_no=result.split_no)
    split.payment = payment
    return split


def _mismatch(split: Split, result: SplitResult) -> str:
    """Name what differs from what we asked for: merchant, payment, a share, the currency."""
    payment = split.payment
    if result.merchant_id not in {"", payment.account.merchant_id}:
        return "merchant"
    if result.payment_no not in {"", payment.payment_no}:
        return "payment"
    asked = {row.share_no: (row.receiver, row.amount_minor) for row in split.shares.all()}
    for said in result.shares:
        receiver, minor = asked.get(said.share_no, ("", -1))
        if (said.receiver or receiver, said.amount.minor) != (receiver, minor):
            return "shares"
        if said.amount.currency != split.currency:
            return "currency"
    return ""


def _event(split: Split, result: SplitResult) -> ErrandEvent | None:
    """Say what a statement is; a yes that does not speak of every share is half a request lost.

    What is missing never arrived, so the whole is sent again under its number: the acquirer knows
    the shares it has by theirs.
    """
    event = event_of(split, result)
    if event in {ErrandEvent.SUCCESS, ErrandEvent.PART_SUCCESS, ErrandEvent.REFUSAL}:
        missing = split.shares.exclude(share_no__in=[said.share_no for said in result.shares])
        if result.shares and missing.exists():
            return absence_of(split)
    return event


def _follow_up(split: Split, result: SplitResult) -> None:
    if split.status not in {Status.SUCCEEDED, Status.PARTIAL, Status.FAILED}:
        return
    said = {part.share_no: part for part in result.shares}
    for share in split.shares.select_for_update(no_key=True).order_by("pk"):
        share.split = split
        _settle_share(share, said.get(share.share_no), split)
    if split.status == Status.SUCCEEDED:
        tell_split(split, "succeeded")
    else:
        report_refusal(split, Incident.Kind.SPLIT_FAILED)
        tell_split(split, "failed")


def _settle_share(share: SplitShare, said: ShareResult | None, split: Split) -> None:
    is_paid = said is not None and said.outcome == Outcome.SUCCEEDED
    failure = said.failure if said else None
    code, message = (failure.code, failure.message) if failure else (split.failure_code, "")
    share.status = SplitShare.Status.SUCCEEDED if is_paid else SplitShare.Status.FAILED
    SplitShare.objects.filter(pk=share.pk, status=SplitShare.Status.WAITING).update(
        status=share.status,
        done_at=now(),
        failure_code="" if is_paid else code[:64],
        failure_message="" if is_paid else message[:500],
    )
    if is_paid:
        recipes.share_paid(
            share_no=share.share_no,
            account_code=split.payment.account.code,
            drawer=drawer_of(share),
            amount=share.amount,
        )
    else:
        never_out = share.amount_minor - share.back_committed_minor
        free_share(split.payment, never_out)
    settle_waiting_returns(share)


def drawer_of(share: SplitShare) -> recipes.Drawer:
    """Return which debt of ours a share settles: account code, whose, and of which statement."""
    return share.ledger["account"], share.ledger["party"], share.ledger.get("reference", "")


def tell_split(split: Split, what: str) -> None:
    """Tell the floors above how a split ended, share by share."""
    publish(
        f"split.{what}",
        key=f"split.{what}:{split.split_no}",
        aggregate=split.reference,
        payload={
            "split_no": split.split_no,
            "split_key": split.split_key,
            "payment_no": split.payment.payment_no,
            "reference": split.reference,
            "status": split.status,
            "shares": [
                {
                    "share_no": share.share_no,
                    "share_key": share.share_key,
                    "receiver": share.receiver,
                    "amount_minor": share.amount_minor,
                    "status": share.status,
                    "code": share.failure_code,
                }
                for share in split.shares.order_by("pk")
            ],
        },
    )
