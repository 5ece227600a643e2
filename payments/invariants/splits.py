"""Rules of sharing out: never more than came, back before the refund, and nobody forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from payments.invariants.equations import booked_minor, equation
from payments.kernel.checking import CheckResult, result_of
from payments.kernel.clock import now
from payments.models import Incident, Payment, Refund, Split, SplitReturn, SplitShare

OPEN_AT_MOST: Final = timedelta(days=7)
_OPEN: Final = ("created", "sent", "processing", "unknown")
_OPEN_RETURNS: Final = ("waiting", *_OPEN)


def shares_within_what_came() -> CheckResult:
    """R1: what is out in shares is what is reserved, and with the refunds no more than came."""
    out = (
        SplitShare.objects.filter(split__payment=OuterRef("pk"))
        .exclude(status="failed")
        .order_by()
        .values("split__payment")
        .annotate(total=Sum(F("amount_minor") - F("back_committed_minor")))
    )
    shared = Payment.objects.filter(
        Q(split_committed_minor__gt=0) | Exists(Split.objects.filter(payment=OuterRef("pk")))
    )
    wrong = shared.annotate(out=Coalesce(Subquery(out.values("total")), 0)).exclude(
        out=F("split_committed_minor"), out__lte=F("captured_minor") - F("refund_committed_minor")
    )
    return result_of(
        "R1 shares and refunds within what was captured",
        rows=shared.count(),
        wrong=(
            (
                p.payment_no,
                f"{p.captured_minor} came, {p.out} out, {p.refund_committed_minor} back",
            )
            for p in wrong.iterator()
        ),
    )


def returns_make_what_is_back() -> CheckResult:
    """R1: what a share gave back, or is to give back, is the sum of its returns."""
    returned = (
        SplitReturn.objects.filter(share=OuterRef("pk"))
        .exclude(status="void")
        .order_by()
        .values("share")
        .annotate(total=Sum("amount_minor"))
    )
    shares = SplitShare.objects.exclude(status="failed")
    wrong = shares.annotate(back=Coalesce(Subquery(returned.values("total")), 0)).exclude(
        back=F("back_committed_minor")
    )
    return result_of(
        "R1 a share's returns make what it gave back",
        rows=shares.count(),
        wrong=(
            (s.share_no, f"{s.back_committed_minor} kept, returns of {s.back}")
            for s in wrong.iterator()
        ),
    )


def shares_come_back_first() -> CheckResult:
    """R4: a refund is sent only when every share it waits for has ended, and waits no longer."""
    still = SplitReturn.objects.filter(refund=OuterRef("pk"), status__in=_OPEN_RETURNS)
    waits = Q(status="taking_back")
    with_returns = Exists(SplitReturn.objects.filter(refund=OuterRef("pk")))
    behind = Refund.objects.filter(waits | Q(with_returns))
    wrong = behind.annotate(waiting=Exists(still)).exclude(
        (waits & Q(waiting=True)) | (~waits & Q(waiting=False))
    )
    return result_of(
        "R4 shares are taken back before the refund",
        rows=behind.count(),
        wrong=(
            (r.refund_no, f"{r.status}, shares still coming back: {r.waiting}")
            for r in wrong.iterator()
        ),
    )


def refused_shares_call_a_person() -> CheckResult:
    """R5: a share refused, or not given back, has an incident; what we paid for it is booked."""
    splits = Split.objects.filter(status__in=["failed", "partial"])
    returns = SplitReturn.objects.filter(status="failed")
    called = Incident.objects.filter(subject_no=OuterRef("split_no"))
    missed = Incident.objects.filter(subject_no=OuterRef("return_no"))
    silent = [
        *splits.exclude(Exists(called)).values_list("split_no", "status"),
        *returns.exclude(Exists(missed)).values_list("return_no", "status"),
        *returns.filter(advanced_at__isnull=True).values_list("return_no", "status"),
    ]
    return result_of(
        "R5 a refused share calls a person",
        rows=splits.count() + returns.count(),
        wrong=((number, f"{status} silently") for number, status in silent),
    )


def splits_end() -> CheckResult:
    """R5: a split, and a return of a share, ends within a week."""
    since = now() - OPEN_AT_MOST
    splits = Split.objects.filter(status__in=_OPEN)
    returns = SplitReturn.objects.filter(status__in=_OPEN_RETURNS)
    late = [
        *splits.filter(created_at__lt=since).values_list("split_no", "status"),
        *returns.filter(created_at__lt=since).values_list("return_no", "status"),
    ]
    return result_of(
        "R5 every split and return ends within 7 days",
        rows=splits.count() + returns.count(),
        wrong=iter(late),
    )


def shares_paid() -> CheckResult:
    """L7: what receivers got left clearing."""
    return equation(
        "shares paid = clearing credited",
        rows=SplitShare.objects.filter(status="succeeded"),
        column="amount_minor",
        booked=lambda: -booked_minor(transaction__kind="split", account="1101"),
    )


def shares_returned() -> CheckResult:
    """L7: what receivers gave back came into clearing."""
    return equation(
        "shares given back = clearing debited",
        rows=SplitReturn.objects.filter(status="succeeded"),
        column="amount_minor",
        booked=lambda: booked_minor(transaction__kind="split_back", account="1101"),
    )


def shares_advanced() -> CheckResult:
    """L7: what we advanced for receivers is what they came to owe us."""
    return equation(
        "shares advanced = receivable from receivers",
        rows=SplitReturn.objects.filter(advanced_at__isnull=False),
        column="amount_minor",
        booked=lambda: booked_minor(transaction__kind="split_advance", account="1141"),
    )


SPLIT_RULES = (
    shares_within_what_came,
    returns_make_what_is_back,
    shares_come_back_first,
    refused_shares_call_a_person,
    splits_end,
    shares_paid,
    shares_returned,
    shares_advanced,
)
