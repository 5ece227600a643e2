"""Paying a statement out: one live attempt at a time, and what became of it in her words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.urls import reverse

from groupleader.errors import PayeeCoolingError, PayeeMissingError, SellersPaidBySplitError
from groupleader.models import CommissionAccrual, Leader, Payout, SettlementStatement
from groupleader.payout_errors import (
    AnotherPersonPaysError,
    NothingToTransferError,
    PayeeFrozenError,
)
from groupleader.payout_words import failure_for_leader
from groupleader.sealing import unseal
from groupleader.services.holding import hold
from groupleader.services.statements import is_cooling, record
from payments.api import (
    IllegalTransitionError,
    InTransit,
    LinliError,
    Money,
    Payee,
    TransferView,
    advance,
    create_transfer,
    now,
    publish,
    send_transfer,
    transact,
)

log = structlog.get_logger(__name__)
Status = SettlementStatement.Status
PAYABLE: Final = (Status.APPROVED, Status.FAILED)
_SHOWN: Final[Mapping[str, str]] = {
    "sent": "sent",
    "wait_user_confirm": "sent",
    "processing": "sent",
    "unknown": "unknown",
}

__all__ = [
    "failure_for_leader",
    "obstacle_to_paying",
    "open_payout",
    "pay_statement",
    "record_failed",
    "record_paid",
    "record_progress",
]


def pay_statement(*, statement: SettlementStatement, by: Any = None) -> Payout:
    """Start the transfer of an approved statement, or anew after a definite failure.

    Must not run inside a transaction: the transfer is written first, then sent. Whatever the
    network does then, the transfer's own number is asked about, never sent anew. Raises
    PayeeMissingError, PayeeCoolingError, PayeeFrozenError, SellersPaidBySplitError,
    AnotherPersonPaysError, NothingToTransferError, IllegalTransitionError.
    """
    payout = open_payout(statement=statement, by=by)
    record_progress(send_transfer(payout.transfer_no))
    payout.refresh_from_db()
    return payout


def refuse_unless_payable(statement: SettlementStatement, *, by: Any = None) -> None:
    """Raise why a statement cannot be paid from our own account by this person now, if so.

    None stands for the system, which only goes on with what two people approved.
    """
    party = statement.party
    if settings.LINLI_FUNDS_MODE == "SPLIT":
        raise SellersPaidBySplitError
    if not statement.net_minor:
        raise NothingToTransferError
    if not party.has_payee:
        raise PayeeMissingError
    if party.payee_frozen_at is not None:
        raise PayeeFrozenError
    if is_cooling(party):
        raise PayeeCoolingError
    is_large = statement.net_minor > settings.LINLI_PAYOUT_FOUR_EYES_MINOR
    if is_large and by is not None and by.pk == statement.approved_by_id:
        raise AnotherPersonPaysError


def obstacle_to_paying(statement: SettlementStatement) -> LinliError | None:
    """Return why nobody can pay a statement now, None where it can be paid."""
    try:
        refuse_unless_payable(statement)
    except LinliError as refusal:
        return refusal
    return None


def claim(statement: SettlementStatement) -> int:
    """Take a statement for one more attempt to pay it; return the attempt's number.

    In a transaction; of two that race, whatever their ways, one gets it: IllegalTransitionError.
    """
    if not advance(statement, SettlementStatement.EDGES, Status.PAYING, came_from=PAYABLE):
        raise IllegalTransitionError(to=Status.PAYING)
    return statement.payouts.count() + 1


def payee_of(statement: SettlementStatement) -> Payee:
    """Return whom a statement is paid to, the account number opened."""
    party = statement.party
    return Payee(
        name=party.payee_name,
        account=unseal(party.payee_account_sealed),
        bank=party.payee_bank,
    )


def in_transit_of(statement: SettlementStatement) -> InTransit:
    """Return which in-transit account of the books a statement's payout empties."""
    party = statement.party
    of = InTransit.of_leader if isinstance(party, Leader) else InTransit.of_supplier
    return of(party.ref, statement.statement_no)


@transact()
def open_payout(*, statement: SettlementStatement, by: Any = None) -> Payout:
    """Write the transfer and move the statement to paying; of two that race, one does.

    Statement and party are read anew, and the party is held: whoever changes or freezes the account
    comes before or after.
    """
    statement.refresh_from_db()
    hold(statement.party)
    refuse_unless_payable(statement, by=by)
    attempt = claim(statement)
    amount = Money(statement.net_minor or 0)
    transfer = create_transfer(
        transfer_key=f"{statement.statement_no}:{attempt}",
        payee=payee_of(statement),
        amount=amount,
        reference=statement.statement_no,
        purpose=f"{statement.period}",
        ledger=in_transit_of(statement),
        created_by=name_of(by or statement.first_approved_by),
        approved_by=name_of(statement.approved_by),
    )
    payout = Payout.objects.create(
        statement=statement,
        attempt=attempt,
        transfer_no=transfer.transfer_no,
        amount_minor=amount.minor,
        payee_masked=statement.party.payee_masked,
        started_by=by,
        created_at=now(),
    )
    record(statement, "paying", by=by, note=payout.payee_masked)
    return payout


def name_of(person: Any) -> str:
    """Name a person for the payments core: who started it, and who let it go."""
    return "" if person is None else str(person.get_username())


@transact()
def record_progress(transfer: TransferView) -> None:
    """Note what is known of a transfer that is not decided; the facts decide."""
    shown = _SHOWN.get(transfer.status)
    payout = Payout.objects.filter(transfer_no=transfer.transfer_no).first()
    if payout is not None and shown is not None and payout.status != shown:
        advance(payout, Payout.EDGES, shown)


@transact()
def record_paid(*, transfer_no: str, at: datetime) -> None:
    """The bank paid: statement and lines are paid, and she is told."""
    payout = _payout(transfer_no)
    if payout is None:
        return
    if payout.status == Payout.Status.FAILED and _has_other_live(payout):
        # Paid after a definite no, while another attempt runs: a person has to look at it.
        log.error("payout.paid_twice", transfer_no=transfer_no)
        record(payout.statement, "paid_twice", note=transfer_no)
        return
    if not advance(payout, Payout.EDGES, Payout.Status.SUCCEEDED, finished_at=at):
        return
    statement = payout.statement
    advance(statement, SettlementStatement.EDGES, Status.PAID, paid_at=at)
    statement.accruals.update(status=CommissionAccrual.Status.PAID)
    record(statement, "paid", note=payout.payee_masked)
    tell_payout(payout, "paid")


@transact()
def record_failed(*, transfer_no: str, code: str, message: str, at: datetime) -> None:
    """The bank refused, or sent the money back: the statement waits to be paid anew."""
    payout = _payout(transfer_no)
    if payout is None:
        return
    was_paid = payout.status == Payout.Status.SUCCEEDED
    moved = advance(
        payout,
        Payout.EDGES,
        Payout.Status.RETURNED if was_paid else Payout.Status.FAILED,
        failure_code="returned" if was_paid else code[:60],
        failure_message=message[:300],
        finished_at=at,
    )
    if not moved:
        return
    statement = payout.statement
    advance(statement, SettlementStatement.EDGES, Status.FAILED, paid_at=None)
    statement.accruals.update(status=CommissionAccrual.Status.IN_STATEMENT)
    record(statement, "returned" if was_paid else "failed", note=message[:400])
    tell_payout(payout, "returned" if was_paid else "failed")


def tell_payout(payout: Payout, what: str) -> None:
    """Tell how a payout ended: payout.paid, payout.failed or payout.returned.

    Payload: payout_no, statement_no, user_id (null for who cannot sign in), amount_minor, account
    (masked), period, code, link (her page of the statement).
    """
    statement = payout.statement
    publish(
        f"payout.{what}",
        key=f"payout.{what}:{payout.transfer_no}",
        aggregate=statement.statement_no,
        payload={
            "payout_no": payout.transfer_no,
            "statement_no": statement.statement_no,
            "user_id": statement.party.user_id,
            "amount_minor": payout.amount_minor,
            "account": payout.payee_masked,
            "period": statement.period,
            "code": payout.failure_code,
            "link": reverse("groupleader:statement", args=[statement.statement_no]),
        },
    )


def _payout(transfer_no: str) -> Payout | None:
    rows = Payout.objects.select_related("statement__leader", "statement__supplier")
    return rows.filter(transfer_no=transfer_no).first()


def _has_other_live(payout: Payout) -> bool:
    others = payout.statement.payouts.exclude(pk=payout.pk)
    return others.filter(status__in=Payout.LIVE).exists()
