"""What must always be true of leaders' money: C1 to C10 and the books, checked against all rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from django.db.models import Case, Count, F, Q, Value, When

from groupleader.commission_checks import commission_checks
from groupleader.guard_checks import guard_checks
from groupleader.models import CommissionAccrual, Payout, SettlementStatement
from groupleader.payout_checks import paid_by_shares, payout_checks
from groupleader.settlement_checks import compare, settlement_checks
from payments.api import CheckResult, balances_by_label, result_of

Wrong = Iterator[tuple[str, str]]
Line = CommissionAccrual.Status
Statement = SettlementStatement.Status
CHUNK: Final = 500
IN_TRANSIT: Final = (Statement.APPROVED, Statement.PAYING, Statement.FAILED)


def check() -> list[CheckResult]:
    """Check every rule of commission, statements and payouts."""
    return [
        *commission_checks(),
        taken_back_carries_over(),
        *settlement_checks(),
        *guard_checks(),
        one_live_payout(),
        payouts_match_statements(),
        approved_by_somebody(),
        payouts_in_transit(),
        *payout_checks(),
    ]


def taken_back_carries_over() -> CheckResult:
    """C4: negative lines come from refunds after settlement, and no statement is below zero."""
    rows = CommissionAccrual.objects.filter(amount_minor__lt=0)
    odd = rows.exclude(fulfilment__startswith="refund:")
    wrong = [(str(row.pk), "negative without a refund") for row in odd]
    below = SettlementStatement.objects.filter(net_minor__lt=0)
    wrong += [(row.statement_no, f"pays {row.net_minor}") for row in below]
    return result_of("C4 what is taken back carries over", rows=rows.count(), wrong=wrong)


def one_live_payout() -> CheckResult:
    """C6: a statement has at most one live payout, of exactly its net."""
    live = Payout.objects.filter(status__in=Payout.LIVE)
    twice = (
        live.order_by().values("statement__statement_no").annotate(n=Count("pk")).filter(n__gt=1)
    )
    wrong = [(row["statement__statement_no"], f"{row['n']} live payouts") for row in twice]
    whole = Payout.objects.exclude(method=Payout.Method.SPLIT)
    other = whole.exclude(amount_minor=F("statement__net_minor"))
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
            When(status=Statement.PAID, net_minor__gt=0, then=Value("succeeded")),
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


def payouts_in_transit() -> CheckResult:
    """L7: the net of approved and not yet paid statements is what 2202 and 2302 have in transit."""
    approved = SettlementStatement.objects.filter(status__in=IN_TRANSIT)
    ours = Counter(dict(approved.values_list("statement_no", "net_minor")))
    ours.subtract(paid_by_shares(approved))
    books: Counter[str] = Counter()
    for account in ("2202", "2302"):
        for (_party, reference), minor in balances_by_label(account).items():
            books[reference] -= minor
    return compare("L7 approved statements = payouts in transit", ours, books)
