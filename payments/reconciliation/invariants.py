"""What must always be true of reconciliation: nothing counted twice, nothing corrected silently."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum

from payments.kernel.checking import CheckResult, result_of
from payments.ledger.balances import posted_entries
from payments.models import JournalTransaction
from payments.reconciliation.equation import equation_of
from payments.reconciliation.models import Bill, ReconciliationCase, SettlementBatch
from payments.reconciliation.rules import fee_tolerance

State = ReconciliationCase.State
Resolution = ReconciliationCase.Resolution
_RECON_KINDS = ("recon", "recon_back", "recon_off", "recon_undo")
# Every bill was checked when it was closed; those of the last days are checked again.
_BILLS_CHECKED = 12


def lines_are_accounted_for() -> CheckResult:
    """X1: each line of a bill is matched to one row of ours or stands in a case, and vice versa."""
    bills = Bill.objects.select_related("account").filter(
        is_current=True, state__in=[Bill.State.MATCHED, Bill.State.CLOSED]
    )
    newest = bills.order_by("-day", "pk")[:_BILLS_CHECKED]

    def wrong() -> Iterator[tuple[str, str]]:
        for bill in newest:
            equation = equation_of(bill)
            for name, side in [*equation.bill.items(), *equation.ours.items()]:
                if not side.holds:
                    count, minor = side.left
                    yield str(bill), f"{name}: {count} records, {minor} in money unaccounted for"

    return result_of(
        "X1 every line of a bill is matched or in a case, and so is every row of ours",
        rows=sum(bill.line_count for bill in newest),
        wrong=wrong(),
    )


def a_line_has_one_case() -> CheckResult:
    """X1: no line stands in two cases that speak for it."""
    speaking = ReconciliationCase.objects.exclude(line=None).filter(
        ~Q(state=State.CLOSED) | Q(resolution__in=[Resolution.DECIDED, Resolution.RETURNED])
    )
    twice = speaking.order_by().values("line_id").annotate(count=Count("pk")).filter(count__gt=1)
    return result_of(
        "X1 a line stands in one case",
        rows=speaking.count(),
        wrong=((str(row["line_id"]), f"{row['count']} cases") for row in twice.iterator()),
    )


def nothing_is_corrected_beyond_tolerance() -> CheckResult:
    """X2: every difference that was booked was decided by two people or is within the tolerance."""
    cases = {
        case.case_no: case
        for case in ReconciliationCase.objects.filter(
            Q(resolution=Resolution.TOLERATED) | ~Q(decided_by="")
        ).select_related("bill")
    }
    journals = JournalTransaction.objects.filter(kind="recon").values_list("ref", flat=True)

    def wrong() -> Iterator[tuple[str, str]]:
        for ref in journals.iterator():
            number = ref.split(":")[1]
            case = cases.get(number)
            if case is None:
                if not _was_decided(number):
                    yield ref, "booked without a decision"
            elif case.resolution == Resolution.TOLERATED:
                allowed = fee_tolerance() * max(_lines_of_all_versions(case), 1)
                if abs(case.bill_fee_minor or 0) > allowed:
                    yield ref, f"{case.bill_fee_minor} is beyond the tolerance of {allowed}"

    return result_of(
        "X2 nothing is corrected by itself beyond the tolerance",
        rows=journals.count(),
        wrong=wrong(),
    )


def _lines_of_all_versions(case: ReconciliationCase) -> int:
    """A later version takes back what an earlier one let pass."""
    of_day = Bill.objects.filter(merchant=case.merchant, day=case.day, kind=case.bill.kind)
    return int(of_day.aggregate(lines=Sum("line_count", default=0))["lines"])


def _was_decided(case_no: str) -> bool:
    """A decision that was taken back, or proposed about anew, stands in the case's story."""
    return ReconciliationCase.objects.filter(case_no=case_no, steps__what="decided").exists()


def what_hangs_is_in_the_books() -> CheckResult:
    """X3: what a case says hangs is what the books have under its number, 2901 less 1901."""
    booked = dict(
        posted_entries()
        .filter(account__in=["1901", "2901"], transaction__kind__in=_RECON_KINDS)
        .order_by()
        .values_list("reference")
        .annotate(total=-Sum("amount_minor"))
    )
    hanging = dict(
        ReconciliationCase.objects.exclude(hung_minor=0).values_list("case_no", "hung_minor")
    )
    numbers = {number for number, minor in booked.items() if minor} | set(hanging)
    return result_of(
        "X3 what hangs in the books is what open cases say",
        rows=len(numbers),
        wrong=(
            (number, f"books {booked.get(number, 0)}, case {hanging.get(number, 0)}")
            for number in sorted(numbers)
            if booked.get(number, 0) != hanging.get(number, 0)
        ),
    )


def deciders_are_two() -> CheckResult:
    """X4: nobody decided what she proposed herself."""
    alone = ReconciliationCase.objects.exclude(decided_by="").filter(decided_by=F("proposed_by"))
    return result_of(
        "X4 two people decided every case",
        rows=ReconciliationCase.objects.exclude(decided_by="").count(),
        wrong=((case.case_no, case.decided_by) for case in alone.iterator()),
    )


def batches_are_booked_once() -> CheckResult:
    """X5: a batch in the books has its row, with its amount."""
    booked = SettlementBatch.objects.filter(booked_at__isnull=False).exclude(net_minor=0)
    journals = dict(
        posted_entries()
        .filter(transaction__kind="batch", account="1001")
        .values_list("transaction__ref", "amount_minor")
    )

    def wrong() -> Iterator[tuple[str, str]]:
        for batch in booked.iterator():
            minor = journals.get(f"batch:{batch.account_code}:{batch.batch_no}")
            if minor != batch.net_minor:
                yield batch.batch_no, f"paid {batch.net_minor}, booked {minor}"

    return result_of("X5 every batch is booked as it was paid", rows=booked.count(), wrong=wrong())


RULES = (
    lines_are_accounted_for,
    a_line_has_one_case,
    nothing_is_corrected_beyond_tolerance,
    what_hangs_is_in_the_books,
    deciders_are_two,
    batches_are_booked_once,
)


def check() -> list[CheckResult]:
    """Check every rule of reconciliation."""
    return [rule() for rule in RULES]
