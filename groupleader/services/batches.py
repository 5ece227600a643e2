"""Batch files for a bank without an interface: made by one, let go by another, handed out once.

From the moment a batch is made its statements are being paid: no transfer and no second batch can
take them. Until somebody downloads the file it can be cancelled and frees them; after that only the
bank's result, or evidence that two people looked at, decides about each row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.utils.functional import Promise

from groupleader.models import (
    Payout,
    PayoutBatch,
    PayoutBatchDownload,
    PayoutBatchFile,
    SettlementStatement,
)
from groupleader.payout_errors import BatchRefusedError
from groupleader.sealing import seal_bytes, unseal_bytes
from groupleader.services.batch_files import SUFFIXES
from groupleader.services.batch_layouts import layout_of
from groupleader.services.batch_rows import (
    ROWS_AT_ONCE,
    afresh,
    claim_all,
    note,
    payouts_of_batch,
    refuse_changed_accounts,
    write_payouts,
    written_file,
)
from groupleader.services.holding import free, hold_all
from groupleader.services.payouts import PAYABLE, name_of, obstacle_to_paying
from payments.api import (
    IllegalTransitionError,
    advance,
    approve_file_transfers,
    business_date,
    cancel_file_transfers,
    hand_out_file_transfers,
    new_number,
    now,
    transact,
)

log = structlog.get_logger(__name__)
Batch = PayoutBatch.Status
Statement = SettlementStatement.Status


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
    hold_all(statements)
    good, bad = sort_out(afresh(statements))
    if bad:
        first = bad[0]
        raise BatchRefusedError(reason=first.code, statement_no=first.statement.statement_no)
    attempts = claim_all(good)
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
    payouts = write_payouts(batch, good, attempts)
    written_file(batch, payouts)
    log.info("batch.made", batch_no=batch.batch_no, count=batch.count, minor=batch.total_minor)
    return batch


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
    refuse_changed_accounts(payouts)
    approve_file_transfers([payout.transfer_no for payout in payouts], by=name_of(by))
    content = written_file(batch, payouts)
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
        refuse_changed_accounts(rows)
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
    for start in range(0, len(payouts), ROWS_AT_ONCE):
        free(payout.statement_id for payout in payouts[start : start + ROWS_AT_ONCE])
    note([payout.statement for payout in payouts], "freed", by=by, note=batch.batch_no)
    return batch


@transact()
def close_if_decided(batch: PayoutBatch) -> bool:
    """Close a batch once every row of it is decided; say whether this call did."""
    if Payout.objects.filter(batch=batch, status__in=Payout.OPEN).exists():
        return False
    return advance(batch, PayoutBatch.EDGES, Batch.CLOSED, closed_at=now())
