"""What must always be true of statements: their lines, what is taken off, tax, and the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from groupleader.models import (
    CommissionAccrual,
    Correction,
    Deduction,
    SettlementStatement,
    SupplierDue,
)
from groupleader.services.taxes import IncomeSoFar, TaxRegime, compute_tax, months_in_a_row
from payments.api import CheckResult, balances_by_label, movements_by_label, result_of

Wrong = Iterator[tuple[str, str]]
Line = CommissionAccrual.Status
Statement = SettlementStatement.Status
CHUNK: Final = 500
# From approval on the books hold a statement as a payout in transit, no longer as something owed.
NOT_YET_BOOKED: Final = (
    Statement.DRAFT,
    Statement.ISSUED,
    Statement.CONFIRMED,
    Statement.DISPUTED,
    Statement.ANSWERED,
)
# What moves 2201 without being a line: closing a statement, and shares the acquirer pays out.
_NO_LINES: Final = ("statement", "split", "split_back", "split_advance")


def settlement_checks() -> list[CheckResult]:
    """Check every rule of statements."""
    return [
        statements_are_their_lines(),
        statements_add_up(),
        deductions_stay_whole(),
        tax_is_the_years(),
        one_per_period(),
        commission_owed(),
        suppliers_lines_are_the_books(),
        suppliers_statements_are_booked(),
    ]


def statements_are_their_lines() -> CheckResult:
    """C3: a statement is the sum of its lines and corrections, and all are its party's."""
    rows = SettlementStatement.objects.exclude(status=Statement.DRAFT)
    sums: Counter[int] = Counter()
    for lines in (CommissionAccrual, SupplierDue, Correction):
        found = lines.objects.exclude(statement=None).order_by().values_list("statement_id")
        for statement_id, minor in found.annotate(sum=Sum("amount_minor")):
            sums[statement_id] += minor
    wrong = [
        (number, f"{gross}, lines say {sums[pk]}")
        for pk, number, gross in rows.values_list("pk", "statement_no", "gross_minor").iterator()
        if gross != sums[pk]
    ]
    wrong += [(number, f"line {pk} is another's") for pk, number in _strays()]
    return result_of("C3 statement = its lines", rows=rows.count(), wrong=wrong)


def _strays() -> Iterator[tuple[int, str]]:
    leaders = ~Q(statement__leader=F("leader")) | Q(statement__leader=None)
    suppliers = ~Q(statement__supplier=F("supplier")) | Q(statement__supplier=None)
    by_party = Q(leader__isnull=False) & leaders | Q(supplier__isnull=False) & suppliers
    for lines, astray in (
        (CommissionAccrual, leaders),
        (SupplierDue, suppliers),
        (Correction, by_party),
        (Deduction, by_party),
    ):
        settled = lines.objects.exclude(statement=None)
        yield from settled.filter(astray).values_list("pk", "statement__statement_no")


def statements_add_up() -> CheckResult:
    """C5: gross = net + tax + deductions, and the deductions are their rows."""
    rows = SettlementStatement.objects.exclude(status=Statement.DRAFT)
    off = rows.annotate(taken=Coalesce(Sum("deductions__amount_minor"), 0)).exclude(
        gross_minor=F("net_minor") + F("tax_minor") + F("deductions_minor"),
        deductions_minor=F("taken"),
    )
    wrong = [(row.statement_no, f"{row.gross_minor}, {row.taken} taken off") for row in off]
    return result_of("C5 gross = net + tax + deductions", rows=rows.count(), wrong=wrong)


def deductions_stay_whole() -> CheckResult:
    """C5: a deduction that was cut in two is still as much as it was."""
    rows = Deduction.objects.filter(part_of=None).annotate(
        parts_minor=Coalesce(Sum("parts__amount_minor"), 0)
    )
    off = rows.exclude(whole_minor=F("amount_minor") + F("parts_minor"))
    wrong = [(row.key, f"{row.whole_minor} became {row.amount_minor}") for row in off]
    return result_of("C5 deductions carry over whole", rows=rows.count(), wrong=wrong)


def tax_is_the_years() -> CheckResult:
    """C9: tax follows from the person's year with us, however the statements were cut."""

    def wrong() -> Wrong:
        sums: dict[tuple[int, str, int, int], IncomeSoFar] = {}
        months: dict[tuple[int, str, int, int], set[int]] = {}
        for row in _taxed().iterator(chunk_size=CHUNK):
            regime, on = TaxRegime(row.tax_regime), row.tax_date
            month = on.month if regime is TaxRegime.PER_PAYMENT else 0
            key = (row.leader_id, regime.value, on.year, month)
            earlier = months.setdefault(key, set())
            before = sums.get(key, IncomeSoFar())
            so_far = replace(before, months=months_in_a_row(on.month, earlier))
            earlier.add(on.month)
            sums[key] = IncomeSoFar(
                gross_minor=before.gross_minor + row.gross_minor,
                withheld_minor=before.withheld_minor + row.tax_minor,
            )
            due = compute_tax(row.gross_minor, regime=regime, day=row.tax_date, so_far=so_far)
            if row.tax_minor != due:
                yield row.statement_no, f"withheld {row.tax_minor} instead of {due}"

    return result_of("C9 tax is the year's", rows=_taxed().count(), wrong=wrong())


def _taxed() -> QuerySet[SettlementStatement]:
    """Return leaders' issued statements in the order in which they were taxed."""
    issued = SettlementStatement.objects.exclude(tax_date=None).exclude(leader=None)
    return issued.order_by("issued_at", "pk")


def one_per_period() -> CheckResult:
    """C10: one statement per party and period."""
    rows = SettlementStatement.objects.order_by().values("leader", "supplier", "period")
    twice = rows.annotate(n=Count("pk")).filter(n__gt=1)
    wrong = [(row["period"], f"{row['n']} statements of {_who(row)}") for row in twice]
    count = SettlementStatement.objects.count()
    return result_of("C10 one statement per leader and period", rows=count, wrong=wrong)


def _who(row: dict[str, int | None]) -> str:
    if row["leader"] is not None:
        return f"leader {row['leader']}"
    return f"supplier {row['supplier']}"


def commission_owed() -> CheckResult:
    """L7: what each leader has earned and no approved statement holds is what 2301 owes her."""
    open_lines = CommissionAccrual.objects.filter(
        Q(status__in=[Line.FROZEN, Line.AVAILABLE])
        | Q(status=Line.IN_STATEMENT, statement__status__in=NOT_YET_BOOKED)
    )
    corrections = _not_yet_booked(Correction.objects.exclude(leader=None))
    ours: Counter[str] = Counter()
    for rows in (open_lines, corrections):
        sums = rows.order_by().values_list("leader_id").annotate(sum=Sum("amount_minor"))
        for leader_id, minor in sums:
            ours[str(leader_id)] += minor
    books: Counter[str] = Counter()
    for (party, _reference), minor in balances_by_label("2301").items():
        books[party] -= minor
    return compare("L7 commission = owed to leaders", ours, books)


def _not_yet_booked(corrections: QuerySet[Correction]) -> QuerySet[Correction]:
    return corrections.filter(
        Q(statement=None) | Q(statement__status__in=NOT_YET_BOOKED),
        status=Correction.Status.APPROVED,
    )


def suppliers_lines_are_the_books() -> CheckResult:
    """L7: a supplier's lines and corrections are all that the books ever owed it on 2201."""
    ours: Counter[str] = Counter()
    for rows in (
        SupplierDue.objects.all(),
        Correction.objects.filter(status=Correction.Status.APPROVED).exclude(supplier=None),
    ):
        sums = rows.order_by().values_list("supplier__supplier_ref")
        for ref, minor in sums.annotate(sum=Sum("amount_minor")):
            ours[ref] += minor
    books: Counter[str] = Counter()
    for (party, _reference), minor in balances_by_label("2201").items():
        books[party] -= minor
    for (party, _reference), minor in movements_by_label("2201", kinds=_NO_LINES).items():
        books[party] += minor
    return compare("L7 suppliers' lines = owed to suppliers", ours, books)


def suppliers_statements_are_booked() -> CheckResult:
    """L7: what left 2201 by statements is what suppliers' approved statements list."""
    closed = SettlementStatement.objects.exclude(supplier=None).exclude(status__in=NOT_YET_BOOKED)
    sums = closed.order_by().values_list("supplier__supplier_ref")
    ours = Counter(dict(sums.annotate(sum=Sum("gross_minor"))))
    books: Counter[str] = Counter()
    for (party, _reference), minor in movements_by_label("2201", kinds=("statement",)).items():
        books[party] += minor
    return compare("L7 suppliers' statements = closed in the books", ours, books)


def compare(name: str, ours: Counter[str], books: Counter[str]) -> CheckResult:
    """Return whether two sums per subject are the same (fen)."""
    subjects = sorted({label for sums in (ours, books) for label, minor in sums.items() if minor})
    wrong = [
        (subject, f"our rows say {ours[subject]}, the books say {books[subject]}")
        for subject in subjects
        if ours[subject] != books[subject]
    ]
    return result_of(name, rows=len(subjects), wrong=wrong)
