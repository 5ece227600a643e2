"""Rules of collecting: one attempt, one transaction, one application, every step with evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, Window
from django.db.models.functions import Coalesce, Lag

from payments.kernel.checking import CheckResult, result_of
from payments.kernel.clock import now
from payments.models import ChannelFact, Incident, Payment, PaymentTransition, Refund, Tender
from payments.services.machine import MACHINE

OPEN_AT_MOST: Final = timedelta(hours=48)
_OPEN: Final = ("created", "sent", "pending", "unknown", "closing")
_SUCCEEDED: Final = Payment.Status.SUCCEEDED
# Steps that say what we did with the money; the state stays SUCCEEDED.
_APPLICATION_EDGES: Final = {"20", "21"}


def one_transaction_per_attempt() -> CheckResult:
    """P3: an acquirer's transaction belongs to one payment."""
    known = Payment.objects.exclude(acquirer_no="")
    twice = (
        known.order_by()
        .values("merchant", "acquirer_no")
        .annotate(payments=Count("pk"))
        .filter(payments__gt=1)
    )
    return result_of(
        "P3 one payment per transaction of the acquirer",
        rows=known.count(),
        wrong=((row["acquirer_no"], f"{row['payments']} payments") for row in twice.iterator()),
    )


def captured_whole_or_not_at_all() -> CheckResult:
    """P3, D7: what succeeded captured what the payer was charged, all else captured nothing.

    That is its amount, less what the acquirer says others gave of it.
    """
    payer = Tender.objects.filter(payment=OuterRef("pk"), funder="payer").values("actual_minor")
    wrong = Payment.objects.annotate(charged=Subquery(payer[:1])).exclude(
        Q(status=_SUCCEEDED, captured_minor=F("charged"))
        | (~Q(status=_SUCCEEDED) & Q(captured_minor=0))
    )
    return result_of(
        "P3 captured whole or not at all",
        rows=Payment.objects.count(),
        wrong=(
            (
                p.payment_no,
                f"{p.status}: captured {p.captured_minor}, charged {p.charged} of {p.amount_minor}",
            )
            for p in wrong.iterator()
        ),
    )


def money_that_came_has_a_use() -> CheckResult:
    """P4: captured money is applied, on its way back, or held for a person; never forgotten."""
    came = Payment.objects.filter(status=_SUCCEEDED)
    forgotten = came.filter(application=Payment.Application.NONE)
    return result_of(
        "P4 money that came is applied, returned or held",
        rows=came.count(),
        wrong=((p.payment_no, "captured and not used") for p in forgotten.iterator()),
    )


def applied_once_per_reference() -> CheckResult:
    """P4: at most one payment is applied to what is owed."""
    applied = Payment.objects.filter(application=Payment.Application.APPLIED)
    twice = applied.order_by().values("reference").annotate(n=Count("pk")).filter(n__gt=1)
    return result_of(
        "P4 at most one payment applied per order",
        rows=applied.count(),
        wrong=((row["reference"], f"{row['n']} payments applied") for row in twice.iterator()),
    )


def tenders_make_the_payment() -> CheckResult:
    """P4: what is asked is the payer's part and what the acquirer takes off; parts add up.

    An acquirer that discounts by itself moves a part from the payer to the bank, no more.
    """
    tenders = Tender.objects.filter(payment=OuterRef("pk")).order_by().values("payment")
    asked = Q(funder="payer") | Q(is_expected=True)
    payer = tenders.annotate(total=Sum("estimated_minor", filter=asked))
    moved = tenders.annotate(total=Sum(F("actual_minor") - F("estimated_minor")))
    sums = Payment.objects.annotate(
        quoted=Coalesce(Subquery(payer.values("total")), 0),
        moved=Coalesce(Subquery(moved.values("total")), 0),
    )
    is_applied = Q(application=Payment.Application.APPLIED)
    wrong = sums.exclude(Q(quoted=F("amount_minor")) & (Q(moved=0) | ~is_applied))
    return result_of(
        "P4 tenders make the payment",
        rows=Payment.objects.count(),
        wrong=(
            (p.payment_no, f"charged {p.amount_minor}, quoted {p.quoted}, booked {p.moved:+d}")
            for p in wrong.iterator()
        ),
    )


def surplus_goes_back_whole() -> CheckResult:
    """P5, P6: late or double money has refunds of exactly all of it.

    A second transaction under its number, held for a person, goes back beside it.
    """
    surplus = Payment.objects.filter(application=Payment.Application.SURPLUS)
    own = ~Q(refunds__stage=Refund.Stage.HELD)
    returned = surplus.annotate(back=Coalesce(Sum("refunds__resident_minor", filter=own), 0))
    wrong = returned.exclude(back=F("captured_minor"), refund_committed_minor=F("captured_minor"))
    return result_of(
        "P5 P6 late and double payments are refunded whole",
        rows=surplus.count(),
        wrong=(
            (p.payment_no, f"captured {p.captured_minor}, going back {p.back}")
            for p in wrong.iterator()
        ),
    )


def steps_follow_the_table() -> CheckResult:
    """P7: every step is a row of the state machine's table."""
    allowed = {
        (edge.no, source, edge.to)
        for edge in MACHINE
        if edge.to is not None
        for source in (edge.sources or {""})
    }
    allowed |= {(no, str(_SUCCEEDED), str(_SUCCEEDED)) for no in _APPLICATION_EDGES}
    kinds = (
        PaymentTransition.objects.order_by()
        .values("edge", "from_status", "to_status")
        .annotate(n=Count("pk"))
    )
    return result_of(
        "P7 every step is in the table",
        rows=PaymentTransition.objects.count(),
        wrong=(
            (f"#{k['edge']}", f"{k['from_status']} -> {k['to_status']} ({k['n']} times)")
            for k in kinds
            if (k["edge"], k["from_status"], k["to_status"]) not in allowed
        ),
    )


def steps_replay_to_the_present() -> CheckResult:
    """P7: each payment's steps join end to end and lead to the state it is in."""
    linked = PaymentTransition.objects.annotate(
        before=Coalesce(
            Window(Lag("to_status"), partition_by=[F("payment_id")], order_by=[F("id").asc()]),
            Value(""),  # the first step of every payment comes from nowhere
        )
    )
    torn = linked.exclude(from_status=F("before")).values_list("payment__payment_no", "edge")
    last = PaymentTransition.objects.filter(payment=OuterRef("pk")).order_by("-pk")
    elsewhere = Payment.objects.annotate(told=Subquery(last.values("to_status")[:1])).exclude(
        status=F("told"), told__isnull=False
    )

    def wrong() -> Iterator[tuple[str, str]]:
        for number, edge in torn:
            yield number, f"step #{edge} does not begin where the one before ended"
        for payment in elsewhere.iterator():
            yield payment.payment_no, f"is {payment.status}, its steps say {payment.told}"

    return result_of(
        "P7 steps replay to the present state", rows=Payment.objects.count(), wrong=wrong()
    )


def success_has_evidence() -> CheckResult:
    """P8: nothing is called paid without a believed statement of the same number and amount."""
    successes = PaymentTransition.objects.filter(to_status=_SUCCEEDED)
    believed = Q(
        fact__verdict=ChannelFact.Verdict.APPLIED,
        fact__payment=F("payment"),
        fact__amount_minor=F("payment__amount_minor"),
        fact__currency=F("payment__currency"),
        fact__merchant_id=F("payment__account__merchant_id"),
    )
    proven = believed & (
        ~Q(fact__source=ChannelFact.Source.NOTIFY)
        | Q(fact__notification__status__in=["verified", "applied"])
    )
    wrong = successes.exclude(pk__in=successes.filter(proven).values("pk"))
    return result_of(
        "P8 paid only on matching evidence",
        rows=successes.count(),
        wrong=((n, "called paid without proof") for n in _numbers(wrong)),
    )


def mismatches_are_reported() -> CheckResult:
    """P9: a genuine statement that does not fit changes nothing and calls a person."""
    mismatched = ChannelFact.objects.filter(verdict=ChannelFact.Verdict.MISMATCHED)
    reported = Incident.objects.filter(kind=Incident.Kind.AMOUNT_MISMATCH)
    wrong = mismatched.exclude(own_no__in=reported.values("subject_no"))
    return result_of(
        "P9 a mismatch calls a person",
        rows=mismatched.count(),
        wrong=((fact.own_no, "mismatch without an incident") for fact in wrong.iterator()),
    )


def nothing_stays_open() -> CheckResult:
    """P11: every attempt ends within 48 hours of the moment it could be paid until."""
    still = Payment.objects.filter(status__in=_OPEN)
    wrong = still.filter(expires_at__lt=now() - OPEN_AT_MOST)
    return result_of(
        "P11 every payment ends within 48 hours",
        rows=still.count(),
        wrong=(
            (p.payment_no, f"{p.status}, payable until {p.expires_at:%Y-%m-%d %H:%M}")
            for p in wrong.iterator()
        ),
    )


def _numbers(steps: QuerySet[PaymentTransition]) -> Iterator[str]:
    return steps.values_list("payment__payment_no", flat=True).iterator()


COLLECTING_RULES = (
    one_transaction_per_attempt,
    captured_whole_or_not_at_all,
    money_that_came_has_a_use,
    applied_once_per_reference,
    tenders_make_the_payment,
    surplus_goes_back_whole,
    steps_follow_the_table,
    steps_replay_to_the_present,
    success_has_evidence,
    mismatches_are_reported,
    nothing_stays_open,
)
