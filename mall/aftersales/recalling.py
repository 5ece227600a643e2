"""Calling a batch back: who would be told, stopping its sale, starting it by two people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Min, Q, Sum
from django.db.models.functions import Coalesce

from mall.accounts.models import User
from mall.aftersales.errors import NotRecallableError, ReasonMissingError
from mall.aftersales.models import Recall, RecallLine
from mall.catalogue.batches import mark_recalled
from mall.catalogue.models import Batch
from mall.ordering.models import Status
from mall.supply.batches import lines_of_batch
from payments.api import SecondPersonError, advance, now, publish, transact

log = structlog.get_logger(__name__)
State = Recall.Status
_TAKEN_HOME = (Status.COLLECTED, Status.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallPreview:
    """What calling a batch back means: how many orders, and what would go back (fen)."""

    orders: int
    residents: int
    lines: int
    pieces: int
    waiting_orders: int
    waiting_minor: int
    taken_orders: int
    taken_minor: int
    nothing_left_lines: int
    first_placed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallReport:
    """How far a recall is: lines by what became of them, and the money (fen)."""

    total: int
    waiting: int
    refunded: int
    told: int
    nothing: int
    failed: int
    orders: int
    minor: int

    @property
    def done(self) -> int:
        """Return how many lines nothing is to be done about any more."""
        return self.total - self.waiting

    @property
    def percent(self) -> int:
        """Return how much of it is done, of a hundred."""
        return 100 * self.done // self.total if self.total else 0


def preview_recall(batch_id: int) -> RecallPreview:
    """Count every order that got goods of a batch, and what would go back; one query."""
    left = F("value_minor") - F("refunded_minor")
    payer = left - F("offer_share_minor") + F("returned_share_minor")
    taken = Q(order__status__in=_TAKEN_HOME)
    has_left = Q(refunded_minor__lt=F("value_minor"))
    found = (
        lines_of_batch(batch_id)
        .order_by()
        .aggregate(
            orders=Count("order", distinct=True),
            residents=Count("order__resident", distinct=True),
            lines=Count("pk"),
            pieces=Coalesce(Sum(F("quantity") - F("refunded_quantity")), 0),
            waiting_orders=Count("order", distinct=True, filter=~taken & has_left),
            waiting_minor=Coalesce(Sum(payer, filter=~taken), 0),
            taken_orders=Count("order", distinct=True, filter=taken & has_left),
            taken_minor=Coalesce(Sum(payer, filter=taken), 0),
            nothing_left_lines=Count("pk", filter=~has_left),
            first_placed_at=Min("order__placed_at"),
        )
    )
    return RecallPreview(**found)


@transact()
def propose_recall(
    *, batch_id: int, by: User, reason: str, collected: str = Recall.Collected.REFUND
) -> Recall:
    """Stop the sale of a batch at once and ask a second person to call it back.

    ReasonMissingError; NotRecallableError where it is being called back already.
    """
    if not reason.strip():
        raise ReasonMissingError
    if collected not in Recall.Collected:
        raise NotRecallableError
    try:
        with transaction.atomic():
            recall = Recall.objects.create(
                batch_id=batch_id,
                reason=reason.strip()[:300],
                collected=collected,
                proposed_by=by,
                proposed_at=now(),
            )
    except IntegrityError as error:
        raise NotRecallableError(batch=batch_id) from error
    mark_recalled(batch_id=batch_id, by=by, reason=reason)
    log.warning("recall.proposed", batch=batch_id, recall=recall.pk, by=by.pk)
    return recall


@transact()
def start_recall(recall: Recall, *, by: User) -> Recall:
    """Let a proposed recall be carried out, as its second person.

    SecondPersonError for whoever proposed it, NotRecallableError where it was decided already.
    """
    if by.pk == recall.proposed_by_id:
        raise SecondPersonError(recall=recall.pk)
    changes = {"started_by": by, "started_at": now()}
    came_from = [State.PROPOSED]
    if not advance(recall, Recall.EDGES, State.RUNNING, came_from=came_from, **changes):
        if recall.started_by_id == by.pk:
            return recall
        raise NotRecallableError(recall=recall.pk)
    batch = recall.batch
    publish(
        "batch.recalled",
        key=f"batch.recalled:{recall.pk}",
        aggregate=f"batch:{batch.pk}",
        payload={
            "batch_id": batch.pk,
            "recall_id": recall.pk,
            "batch_no": batch.batch_no,
            "product_id": batch.product_id,
            "product": batch.product.get_title(),
            "reason": recall.reason,
            "supplier_id": batch.supplier_id,
            "at": now().isoformat(),
        },
    )
    log.warning("recall.started", batch=batch.pk, recall=recall.pk, by=by.pk)
    return recall


@transact()
def withdraw_recall(recall: Recall, *, by: User, reason: str) -> Recall:
    """Do not call a batch back after all: it may be sold again.

    ReasonMissingError; NotRecallableError once it was started.
    """
    if not reason.strip():
        raise ReasonMissingError
    if not advance(recall, Recall.EDGES, State.WITHDRAWN, ended_at=now()):
        raise NotRecallableError(recall=recall.pk)
    Batch.objects.filter(pk=recall.batch_id).update(
        is_recalled=False, recalled_at=None, recall_reason=""
    )
    Recall.objects.filter(pk=recall.pk).update(
        reason=f"{recall.reason} ✕ {by}: {reason.strip()}"[:300]
    )
    recall.refresh_from_db()
    return recall


@transact()
def try_again(recall: Recall) -> int:
    """Try again what failed of a recall, and look for orders noted since; return how many failed.

    NotRecallableError before it was started.
    """
    if recall.status == State.DONE:
        advance(recall, Recall.EDGES, State.RUNNING, ended_at=None, is_listed=False)
    if recall.status != State.RUNNING:
        raise NotRecallableError(recall=recall.pk)
    failed = recall.lines.filter(state=RecallLine.State.FAILED)
    return failed.update(state=RecallLine.State.WAITING, error="", at=None)


def report_of(recall: Recall) -> RecallReport:
    """Count what became of a recall's lines; one query."""
    of = RecallLine.State
    return RecallReport(
        **recall.lines.order_by().aggregate(
            total=Count("pk"),
            waiting=Count("pk", filter=Q(state=of.WAITING)),
            refunded=Count("pk", filter=Q(state=of.REFUNDED)),
            told=Count("pk", filter=Q(state=of.TOLD)),
            nothing=Count("pk", filter=Q(state=of.NOTHING)),
            failed=Count("pk", filter=Q(state=of.FAILED)),
            orders=Count("order", distinct=True),
            minor=Coalesce(Sum("minor"), 0),
        )
    )
