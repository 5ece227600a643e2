"""The books say what the rows say: payments, refunds and transfers against their accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from payments.kernel.checking import CheckResult, result_of
from payments.ledger.balances import posted_entries
from payments.models import Incident, Payment, Refund, RefundTender, Tender, Transfer

_OWED_BY_HAND = ["failed", "closed", "abnormal", "failed_after_success"]
_ON_THEIR_WAY = ["taking_back", "created", "sent", "processing", "unknown"]


def total(rows: QuerySet[Any], column: str) -> int:
    """Return a column's sum, 0 of no rows."""
    return int(rows.aggregate(total=Coalesce(Sum(column), 0))["total"])


def booked_minor(**wanted: Any) -> int:
    """Return what the wanted legs of posted journals sum to: debits less credits."""
    return total(posted_entries().filter(**wanted), "amount_minor")


def equation(
    name: str, *, rows: QuerySet[Any], column: str, booked: Callable[[], int]
) -> CheckResult:
    """Compare what our rows sum to with what the books say (L7)."""
    ours, books = total(rows, column), booked()
    wrong = [("books", f"our rows say {ours}, the books say {books}")] if ours != books else []
    return result_of(f"L7 {name}", rows=rows.count(), wrong=wrong)


def captures() -> CheckResult:
    """L7: the payers' parts of what was applied are what came into clearing for it."""
    return equation(
        "captured = clearing debited",
        rows=Tender.objects.filter(payment__application="applied", funder="payer"),
        column="actual_minor",
        booked=lambda: booked_minor(transaction__kind="capture", account="1101"),
    )


def captured_value() -> CheckResult:
    """L7: all funders' parts of what was applied are what residents prepaid."""
    return equation(
        "tenders booked = prepayments credited",
        rows=Tender.objects.filter(payment__application="applied"),
        column="actual_minor",
        booked=lambda: -booked_minor(transaction__kind="capture", account="2101"),
    )


def surplus() -> CheckResult:
    """L7: late and double money is what was booked as such."""
    return equation(
        "late and double payments = surplus credited",
        rows=Payment.objects.filter(application="surplus"),
        column="captured_minor",
        booked=lambda: -booked_minor(transaction__kind="surplus", account="2112"),
    )


def refunds_promised() -> CheckResult:
    """L7: what residents are to get back is what refunds credited."""
    return equation(
        "refunds promised = refunds in transit credited",
        rows=Refund.objects.all(),
        column="resident_minor",
        booked=lambda: -booked_minor(transaction__kind="refund", account="2111"),
    )


def subsidies_returned() -> CheckResult:
    """L7: what banks and authorities get back of refunds shrank what they owe us."""
    return equation(
        "banks' parts of refunds = subsidies credited",
        rows=RefundTender.objects.filter(funder__in=["bank", "government"]),
        column="amount_minor",
        booked=lambda: -booked_minor(transaction__kind="refund", account__in=["1131", "2131"]),
    )


def refunds_done() -> CheckResult:
    """L7: what refunds paid out left clearing."""
    return equation(
        "refunds done = clearing credited",
        rows=Refund.objects.filter(succeeded_at__isnull=False),
        column="resident_minor",
        booked=lambda: -booked_minor(transaction__kind="refund_ok", account="1101"),
    )


def refunds_in_transit() -> CheckResult:
    """L7: the drawer of refunds in transit holds what is on its way and nothing else."""
    return equation(
        "refunds on their way = refunds in transit",
        rows=Refund.objects.filter(status__in=_ON_THEIR_WAY),
        column="resident_minor",
        booked=lambda: -booked_minor(account="2111"),
    )


def refunds_by_hand() -> CheckResult:
    """L7: what was refused or came back is owed by hand, until it is paid so or sent again."""
    return equation(
        "refunds refused = owed by hand",
        rows=Refund.objects.filter(status__in=_OWED_BY_HAND),
        column="resident_minor",
        booked=lambda: -booked_minor(account="2113"),
    )


def refunds_paid_by_hand() -> CheckResult:
    """L7: what finance paid by hand left the bank account."""
    return equation(
        "refunds paid by hand = bank account credited",
        rows=Refund.objects.filter(status="paid_by_hand"),
        column="resident_minor",
        booked=lambda: -booked_minor(transaction__kind="refund_hand", account="1001"),
    )


def transfers_done() -> CheckResult:
    """L7: what was paid out left the bank account."""
    return equation(
        "transfers done = bank account credited",
        rows=Transfer.objects.filter(status__in=["succeeded", "returned"]),
        column="amount_minor",
        booked=lambda: -booked_minor(transaction__kind="payout_ok", account="1001"),
    )


def other_discounts_call_a_person() -> CheckResult:
    """D7: where a bank gave another part than was quoted, what it gave is booked and reported."""
    other = Payment.objects.filter(
        Exists(
            Tender.objects.filter(payment=OuterRef("pk")).exclude(actual_minor=F("estimated_minor"))
        ),
        application=Payment.Application.APPLIED,
    )
    reported = Incident.objects.filter(
        kind=Incident.Kind.TENDER_MISMATCH, subject_no=OuterRef("payment_no")
    )
    silent = other.exclude(Exists(reported)).values_list("payment_no", flat=True)
    return result_of(
        "D7 another discount than quoted calls a person",
        rows=other.count(),
        wrong=((number, "booked otherwise than quoted, silently") for number in silent.iterator()),
    )


EQUATION_RULES = (
    other_discounts_call_a_person,
    captures,
    captured_value,
    surplus,
    refunds_promised,
    subsidies_returned,
    refunds_done,
    refunds_in_transit,
    refunds_by_hand,
    refunds_paid_by_hand,
    transfers_done,
)
