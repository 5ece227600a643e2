"""What must always be true of batches and splits: sums, two people, and never more than is due."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from groupleader.models import BatchAnswer, Payout, PayoutBatch, PayoutShare, SettlementStatement
from payments.api import CheckResult, result_of


def payout_checks() -> list[CheckResult]:
    """Check every rule of batch files and of payouts by the acquirer's split."""
    return [
        batches_are_their_rows(),
        batches_have_two_people(),
        answers_are_carried_out_as_said(),
        shares_within_the_statement(),
        shares_are_their_payout(),
    ]


def paid_by_shares(statements: QuerySet[SettlementStatement]) -> dict[str, int]:
    """Return what the acquirer's shares already paid of statements that are not paid yet (fen)."""
    rows = PayoutShare.objects.filter(
        payout__statement__in=statements, status=PayoutShare.Status.PAID
    )
    left = Sum(F("amount_minor") - F("back_minor"))
    return dict(rows.order_by().values_list("payout__statement__statement_no").annotate(left=left))


def batches_are_their_rows() -> CheckResult:
    """C6: a batch's sum and count are its payouts', whatever became of them."""
    sums = Coalesce(Sum("payouts__amount_minor"), 0)
    rows = PayoutBatch.objects.annotate(n=Count("payouts"), sum=sums)
    off = rows.exclude(n=F("count"), sum=F("total_minor"))
    wrong = [(row.batch_no, f"{row.count} of {row.total_minor}, rows {row.sum}") for row in off]
    return result_of("C6 batch = its payouts", rows=rows.count(), wrong=wrong)


def batches_have_two_people() -> CheckResult:
    """C8: a file that left was let go by another than who made it, and its download is logged."""
    left = PayoutBatch.objects.filter(status__in=["handed_out", "closed"])
    off = left.annotate(n=Count("downloads")).filter(
        Q(approved_by=None) | Q(approved_by=F("made_by")) | Q(n=0)
    )
    wrong = [(row.batch_no, "let go by its maker, or nobody had it") for row in off]
    return result_of("C8 two people behind every file", rows=left.count(), wrong=wrong)


def answers_are_carried_out_as_said() -> CheckResult:
    """C7: what the bank said of a row is what became of it, unless two people decided since."""
    rows = BatchAnswer.objects.exclude(applied_at=None)
    still = rows.filter(payout__decisions=None, payout__batch__decisions=None)
    off = still.filter(
        Q(outcome="paid", payout__status__in=["failed", "cancelled", "new"])
        | Q(outcome="failed", payout__status__in=["succeeded", "returned", "cancelled", "new"])
    )
    wrong = [(row.payout.transfer_no, row.outcome) for row in off.select_related("payout")]
    return result_of("C7 the bank's answer stands", rows=rows.count(), wrong=wrong)


def shares_within_the_statement() -> CheckResult:
    """C6: shares of a statement, less what came back, are never more than its net."""
    live = PayoutShare.objects.exclude(status=PayoutShare.Status.FAILED).order_by()
    sums = live.values("payout__statement__statement_no", "payout__statement__net_minor").annotate(
        out=Sum(F("amount_minor") - F("back_minor"))
    )
    off = sums.filter(out__gt=F("payout__statement__net_minor"))
    wrong = [(row["payout__statement__statement_no"], f"shares of {row['out']}") for row in off]
    return result_of("C6 shares within the statement", rows=live.count(), wrong=wrong)


def shares_are_their_payout() -> CheckResult:
    """C6: a split payout is the sum of its shares."""
    rows = Payout.objects.filter(method=Payout.Method.SPLIT)
    off = rows.annotate(sum=Coalesce(Sum("shares__amount_minor"), 0)).exclude(sum=F("amount_minor"))
    wrong = [(row.transfer_no, f"{row.amount_minor}, shares {row.sum}") for row in off]
    return result_of("C6 split payout = its shares", rows=rows.count(), wrong=wrong)
