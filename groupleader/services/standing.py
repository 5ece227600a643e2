"""A leader's standing: suspended with a reason, reinstated, and the history of both.

Suspended she takes no new orders; what runs is handed over by her helpers, another leader or
somebody of staff who stands in; what she has earned stays hers and is settled as ever. Facts:
leader.suspended and leader.reinstated, with user_id, name, reason (in words) and note.
"""

from __future__ import annotations

from typing import Any, Final

import structlog
from django.db import models

from groupleader.errors import NotWholeError
from groupleader.models import Leader, LeaderApplication, LeaderEvent
from mall.api import end_stand_ins, pause_points, resume_points
from payments.api import IllegalTransitionError, advance, now, publish, transact

log = structlog.get_logger(__name__)
What = LeaderEvent.What
_NOTE_MAX: Final = 300


@transact()
def suspend(*, leader: Leader, reason: str, note: str, by: Any) -> None:
    """Stop a leader's portal and new orders at her points, and tell her why.

    NotWholeError without a reason, or for "another one" without words; IllegalTransitionError
    where she is not active.
    """
    if reason not in LeaderEvent.Reason.values or (reason == "other" and not note.strip()):
        raise NotWholeError(missing=["reason"])
    _move(leader, Leader.Status.SUSPENDED)
    pause_points(user_id=leader.user_id)
    event = note_event(What.SUSPENDED, leader=leader, by=by, reason=reason, note=note)
    _tell("suspended", leader, event)


@transact()
def reinstate(*, leader: Leader, by: Any, note: str = "") -> None:
    """Let a suspended leader lead again; her own sign at each point stays as she left it.

    Who of the mall stood at her counter no longer does. IllegalTransitionError where she is not
    suspended.
    """
    if leader.status != Leader.Status.SUSPENDED:
        raise IllegalTransitionError(to=Leader.Status.ACTIVE)
    _move(leader, Leader.Status.ACTIVE)
    resume_points(user_id=leader.user_id)
    end_stand_ins(leader_id=leader.user_id, by=by)
    event = note_event(What.REINSTATED, leader=leader, by=by, note=note)
    _tell("reinstated", leader, event)


def why_suspended(leader: Leader) -> LeaderEvent | None:
    """Return the event that suspended a leader, to read the reason in it."""
    if leader.status != Leader.Status.SUSPENDED:
        return None
    return leader.events.filter(what=What.SUSPENDED).order_by("-pk").first()


def note_event(
    what: str,
    *,
    by: Any,
    leader: Leader | None = None,
    application: LeaderApplication | None = None,
    **words: str,
) -> LeaderEvent:
    """Add a line to the history; ``words`` may be reason and note."""
    return LeaderEvent.objects.create(
        what=what,
        leader=leader,
        application=application,
        by=by,
        reason=words.get("reason", ""),
        note=words.get("note", "").strip()[:_NOTE_MAX],
        at=now(),
    )


def tell(what: str, *, user_id: int, turn: str, **said: Any) -> None:
    """Publish leader.<what>, in the caller's transaction; ``turn`` names this occurrence."""
    publish(
        f"leader.{what}",
        key=f"leader.{what}:{turn}",
        aggregate=f"leader:{user_id}",
        payload={"user_id": user_id, "at": now().isoformat(), **said},
    )


def history_of(leader: Leader) -> models.QuerySet[LeaderEvent]:
    """Return what happened to a leader and to her applications, the last first."""
    own = models.Q(leader=leader) | models.Q(application__user=leader.user_id)
    return LeaderEvent.objects.filter(own).select_related("by").order_by("-pk").distinct()


def _tell(what: str, leader: Leader, event: LeaderEvent) -> None:
    tell(
        what,
        user_id=leader.user_id,
        turn=f"event:{event.pk}",
        name=leader.name,
        reason=event.reason_label,
        note=event.note,
    )
    log.info("leader.standing", what=what, leader_id=leader.pk)


def _move(leader: Leader, to: str) -> None:
    if not advance(leader, Leader.EDGES, to):
        raise IllegalTransitionError(to=to)
