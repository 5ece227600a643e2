"""A pickup point goes to another leader: to one who may lead, and to nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any

from groupleader.errors import NotALeaderError
from groupleader.models import Leader
from mall.api import hand_over_point, pause_points


def give_point(
    *, point_id: int, to_leader: Leader, by: Any, on_day: date | None = None, keys: str = ""
) -> Any:
    """Hand a point over as mall.fulfilment.handing_points does, to an active leader only.

    NotALeaderError for anybody else, HandoverError, HandoverOpenError. Who is suspended at that
    very moment gets a point that takes no orders; a planned one is called off by suspending.
    """
    _require_active(to_leader)
    plan = hand_over_point(
        point_id=point_id, to_user_id=to_leader.user_id, by=by, on_day=on_day, keys=keys
    )
    if not _is_active(to_leader):
        pause_points(user_id=to_leader.user_id)
    return plan


def _require_active(leader: Leader) -> None:
    if not _is_active(leader):
        raise NotALeaderError


def _is_active(leader: Leader) -> bool:
    return Leader.objects.filter(pk=leader.pk, status=Leader.Status.ACTIVE).exists()
