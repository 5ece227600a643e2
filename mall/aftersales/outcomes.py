"""What a decision writes on a case: what it gives, whose it is, and that it was granted."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

from mall.accounts.models import User
from mall.aftersales.errors import NotYourTurnError
from mall.aftersales.models import AfterSalesCase, Bearer, CaseStep, Role
from mall.aftersales.worth import Claimed, asked_of, worth_of
from mall.ordering.models import OrderFulfilment
from payments.api import advance, now

EDGES = AfterSalesCase.EDGES
Status = AfterSalesCase.Status
Turn = AfterSalesCase.Turn
What = CaseStep.What

# What a case says again that somebody else decides.
NOTHING_DECIDED: Final[dict[str, Any]] = {
    "given_quantity": 0,
    "given_minor": 0,
    "value_minor": 0,
    "cost_minor": 0,
    "decision_text": "",
    "decided_by": None,
    "decided_by_leader": False,
    "decided_at": None,
    "counted_on": None,
    "needs_second": False,
    "confirmed_by": None,
}


def decision_of(
    case: AfterSalesCase,
    order: OrderFulfilment,
    claimed: Claimed | None,
    *,
    by: User,
    role: str,
    bearer: str,
) -> dict[str, Any]:
    """Return what a decision writes on the case: what it gives, who bears it, whose it is."""
    may_choose = role == Role.MALL and bearer in Bearer
    bearer = bearer if may_choose else case.bearer
    claimed = claimed or asked_of(case)
    worth = worth_of(order, case.line, claimed, bearer=bearer)
    return {
        "given_quantity": claimed.quantity,
        "given_minor": worth.payer_minor,
        "value_minor": worth.value_minor,
        "cost_minor": worth.cost_minor,
        "bearer": bearer,
        "decided_by": by,
        "decided_by_leader": role == Role.LEADER,
        "decided_at": now(),
        "needs_second": worth.value_minor > settings.LINLI_CASE_TWO_PEOPLE_MINOR,
    }


def mark_approved(
    case: AfterSalesCase, *, note: str, counted_on: Any, needs_second: bool, **found: Any
) -> None:
    """Write down that it is granted, or waits for a second person; NotYourTurnError."""
    changes = {
        **found,
        "needs_second": needs_second,
        "counted_on": counted_on,
        "decision_text": note.strip()[:300],
        "turn": Turn.SECOND if needs_second else Turn.NOBODY,
        "due_at": None,
    }
    if not advance(case, EDGES, Status.APPROVED, came_from=[Status.REQUESTED], **changes):
        raise NotYourTurnError(status=case.status)


def times_rejected(case: AfterSalesCase) -> int:
    """Count what may happen twice: rejected by the leader, then by the mall."""
    return case.steps.filter(what=What.REJECTED).count()


def told_of(case: AfterSalesCase, outcome: str) -> dict[str, Any]:
    """Return what case.decided tells of a case beside whose it is (fen)."""
    return {
        "outcome": outcome,
        "text": case.decision_text,
        "bearer": case.bearer,
        "payer_minor": case.given_minor,
        "value_minor": case.value_minor,
        "cost_minor": case.cost_minor,
    }
