"""The rows of a batch: statements claimed for it, payouts written, accounts compared, the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from groupleader.models import Payout, PayoutBatch, SettlementStatement, StatementEvent
from groupleader.payout_errors import BatchRefusedError
from groupleader.services.batch_files import FileHead, FileRow, write_batch
from groupleader.services.batch_layouts import layout_of
from groupleader.services.payouts import (
    PAYABLE,
    in_transit_of,
    name_of,
    obstacle_to_paying,
    payee_of,
)
from payments.api import (
    FileWish,
    Money,
    business_date,
    create_file_transfers,
    file_payees,
    now,
)

Statement = SettlementStatement.Status
ROWS_AT_ONCE: Final = 500


def afresh(statements: Sequence[SettlementStatement]) -> list[SettlementStatement]:
    """Read statements and parties anew, in the order in which they were given."""
    found: dict[int, SettlementStatement] = {}
    keys = [statement.pk for statement in statements]
    rows = SettlementStatement.objects.select_related("leader", "supplier")
    for start in range(0, len(keys), ROWS_AT_ONCE):
        found |= rows.in_bulk(keys[start : start + ROWS_AT_ONCE])
    return [found[key] for key in keys]


def claim_all(statements: Sequence[SettlementStatement]) -> dict[int, int]:
    """Take all statements for one more attempt; one that somebody else has stops the whole."""
    keys = sorted(statement.pk for statement in statements)
    for start in range(0, len(keys), ROWS_AT_ONCE):
        chunk = keys[start : start + ROWS_AT_ONCE]
        rows = SettlementStatement.objects.filter(pk__in=chunk, status__in=PAYABLE)
        if rows.update(status=Statement.PAYING) != len(chunk):
            raise BatchRefusedError(reason="taken")
    attempts = dict.fromkeys(keys, 1)
    for start in range(0, len(keys), ROWS_AT_ONCE):
        before = Payout.objects.filter(statement__in=keys[start : start + ROWS_AT_ONCE])
        for key in before.values_list("statement_id", flat=True):
            attempts[key] += 1
    return attempts


def write_payouts(
    batch: PayoutBatch, statements: Sequence[SettlementStatement], attempts: dict[int, int]
) -> list[Payout]:
    """Write a row of the file for each statement, its payee frozen. In a transaction."""
    wishes = [
        FileWish(
            transfer_key=f"{statement.statement_no}:{attempts[statement.pk]}",
            payee=payee_of(statement),
            amount=Money(statement.net_minor or 0),
            reference=statement.statement_no,
            purpose=batch.purpose,
            ledger=in_transit_of(statement),
        )
        for statement in statements
    ]
    numbers = create_file_transfers(wishes, created_by=name_of(batch.made_by))
    payouts = [
        Payout(
            statement=statement,
            attempt=attempts[statement.pk],
            method=Payout.Method.BATCH,
            transfer_no=number,
            batch=batch,
            row_no=row_no,
            amount_minor=statement.net_minor or 0,
            payee_masked=statement.party.payee_masked,
            started_by=batch.made_by,
            created_at=batch.made_at,
        )
        for row_no, (statement, number) in enumerate(zip(statements, numbers, strict=True), start=1)
    ]
    Payout.objects.bulk_create(payouts, batch_size=ROWS_AT_ONCE)
    note(statements, "paying", by=batch.made_by, note=batch.batch_no)
    return payouts


def payouts_of_batch(batch: PayoutBatch) -> Any:
    """Return a batch's payouts with statements and parties, in the order of the file."""
    rows = Payout.objects.filter(batch=batch).order_by("row_no")
    return rows.select_related("statement__leader", "statement__supplier")


def refuse_changed_accounts(payouts: Sequence[Payout]) -> None:
    """An account that was frozen or changed since the batch was made stops the whole.

    However long ago: the file holds the accounts as they were when it was made.
    """
    payees = file_payees([payout.transfer_no for payout in payouts])
    for payout in payouts:
        refusal = obstacle_to_paying(payout.statement)
        reason = "" if refusal is None else refusal.code
        if not reason and payees[payout.transfer_no] != payee_of(payout.statement):
            reason = "payee_changed"
        if reason:
            raise BatchRefusedError(reason=reason, statement_no=payout.statement.statement_no)


def written_file(batch: PayoutBatch, payouts: Sequence[Payout]) -> bytes:
    """Write the batch's file from the payees as they were frozen when it was made."""
    payees = file_payees([payout.transfer_no for payout in payouts])
    rows = [
        FileRow(
            payout_no=payout.transfer_no,
            account=payees[payout.transfer_no].account,
            name=payees[payout.transfer_no].name,
            bank=payees[payout.transfer_no].bank,
            amount_minor=payout.amount_minor,
        )
        for payout in payouts
    ]
    day = f"{business_date(batch.made_at):%Y%m%d}"
    head = FileHead(batch_no=batch.batch_no, purpose=batch.purpose, day=day)
    return write_batch(rows, head=head, layout=layout_of(batch.layout), form=batch.form)


def note(statements: Iterable[SettlementStatement], what: str, *, by: Any, note: str) -> None:
    """Write the same line into the history of many statements."""
    at = now()
    StatementEvent.objects.bulk_create(
        (
            StatementEvent(statement=statement, at=at, by=by, what=what, note=note)
            for statement in statements
        ),
        batch_size=ROWS_AT_ONCE,
    )
