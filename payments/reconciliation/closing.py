"""Closing a statement: nothing waits for anybody, and the equation holds."""

from __future__ import annotations

import logging

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from payments.incidents import report_incident
from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.transact import transact
from payments.models import Incident
from payments.reconciliation.cases import cases_of
from payments.reconciliation.equation import equation_of
from payments.reconciliation.models import Bill, ReconciliationCase

logger = logging.getLogger(__name__)


class NotClosableError(LinliError):
    """Something about the statement still waits for somebody, or does not add up."""

    code = "bill_not_closable"
    message = _("This bill cannot be closed yet: a case is open, or its equation does not hold.")


def close_settled_bills(limit: int = 20) -> dict[str, int]:
    """Close statements that need nobody any more; return how many closed and did not."""
    undecided = ReconciliationCase.objects.filter(
        account_code=OuterRef("account_code"),
        merchant=OuterRef("merchant"),
        day=OuterRef("day"),
        bill__kind=OuterRef("kind"),
        state__in=ReconciliationCase.UNDECIDED,
    )
    rows = Bill.objects.select_related("account").filter(
        state=Bill.State.MATCHED, is_current=True, closing={}
    )
    counts = {"closed": 0, "not_adding_up": 0}
    for bill in rows.exclude(Exists(undecided)).order_by("day")[:limit]:
        counts["closed" if _close(bill, by="") else "not_adding_up"] += 1
    return counts


def close_bill(bill_id: int, *, by: str) -> Bill:
    """Close a statement at a person's wish. NotClosableError."""
    bill = Bill.objects.select_related("account").get(pk=bill_id)
    waiting = cases_of(bill).filter(state__in=ReconciliationCase.UNDECIDED).exists()
    if bill.state != Bill.State.MATCHED or waiting or not _close(bill, by=by):
        raise NotClosableError(bill=str(bill))
    bill.refresh_from_db()
    return bill


@transact()
def _close(bill: Bill, *, by: str) -> bool:
    equation = equation_of(bill)
    rows = Bill.objects.filter(pk=bill.pk, state=Bill.State.MATCHED)
    if not equation.holds:
        rows.update(closing=equation.as_figures())
        report_incident(
            Incident.Kind.CONTRADICTION,
            key=f"bill:{bill.pk}:{bill.matched_at}",
            subject_no=bill.account_code,
            day=str(bill.day),
            kind_of_bill=bill.kind,
        )
        return False
    closed = rows.update(
        state=Bill.State.CLOSED,
        closing=equation.as_figures(),
        closed_at=now(),
        closed_by=by[:150],
    )
    logger.info("bill.closed bill=%s by=%s", bill, by or "-")
    return closed == 1
