"""The pool of what was missing: days are cut differently there, so later statements may have it."""

from __future__ import annotations

from payments.incidents import report_incident
from payments.kernel.transact import transact
from payments.models import Incident
from payments.reconciliation.case_steps import move
from payments.reconciliation.cases import close_by_itself, is_in_a_bill
from payments.reconciliation.models import Bill, Discrepancy, ReconciliationCase

State = ReconciliationCase.State


def look_into_pool(bill: Bill) -> dict[str, int]:
    """Look for what earlier days missed in a statement that was just read; return the counts.

    Found: the case is closed. Not found, and this was the last statement to wait for: a person
    takes over, and an incident says so.
    """
    counts = {"found": 0, "given_up": 0}
    waiting = ReconciliationCase.objects.filter(
        merchant=bill.merchant,
        bill__kind=bill.kind,
        discrepancy=Discrepancy.OURS_ONLY,
        state__in=ReconciliationCase.UNDECIDED,
        day__lt=bill.day,
    )
    for case in waiting:
        if is_in_a_bill(case):
            note = f"{bill.account_code} {bill.day}"
            counts["found"] += close_by_itself(
                case, ReconciliationCase.Resolution.LATER_BILL, note=note
            )
        elif case.state == State.POOLED and _is_over(case):
            counts["given_up"] += _give_up(case)
    return counts


def pool_or_open(case: ReconciliationCase) -> str:
    """Send a case that questions did not clear up on its way; return its state."""
    if case.discrepancy == Discrepancy.OURS_ONLY and not _is_over(case):
        move(case, State.POOLED, what="pooled", next_ask_at=None)
    elif case.discrepancy == Discrepancy.OURS_ONLY:
        _give_up(case)
    else:
        move(case, State.OPEN, what="opened", next_ask_at=None)
    return case.state


def _is_over(case: ReconciliationCase) -> bool:
    """Tell whether the last statement that could have had it was read."""
    later = Bill.objects.filter(
        merchant=case.merchant, kind=case.bill.kind, is_current=True, day__gte=case.pool_until
    )
    return later.exists()


@transact()
def _give_up(case: ReconciliationCase) -> bool:
    if not move(case, State.OPEN, what="opened", next_ask_at=None):
        return False
    report_incident(
        Incident.Kind.MONEY_MISSING,
        key=case.case_no,
        subject_no=case.own_no,
        case=case.case_no,
        amount_minor=case.ours_amount_minor,
        day=str(case.day),
    )
    return True
