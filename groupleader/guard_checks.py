"""What must always be true of what was closed: the database guards it, and reports stay as told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import connection
from django.db.models import F, OuterRef, Q, Subquery, Sum

from groupleader.models import (
    CommissionAccrual,
    Leader,
    PayeeChange,
    SettlementStatement,
    SupplierAccount,
    TaxReport,
    TaxReportRow,
)
from groupleader.services.tax_reports import fingerprint
from payments.api import CheckResult, result_of

# Made by migrations 0002 and 0005; SQLite forgets them where a table is made anew.
GUARDS: Final = frozenset(
    f"groupleader_{name}"
    for name in (
        "statement_closed",
        "statement_kept",
        "accrual_settled",
        "accrual_kept",
        "deduction_settled",
        "deduction_kept",
        "correction_settled",
        "correction_kept",
        "supplierdue_settled",
        "supplierdue_kept",
    )
)


def guard_checks() -> list[CheckResult]:
    """Check what keeps closed statements and told reports as they are."""
    return [
        guards_stand(),
        accounts_are_as_asked_for(),
        lines_follow_their_statement(),
        reports_are_as_told(),
    ]


def guards_stand() -> CheckResult:
    """C3: the triggers that refuse a change of a closed statement or of its lines are there."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if is_sqlite
            else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        )
        there = {name for (name,) in cursor.fetchall()}
    wrong = [(name, "is not there") for name in sorted(GUARDS - there)]
    return result_of("C3 closed statements are guarded", rows=len(GUARDS), wrong=wrong)


def accounts_are_as_asked_for() -> CheckResult:
    """C8: the account somebody is paid to is that of the newest change in force."""
    wrong: list[tuple[str, str]] = []
    count = 0
    for party, column in ((Leader, "leader"), (SupplierAccount, "supplier")):
        newest = PayeeChange.objects.filter(
            **{column: OuterRef("pk")}, status=PayeeChange.Status.APPLIED
        ).order_by("-decided_at", "-pk")
        rows = party._default_manager.annotate(  # noqa: SLF001 - Django documents it
            asked_for=Subquery(newest.values("account_sealed")[:1])
        ).exclude(asked_for=None)
        count += rows.count()
        off = rows.exclude(payee_account_sealed=F("asked_for"))
        wrong += [(f"{column} {row.pk}", "paid to an account nobody asked for") for row in off]
    return result_of("C8 accounts are those asked for", rows=count, wrong=wrong)


def lines_follow_their_statement() -> CheckResult:
    """C3: a line is paid out exactly when its statement is."""
    rows = CommissionAccrual.objects.exclude(statement=None)
    paid = Q(statement__status=SettlementStatement.Status.PAID)
    off = rows.filter(
        Q(status=CommissionAccrual.Status.PAID) & ~paid
        | Q(status=CommissionAccrual.Status.IN_STATEMENT) & paid
    )
    wrong = (
        (row.statement.statement_no, f"line {row.pk} is {row.status}")
        for row in off.select_related("statement")
    )
    return result_of("C3 lines follow their statement", rows=rows.count(), wrong=wrong)


def reports_are_as_told() -> CheckResult:
    """C9: a quarter's rows are those the tax office was told, by fingerprint, count and sums."""

    def wrong() -> Iterator[tuple[str, str]]:
        for report in TaxReport.objects.order_by("pk"):
            rows = list(report.rows.order_by("leader_id"))
            sums = report.rows.aggregate(gross=Sum("gross_minor"), tax=Sum("tax_minor"))
            ours = (len(rows), sums["gross"] or 0, sums["tax"] or 0)
            if ours != (report.people, report.gross_minor, report.tax_minor):
                yield report.quarter, f"rows say {ours}"
            elif fingerprint(rows) != report.sha256:
                yield report.quarter, "a row is not as it was told"

    return result_of("C9 reports stay as told", rows=TaxReportRow.objects.count(), wrong=wrong())
