"""A batch beside our bank's statement: the booking that took its money, found by number or sum."""

from __future__ import annotations

from django.db.models import Sum

from groupleader.models import Payout, PayoutBatch
from groupleader.payout_errors import BatchRefusedError
from payments.api import (
    BankLineView,
    business_date,
    free_bank_lines,
    transact,
    use_bank_line,
)


def paid_minor(batch: PayoutBatch) -> int:
    """Return what the bank paid of a batch (fen); what came back later was paid too."""
    paid = Payout.objects.filter(
        batch=batch, status__in=[Payout.Status.SUCCEEDED, Payout.Status.RETURNED]
    )
    return paid.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def bookings_for(batch: PayoutBatch) -> list[BankLineView]:
    """Return free bookings that may be this batch's: they name it, or have its sum."""
    minor = paid_minor(batch)
    if not minor or batch.bank_line or batch.handed_out_at is None:
        return []
    since = business_date(batch.handed_out_at)
    named = free_bank_lines(search=batch.batch_no, minor=-minor, since=since)
    return named or free_bank_lines(minor=-minor, since=since, limit=5)


@transact()
def book_beside(*, batch: PayoutBatch, key: int) -> BankLineView:
    """Say that a booking of the bank is this batch's; it can prove nothing else then.

    BatchRefusedError (amount) where it took another sum than the bank says it paid,
    BankLineTakenError, BatchRefusedError (booked) where the batch has one already.
    """
    line = use_bank_line(key, used_for=batch.batch_no)
    if line.amount.minor != -paid_minor(batch):
        raise BatchRefusedError(reason="amount")
    text = f"{line.day:%Y-%m-%d} {line.bank_ref} {line.amount}"
    if not PayoutBatch.objects.filter(pk=batch.pk, bank_line="").update(bank_line=text[:120]):
        raise BatchRefusedError(reason="booked")
    return line
