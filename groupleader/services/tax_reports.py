"""The quarter as the tax office is told it: one row per person, equal to statements and books."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet, Sum

from groupleader.errors import NotEqualError, NotYetError
from groupleader.models import (
    CommissionAccrual,
    Correction,
    Leader,
    SettlementStatement,
    TaxIdentity,
    TaxReport,
    TaxReportRow,
)
from payments.api import business_date, day_bounds, movements_by_label, now, transact

log = structlog.get_logger(__name__)
_QUARTER: Final = re.compile(r"(20\d\d)-Q([1-4])")
_COLUMNS: Final = (
    "leader_id",
    "name",
    "phone",
    "tax_regime",
    "orders",
    "earned_minor",
    "taken_back_minor",
    "gross_minor",
    "deductions_minor",
    "tax_minor",
    "net_minor",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A quarter before it is told: its rows, and where the books say something else."""

    quarter: str
    rows: list[TaxReportRow]
    differences: list[str]


def days_of(quarter: str) -> tuple[date, date]:
    """Return the first and the last Shanghai day of "2026-Q4"; ValueError for another text."""
    found = _QUARTER.fullmatch(quarter)
    if found is None:
        raise ValueError(f"{quarter!r} is no quarter")
    year, number = int(found[1]), int(found[2])
    first = date(year, 3 * number - 2, 1)
    after = date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)
    return first, after - timedelta(days=1)


def draft_report(quarter: str) -> Draft:
    """Return what the tax office would be told; nothing is written. ValueError as in days_of()."""
    first, last = days_of(quarter)
    statements = _closed(first, last)
    sums = (
        statements.order_by()
        .values("leader_id")
        .annotate(
            gross=Sum("gross_minor"),
            tax=Sum("tax_minor"),
            kept=Sum("deductions_minor"),
            net=Sum("net_minor"),
        )
    )
    lines = _lines(statements)
    leaders = {
        leader.pk: leader
        for leader in Leader.objects.filter(statements__in=statements)
        .select_related("user", "tax_identity")
        .distinct()
    }
    # Of one who changed in the quarter the newest; each statement was taxed as it says itself.
    regimes = dict(statements.order_by("approved_at", "pk").values_list("leader_id", "tax_regime"))
    rows = []
    for each in sums.order_by("leader_id"):
        leader = leaders[each["leader_id"]]
        orders, taken_back = lines.get(leader.pk, (0, 0))
        identity: TaxIdentity | None = getattr(leader, "tax_identity", None)
        rows.append(
            TaxReportRow(
                leader=leader,
                name=identity.legal_name if identity else leader.name,
                phone=_masked(str(getattr(leader.user, "phone", "") or "")),
                number_sealed=identity.number_sealed if identity else "",
                tax_regime=regimes[leader.pk],
                orders=orders,
                earned_minor=each["gross"] + taken_back,
                taken_back_minor=taken_back,
                gross_minor=each["gross"],
                deductions_minor=each["kept"],
                tax_minor=each["tax"],
                net_minor=each["net"],
            )
        )
    return Draft(quarter=quarter, rows=rows, differences=_differences(rows, first, last))


@transact()
def issue_report(*, quarter: str, by: Any) -> TaxReport:
    """Freeze a quarter's rows; issued again it is the first report.

    NotYetError before the quarter is over, NotEqualError (data: differences) where statements and
    books differ, ValueError for what is no quarter.
    """
    found = TaxReport.objects.filter(quarter=quarter).first()
    if found is not None:
        return found
    if business_date() <= days_of(quarter)[1]:
        raise NotYetError
    draft = draft_report(quarter)
    if draft.differences:
        raise NotEqualError(differences=draft.differences[:20])
    try:
        with transaction.atomic():
            report = TaxReport.objects.create(
                quarter=quarter,
                issued_by=by,
                issued_at=now(),
                people=len(draft.rows),
                gross_minor=sum(row.gross_minor for row in draft.rows),
                tax_minor=sum(row.tax_minor for row in draft.rows),
                sha256=fingerprint(draft.rows),
            )
    except IntegrityError:
        return TaxReport.objects.get(quarter=quarter)
    for row in draft.rows:
        row.report = report
    TaxReportRow.objects.bulk_create(draft.rows, batch_size=500)
    log.info("tax_report.issued", quarter=quarter, people=report.people)
    return report


def fingerprint(rows: list[TaxReportRow]) -> str:
    """Return the SHA-256 of a report's figures; identity numbers are no part of it."""
    figures = [[getattr(row, name) for name in _COLUMNS] for row in rows]
    return hashlib.sha256(json.dumps(figures, ensure_ascii=False).encode()).hexdigest()


def _closed(first: date, last: date) -> QuerySet[SettlementStatement]:
    """Return leaders' statements that were closed in the books on these days."""
    return SettlementStatement.objects.filter(
        leader__isnull=False,
        approved_at__gte=day_bounds(first)[0],
        approved_at__lt=day_bounds(last)[1],
    )


def _lines(statements: QuerySet[SettlementStatement]) -> dict[int, tuple[int, int]]:
    """Return per leader how many orders the lines are of, and what was taken back (fen)."""
    back = Sum("amount_minor", filter=Q(amount_minor__lt=0))
    taken: Counter[int] = Counter()
    orders: dict[int, int] = {}
    accruals = CommissionAccrual.objects.filter(statement__in=statements).order_by()
    for leader, count, minor in accruals.values_list("leader_id").annotate(
        n=Count("terms__order_no", distinct=True), back=back
    ):
        orders[leader] = count
        taken[leader] -= minor or 0
    corrections = Correction.objects.filter(statement__in=statements).order_by()
    for leader, minor in corrections.values_list("leader_id").annotate(back=back):
        taken[leader or 0] -= minor or 0
    return {leader: (orders.get(leader, 0), taken[leader]) for leader in {*orders, *taken}}


def _differences(rows: list[TaxReportRow], first: date, last: date) -> list[str]:
    """Compare with what closing statements moved in the books on the quarter's days."""
    earned, withheld = (
        {party: minor for party, minor in _by_party(account, first, last).items() if minor}
        for account in ("2301", "2401")
    )
    found = []
    ours = {str(row.leader_id): row for row in rows}
    for party in sorted({*ours, *earned, *withheld}):
        row = ours.get(party)
        gross = 0 if row is None else row.gross_minor
        tax = 0 if row is None else row.tax_minor
        if gross != earned.get(party, 0):
            found.append(f"{party}: {gross} earned, the books say {earned.get(party, 0)}")
        if tax != -withheld.get(party, 0):
            found.append(f"{party}: {tax} withheld, the books say {-withheld.get(party, 0)}")
    return found


def _by_party(account: str, first: date, last: date) -> Counter[str]:
    sums: Counter[str] = Counter()
    moved = movements_by_label(account, kinds=("statement",), since=first, until=last)
    for (party, _reference), minor in moved.items():
        sums[party] += minor
    return sums


def _masked(phone: str) -> str:
    """+8613912345678 -> 139****5678."""
    digits = phone.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else ""
