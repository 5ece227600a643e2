"""Leaders whom staff enter by hand, and the account the money goes to."""

from __future__ import annotations

from typing import Any

from groupleader.models import Leader, LeaderEvent
from groupleader.services.payees import change_payee
from groupleader.services.standing import note_event
from payments.api import IllegalTransitionError, advance, transact

__all__ = [
    "activate_leader",
    "apply_as_leader",
    "change_payee",
]


@transact()
def apply_as_leader(*, user: Any, name: str) -> Leader:
    """Ask to become a leader; asked twice it is one application."""
    leader, _created = Leader.objects.get_or_create(user=user, defaults={"name": name})
    return leader


@transact()
def activate_leader(*, leader: Leader, by: Any = None) -> None:
    """Let a person lead whom staff know and entered by hand.

    IllegalTransitionError if she does already, or is suspended: see standing.reinstate.
    """
    if leader.status != Leader.Status.APPLIED or not advance(
        leader, Leader.EDGES, Leader.Status.ACTIVE, came_from={Leader.Status.APPLIED}
    ):
        raise IllegalTransitionError(to=Leader.Status.ACTIVE)
    note_event(LeaderEvent.What.APPROVED, leader=leader, by=by)
