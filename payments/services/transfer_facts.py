"""What acquirers say about transfers: done, to be confirmed, refused, cancelled, come back."""

from __future__ import annotations

from payments.acquiring.contract import TransferResult
from payments.ledger import recipes
from payments.ledger.accounts import account_of
from payments.ledger.posting import Leg
from payments.models import ChannelFact, Incident, Transfer
from payments.outbox import publish
from payments.selectors import UnknownNumberError
from payments.services.errand_judging import changes_of, event_of, mismatch_of
from payments.services.errand_machines import TRANSFERS, ErrandEvent
from payments.services.errand_reports import heed, report_mismatch, report_refusal
from payments.services.errand_steps import find_errand_edge, move_errand, names_another
from payments.services.evidence import Heard, keep

Status = Transfer.Status
Verdict = ChannelFact.Verdict


def hear_of_transfer(heard: Heard, result: TransferResult) -> ChannelFact:
    """Note a statement about a transfer and do what follows from it. UnknownNumberError."""
    rows = Transfer.objects.select_for_update(no_key=True).filter(
        transfer_no=result.transfer_no, account__code=heard.account.code
    )
    transfer = rows.first()
    if transfer is None:
        raise UnknownNumberError(transfer_no=result.transfer_no)
    if reason := _mismatch(transfer, result):
        edge = TRANSFERS.find(status=transfer.status, event=ErrandEvent.MISMATCH)
        number = edge.no if edge else ""
        fact = keep(heard, verdict=Verdict.MISMATCHED, edge=number, transfer=transfer)
        report_mismatch(transfer, reason, fact)
        return fact
    event = event_of(transfer, result)
    edge = find_errand_edge(transfer, event, heard=heard.source) if event else None
    is_move = edge is not None and edge.to is not None
    verdict = Verdict.APPLIED if is_move else Verdict.REPEATED
    fact = keep(heard, verdict=verdict, edge=edge.no if edge else "", transfer=transfer)
    if event is None or not is_move:
        heed(transfer, edge, fact)
        return fact
    changes = changes_of(event, result)
    if result.acquirer_transfer_no:
        changes["acquirer_transfer_no"] = result.acquirer_transfer_no
    if move_errand(transfer, event, fact=fact, **changes):
        _follow_up(transfer)
    return fact


def _mismatch(transfer: Transfer, result: TransferResult) -> str:
    if names_another(transfer, result.acquirer_transfer_no):
        return "acquirer_no"
    merchant_id = transfer.account.merchant_id
    return mismatch_of(result, merchant_id=merchant_id, asked=transfer.amount)


def _follow_up(transfer: Transfer) -> None:
    number = transfer.transfer_no
    if transfer.status == Status.SUCCEEDED:
        recipes.transfer_succeeded(transfer_no=number, in_transit=_in_transit(transfer))
        tell_transfer(transfer, "succeeded")
    elif transfer.status == Status.FAILED:
        report_refusal(transfer, Incident.Kind.TRANSFER_FAILED)
        tell_transfer(transfer, "failed")
    elif transfer.status == Status.CANCELLED:
        tell_transfer(transfer, "failed")
    elif transfer.status == Status.RETURNED:
        recipes.transfer_returned(transfer_no=number, in_transit=_in_transit(transfer))
        report_refusal(transfer, Incident.Kind.TRANSFER_CAME_BACK)
        tell_transfer(transfer, "failed")


def _in_transit(transfer: Transfer) -> Leg:
    dims = transfer.ledger
    return Leg(
        account_of(dims["account"]),
        transfer.amount,
        party=dims["party"],
        reference=dims["reference"],
    )


def tell_transfer(transfer: Transfer, what: str) -> None:
    """Tell the floors above how a transfer ended; one that came back has failed, later."""
    back = ":returned" if transfer.status == Status.RETURNED else ""
    publish(
        f"transfer.{what}",
        key=f"transfer.{what}:{transfer.transfer_no}{back}",
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
