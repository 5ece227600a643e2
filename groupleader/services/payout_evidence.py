"""What two people decide about a payout by evidence, where no file and no acquirer says it.

A booking on the bank's statement, a letter, a telephone call with a clerk's name: one proposes and
says what proves it, another decides. Only then books and statement move, through the same door of
payments that a result file uses.
"""

from __future__ import annotations

from typing import Any

import structlog
from django.db import IntegrityError, transaction

from groupleader.models import Payout, PayoutBatch, PayoutDecision
from groupleader.payout_errors import DecisionOpenError, EvidenceMissingError
from groupleader.services.batches import close_if_decided
from groupleader.services.payouts import name_of
from payments.api import (
    FileAnswer,
    IllegalTransitionError,
    Money,
    SecondPersonError,
    advance,
    hear_of_file_transfer,
    now,
    transact,
)

log = structlog.get_logger(__name__)
Kind = PayoutDecision.Kind
Status = PayoutDecision.Status
_POSSIBLE = {
    Kind.PAID: (Payout.Status.SENT, Payout.Status.UNKNOWN, Payout.Status.FAILED),
    Kind.FAILED: (Payout.Status.SENT, Payout.Status.UNKNOWN),
    Kind.RETURNED: (Payout.Status.SUCCEEDED,),
}


@transact()
def propose_decision(
    *,
    kind: str,
    reason: str,
    by: Any,
    payout: Payout | None = None,
    batch: PayoutBatch | None = None,
) -> PayoutDecision:
    """Say what became of one payout of a file, or of all rows of a batch that are still unknown.

    Nothing happens yet. EvidenceMissingError without words, DecisionOpenError while another
    proposal is open, IllegalTransitionError where it cannot be so.
    """
    if not reason.strip():
        raise EvidenceMissingError
    if not _concerned(kind, payout=payout, batch=batch):
        raise IllegalTransitionError(to=kind)
    try:
        with transaction.atomic():
            return PayoutDecision.objects.create(
                payout=payout,
                batch=batch,
                kind=kind,
                reason=reason.strip()[:300],
                proposed_by=by,
                proposed_at=now(),
            )
    except IntegrityError as error:
        raise DecisionOpenError from error


@transact()
def carry_out_decision(*, decision: PayoutDecision, by: Any) -> int:
    """Let it be so; return how many payouts it decided.

    SecondPersonError for who proposed it, IllegalTransitionError where it was decided already or
    nothing is left to decide.
    """
    if by.pk == decision.proposed_by_id:
        raise SecondPersonError
    concerned = _concerned(decision.kind, payout=decision.payout, batch=decision.batch)
    if not concerned or not advance(
        decision,
        PayoutDecision.EDGES,
        Status.CARRIED_OUT,
        decided_by=by,
        decided_at=now(),
    ):
        raise IllegalTransitionError(to=Status.CARRIED_OUT)
    for payout in concerned:
        _hear(payout, decision)
    return len(concerned)


@transact()
def reject_decision(*, decision: PayoutDecision, by: Any) -> None:
    """Let it not be so; who proposed it may take it back so. IllegalTransitionError."""
    moved = advance(
        decision, PayoutDecision.EDGES, Status.REJECTED, decided_by=by, decided_at=now()
    )
    if not moved:
        raise IllegalTransitionError(to=Status.REJECTED)


def close_after(decision: PayoutDecision) -> None:
    """Close the batch a decision was about once its facts were delivered and nothing is open."""
    batch = decision.batch or (decision.payout.batch if decision.payout else None)
    if batch is not None:
        close_if_decided(batch)


def _concerned(kind: str, *, payout: Payout | None, batch: PayoutBatch | None) -> list[Payout]:
    """Return the payouts of files that a decision of this kind can be about."""
    rows = Payout.objects.filter(
        method=Payout.Method.BATCH, status__in=_POSSIBLE.get(Kind(kind), ())
    )
    if payout is not None:
        return list(rows.filter(pk=payout.pk))
    open_ = rows.filter(batch=batch, status__in=Payout.OPEN)
    return list(open_.order_by("row_no")) if batch is not None else []


def _hear(payout: Payout, decision: PayoutDecision) -> None:
    is_paid = decision.kind == Kind.PAID
    code = "not_processed" if decision.kind == Kind.FAILED else decision.kind
    hear_of_file_transfer(
        FileAnswer(
            transfer_no=payout.transfer_no,
            is_paid=is_paid,
            amount=Money(payout.amount_minor),
            code="" if is_paid else code,
            why=decision.reason,
        ),
        evidence={
            "proposed_by": name_of(decision.proposed_by),
            "decided_by": name_of(decision.decided_by),
        },
        is_decided=True,
    )
