"""Rules of giving back and paying out: never more than came, and no silent failure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from payments.kernel.checking import CheckResult, result_of
from payments.kernel.clock import now
from payments.models import Incident, Payment, Refund, RefundTender, Tender, Transfer

OPEN_AT_MOST: Final = timedelta(days=7)
_OPEN: Final = (
    "taking_back",
    "created",
    "approved",
    "sent",
    "wait_user_confirm",
    "processing",
    "unknown",
)


def refunds_within_captured() -> CheckResult:
    """R1: what went back or is promised never exceeds what came in, and is what is reserved.

    Held money was never captured by the payment; the rule of held refunds looks after it.
    """
    totals = (
        Refund.objects.filter(payment=OuterRef("pk"))
        .exclude(stage=Refund.Stage.HELD)
        .order_by()
        .values("payment")
        .annotate(total=Sum("resident_minor"))
    )
    captured = Refund.objects.filter(payment=OuterRef("pk")).exclude(stage=Refund.Stage.HELD)
    payments = Payment.objects.filter(Exists(captured))
    wrong = payments.annotate(back=Subquery(totals.values("total"))).exclude(
        back__lte=F("captured_minor"), back=F("refund_committed_minor")
    )
    return result_of(
        "R1 refunds within what was captured",
        rows=Refund.objects.count(),
        wrong=(
            (
                p.payment_no,
                f"{p.captured_minor} came, {p.refund_committed_minor} kept, {p.back} goes",
            )
            for p in wrong.iterator()
        ),
    )


def nobody_gets_more_than_she_gave() -> CheckResult:
    """R1: each funder's parts of refunds never exceed its part of the payment."""
    back = (
        RefundTender.objects.filter(
            refund__payment=OuterRef("payment"), funder=OuterRef("funder"), ref=OuterRef("ref")
        )
        .exclude(refund__stage=Refund.Stage.HELD)
        .order_by()
        .values("funder")
        .annotate(total=Sum("amount_minor"))
    )
    returned = Tender.objects.filter(refund_committed_minor__gt=0)
    wrong = returned.annotate(back=Coalesce(Subquery(back.values("total")), 0)).exclude(
        back=F("refund_committed_minor"), back__lte=F("actual_minor")
    )
    return result_of(
        "R1 no funder gets more than it gave",
        rows=returned.count(),
        wrong=(
            (t.payment.payment_no, f"{t.funder} gave {t.actual_minor}, gets {t.back}")
            for t in wrong.select_related("payment").iterator()
        ),
    )


def surplus_only_from_surplus() -> CheckResult:
    """R1: goods are refunded from what paid for them, surplus from surplus."""
    is_surplus = Q(stage=Refund.Stage.SURPLUS)
    is_held = Q(stage=Refund.Stage.HELD)
    fits = (
        is_held
        | (is_surplus & Q(payment__application="surplus"))
        | (~is_surplus & Q(payment__application="applied"))
    )
    return result_of(
        "R1 a refund's stage fits its payment",
        rows=Refund.objects.count(),
        wrong=(
            (refund.refund_no, f"{refund.stage} of a payment that is {refund.payment.application}")
            for refund in Refund.objects.exclude(fits).select_related("payment").iterator()
        ),
    )


def refund_parts_make_the_value() -> CheckResult:
    """R3: the resident's part and the others' make the value of the goods given back."""
    parts = (
        RefundTender.objects.filter(refund=OuterRef("pk"))
        .order_by()
        .values("refund")
        .annotate(total=Sum("amount_minor"), payer=Sum("amount_minor", filter=Q(funder="payer")))
    )
    refunds = Refund.objects.annotate(
        parts=Coalesce(Subquery(parts.values("total")), 0),
        payer=Coalesce(Subquery(parts.values("payer")), 0),
    )
    wrong = refunds.exclude(parts=F("value_minor"), payer=F("resident_minor"))
    return result_of(
        "R3 a refund's parts make its value",
        rows=Refund.objects.count(),
        wrong=(
            (r.refund_no, f"value {r.value_minor}, parts {r.parts}, resident {r.resident_minor}")
            for r in wrong.iterator()
        ),
    )


def refused_refunds_call_a_person() -> CheckResult:
    """R5: a refund that failed or came back has an incident; nobody loses it silently."""
    refused = ["failed", "closed", "abnormal", "failed_after_success"]
    failed = Refund.objects.filter(status__in=refused)
    called = Incident.objects.filter(subject_no=OuterRef("refund_no"))
    wrong = failed.exclude(Exists(called))
    return result_of(
        "R5 a refused refund calls a person",
        rows=failed.count(),
        wrong=((refund.refund_no, f"{refund.status} silently") for refund in wrong.iterator()),
    )


def refunds_end() -> CheckResult:
    """R5: a refund ends within a week."""
    still = Refund.objects.filter(status__in=_OPEN)
    wrong = still.filter(created_at__lt=now() - OPEN_AT_MOST)
    return result_of(
        "R5 every refund ends within 7 days",
        rows=still.count(),
        wrong=((refund.refund_no, refund.status) for refund in wrong.iterator()),
    )


def transfers_end() -> CheckResult:
    """C7: a transfer ends within a week; while it is unknown nobody may try another."""
    still = Transfer.objects.filter(status__in=_OPEN)
    wrong = still.filter(created_at__lt=now() - OPEN_AT_MOST)
    return result_of(
        "C7 every transfer ends within 7 days",
        rows=still.count(),
        wrong=((transfer.transfer_no, transfer.status) for transfer in wrong.iterator()),
    )


RETURNING_RULES = (
    refunds_within_captured,
    nobody_gets_more_than_she_gave,
    surplus_only_from_surplus,
    refund_parts_make_the_value,
    refused_refunds_call_a_person,
    refunds_end,
    transfers_end,
)
