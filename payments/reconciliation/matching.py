"""Comparing a statement with our books, and what follows: differences become cases, or vanish."""

from __future__ import annotations

import logging

from django.db import transaction

from payments.kernel.clock import now
from payments.kernel.transact import transact
from payments.reconciliation.cases import close_known_returns, close_vanished, open_cases
from payments.reconciliation.fees import book_fees_of_bill, book_tolerated_fees
from payments.reconciliation.fetching import lease, release
from payments.reconciliation.models import Bill
from payments.reconciliation.pool import look_into_pool
from payments.reconciliation.settling import note_batches
from payments.reconciliation.worksheet import fill_worksheet

logger = logging.getLogger(__name__)

State = Bill.State


def match_bill(bill_id: int) -> Bill:
    """Compare a statement that was read with our rows; run again, it finds the same.

    Differences become cases under numbers that follow from what they are; cases nobody has decided
    that no longer differ are closed by themselves. Returns the bill's row: MATCHED.
    """
    bill = Bill.objects.select_related("account").get(pk=bill_id)
    if bill.state not in Bill.READ or not bill.is_current or not lease(bill):
        return bill
    try:
        _match(bill)
    finally:
        release(bill)
    bill.refresh_from_db()
    return bill


def _match(bill: Bill) -> None:
    differences = _compare(bill)
    found = open_cases(bill)
    vanished = close_vanished(bill) + close_known_returns(bill)
    look_into_pool(bill)
    note_batches(bill)
    _book_fees(bill)
    rows = Bill.objects.filter(pk=bill.pk, state__in=Bill.READ)
    rows.update(state=State.MATCHED, matched_at=now(), closed_at=None, closed_by="", closing={})
    logger.info(
        "bill.matched bill=%s lines=%d differences=%d new=%d vanished=%d",
        bill,
        bill.line_count,
        differences,
        found,
        vanished,
    )


@transact()
def _compare(bill: Bill) -> int:
    return fill_worksheet(bill)


def _book_fees(bill: Bill) -> None:
    with transaction.atomic():
        book_fees_of_bill(bill)
        book_tolerated_fees(bill)
