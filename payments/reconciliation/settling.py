"""The acquirer's settlement: each batch beside the lines it pays for, then booked once."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import Q

from payments.kernel.clock import now
from payments.kernel.transact import transact
from payments.ledger import recipes
from payments.reconciliation.case_steps import write_steps
from payments.reconciliation.cases import case_number, close_by_itself
from payments.reconciliation.models import (
    Bill,
    BillLine,
    Discrepancy,
    ReconciliationCase,
    RecordKind,
    SettlementBatch,
)
from payments.services.funds import wake_waiting

State = ReconciliationCase.State

# What a day's takings are made of, by kind of line: plus what came, minus what left.
_SIGNS: Final = {
    RecordKind.PAY: 1,
    RecordKind.REFUND: -1,
    RecordKind.SPLIT: -1,
    RecordKind.SPLIT_RETURN: 1,
}
# What a batch was compared with.
LINES: Final = "lines"
BANK: Final = "bank"
_PARTS: Final = (Bill.Kind.TRADE, Bill.Kind.SPLIT)


def note_batches(bill: Bill) -> int:
    """Write down the batches a statement names, and compare those of its day; return how many."""
    lines = BillLine.objects.filter(
        bill=bill, kind=RecordKind.SETTLEMENT, outcome=BillLine.Result.SUCCEEDED
    )
    count = sum(_note(bill, line) for line in lines.iterator(chunk_size=500))
    if bill.kind != Bill.Kind.FUND and count:
        _book_unsettled(bill)
    else:
        compare_batches(bill.merchant, bill.day)
    return count


@transact()
def _book_unsettled(bill: Bill) -> None:
    """A payout that is one line among others names no day it pays for: it is booked as it is."""
    for batch in SettlementBatch.objects.filter(bill=bill, booked_at__isnull=True):
        book_batch(batch)


@transact()
def _note(bill: Bill, line: BillLine) -> int:
    SettlementBatch.objects.bulk_create(
        [
            SettlementBatch(
                merchant=bill.merchant,
                batch_no=line.acquirer_no,
                account_code=bill.account_code,
                day=bill.day,
                bill=bill,
                line=line,
                net_minor=line.amount_minor,
                currency=line.currency,
                paid_at=line.at,
                created_at=now(),
            )
        ],
        ignore_conflicts=True,
    )
    # A newer version of the statement may say another amount; what is booked stays as it is.
    SettlementBatch.objects.filter(
        merchant=bill.merchant, batch_no=line.acquirer_no, booked_at__isnull=True
    ).update(bill=bill, line=line, net_minor=line.amount_minor, paid_at=line.at)
    return 1


def takings_of(merchant: str, day: date) -> int | None:
    """Return a day's net takings by its statements, in minor units; None while one is missing.

    Payments less refunds, shares and fees; what came back of those counts the other way round.
    """
    bills = Bill.objects.filter(merchant=merchant, day=day, kind__in=_PARTS)
    current = {bill.kind: bill for bill in bills.filter(is_current=True)}
    expected = set(bills.values_list("kind", flat=True)) | {Bill.Kind.TRADE}
    if not expected <= set(current):
        return None
    return sum(_net(bill) for bill in current.values())


def _net(bill: Bill) -> int:
    net = 0
    for kind, sums in bill.totals.items():
        sign = _SIGNS.get(RecordKind(kind), 0)
        came_back = 0 if kind == RecordKind.PAY else sums["amount"] - sums["moved"]
        net += sign * (sums["moved"] - came_back)
        net -= sums["fee"] if sign else 0
        net -= sums["moved"] if kind == RecordKind.FEE else 0
    return int(net)


@transact()
def compare_batches(merchant: str, day: date) -> None:
    """Book a day's batches where they are what its lines say; a case where they are not.

    A batch that only a replaced statement named, and nobody booked, was never paid.
    """
    rows = SettlementBatch.objects.filter(merchant=merchant, day=day).order_by("pk")
    is_gone = Q(booked_at__isnull=True, bill__is_current=False)
    for batch in rows.filter(is_gone):
        _end_case(batch, ReconciliationCase.Resolution.REPLACED)
    batches = list(rows.exclude(is_gone))
    expected = takings_of(merchant, day)
    if not batches or expected is None:
        return
    rest = expected - sum(batch.net_minor for batch in batches)
    for batch in batches[:-1]:
        book_batch(batch)
    _judge(batches[-1], rest)


def _judge(last: SettlementBatch, rest: int) -> None:
    """The last batch of a day carries what all of them together are short of, or beyond."""
    expected = last.net_minor + rest
    SettlementBatch.objects.filter(pk=last.pk).update(expected_minor=expected)
    if rest:
        _open_case(last, expected)
        return
    book_batch(last)
    _end_case(last, ReconciliationCase.Resolution.LATER_BILL)


def book_batch(batch: SettlementBatch) -> None:
    """Move a batch from clearing to the bank account in the books, once. In a transaction.

    Payouts that waited for money are tried again.
    """
    moved = SettlementBatch.objects.filter(pk=batch.pk, booked_at=None).update(booked_at=now())
    if moved and batch.net_minor:
        recipes.acquirer_batch(
            account_code=batch.account_code, batch_no=batch.batch_no, net=batch.net
        )
        wake_waiting()


def _open_case(batch: SettlementBatch, expected_minor: int) -> None:
    open_settle_case(batch, said_minor=batch.net_minor, ours_minor=expected_minor, against=LINES)


def open_settle_case(
    batch: SettlementBatch, *, said_minor: int, ours_minor: int, against: str
) -> None:
    """Open a case about a batch, or bring the figures of an undecided one up to date.

    `against` says what it was compared with: the lines of its day, or the bank account. In a
    transaction.
    """
    case = _settle_case(batch, said_minor=said_minor, ours_minor=ours_minor, against=against)
    known = ReconciliationCase.objects.filter(case_no=case.case_no)
    if not known.exists():
        ReconciliationCase.objects.bulk_create([case])
        write_steps([case], "found")
        return
    known.filter(state__in=ReconciliationCase.UNDECIDED).update(
        bill=batch.bill,
        line=case.line,
        bill_amount_minor=said_minor,
        ours_amount_minor=ours_minor,
    )


def _settle_case(
    batch: SettlementBatch, *, said_minor: int, ours_minor: int, against: str
) -> ReconciliationCase:
    case = ReconciliationCase(
        bill=batch.bill,
        line=batch.line if against == LINES else None,
        account_code=batch.account_code,
        merchant=batch.merchant,
        day=batch.day,
        record_kind=RecordKind.SETTLEMENT,
        discrepancy=Discrepancy.SETTLE,
        own_no="",
        acquirer_no=batch.batch_no,
        related_no=against,
        currency=batch.currency,
        bill_amount_minor=said_minor,
        bill_outcome="succeeded",
        ours_amount_minor=ours_minor,
        is_done_here=True,
        state=State.OPEN,
        ordinal=1 if against == LINES else 2,
        created_at=now(),
    )
    case.case_no = case_number(batch.bill, case)
    return case


def _end_case(batch: SettlementBatch, why: str) -> None:
    open_ones = ReconciliationCase.objects.filter(
        discrepancy=Discrepancy.SETTLE,
        merchant=batch.merchant,
        acquirer_no=batch.batch_no,
        related_no=LINES,
        state__in=ReconciliationCase.UNDECIDED,
    )
    for case in open_ones:
        close_by_itself(case, why)
