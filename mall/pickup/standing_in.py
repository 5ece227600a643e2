"""Somebody of the mall stands at a stopped leader's counter, so that neighbours get their bags.

She is a helper there like any other: every visit carries her name, and it ends when the leader may
lead again, when the point goes to another, or when she says so.
"""

from __future__ import annotations

import structlog
from django.db.models import F, QuerySet

from mall.accounts.models import User
from mall.pickup.errors import StandInError
from mall.pickup.models import PickupPoint, PointHelper
from payments.api import now, transact

log = structlog.get_logger(__name__)
_PHONE_MAX = 20


@transact()
def stand_in(*, leader_id: int, by: User) -> list[str]:
    """Let one of staff help at every point of a leader whom the mall stopped; return their names.

    Pressed again it is the same. StandInError for somebody who is not of staff, and where the
    leader has no point that the mall stopped.
    """
    stopped = PickupPoint.objects.filter(leader=leader_id, active=True, paused_at__isnull=False)
    # Locked, so that the points do not go to another leader at that very moment.
    points = list(stopped.select_for_update(no_key=True).order_by("pk"))
    if not by.is_staff or not points:
        raise StandInError
    at = now()
    phone = (by.phone or f"staff-{by.pk}")[:_PHONE_MAX]
    for point in points:
        mine = PointHelper.objects.filter(point=point, ended_at=None)
        if mine.filter(user=by, since__isnull=False).exists():
            continue
        mine.filter(phone=phone).update(ended_at=at, ended_by=by)
        PointHelper.objects.create(
            point=point,
            phone=phone,
            name=by.display_name[:40],
            user=by,
            invited_by=by,
            invited_at=at,
            since=at,
        )
        log.info("point.stood_in", point_id=point.pk, by=by.pk)
    return [point.name for point in points]


def stand_ins_at(leader_id: int) -> QuerySet[PointHelper]:
    """Return who of the mall stands in at a leader's points."""
    rows = PointHelper.objects.filter(point__leader=leader_id, ended_at=None, user__is_staff=True)
    return rows.filter(invited_by=F("user")).select_related("point", "user").order_by("pk")


def end_stand_ins(*, leader_id: int, by: User | None = None) -> int:
    """End it at all points of a leader; return how many there were."""
    keys = list(stand_ins_at(leader_id).values_list("pk", flat=True))
    rows = PointHelper.objects.filter(pk__in=keys, ended_at=None)
    return rows.update(ended_at=now(), ended_by=by)
