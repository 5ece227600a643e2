"""Batch files for a bank without an interface: made by one, let go by another, handed out once.

From the moment a batch is made its statements are being paid: no transfer and no second batch can
take them. Until somebody downloads the file it can be cancelled and frees them; after that only the
bank's result, or evidence that two people looked at, decides about each row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.utils.functional import Promise

from groupleader.models import (
    Payout,
    PayoutBatch,
    PayoutBatchDownload,
    PayoutBatchFile,
    SettlementStatement,
    StatementEvent,
)
from groupleader.payout_errors import BatchRefusedError
from groupleader.sealing import seal_bytes, unseal_bytes
from groupleader.services.batch_files import SUFFIXES, FileHead, FileRow, write_batch
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
    IllegalTransitionError,
    Money,
    advance,
    approve_file_transfers,
    business_date,
    cancel_file_transfers,
    create_file_transfers,
    file_payees,
    hand_out_file_transfers,
    new_number,
    now,
    transact,
)

log = structlog.get_logger(__name__)
Batch = PayoutBatch.Status
Statement = SettlementStatement.Status
ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """What a clerk chose: which bank's columns, which kind of file, and the purpose payees read."""

    layout: str
    form: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpayable:
    """A statement that cannot go into a batch, and why."""

    statement: SettlementStatement
    why: str | Promise
    code: str


def sort_out(
    statements: Iterable[SettlementStatement],
) -> tuple[list[SettlementStatement], list[Unpayable]]:
    """Part statements into those that can be paid now and those that cannot, with reasons."""
    good: list[SettlementStatement] = []
    bad: list[Unpayable] = []
    for statement in statements:
        refusal = obstacle_to_paying(statement)
        if refusal is None and statement.status not in PAYABLE:
            refusal = IllegalTransitionError(to=Statement.PAYING)
        if refusal is None:
            good.append(statement)
        else:
            bad.append(Unpayable(statement=statement, why=refusal.user_message, code=refusal.code))
    return good, bad


@transact()
def make_batch(
    *, statements: Sequence[SettlementStatement], plan: BatchPlan, by: Any
) -> PayoutBatch:
    """Take statements into a new batch that waits for its second person.

    All of them or none: BatchRefusedError where one cannot be paid now, was taken by somebody else
    meanwhile, or there are too many for the bank's layout (`reason` and `statement_no` in the
    data). BatchUnwritableError for a name the file cannot hold.
    """
    layout = layout_of(plan.layout)
    if plan.form not in layout.forms:
        raise BatchRefusedError(reason="form")
    if not statements or len(statements) > layout.rows_max:
        raise BatchRefusedError(reason="too_many" if statements else "empty", most=layout.rows_max)
    good, bad = sort_out(statements)
    if bad:
        first = bad[0]
        raise BatchRefusedError(reason=first.code, statement_no=first.statement.statement_no)
    attempts = _claim_all(good)
    at = now()
    batch = PayoutBatch.objects.create(
        batch_no=new_number("B"),
        layout=plan.layout,
        form=plan.form,
        purpose=plan.purpose.strip()[:40] or business_date(at).strftime("%Y-%m"),
        count=len(good),
        total_minor=sum(statement.net_minor or 0 for statement in good),
        made_by=by,
        made_at=at,
    )
    payouts = _write_payouts(batch, good, attempts)
    _written(batch, payouts)
    log.info("batch.made", batch_no=batch.batch_no, count=batch.count, minor=batch.total_minor)
    return batch


def _claim_all(statements: Sequence[SettlementStatement]) -> dict[int, int]:
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


def _write_payouts(
    batch: PayoutBatch, statements: Sequence[SettlementStatement], attempts: dict[int, int]
) -> list[Payout]:
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
    _note(statements, "paying", by=batch.made_by, note=batch.batch_no)
    return payouts


@transact()
def approve_batch(*, batch: PayoutBatch, by: Any, total_minor: int, count: int) -> PayoutBatch:
    """Let a batch go that somebody else made; from now on its file exists and never changes.

    `total_minor` and `count` are what the second person saw: BatchRefusedError (sums) where the
    batch says otherwise. SecondPersonError for its maker, IllegalTransitionError where it was
    decided already, BatchUnwritableError.
    """
    batch.refresh_from_db()
    if (batch.total_minor, batch.count) != (total_minor, count):
        raise BatchRefusedError(reason="sums")
    payouts = list(payouts_of_batch(batch))
    if sum(payout.amount_minor for payout in payouts) != batch.total_minor:
        raise BatchRefusedError(reason="sums")
    _refuse_changed_accounts(payouts)
    approve_file_transfers([payout.transfer_no for payout in payouts], by=name_of(by))
    content = _written(batch, payouts)
    moved = advance(
        batch,
        PayoutBatch.EDGES,
        Batch.APPROVED,
        approved_by=by,
        approved_at=now(),
        file_name=f"{batch.batch_no}.{SUFFIXES[batch.form]}",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    if not moved:
        raise IllegalTransitionError(to=Batch.APPROVED)
    PayoutBatchFile.objects.create(batch=batch, content_sealed=seal_bytes(content))
    return batch


@transact()
def download_batch(*, batch: PayoutBatch, by: Any) -> bytes:
    """Hand the file out and write down who has it; again it is the same file, byte for byte.

    The first time its payouts count as sent. NotEnoughFundsError where account 1001 does not hold
    the whole of it, OwnFundsPayoutError in SPLIT mode, IllegalTransitionError before it was
    approved or after it was cancelled.
    """
    if advance(batch, PayoutBatch.EDGES, Batch.HANDED_OUT, handed_out_by=by, handed_out_at=now()):
        rows = list(payouts_of_batch(batch))
        _refuse_changed_accounts(rows)
        hand_out_file_transfers([row.transfer_no for row in rows], by=name_of(by))
        Payout.objects.filter(batch=batch, status=Payout.Status.NEW).update(
            status=Payout.Status.SENT
        )
    batch.refresh_from_db()
    if batch.status not in {Batch.HANDED_OUT, Batch.CLOSED}:
        raise IllegalTransitionError(to=Batch.HANDED_OUT)
    content = unseal_bytes(bytes(batch.file.content_sealed))
    if hashlib.sha256(content).hexdigest() != batch.sha256:
        raise RuntimeError(f"the file of {batch} is not the one that was approved")
    PayoutBatchDownload.objects.create(batch=batch, by=by, at=now())
    log.info("batch.downloaded", batch_no=batch.batch_no, by=name_of(by))
    return content


@transact()
def cancel_batch(*, batch: PayoutBatch, by: Any, reason: str) -> PayoutBatch:
    """Call a batch off that nobody has had in hands; its statements can be paid again at once.

    IllegalTransitionError after the first download: then only evidence decides (payout_evidence).
    """
    came_from = {Batch.PROPOSED: "created", Batch.APPROVED: "approved"}.get(
        Batch(PayoutBatch.objects.values_list("status", flat=True).get(pk=batch.pk))
    )
    if came_from is None or not advance(
        batch,
        PayoutBatch.EDGES,
        Batch.CANCELLED,
        cancelled_by=by,
        cancelled_at=now(),
        cancel_reason=reason.strip()[:300],
    ):
        raise IllegalTransitionError(to=Batch.CANCELLED)
    payouts = list(payouts_of_batch(batch))
    numbers = [payout.transfer_no for payout in payouts]
    cancel_file_transfers(numbers, came_from=came_from, by=name_of(by))
    Payout.objects.filter(batch=batch).update(
        status=Payout.Status.CANCELLED, finished_at=now(), failure_code="cancelled"
    )
    statements = SettlementStatement.objects.filter(payouts__batch=batch)
    SettlementStatement.objects.filter(
        pk__in=statements.values("pk"), status=Statement.PAYING
    ).update(status=Statement.APPROVED)
    _note([payout.statement for payout in payouts], "freed", by=by, note=batch.batch_no)
    return batch


@transact()
def close_if_decided(batch: PayoutBatch) -> bool:
    """Close a batch once every row of it is decided; say whether this call did."""
    if Payout.objects.filter(batch=batch, status__in=Payout.OPEN).exists():
        return False
    return advance(batch, PayoutBatch.EDGES, Batch.CLOSED, closed_at=now())


def payouts_of_batch(batch: PayoutBatch) -> Any:
    """Return a batch's payouts with statements and parties, in the order of the file."""
    rows = Payout.objects.filter(batch=batch).order_by("row_no")
    return rows.select_related("statement__leader", "statement__supplier")


def _refuse_changed_accounts(payouts: Iterable[Payout]) -> None:
    """An account that was frozen or changed since the batch was made stops the whole."""
    for payout in payouts:
        refusal = obstacle_to_paying(payout.statement)
        if refusal is not None:
            raise BatchRefusedError(reason=refusal.code, statement_no=payout.statement.statement_no)


def _written(batch: PayoutBatch, payouts: Sequence[Payout]) -> bytes:
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


def _note(statements: Iterable[SettlementStatement], what: str, *, by: Any, note: str) -> None:
    at = now()
    StatementEvent.objects.bulk_create(
        (
            StatementEvent(statement=statement, at=at, by=by, what=what, note=note)
            for statement in statements
        ),
        batch_size=ROWS_AT_ONCE,
    )
