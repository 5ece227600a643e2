"""One step of a case: along a declared edge, guarded, and written down for good."""

from __future__ import annotations

from typing import Any

from payments.kernel.clock import now
from payments.reconciliation.models import CaseStep, ReconciliationCase


def move(
    case: ReconciliationCase,
    to: str,
    *,
    what: str,
    by: str = "",
    note: str = "",
    **changes: Any,
) -> bool:
    """Move a case along a declared edge and write the step down; False where it was elsewhere.

    In a transaction.
    """
    came_from = case.state
    if to not in ReconciliationCase.EDGES[came_from]:
        return False
    rows = ReconciliationCase.objects.filter(pk=case.pk, state=came_from)
    if not rows.update(state=to, **changes):
        return False
    case.refresh_from_db()
    write_steps([case], what, came_from=came_from, by=by, note=note)
    return True


def write_steps(
    cases: list[ReconciliationCase],
    what: str,
    *,
    came_from: str = "",
    by: str = "",
    note: str = "",
) -> None:
    """Write a step of each case's life down; such rows are never changed."""
    CaseStep.objects.bulk_create(
        CaseStep(
            case=case,
            what=what,
            from_state=came_from,
            to_state=case.state,
            by=by[:150],
            note=note[:500],
            data=_figures(case),
            at=now(),
        )
        for case in cases
    )


def _figures(case: ReconciliationCase) -> dict[str, Any]:
    figures = {
        "bill_minor": case.bill_amount_minor,
        "ours_minor": case.ours_amount_minor,
        "action": case.action,
        "reason": case.reason,
        "hung_minor": case.hung_minor,
        "answer": case.answer,
    }
    return {name: value for name, value in figures.items() if value not in (None, "", 0, {})}
