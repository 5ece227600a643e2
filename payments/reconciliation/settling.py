"""The acquirer's settlement: each batch beside the lines it pays for, then booked once."""

from __future__ import annotations

from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.transact import transact
from payments.ledger import recipes
from payments.reconciliation.models import Bill, BillLine, RecordKind, SettlementBatch


def note_batches(bill: Bill) -> int:
    """Write down the batches a statement names and book those that agree; return how many."""
    lines = BillLine.objects.filter(
        bill=bill, kind=RecordKind.SETTLEMENT, outcome=BillLine.Result.SUCCEEDED
    )
    return sum(_note(bill, line) for line in lines.iterator(chunk_size=500))


@transact()
def _note(bill: Bill, line: BillLine) -> bool:
    batch, _ = SettlementBatch.objects.get_or_create(
        merchant=bill.merchant,
        batch_no=line.acquirer_no,
        defaults={
            "account_code": bill.account_code,
            "day": bill.day,
            "bill": bill,
            "line": line,
            "net_minor": line.amount_minor,
            "currency": line.currency,
            "paid_at": line.at,
            "created_at": now(),
        },
    )
    return batch.pk is not None


def book_batch(batch: SettlementBatch) -> None:
    """Move a batch from clearing to the bank account in the books, once. In a transaction."""
    moved = SettlementBatch.objects.filter(pk=batch.pk, booked_at=None).update(booked_at=now())
    if moved and batch.net_minor:
        recipes.acquirer_batch(
            account_code=batch.account_code,
            batch_no=batch.batch_no,
            net=Money(batch.net_minor, batch.currency),
        )
