"""What the screens ask: the day, the bill, the case with both sides beside each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from payments.kernel.clock import business_date
from payments.models import ChannelFact, Incident, JournalTransaction
from payments.reconciliation.asking import asking_progress
from payments.reconciliation.deciding import UnknownCaseError, allowed_actions
from payments.reconciliation.equation import day_equation
from payments.reconciliation.models import (
    BankLine,
    Bill,
    BillLine,
    CaseStep,
    Discrepancy,
    ReconciliationCase,
    RecordKind,
    SettlementBatch,
)

__all__ = [
    "BillRow",
    "CasePaper",
    "DayPaper",
    "bank_bookings",
    "batches",
    "bill_versions",
    "case_paper",
    "cases",
    "day_equation",
    "day_paper",
    "days",
    "is_disputed",
    "lines_of",
]

State = ReconciliationCase.State


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow:
    """One statement on the day's page: the row itself, and how many cases are how far."""

    bill: Bill
    open: int = 0
    found: int = 0
    pooled: int = 0
    hung: int = 0
    closed: int = 0
    by_class: dict[str, int] = field(default_factory=dict)
    progress: dict[str, int] = field(default_factory=dict)

    @property
    def needs_somebody(self) -> bool:
        """Tell whether a person has something to do."""
        return bool(self.open) or self.bill.state == Bill.State.BAD


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPaper:
    """One acquirer's day: its statements, and what stands open."""

    day: date
    bills: list[BillRow]
    incidents: list[Incident]

    @property
    def is_closed(self) -> bool:
        """Tell whether every statement of the day is closed."""
        return bool(self.bills) and all(row.bill.state == Bill.State.CLOSED for row in self.bills)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePaper:
    """One case with all that belongs to it: both sides, evidence, story, journals, what to do."""

    case: ReconciliationCase
    shown_class: str
    line: BillLine | None
    actions: list[str]
    steps: list[CaseStep]
    facts: list[ChannelFact]
    journals: list[JournalTransaction]
    related: list[ReconciliationCase]
    batch: SettlementBatch | None


def days(*, count: int = 31) -> list[dict[str, Any]]:
    """Return the last days that have statements, newest first: bills, closed ones, open cases."""
    since = business_date() - timedelta(days=count)
    bills = (
        Bill.objects.filter(day__gte=since)
        .exclude(state__in=[Bill.State.REPLACED, Bill.State.BAD])
        .values("day")
        .annotate(bills=Count("pk"), closed=Count("pk", filter=Q(state=Bill.State.CLOSED)))
        .order_by("-day")
    )
    waiting = dict(
        ReconciliationCase.objects.filter(day__gte=since, state__in=ReconciliationCase.WAITING)
        .values_list("day")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return [{**row, "open": waiting.get(row["day"], 0)} for row in bills]


def day_paper(day: date, account_code: str = "") -> DayPaper:
    """Return everything a cashier sees of one day, of one account or of all."""
    rows = Bill.objects.select_related("account").filter(day=day)
    rows = rows.exclude(state=Bill.State.REPLACED)
    if account_code:
        rows = rows.filter(account_code=account_code)
    counts = _case_counts(day)
    incidents = Incident.objects.filter(
        kind__in=[Incident.Kind.NO_BILL, Incident.Kind.BAD_BILL, Incident.Kind.BILL_REISSUED],
        key__contains=f":{day}:",
        resolved_at__isnull=True,
    )
    return DayPaper(
        day=day,
        bills=[_bill_row(bill, counts) for bill in rows.order_by("account_code", "kind")],
        incidents=list(incidents),
    )


_Counts = dict[tuple[str, str], list[tuple[str, str, int]]]


def _case_counts(day: date) -> _Counts:
    counts: _Counts = defaultdict(list)
    rows = (
        ReconciliationCase.objects.filter(day=day)
        .values_list("account_code", "bill__kind", "state", "discrepancy")
        .annotate(count=Count("pk"))
        .order_by()
    )
    for code, kind, state, discrepancy, count in rows:
        counts[code, kind].append((state, discrepancy, count))
    return counts


def _bill_row(bill: Bill, counts: _Counts) -> BillRow:
    of_bill = counts.get((bill.account_code, bill.kind), [])

    def number(*states: str) -> int:
        return sum(count for state, _, count in of_bill if state in states)

    by_class: dict[str, int] = defaultdict(int)
    for state, discrepancy, count in of_bill:
        if state != State.CLOSED:
            by_class[discrepancy] += count
    return BillRow(
        bill=bill,
        open=number(*ReconciliationCase.WAITING),
        found=number(State.FOUND),
        pooled=number(State.POOLED),
        hung=number(State.HUNG),
        closed=number(State.CLOSED),
        by_class=dict(by_class),
        progress=asking_progress(bill) if number(State.FOUND) else {},
    )


def bill_versions(bill: Bill) -> list[Bill]:
    """Return all versions of a statement, newest first: what was received, and what was wrong."""
    rows = Bill.objects.filter(
        account_code=bill.account_code, merchant=bill.merchant, day=bill.day, kind=bill.kind
    )
    return list(rows.order_by("-version"))


def lines_of(bill: Bill) -> QuerySet[BillLine]:
    """Return a statement's lines in their order."""
    return BillLine.objects.filter(bill=bill).order_by("line_no")


def cases(*, only_waiting: bool = False) -> QuerySet[ReconciliationCase]:
    """Return all cases, newest day first; or those that wait for a person."""
    rows = ReconciliationCase.objects.select_related("bill")
    return rows.filter(state__in=ReconciliationCase.WAITING) if only_waiting else rows


def case_paper(case_no: str) -> CasePaper:
    """Return one case with everything beside it. UnknownCaseError."""
    rows = ReconciliationCase.objects.select_related("bill__account", "line")
    case = rows.filter(case_no=case_no).first()
    if case is None:
        raise UnknownCaseError(case_no=case_no)
    batch = SettlementBatch.objects.filter(merchant=case.merchant, batch_no=case.acquirer_no)
    return CasePaper(
        case=case,
        shown_class=shown_class(case),
        line=case.line,
        actions=allowed_actions(case),
        steps=list(case.steps.all()),
        facts=_facts(case),
        journals=_journals(case),
        related=_related(case),
        batch=batch.first() if case.record_kind == RecordKind.SETTLEMENT else None,
    )


def shown_class(case: ReconciliationCase) -> str:
    """Return a case's class as people call it: what waits in the pool is a matter of days."""
    return "cross_day" if case.state == State.POOLED else str(Discrepancy(case.discrepancy))


def _facts(case: ReconciliationCase) -> list[ChannelFact]:
    if not case.own_no:
        return []
    return list(ChannelFact.objects.filter(own_no=case.own_no).order_by("pk")[:50])


def _journals(case: ReconciliationCase) -> list[JournalTransaction]:
    rows = JournalTransaction.objects.filter(entries__reference=case.case_no).distinct()
    return list(rows.prefetch_related("entries").order_by("pk"))


def _related(case: ReconciliationCase) -> list[ReconciliationCase]:
    if case.record_kind == RecordKind.SETTLEMENT:
        rows = ReconciliationCase.objects.filter(
            merchant=case.merchant, record_kind=case.record_kind, acquirer_no=case.acquirer_no
        )
        return list(rows.exclude(pk=case.pk)[:20])
    numbers = [number for number in (case.own_no, case.related_no) if number]
    rows = ReconciliationCase.objects.filter(Q(own_no__in=numbers) | Q(related_no__in=numbers))
    return list(rows.exclude(pk=case.pk).exclude(own_no="", related_no="")[:20])


def is_disputed(own_no: str) -> bool:
    """Tell whether money booked here is missing there: not to be shared out or paid on."""
    rows = ReconciliationCase.objects.filter(own_no=own_no, discrepancy=Discrepancy.OURS_ONLY)
    return rows.exclude(state=State.CLOSED).exclude(state=State.FOUND).exists()


def batches(*, only_waiting: bool = False) -> QuerySet[SettlementBatch]:
    """Return settlement batches, newest first; or those not found on the bank account yet."""
    rows = SettlementBatch.objects.select_related("bill", "bank_line").order_by("-day", "-pk")
    return rows.filter(bank_line=None).exclude(net_minor=0) if only_waiting else rows


def bank_bookings(*, only_free: bool = False) -> QuerySet[BankLine]:
    """Return our bank's bookings, newest first; or those that belong to no batch."""
    rows = BankLine.objects.select_related("statement").order_by("-day", "-pk")
    return rows.filter(batch=None) if only_free else rows


def hung_balances() -> dict[str, int]:
    """Return what hangs in the books by the cases: money without an owner, and missing money."""
    rows = ReconciliationCase.objects.exclude(hung_minor=0)
    held = rows.filter(hung_minor__gt=0).aggregate(total=Sum("hung_minor"))["total"] or 0
    missing = rows.filter(hung_minor__lt=0).aggregate(total=Sum("hung_minor"))["total"] or 0
    return {"2901": int(held), "1901": -int(missing)}
