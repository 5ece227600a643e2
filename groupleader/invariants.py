"""What must always be true of leaders' money: C1 to C10 and the books, checked against all rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from groupleader.models import CommissionAccrual, CommissionTerms, Payout, SettlementStatement
from groupleader.services.accruals import WHOLE
from groupleader.services.agreeing import commission_of
from groupleader.services.commissions import reduction
from groupleader.services.taxes import IncomeSoFar, TaxRegime, compute_tax
from payments.api import CheckResult, balances_by_label, result_of

Wrong = Iterator[tuple[str, str]]
Line = CommissionAccrual.Status
Statement = SettlementStatement.Status
CHUNK: Final = 500
# From approval on the books hold a statement as a payout in transit, no longer as commission owed.
NOT_YET_BOOKED: Final = (Statement.DRAFT, Statement.ISSUED, Statement.CONFIRMED, Statement.DISPUTED)
IN_TRANSIT: Final = (Statement.APPROVED, Statement.PAYING, Statement.FAILED)


def check() -> list[CheckResult]:
    """Check every rule of commission, statements and payouts."""
    return [
        earned_after_collection(),
        lines_follow_their_terms(),
        statements_are_their_lines(),
        taken_back_carries_over(),
        statements_add_up(),
        one_live_payout(),
        payouts_match_statements(),
        approved_by_somebody(),
        tax_is_the_years(),
        one_per_period(),
        commission_owed(),
        payouts_in_transit(),
    ]


def earned_after_collection() -> CheckResult:
    """C1: nothing is earned before it was collected."""
    rows = CommissionAccrual.objects.filter(fulfilment=WHOLE)
    early = rows.filter(
        Q(status__in=[Line.FROZEN, Line.AVAILABLE, Line.IN_STATEMENT, Line.PAID], frozen_at=None)
        | Q(status__in=[Line.AVAILABLE, Line.IN_STATEMENT, Line.PAID], available_at=None)
    )
    wrong = ((row.terms.order_no, row.status) for row in early.select_related("terms"))
    return result_of("C1 earned only after collection", rows=rows.count(), wrong=wrong)


def lines_follow_their_terms() -> CheckResult:
    """C2: what a line earned is its terms less what refunds take of it; all refunded leaves 0."""

    def wrong() -> Wrong:
        rows = CommissionTerms.objects.annotate(
            left=Sum("accruals__amount_minor"), lines=Count("accruals")
        ).order_by("pk")
        for terms in rows.iterator(chunk_size=CHUNK):
            whole = commission_of(terms)
            due = whole - reduction(
                commission_minor=whole,
                base_minor=terms.base_minor,
                returned_minor=0,
                now_minor=terms.returned_minor,
            )
            if terms.lines and terms.left != due:
                yield terms.order_no, f"line {terms.line_id}: {terms.left} instead of {due}"

    count = CommissionTerms.objects.count()
    return result_of("C2 commission follows the goods kept", rows=count, wrong=wrong())


def statements_are_their_lines() -> CheckResult:
    """C3: a statement is the sum of its lines, and its lines are its leader's."""
    rows = SettlementStatement.objects.exclude(status=Statement.DRAFT)
    off = rows.annotate(sum=Coalesce(Sum("accruals__amount_minor"), 0)).exclude(
        gross_minor=F("sum")
    )
    wrong = [(row.statement_no, f"{row.gross_minor}, lines say {row.sum}") for row in off]
    strays = CommissionAccrual.objects.exclude(statement=None).exclude(
        statement__leader=F("leader")
    )
    wrong += [
        (row.statement.statement_no, f"line {row.pk} is another leader's")
        for row in strays.select_related("statement")
    ]
    return result_of("C3 statement = its lines", rows=rows.count(), wrong=wrong)


def taken_back_carries_over() -> CheckResult:
    """C4: negative lines come from refunds after settlement, and no statement is below zero."""
    rows = CommissionAccrual.objects.filter(amount_minor__lt=0)
    odd = rows.exclude(fulfilment__startswith="refund:")
    wrong = [(str(row.pk), "negative without a refund") for row in odd]
    below = SettlementStatement.objects.filter(net_minor__lte=0)
    wrong += [(row.statement_no, f"pays {row.net_minor}") for row in below]
    return result_of("C4 what is taken back carries over", rows=rows.count(), wrong=wrong)


def statements_add_up() -> CheckResult:
    """C5: gross = net + tax + deductions."""
    rows = SettlementStatement.objects.exclude(status=Statement.DRAFT)
    off = rows.exclude(gross_minor=F("net_minor") + F("tax_minor") + F("deductions_minor"))
    wrong = [(row.statement_no, f"{row.gross_minor}") for row in off]
    return result_of("C5 gross = net + tax + deductions", rows=rows.count(), wrong=wrong)


def one_live_payout() -> CheckResult:
    """C6: a statement has at most one live payout, of exactly its net."""
    live = Payout.objects.filter(status__in=Payout.LIVE)
    twice = (
        live.order_by().values("statement__statement_no").annotate(n=Count("pk")).filter(n__gt=1)
    )
    wrong = [(row["statement__statement_no"], f"{row['n']} live payouts") for row in twice]
    other = Payout.objects.exclude(amount_minor=F("statement__net_minor"))
    wrong += [(row.transfer_no, f"pays {row.amount_minor}") for row in other]
    return result_of("C6 one live payout per statement", rows=live.count(), wrong=wrong)


def payouts_match_statements() -> CheckResult:
    """C7: a statement's state is what its payouts say: running, succeeded, or none live."""
    rows = SettlementStatement.objects.annotate(
        running=Count("payouts", Q(payouts__status__in=["new", "sent", "unknown"])),
        succeeded=Count("payouts", Q(payouts__status="succeeded")),
    ).annotate(
        expected=Case(
            When(status=Statement.PAYING, then=Value("running")),
            When(status=Statement.PAID, then=Value("succeeded")),
            default=Value("none"),
        )
    )
    off = rows.filter(
        Q(expected="running") & ~Q(running=1, succeeded=0)
        | Q(expected="succeeded") & ~Q(running=0, succeeded=1)
        | Q(expected="none") & ~Q(running=0, succeeded=0)
    )
    wrong = [(row.statement_no, f"{row.status}, but payouts disagree") for row in off]
    return result_of("C7 payouts agree with statements", rows=rows.count(), wrong=wrong)


def approved_by_somebody() -> CheckResult:
    """C8: what is paid was approved by a person, and a second one where a first was needed."""
    rows = SettlementStatement.objects.filter(
        status__in=[Statement.APPROVED, Statement.PAYING, Statement.PAID, Statement.FAILED]
    )
    off = rows.filter(Q(approved_by=None) | Q(first_approved_by=F("approved_by")))
    wrong = [(row.statement_no, "nobody approved it, or the same person twice") for row in off]
    return result_of("C8 approved before it is paid", rows=rows.count(), wrong=wrong)


def tax_is_the_years() -> CheckResult:
    """C9: tax follows from the person's year with us, however the statements were cut."""

    def wrong() -> Wrong:
        gross: Counter[tuple[int, int]] = Counter()
        withheld: Counter[tuple[int, int]] = Counter()
        first_month: dict[tuple[int, int], int] = {}
        for row in _taxed().iterator(chunk_size=CHUNK):
            year = (row.leader_id, row.tax_date.year)
            start = first_month.setdefault(year, row.tax_date.month)
            so_far = IncomeSoFar(
                gross_minor=gross[year],
                withheld_minor=withheld[year],
                months=row.tax_date.month - start + 1,
            )
            regime = TaxRegime(row.tax_regime)
            due = compute_tax(row.gross_minor, regime=regime, day=row.tax_date, so_far=so_far)
            if row.tax_minor != due:
                yield row.statement_no, f"withheld {row.tax_minor} instead of {due}"
            gross[year] += row.gross_minor
            withheld[year] += row.tax_minor

    return result_of("C9 tax is the year's", rows=_taxed().count(), wrong=wrong())


def _taxed() -> QuerySet[SettlementStatement]:
    """Return issued statements in the order in which they were taxed."""
    return SettlementStatement.objects.exclude(tax_date=None).order_by("issued_at", "pk")


def one_per_period() -> CheckResult:
    """C10: one statement per leader and period."""
    rows = SettlementStatement.objects.order_by().values("leader", "period")
    twice = rows.annotate(n=Count("pk")).filter(n__gt=1)
    wrong = [(row["period"], f"leader {row['leader']}: {row['n']} statements") for row in twice]
    count = SettlementStatement.objects.count()
    return result_of("C10 one statement per leader and period", rows=count, wrong=wrong)


def commission_owed() -> CheckResult:
    """L7: what each leader has earned and no approved statement holds is what 2301 owes her."""
    open_lines = CommissionAccrual.objects.filter(
        Q(status__in=[Line.FROZEN, Line.AVAILABLE])
        | Q(status=Line.IN_STATEMENT, statement__status__in=NOT_YET_BOOKED)
    )
    sums = open_lines.order_by().values_list("leader_id").annotate(Sum("amount_minor"))
    ours = {str(leader_id): amount for leader_id, amount in sums if amount}
    books: Counter[str] = Counter()
    for (party, _reference), minor in balances_by_label("2301").items():
        books[party] -= minor
    return _compare("L7 commission = owed to leaders", ours, books)


def payouts_in_transit() -> CheckResult:
    """L7: the net of approved and not yet paid statements is what 2302 has in transit."""
    approved = SettlementStatement.objects.filter(status__in=IN_TRANSIT)
    ours = dict(approved.values_list("statement_no", "net_minor"))
    books: Counter[str] = Counter()
    for (_party, reference), minor in balances_by_label("2302").items():
        books[reference] -= minor
    return _compare("L7 approved statements = payouts in transit", ours, books)


def _compare(name: str, ours: dict[str, int], books: Counter[str]) -> CheckResult:
    subjects = sorted(set(ours) | {label for label, minor in books.items() if minor})
    wrong = [
        (subject, f"our rows say {ours.get(subject, 0)}, the books say {books[subject]}")
        for subject in subjects
        if ours.get(subject, 0) != books[subject]
    ]
    return result_of(name, rows=len(subjects), wrong=wrong)
