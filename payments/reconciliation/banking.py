"""Our bank account beside the acquirer's settlements: files brought in, batches found in them."""

from __future__ import annotations

import logging
import shutil
from datetime import timedelta
from pathlib import Path

from django.db.models import Max, Q, QuerySet

from payments.kernel.clock import business_date, now
from payments.kernel.transact import transact
from payments.ledger.recipes.takings import MAIN_ACCOUNT
from payments.reconciliation.bank_files import BankFileError, Booking, read_bookings
from payments.reconciliation.cases import close_by_itself
from payments.reconciliation.models import (
    BankLine,
    BankStatement,
    Discrepancy,
    ReconciliationCase,
    SettlementBatch,
)
from payments.reconciliation.rules import bank_days
from payments.reconciliation.settling import BANK, open_settle_case
from payments.reconciliation.storing import Stored, keep, scratch

logger = logging.getLogger(__name__)

_REFS_AT_ONCE = 500


def import_bank_statement(
    paper: Path,
    *,
    file_name: str,
    by: str,
    format_name: str = "plain",
    bank_account: str = MAIN_ACCOUNT,
) -> BankStatement:
    """Take in a file of our bank's bookings, keep its bytes, and look for batches in it.

    The same bytes are the same statement, and a booking that an earlier file had is known already.
    BankFileError where the file is not of that format; then nothing is taken in.
    """
    bookings = read_bookings(paper, file_name, format_name)
    with scratch() as copy:
        shutil.copyfile(paper, copy)
        stored = keep(copy, account_code=f"bank-{bank_account}", day=business_date(), kind="bank")
    statement = _write(bookings, stored, file_name=file_name, by=by, bank_account=bank_account)
    find_batches(bank_account)
    return statement


@transact()
def _write(
    bookings: list[Booking], stored: Stored, *, file_name: str, by: str, bank_account: str
) -> BankStatement:
    before = BankStatement.objects.filter(bank_account=bank_account, sha256=stored.sha256).first()
    if before is not None:
        return before
    _refuse_other_bookings(bookings, bank_account)
    statement = BankStatement.objects.create(
        bank_account=bank_account,
        file_name=Path(file_name).name[:120],
        sha256=stored.sha256,
        path=stored.path,
        size=stored.size,
        imported_by=by[:150],
        imported_at=now(),
    )
    known = BankLine.objects.filter(bank_account=bank_account).count()
    BankLine.objects.bulk_create(
        [
            BankLine(
                statement=statement,
                bank_account=bank_account,
                bank_ref=booking.ref,
                day=booking.day,
                amount_minor=booking.amount_minor,
                currency=booking.currency,
                counterparty=booking.counterparty,
                memo=booking.memo,
            )
            for booking in bookings
        ],
        ignore_conflicts=True,
        batch_size=1_000,
    )
    fresh = BankLine.objects.filter(bank_account=bank_account).count() - known
    rows = BankStatement.objects.filter(pk=statement.pk)
    rows.update(line_count=len(bookings), known_count=len(bookings) - fresh)
    statement.refresh_from_db()
    logger.info("bank.imported file=%s lines=%d by=%s", statement.file_name, fresh, by)
    return statement


def _refuse_other_bookings(bookings: list[Booking], bank_account: str) -> None:
    """A bank that begins its numbers anew: such a booking would be taken for a known one."""
    said = {booking.ref: (booking.day, booking.amount_minor) for booking in bookings}
    refs = list(said)
    for start in range(0, len(refs), _REFS_AT_ONCE):
        known = BankLine.objects.filter(
            bank_account=bank_account, bank_ref__in=refs[start : start + _REFS_AT_ONCE]
        )
        for ref, day, minor in known.values_list("bank_ref", "day", "amount_minor"):
            if said[ref] != (day, minor):
                raise BankFileError(reason="two_bookings", ref=ref)


@transact()
def find_batches(bank_account: str = MAIN_ACCOUNT) -> dict[str, int]:
    """Find each batch among the bank's bookings: by its number, else by its amount alone.

    A booking that names the batch and has another amount is a case, and so is a batch that is not
    there though the bank's bookings reach far enough.
    """
    counts = {"found": 0, "differ": 0, "missing": 0}
    waiting = SettlementBatch.objects.filter(bank_line=None, booked_at__isnull=False)
    reach = BankLine.objects.filter(bank_account=bank_account).aggregate(day=Max("day"))["day"]
    if reach is None:
        return counts
    for batch in waiting.exclude(net_minor=0).select_related("bill", "line").order_by("pk"):
        line = _booking_of(batch, bank_account)
        if line is not None and line.amount_minor == batch.net_minor:
            counts["found"] += _join(batch, line)
        elif line is not None:
            counts["differ"] += 1
            _open(batch, line.amount_minor)
        elif business_date(batch.paid_at) + timedelta(days=bank_days()) <= reach:
            counts["missing"] += 1
            _open(batch, 0)
    return counts


def _free(batch: SettlementBatch, bank_account: str) -> QuerySet[BankLine]:
    paid = business_date(batch.paid_at)
    return BankLine.objects.filter(
        bank_account=bank_account,
        currency=batch.currency,
        batch=None,
        used_for="",
        day__gte=paid - timedelta(days=1),
        day__lte=paid + timedelta(days=bank_days() * 3),
    ).order_by("day", "pk")


def _booking_of(batch: SettlementBatch, bank_account: str) -> BankLine | None:
    free = _free(batch, bank_account)
    named = free.filter(Q(memo__contains=batch.batch_no) | Q(bank_ref=batch.batch_no)).first()
    if named is not None:
        return named
    by_amount = list(free.filter(amount_minor=batch.net_minor)[:2])
    twins = SettlementBatch.objects.filter(
        bank_line=None, booked_at__isnull=False, net_minor=batch.net_minor
    )
    is_plain = len(by_amount) == 1 and not twins.exclude(pk=batch.pk).exists()
    return by_amount[0] if is_plain else None


def _join(batch: SettlementBatch, line: BankLine) -> int:
    joined = SettlementBatch.objects.filter(pk=batch.pk, bank_line=None).update(bank_line=line)
    for case in _cases_of(batch):
        close_by_itself(case, ReconciliationCase.Resolution.LATER_BILL, note=line.bank_ref)
    return joined


def _open(batch: SettlementBatch, arrived_minor: int) -> None:
    open_settle_case(batch, said_minor=arrived_minor, ours_minor=batch.net_minor, against=BANK)


def _cases_of(batch: SettlementBatch) -> QuerySet[ReconciliationCase]:
    return ReconciliationCase.objects.filter(
        discrepancy=Discrepancy.SETTLE,
        merchant=batch.merchant,
        acquirer_no=batch.batch_no,
        related_no=BANK,
        state__in=ReconciliationCase.UNDECIDED,
    )
