"""Paying a statement out: one live transfer at a time, and what became of it in her words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groupleader.errors import (
    PayeeCoolingError,
    PayeeMissingError,
    SellersPaidBySplitError,
)
from groupleader.models import CommissionAccrual, Payout, SettlementStatement
from groupleader.sealing import unseal
from groupleader.services.statements import is_cooling, record
from payments.api import (
    IllegalTransitionError,
    InTransit,
    Money,
    Payee,
    TransferView,
    advance,
    create_transfer,
    now,
    send_transfer,
    transact,
)

log = structlog.get_logger(__name__)
Status = SettlementStatement.Status

# What a leader reads when her money did not arrive; the acquirer's own words stay with the clerk.
FAILURES: Final[Mapping[str, Promise]] = {
    "payee_account_invalid": _(
        "Your bank does not accept this account. Please check name and number."
    ),
    "returned": _("Your bank sent the money back. Please check the account."),
}
_SHOWN: Final[Mapping[str, str]] = {
    "sent": "sent",
    "wait_user_confirm": "sent",
    "processing": "sent",
    "unknown": "unknown",
}
OTHER_FAILURE: Final = _("The transfer did not go through. We are looking at it.")


def failure_for_leader(payout: Payout) -> str:
    """Say why a payout failed, so that the leader knows what she can do."""
    return str(FAILURES.get(payout.failure_code, OTHER_FAILURE))


def pay_statement(*, statement: SettlementStatement, by: Any = None) -> Payout:
    """Start the transfer of an approved statement, or anew after a definite failure.

    Must not run inside a transaction: the transfer is written first, then sent. Whatever the
    network does then, the transfer's own number is asked about, never sent anew. Raises
    PayeeMissingError, PayeeCoolingError, SellersPaidBySplitError, IllegalTransitionError.
    """
    payout = open_payout(statement=statement, by=by)
    record_progress(send_transfer(payout.transfer_no))
    payout.refresh_from_db()
    return payout


@transact()
def open_payout(*, statement: SettlementStatement, by: Any = None) -> Payout:
    """Write the transfer and move the statement to paying; of two that race, one does."""
    leader = statement.leader
    if settings.LINLI_FUNDS_MODE == "SPLIT":
        raise SellersPaidBySplitError
    if not leader.has_payee:
        raise PayeeMissingError
    if is_cooling(leader):
        raise PayeeCoolingError
    if not advance(
        statement,
        SettlementStatement.EDGES,
        Status.PAYING,
        came_from=[Status.APPROVED, Status.FAILED],
    ):
        raise IllegalTransitionError(to=Status.PAYING)
    attempt = statement.payouts.count() + 1
    amount = Money(statement.net_minor or 0)
    transfer = create_transfer(
        transfer_key=f"{statement.statement_no}:{attempt}",
        payee=Payee(
            name=leader.payee_name,
            account=unseal(leader.payee_account_sealed),
            bank=leader.payee_bank,
        ),
        amount=amount,
        reference=statement.statement_no,
        purpose=f"Commission {statement.period}",
        ledger=InTransit.of_leader(leader.ref, statement.statement_no),
        created_by=_name(statement.first_approved_by or by),
        approved_by=_name(statement.approved_by),
    )
    payout = Payout.objects.create(
        statement=statement,
        attempt=attempt,
        transfer_no=transfer.transfer_no,
        amount_minor=amount.minor,
        payee_masked=leader.payee_masked,
        started_by=by,
        created_at=now(),
    )
    record(statement, "paying", by=by, note=payout.payee_masked)
    return payout


def _name(person: Any) -> str:
    """Name a person for the payments core: the first who approved, and the second."""
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
    """The bank paid: statement and lines are paid."""
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


def _payout(transfer_no: str) -> Payout | None:
    return Payout.objects.select_related("statement").filter(transfer_no=transfer_no).first()


def _has_other_live(payout: Payout) -> bool:
    others = payout.statement.payouts.exclude(pk=payout.pk)
    return others.filter(status__in=Payout.LIVE).exists()
