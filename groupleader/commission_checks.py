"""What must always be true of commission: earned, taken back and shared as was agreed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from groupleader.models import CommissionAccrual, CommissionTerms, TakenBack
from groupleader.services.accruals import WHOLE
from groupleader.services.agreeing import commission_of
from groupleader.services.commissions import reduction
from payments.api import CheckResult, result_of

Wrong = Iterator[tuple[str, str]]
Line = CommissionAccrual.Status
Part = CommissionTerms.Part
CHUNK: Final = 500


def commission_checks() -> list[CheckResult]:
    """Check every rule of commission before it is settled."""
    return [
        earned_after_collection(),
        lines_follow_their_terms(),
        refunds_are_listed(),
        shares_fit_together(),
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
    """C2: what a part earned is its terms less what refunds take of it; all refunded leaves 0."""

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


def refunds_are_listed() -> CheckResult:
    """C2: what went back of a line is the sum of the refunds that took it."""
    listed = TakenBack.objects.filter(terms=OuterRef("pk")).order_by().values("terms")
    sums = Subquery(listed.annotate(sum=Sum("value_minor")).values("sum"))
    off = CommissionTerms.objects.annotate(listed=Coalesce(sums, 0)).exclude(
        listed=F("returned_minor")
    )
    wrong = ((row.order_no, f"{row.returned_minor} back, {row.listed} listed") for row in off)
    count = TakenBack.objects.count()
    return result_of("C2 refunds of a line are listed", rows=count, wrong=wrong)


def shares_fit_together() -> CheckResult:
    """C2: what the keeper of a line has is what its leader gives, of the same base and rate."""
    rows = CommissionTerms.objects.filter(part=Part.KEEPER)
    own = CommissionTerms.objects.filter(line_id=OuterRef("line_id"), part=Part.LEADER)
    beside = rows.annotate(
        given=Subquery(own.values("share")[:1]),
        base=Subquery(own.values("base_minor")[:1]),
        hers=Subquery(own.values("leader")[:1]),
    )
    off = beside.exclude(given=F("share"), base=F("base_minor")).exclude(share=0)
    wrong = [(row.order_no, f"line {row.line_id}: {row.share} of {row.given}") for row in off]
    same = beside.filter(hers=F("leader")).exclude(share=0)
    wrong += [(row.order_no, f"line {row.line_id}: shared with herself") for row in same]
    return result_of("C2 keepers have what leaders give", rows=rows.count(), wrong=wrong)
