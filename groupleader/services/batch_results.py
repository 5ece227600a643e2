"""The bank's result file: read, compared with its batch row by row, and applied once.

Nothing of a file is applied while anything in it does not fit. Rows the file does not name, or
whose state it writes in words we do not know, stay unknown and block: nobody guesses about money.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from django.db import IntegrityError

from groupleader.models import BatchAnswer, BatchResult, Payout, PayoutBatch
from groupleader.payout_errors import ResultRefusedError
from groupleader.payout_words import code_of_banks_words
from groupleader.services.batch_files import ResultRow, read_result
from groupleader.services.batch_layouts import Layout, layout_of
from groupleader.services.batches import close_if_decided
from payments.api import (
    FileAnswer,
    IllegalTransitionError,
    Money,
    each,
    file_payees,
    hear_of_file_transfer,
    now,
    transact,
)

log = structlog.get_logger(__name__)
Outcome = BatchAnswer.Outcome
AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something of a file that does not fit; `what` is one of the words of FINDINGS."""

    line_no: int
    payout_no: str
    what: str
    said: str = ""
    ours: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return it as plain values, for a page or a paper."""
        return {
            "line_no": self.line_no,
            "payout_no": self.payout_no,
            "what": self.what,
            "said": self.said,
            "ours": self.ours,
        }


@dataclass(slots=True)
class Reading:
    """A result file beside its batch: what would be applied, what is known, what does not fit."""

    fresh: list[tuple[Payout, str, ResultRow]] = field(default_factory=list)
    known: int = 0
    unknown: int = 0
    missing: int = 0
    findings: list[Finding] = field(default_factory=list)


def read_batch_result(*, batch: PayoutBatch, content: bytes, file_name: str) -> Reading:
    """Compare a result file with its batch; nothing is written. ResultUnreadableError."""
    layout = layout_of(batch.layout)
    rows = read_result(content, file_name=file_name, layout=layout)
    payouts = {
        payout.transfer_no: payout
        for payout in Payout.objects.filter(batch=batch).select_related("answer")
    }
    payees = file_payees(list(payouts))
    tails = {number: payee.account[-4:] for number, payee in payees.items()}
    reading = Reading()
    seen: set[str] = set()
    for row in rows:
        payout = payouts.get(row.payout_no)
        finding = _misfit(
            row,
            payout,
            batch=batch,
            is_twice=row.payout_no in seen,
            tail=tails.get(row.payout_no, ""),
        )
        seen.add(row.payout_no)
        if finding is not None or payout is None:
            reading.findings.append(finding or _found(row, "not_ours"))
        else:
            _sort(reading, row, payout, outcome=_outcome(row.state, layout))
    reading.missing = sum(
        payout.status in Payout.OPEN for number, payout in payouts.items() if number not in seen
    )
    return reading


def _misfit(
    row: ResultRow, payout: Payout | None, *, batch: PayoutBatch, is_twice: bool, tail: str
) -> Finding | None:
    """Return what of a line does not fit its batch, None where it fits."""
    found: Finding | None = None
    if row.batch_no and row.batch_no != batch.batch_no:
        found = _found(row, "other_batch", said=row.batch_no, ours=batch.batch_no)
    elif payout is None:
        found = _found(row, "not_ours")
    elif is_twice:
        found = _found(row, "twice")
    elif row.amount_minor not in {None, payout.amount_minor}:
        said = Money(row.amount_minor or 0).to_major_str()
        found = _found(row, "amount", said=said, ours=Money(payout.amount_minor).to_major_str())
    elif row.account and row.account[-4:] != tail:
        found = _found(row, "account", said=f"····{row.account[-4:]}", ours=f"····{tail}")
    return found


def _sort(reading: Reading, row: ResultRow, payout: Payout, *, outcome: str | None) -> None:
    answer = getattr(payout, "answer", None)
    if outcome is None:
        reading.unknown += 1
    elif answer is not None and answer.outcome == outcome:
        reading.known += 1
    elif answer is not None or payout.status not in Payout.OPEN:
        ours = payout.get_status_display()
        reading.findings.append(_found(row, "conflict", said=row.state, ours=str(ours)))
    else:
        reading.fresh.append((payout, outcome, row))


def _found(row: ResultRow, what: str, *, said: str = "", ours: str = "") -> Finding:
    return Finding(line_no=row.line_no, payout_no=row.payout_no, what=what, said=said, ours=ours)


def _outcome(state: str, layout: Layout) -> str | None:
    word = state.strip().casefold()
    if word in {known.casefold() for known in layout.paid}:
        return Outcome.PAID
    if word in {known.casefold() for known in layout.failed}:
        return Outcome.FAILED
    return None


def import_batch_result(
    *, batch: PayoutBatch, content: bytes, file_name: str, by: Any
) -> BatchResult:
    """Take a result file in; its answers wait to be applied (apply_answers). Twice it is once.

    ResultRefusedError with `findings` where anything does not fit: then nothing was taken in.
    IllegalTransitionError unless the batch's file was handed out. ResultUnreadableError.
    """
    digest = hashlib.sha256(content).hexdigest()
    before = BatchResult.objects.filter(batch=batch, sha256=digest).first()
    if before is not None:
        return before
    batch.refresh_from_db()
    if batch.status not in {PayoutBatch.Status.HANDED_OUT, PayoutBatch.Status.CLOSED}:
        raise IllegalTransitionError(to="imported")
    reading = read_batch_result(batch=batch, content=content, file_name=file_name)
    if reading.findings:
        raise ResultRefusedError(findings=[found.as_data() for found in reading.findings])
    try:
        return _take_in(batch, reading, digest=digest, file_name=file_name, by=by)
    except IntegrityError:
        # Another brought the same answers at the same moment.
        found = BatchResult.objects.filter(batch=batch, sha256=digest).first()
        if found is not None:
            return found
        return import_batch_result(batch=batch, content=content, file_name=file_name, by=by)


@transact()
def _take_in(
    batch: PayoutBatch, reading: Reading, *, digest: str, file_name: str, by: Any
) -> BatchResult:
    outcomes = [outcome for _payout, outcome, _row in reading.fresh]
    result = BatchResult.objects.create(
        batch=batch,
        file_name=file_name[-120:],
        sha256=digest,
        imported_by=by,
        imported_at=now(),
        paid_count=outcomes.count(Outcome.PAID),
        failed_count=outcomes.count(Outcome.FAILED),
        unknown_count=reading.unknown + reading.missing,
        known_count=reading.known,
        applied_at=None if reading.fresh else now(),
    )
    BatchAnswer.objects.bulk_create(
        (
            BatchAnswer(
                result=result,
                payout=payout,
                outcome=outcome,
                reason=row.reason,
                bank_ref=row.ref,
            )
            for payout, outcome, row in reading.fresh
        ),
        batch_size=AT_ONCE,
    )
    log.info("batch.result", batch_no=batch.batch_no, fresh=len(outcomes), known=reading.known)
    return result


def apply_answers(limit: int) -> Counter[str]:
    """Carry out what banks answered and is not carried out yet; each in its own transaction."""
    waiting = BatchAnswer.objects.filter(applied_at=None).order_by("pk")
    counts = each(waiting.values_list("pk", flat=True), _carry_out, limit=limit, done="answers")
    results = BatchResult.objects.filter(applied_at=None)
    results.exclude(answers__applied_at=None).update(applied_at=now())
    return counts


def _carry_out(key: int) -> str:
    answer = BatchAnswer.objects.select_related("payout", "result").get(pk=key)
    _apply(answer)
    return str(answer.outcome)


@transact()
def _apply(answer: BatchAnswer) -> None:
    """Let payments believe it and note that it is done; told twice, nothing happens twice."""
    payout = answer.payout
    is_paid = answer.outcome == Outcome.PAID
    hear_of_file_transfer(
        FileAnswer(
            transfer_no=payout.transfer_no,
            is_paid=is_paid,
            amount=Money(payout.amount_minor),
            bank_ref=answer.bank_ref,
            code="" if is_paid else code_of_banks_words(answer.reason),
            why=answer.reason,
        ),
        evidence={"file": answer.result.file_name, "sha256": answer.result.sha256},
    )
    BatchAnswer.objects.filter(pk=answer.pk, applied_at=None).update(applied_at=now())


def close_decided(limit: int) -> dict[str, int]:
    """Close batches all of whose rows are decided."""
    open_ = Payout.objects.filter(status__in=Payout.OPEN, batch__isnull=False)
    rows = PayoutBatch.objects.filter(status=PayoutBatch.Status.HANDED_OUT)
    rows = rows.exclude(pk__in=open_.values("batch"))
    return {"closed": sum(close_if_decided(batch) for batch in rows.order_by("pk")[:limit])}
