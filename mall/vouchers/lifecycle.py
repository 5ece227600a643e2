"""A batch's life: launched by two people, paused and ended by one, used up and ended by itself."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q

from mall.vouchers.errors import BatchRuleError, NotFundedError
from mall.vouchers.funding import advances_bound, advances_needed
from mall.vouchers.models import ClaimRound, VoucherBatch
from mall.vouchers.models.sense import batch_errors
from payments.api import IllegalTransitionError, Money, advance, now, subsidy_advanced

State = VoucherBatch.State


def launch(batch: VoucherBatch) -> None:
    """Fix the rule for good and let vouchers be given out.

    BatchRuleError where the rule makes no sense, NotFundedError (data: missing_minor) where it is
    to be paid for in advance and was not, IllegalTransitionError.
    """
    if errors := batch_errors(batch):
        raise BatchRuleError(errors={field: str(text) for field, text in errors.items()})
    require_funded(batch)
    _move(batch, State.ACTIVE, came_from=State.DRAFT)


def pause(batch: VoucherBatch) -> None:
    """Give out nothing for a while; what residents hold stays good. IllegalTransitionError."""
    _move(batch, State.PAUSED, came_from=State.ACTIVE)


def resume(batch: VoucherBatch) -> None:
    """Give out again; IllegalTransitionError."""
    _move(batch, State.ACTIVE, came_from=State.PAUSED)


def end(batch: VoucherBatch) -> None:
    """Give out nothing any more; what residents hold stays good. IllegalTransitionError."""
    _move(batch, State.ENDED, came_from=batch.state)


def change_budget(batch: VoucherBatch, *, budget_minor: int | None, total_stock: int) -> None:
    """Set how many vouchers and how much money (fen) there are in all, never below what is given.

    BatchRuleError below what was given out; NotFundedError where more is to be paid for in advance
    than came; IllegalTransitionError once the batch has ended.
    """
    if budget_minor is not None and budget_minor > batch.budget_or_all_minor:
        require_funded(batch, budget_minor=budget_minor)
    changed = (
        VoucherBatch.objects.filter(pk=batch.pk, issued_count__lte=total_stock)
        .exclude(state__in=[State.ENDED, State.EXHAUSTED])
        .filter(Q() if budget_minor is None else Q(issued_minor__lte=budget_minor))
        .update(budget_minor=budget_minor, total_stock=total_stock, changed_at=now())
    )
    batch.refresh_from_db()
    if not changed and batch.state in {State.ENDED, State.EXHAUSTED}:
        raise IllegalTransitionError(to=batch.state)
    if not changed:
        raise BatchRuleError(given=batch.issued_count, given_minor=batch.issued_minor)


def call_off(claim_round: ClaimRound) -> None:
    """Call a round off; what was claimed in it stays good. IllegalTransitionError once it is over.

    Calling it off again changes nothing.
    """
    at = now()
    rounds = ClaimRound.objects.filter(pk=claim_round.pk)
    rounds.filter(cancelled_at=None, closes_at__gt=at).update(cancelled_at=at)
    claim_round.refresh_from_db()
    if claim_round.cancelled_at is None:
        raise IllegalTransitionError(to="cancelled")


def require_funded(batch: VoucherBatch, *, budget_minor: int | None = None) -> None:
    """Refuse while banks and authorities have not paid in advance what they promised.

    What came for a campaign pays for all its batches together. NotFundedError.
    """
    if not batch.is_prefunded:
        return
    bound = advances_bound(besides=batch)
    missing = sum(
        max(0, needed.minor + bound[giver, campaign] - subsidy_advanced(giver, campaign).minor)
        for (giver, campaign), needed in advances_needed(batch, budget_minor=budget_minor).items()
    )
    if missing:
        raise NotFundedError(missing_minor=missing)


def tend_due(limit: int) -> dict[str, int]:
    """Mark batches used up whose stock or budget is gone, and end those whose time is over; a job.

    A batch between fixed moments ends with the second of them.
    """
    at = now()
    is_gone = Q(total_stock__lte=F("issued_count")) | Q(
        budget_minor__lt=F("issued_minor") + F("discount_minor")
    )
    batches = VoucherBatch.objects.all()
    running = [State.ACTIVE, State.PAUSED, State.EXHAUSTED]
    due: dict[str, tuple[Any, str]] = {
        "ended": (batches.filter(state__in=running, valid_until__lte=at), State.ENDED),
        "exhausted": (batches.filter(is_gone, state=State.ACTIVE), State.EXHAUSTED),
    }
    return {
        what: sum(_moved(batch, to) for batch in rows.order_by("pk")[:limit])
        for what, (rows, to) in due.items()
    }


def total_advance(batch: VoucherBatch) -> Money:
    """Return what banks and authorities have to pay in advance for the batch."""
    return Money(sum(needed.minor for needed in advances_needed(batch).values()))


def _moved(batch: VoucherBatch, to: str) -> bool:
    return advance(
        batch, VoucherBatch.EDGES, to, came_from=[batch.state], field="state", changed_at=now()
    )


def _move(batch: VoucherBatch, to: str, *, came_from: str) -> None:
    is_there = batch.state == came_from and to in VoucherBatch.EDGES[came_from]
    if not is_there or not _moved(batch, to):
        raise IllegalTransitionError(to=to)
