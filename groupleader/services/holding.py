"""Holding a party's row while its money is decided about, and calling back what has not left yet.

Whoever starts a payment and whoever changes or freezes the account it goes to take turns on the
party's row. A payment that is written and still waits, for funds or for a second person, is called
back when the account changes: it never goes to an account that is not the party's any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from django.db.models import Exists, OuterRef

from groupleader.models import Leader, Payout, SettlementStatement, SupplierAccount
from groupleader.services.history import record
from payments.api import advance, now, take_unsent_transfer_back

log = structlog.get_logger(__name__)
Party = Leader | SupplierAccount
Statement = SettlementStatement.Status
_CAME_TO_NOTHING = (Payout.Status.FAILED, Payout.Status.RETURNED)


def hold(party: Any) -> None:
    """Keep a party's row until the transaction ends; the instance is as it stands now.

    In a transaction. Lock order: party, then statement, then payout.
    """
    rows = type(party)._default_manager  # noqa: SLF001 - Django documents it
    rows.select_for_update(no_key=True).only("pk").get(pk=party.pk)
    party.refresh_from_db()


def hold_all(statements: Iterable[SettlementStatement]) -> None:
    """Keep the rows of all their parties, leaders first, each by its number. In a transaction."""
    for model, column in ((Leader, "leader_id"), (SupplierAccount, "supplier_id")):
        keys = sorted({getattr(row, column) for row in statements} - {None})
        for start in range(0, len(keys), 500):
            rows = model._default_manager.filter(pk__in=keys[start : start + 500])  # noqa: SLF001 - Django documents it
            list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def call_back(party: Party, *, why: str) -> int:
    """Take back what was to be transferred to a party and has not left; return how many.

    In a transaction, the party held. What is with the bank already goes on; what is called back is
    paid anew once the account may be paid to.
    """
    column = "leader" if isinstance(party, Leader) else "supplier"
    waiting = Payout.objects.filter(
        method=Payout.Method.TRANSFER,
        status__in=Payout.OPEN,
        **{f"statement__{column}": party},
    )
    count = 0
    for payout in waiting.select_related("statement").order_by("pk"):
        if not take_unsent_transfer_back(payout.transfer_no, by=why):
            continue
        cancelled = Payout.Status.CANCELLED
        if advance(payout, Payout.EDGES, cancelled, failure_code=why, finished_at=now()):
            free([payout.statement_id])
            record(payout.statement, "freed", note=payout.transfer_no)
        # One that had been sent and was put back ends as failed, by the fact that is told.
        log.warning("payout.called_back", transfer_no=payout.transfer_no, why=why)
        count += 1
    return count


def free(keys: Iterable[int]) -> None:
    """Give statements back whose attempt never left: to be paid, or failed as they were before."""
    failed = Payout.objects.filter(statement=OuterRef("pk"), status__in=_CAME_TO_NOTHING)
    paying = SettlementStatement.objects.filter(pk__in=list(keys), status=Statement.PAYING)
    paying.filter(Exists(failed)).update(status=Statement.FAILED)
    paying.update(status=Statement.APPROVED)
