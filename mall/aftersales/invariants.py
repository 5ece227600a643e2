"""What must always be true of cases and recalls: states follow the money, and who decided it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from mall.aftersales.models import AfterSalesCase, Compensation, DecisionAllowance, Recall
from mall.ordering.models import LineBack, OrderFulfilment
from payments.api import CheckResult, UnknownNumberError, refund_view, result_of

Status = AfterSalesCase.Status
Wrong = Iterator[tuple[str, str]]
_PAID: Final = (Status.REFUNDING, Status.REFUNDED)
_DONE: Final = frozenset({"succeeded", "paid_by_hand"})


def check() -> list[CheckResult]:
    """Check every rule of cases and recalls."""
    return [
        states_follow_refunds(),
        amounts_are_what_went_back(),
        open_cases_hold_windows(),
        decided_by_whom_they_may(),
        recalls_are_their_lines(),
    ]


def states_follow_refunds() -> CheckResult:
    """C1: a case is refunded when its refund arrived, and on its way until then."""
    rows = AfterSalesCase.objects.filter(status__in=_PAID)

    def wrong() -> Wrong:
        for case in rows.order_by("pk").iterator():
            try:
                status = refund_view(case.refund_no).status
            except UnknownNumberError:
                yield case.case_no, f"there is no refund {case.refund_no}"
                continue
            if case.status == Status.REFUNDED and status not in _DONE:
                yield case.case_no, f"is refunded, its refund is {status}"

    return result_of("C1 cases follow their refunds", rows=rows.count(), wrong=wrong())


def amounts_are_what_went_back() -> CheckResult:
    """C2: what went back with a case is what was decided, and within what was paid."""
    backs = LineBack.objects.filter(key=OuterRef("case_no"), why=LineBack.Why.CASE).order_by()
    sums = backs.values("key")
    rows = AfterSalesCase.objects.filter(status__in=_PAID).annotate(
        back_value=sums.annotate(n=Sum("value_minor")).values("n"),
        back_payer=sums.annotate(n=Sum("payer_minor")).values("n"),
        back_cost=sums.annotate(n=Sum("cost_minor")).values("n"),
    )
    astray = rows.exclude(
        back_value=F("value_minor"), back_payer=F("given_minor"), back_cost=F("cost_minor")
    )
    unpaid = AfterSalesCase.objects.exclude(status__in=_PAID).filter(Exists(backs))

    def wrong() -> Wrong:
        for case in astray.iterator():
            yield case.case_no, f"decided {case.value_minor}, went back {case.back_value}"
        for case in unpaid.iterator():
            yield case.case_no, f"is {case.status}, and something went back"

    return result_of("C2 cases give back what was decided", rows=rows.count(), wrong=wrong())


def open_cases_hold_windows() -> CheckResult:
    """C3: a line has one open case at most; an order's window is held while one is open."""
    still_open = AfterSalesCase.objects.filter(status__in=AfterSalesCase.OPEN)
    twice = still_open.order_by().values("line").annotate(n=Count("pk")).filter(n__gt=1)
    has_case = Exists(still_open.filter(order=OuterRef("pk")))
    astray = OrderFulfilment.objects.filter(
        Q(has_case, window_held=False) | Q(~has_case, window_held=True)
    )

    def wrong() -> Wrong:
        for row in twice.iterator():
            yield str(row["line"]), f"{row['n']} open cases"
        for order in astray.iterator():
            yield order.order_no, f"window held: {order.window_held}"

    return result_of("C3 open cases hold windows", rows=still_open.count(), wrong=wrong())


def decided_by_whom_they_may() -> CheckResult:
    """C4: nobody decides an own case, large ones have two people, days are what was decided."""
    rows = AfterSalesCase.objects.filter(status__in=_PAID)
    own = rows.filter(Q(decided_by=F("resident")) | Q(confirmed_by=F("resident")))
    alone = rows.filter(needs_second=True).filter(
        Q(confirmed_by=None) | Q(confirmed_by=F("decided_by"))
    )

    def wrong() -> Wrong:
        for case in own.iterator():
            yield case.case_no, "decided by the resident herself"
        for case in alone.iterator():
            yield case.case_no, "decided by one person"
        for day in DecisionAllowance.objects.order_by("pk").iterator():
            if day.used_minor != (counted := _counted(day)):
                yield str(day), f"{day.what}: decided {counted}"

    return result_of("C4 cases have their deciders", rows=rows.count(), wrong=wrong())


def _counted(day: DecisionAllowance) -> int:
    """Return what one person's decisions of a day come to (fen)."""
    if day.what == DecisionAllowance.What.CASES:
        rows = AfterSalesCase.objects.filter(decided_by=day.person_id, counted_on=day.day)
    else:
        rows = Compensation.objects.filter(given_by=day.person_id, counted_on=day.day)
    return int(rows.aggregate(n=Sum("value_minor"))["n"] or 0)


def recalls_are_their_lines() -> CheckResult:
    """C5: a recall that is over has nothing to do left, and what it gave back went back."""
    rows = Recall.objects.exclude(status=Recall.Status.WITHDRAWN)
    left = rows.filter(status=Recall.Status.DONE, lines__state="waiting").distinct()
    back = LineBack.objects.filter(
        why=LineBack.Why.RECALL, line=OuterRef("line"), refund_no=OuterRef("refund_no")
    )

    def wrong() -> Wrong:
        for recall in left.iterator():
            yield str(recall), "is over with lines to do"
        for recall in rows.iterator():
            lost = recall.lines.filter(state="refunded").filter(~Exists(back))
            for line in lost.iterator():
                yield str(recall), f"line {line.line_id} is refunded without money"

    return result_of("C5 recalls are their lines", rows=rows.count(), wrong=wrong())
