"""From differences to cases: the same difference is the same case, however often it is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from payments.incidents import report_incident
from payments.kernel.clock import now
from payments.kernel.numbers import derived_number
from payments.kernel.transact import transact
from payments.models import Incident
from payments.reconciliation.case_steps import move, write_steps
from payments.reconciliation.models import (
    Bill,
    Discrepancy,
    Finding,
    ReconciliationCase,
    RecordKind,
)
from payments.reconciliation.rules import pool_days
from payments.reconciliation.worksheet import differences_of

State = ReconciliationCase.State
Resolution = ReconciliationCase.Resolution
Action = ReconciliationCase.Action

# The first letter of a case's number.
CASE: Final = "X"

_CHUNK: Final = 1_000
# Ended by themselves: found again, they begin again. What people decided stays decided.
_ENDED_ALONE: Final = (Resolution.ASKED, Resolution.LATER_BILL, Resolution.REPLACED)
_SIDES: Final = (
    "acquirer_no",
    "related_no",
    "party",
    "currency",
    "bill_amount_minor",
    "bill_fee_minor",
    "bill_outcome",
    "ours_amount_minor",
    "ours_fee_minor",
    "ours_status",
    "is_done_here",
)
# Decided so, a case leaves nothing in the books.
_BOOKS_NOTHING: Final = (Action.IGNORE_KNOWN, Action.BELIEVE_BILL)
_BOOKS_A_RESULT: Final = (Action.ACCEPT_BILL, Action.WRITE_OFF)
_NO_PROPOSAL: Final[dict[str, Any]] = {
    "action": "",
    "reason": "",
    "proposed_by": "",
    "proposed_at": None,
}
# No question to an acquirer says more about these.
_NOT_ASKED: Final = frozenset({Discrepancy.FEE, Discrepancy.ORPHAN, Discrepancy.SETTLE})


def case_number(bill: Bill, finding: Finding | ReconciliationCase) -> str:
    """Return a difference's number: it follows from where and what it is, and never changes."""
    what = finding.own_no or finding.acquirer_no
    parts = (bill.merchant, bill.kind, finding.record_kind, what, finding.discrepancy)
    return derived_number(CASE, bill.day, bill.account_code, *parts, str(finding.ordinal))


def open_cases(bill: Bill) -> int:
    """Open a case for each difference of the worksheet that has none; return how many are new."""
    return sum(_open_chunk(bill, chunk) for chunk in _chunks(bill))


def _chunks(bill: Bill) -> Iterator[list[Finding]]:
    last = 0
    rows = differences_of(bill).order_by("pk")
    while chunk := list(rows.filter(pk__gt=last)[:_CHUNK]):
        yield chunk
        last = chunk[-1].pk


@transact()
def _open_chunk(bill: Bill, findings: list[Finding]) -> int:
    by_number = {case_number(bill, finding): finding for finding in findings}
    known = ReconciliationCase.objects.in_bulk(list(by_number), field_name="case_no")
    fresh = [
        _new_case(bill, number, finding)
        for number, finding in by_number.items()
        if number not in known
    ]
    ReconciliationCase.objects.bulk_create(fresh)
    write_steps(fresh, "found")
    for number, case in known.items():
        _found_again(bill, case, by_number[number])
    return len(fresh)


def _new_case(bill: Bill, number: str, finding: Finding) -> ReconciliationCase:
    return ReconciliationCase(
        case_no=number,
        bill=bill,
        line_id=finding.line_id,
        account_code=bill.account_code,
        merchant=bill.merchant,
        day=bill.day,
        record_kind=finding.record_kind,
        discrepancy=finding.discrepancy,
        own_no=finding.own_no,
        ordinal=finding.ordinal,
        created_at=now(),
        **_sides(finding),
        **_beginning(finding.discrepancy, bill.day),
    )


def _sides(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in _SIDES}


def _beginning(discrepancy: str, day: date) -> dict[str, Any]:
    """Ask first; what no question can clear up is a person's work at once."""
    if discrepancy in _NOT_ASKED:
        return {"state": State.OPEN, "next_ask_at": None}
    wait = day + timedelta(days=pool_days()) if discrepancy == Discrepancy.OURS_ONLY else None
    return {"state": State.FOUND, "next_ask_at": now(), "pool_until": wait}


def _found_again(bill: Bill, case: ReconciliationCase, finding: Finding) -> None:
    """Bring a case up to date. What people proposed or decided was about the figures they saw.

    With other figures a proposal falls, and what was waved through begins again. What was booked
    keeps its figures: the equation does not hold until two people take the decision back.
    """
    changes = {"bill": bill, "line_id": finding.line_id, **_sides(finding)}
    rows = ReconciliationCase.objects.filter(pk=case.pk, state=case.state)
    is_other = finding.surplus_minor != case.surplus_minor
    if is_other and _is_booked(case):
        return
    if case.state == State.CLOSED and (is_other or case.resolution in _ENDED_ALONE):
        changes |= {"resolution": "", "closed_at": None, "asks": 0, "answer": {}, **_NO_PROPOSAL}
        changes |= {"decided_by": "", "decided_at": None}
        changes |= _beginning(finding.discrepancy, bill.day)
        before = case.state
        if rows.update(**changes):
            case.refresh_from_db()
            write_steps([case], "found", came_from=before, note="found again")
    elif is_other and case.state == State.PROPOSED:
        note = "the figures are others now"
        move(case, State.OPEN, what="found", note=note, **changes, **_NO_PROPOSAL)
    elif case.bill_id != bill.pk or any(getattr(case, name) != changes[name] for name in _SIDES):
        rows.update(**changes)


def _is_booked(case: ReconciliationCase) -> bool:
    """Tell whether journals of an earlier decision stand: such a case never ends by itself."""
    is_decided = case.resolution == Resolution.DECIDED and case.action not in _BOOKS_NOTHING
    return bool(case.hung_minor) or is_decided


def close_vanished(bill: Bill) -> int:
    """Close the undecided cases of a statement that no longer differ; return how many."""
    gone = _not_found(bill).filter(state__in=ReconciliationCase.UNDECIDED)
    closed = 0
    for case in gone.exclude(discrepancy=Discrepancy.SETTLE).select_related("bill"):
        why = Resolution.REPLACED if case.bill_id != bill.pk else Resolution.ASKED
        if case.discrepancy == Discrepancy.OURS_ONLY and why == Resolution.ASKED:
            why = Resolution.LATER_BILL if is_in_a_bill(case) else Resolution.ASKED
        closed += close_by_itself(case, why)
    _report_overtaken(bill)
    return closed


def _not_found(bill: Bill) -> QuerySet[ReconciliationCase]:
    """Cases of a statement's day and kind that are on no line of its worksheet."""
    still = Finding.objects.filter(
        bill=bill,
        record_kind=OuterRef("record_kind"),
        discrepancy=OuterRef("discrepancy"),
        own_no=OuterRef("own_no"),
        ordinal=OuterRef("ordinal"),
    )
    return cases_of(bill).exclude(Exists(still))


def _report_overtaken(bill: Bill) -> None:
    """Call a person where a loss or gain was booked that this version knows nothing of."""
    booked = _not_found(bill).filter(resolution=Resolution.DECIDED, action__in=_BOOKS_A_RESULT)
    for case in booked.exclude(bill=bill).exclude(discrepancy=Discrepancy.SETTLE):
        report_incident(
            Incident.Kind.CONTRADICTION,
            key=f"case:{case.case_no}:{case.round}",
            subject_no=case.case_no,
            action=case.action,
            booked_minor=case.surplus_minor,
            version=bill.version,
        )


def close_known_returns(bill: Bill) -> int:
    """Close refunds nobody here knows that are the return of money decided in another case."""
    strange = cases_of(bill).filter(
        state=State.OPEN, discrepancy=Discrepancy.ORPHAN, record_kind=RecordKind.REFUND
    )
    closed = 0
    for case in strange.exclude(related_no="").iterator(chunk_size=500):
        decided = ReconciliationCase.objects.filter(
            merchant=case.merchant,
            own_no=case.related_no,
            action=ReconciliationCase.Action.RETURN_MONEY,
            state=State.CLOSED,
        ).first()
        if decided is not None and decided.surplus_minor == -case.surplus_minor:
            closed += close_by_itself(case, Resolution.RETURNED, note=decided.case_no)
    return closed


def is_in_a_bill(case: ReconciliationCase) -> bool:
    """Tell whether some statement that counts has this record as done."""
    bills = Bill.objects.filter(
        merchant=case.merchant,
        is_current=True,
        lines__own_no=case.own_no,
        lines__kind=case.record_kind,
        lines__outcome="succeeded",
    )
    return bills.exists()


def cases_of(bill: Bill) -> QuerySet[ReconciliationCase]:
    """Return the cases of a statement's day and kind, those of its earlier versions too."""
    return ReconciliationCase.objects.filter(
        account_code=bill.account_code, merchant=bill.merchant, day=bill.day, bill__kind=bill.kind
    )


@transact()
def close_by_itself(case: ReconciliationCase, why: str, *, note: str = "") -> bool:
    """End an undecided case without a person; False where somebody moved it meanwhile.

    One whose earlier decision stands in the books is left to people, whatever they propose.
    """
    rows = ReconciliationCase.objects.select_for_update(no_key=True)
    if _is_booked(rows.get(pk=case.pk)):
        return False
    ended = {"resolution": why, "closed_at": now(), "next_ask_at": None, **_NO_PROPOSAL}
    return move(case, State.CLOSED, what="closed", note=note, **ended)
