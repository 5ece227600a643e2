"""Becoming a leader, being suspended, and the account the money goes to."""

from __future__ import annotations

from typing import Any

import structlog

from groupleader.models import Leader
from groupleader.services.payees import change_payee
from payments.api import IllegalTransitionError, advance, now, transact

log = structlog.get_logger(__name__)

__all__ = [
    "activate_leader",
    "apply_as_leader",
    "change_payee",
    "pause_payouts",
    "suspend_leader",
]


@transact()
def apply_as_leader(*, user: Any, name: str) -> Leader:
    """Ask to become a leader; asked twice it is one application."""
    leader, _created = Leader.objects.get_or_create(user=user, defaults={"name": name})
    return leader


@transact()
def activate_leader(*, leader: Leader) -> None:
    """Let a verified person lead. IllegalTransitionError if she does already."""
    _move(leader, Leader.Status.ACTIVE)


@transact()
def suspend_leader(*, leader: Leader) -> None:
    """Stop a leader's portal; what she has earned stays hers."""
    _move(leader, Leader.Status.SUSPENDED)


@transact()
def pause_payouts(*, leader: Leader) -> None:
    """Let payouts wait out the cooling time: bank or holder of her account were corrected."""
    if leader.has_payee:
        leader.payee_changed_at = now()
        leader.save(update_fields=["payee_changed_at"])
        log.info("leader.payee_corrected", leader_id=leader.pk)


def _move(leader: Leader, to: str) -> None:
    if not advance(leader, Leader.EDGES, to):
        raise IllegalTransitionError(to=to)
