"""Whose key it is: planning that a point goes to another leader, and handing the key over.

What lies at the point follows in mall.fulfilment.handing_points; here only the point itself.
"""

from __future__ import annotations

from datetime import date, datetime

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from mall.accounts.models import User
from mall.pickup.errors import HandoverError, HandoverOpenError
from mall.pickup.models import PickupPoint, PointHandover, PointHelper, PointTenure
from payments.api import business_date, now, transact

log = structlog.get_logger(__name__)
Status = PointHandover.Status
KEYS_MAX = 200


def plan_handover(
    *, point_id: int, to_user_id: int, by: User, on_day: date | None = None, keys: str = ""
) -> PointHandover:
    """Decide that a point goes to another leader on a day (none: today).

    The same plan again is the same one. HandoverOpenError while another one is open, HandoverError
    for a day that is over, a point not in use, or the leader who keeps it already.
    """
    point = PickupPoint.objects.filter(pk=point_id, active=True).first()
    day = on_day or business_date()
    if point is None or point.leader_id == to_user_id or day < business_date():
        raise HandoverError
    try:
        with transaction.atomic():
            plan = PointHandover.objects.create(
                point=point,
                from_leader_id=point.leader_id,
                to_leader_id=to_user_id,
                on_day=day,
                keys=" ".join(keys.replace("\0", "").split())[:KEYS_MAX],
                by=by,
                planned_at=now(),
            )
    except IntegrityError:
        known = open_handover(point_id)
        if known is None or (known.to_leader_id, known.on_day) != (to_user_id, day):
            raise HandoverOpenError from None
        return known
    log.info("point.handover_planned", point_id=point_id, on_day=day.isoformat())
    return plan


def open_handover(point_id: int) -> PointHandover | None:
    """Return the handover of a point that is planned or under way."""
    rows = PointHandover.objects.filter(point=point_id, status__in=[Status.PLANNED, Status.MOVING])
    return rows.first()


def call_off(*, handover_id: int) -> bool:
    """Call a planned handover off; say whether this call did. One under way goes on."""
    rows = PointHandover.objects.filter(pk=handover_id, status=Status.PLANNED)
    return bool(rows.update(status=Status.CALLED_OFF))


def take_key(handover: PointHandover, *, at: datetime) -> bool:
    """Give the point to its new leader, in the caller's transaction; say whether this call did.

    The leader before no longer keeps it, and her helpers no longer help: they are hers. Where
    somebody else keeps it meanwhile, the plan is called off.
    """
    point = PickupPoint.objects.select_for_update(no_key=True).get(pk=handover.point_id)
    plan = PointHandover.objects.filter(pk=handover.pk, status=Status.PLANNED)
    if point.leader_id != handover.from_leader_id:
        plan.update(status=Status.CALLED_OFF)
        return False
    if not plan.update(status=Status.MOVING, taken_at=at):
        return False
    to_leader, from_leader = handover.to_leader, handover.from_leader
    phone = (to_leader.phone or "") if point.phone in {"", from_leader.phone} else point.phone
    PickupPoint.objects.filter(pk=point.pk).update(leader=to_leader, phone=phone, paused_at=None)
    _change_tenure(point.pk, from_leader=from_leader, to_leader=to_leader, by=handover.by, at=at)
    end_helpers_of(point_id=point.pk, invited_by=from_leader, at=at)
    log.info("point.key_taken", point_id=point.pk, to_user_id=to_leader.pk)
    return True


def begin_tenure(point: PickupPoint, *, by: User | None = None) -> None:
    """Write down that a new point's leader has its key; said twice it is once."""
    row = PointTenure(point=point, leader=point.leader, since=now(), by=by)
    PointTenure.objects.bulk_create([row], ignore_conflicts=True)


def tenures_of(point_id: int) -> QuerySet[PointTenure]:
    """Return who kept a point when, the last one first."""
    return PointTenure.objects.filter(point=point_id).select_related("leader", "by")


def end_helpers_of(*, point_id: int, invited_by: User, at: datetime) -> int:
    """End the helpers a leader has at a point; return how many."""
    rows = PointHelper.objects.filter(point=point_id, ended_at=None)
    # Who stood in for her goes, too: they invited themselves.
    rows = rows.filter(Q(invited_by=invited_by) | Q(invited_by=F("user")))
    return rows.update(ended_at=at)


@transact()
def pause_points(*, user_id: int) -> int:
    """Let the points of a leader take no new orders until the mall lets them; how many.

    Points that were to become hers stay where they are.
    """
    to_her = PointHandover.objects.filter(to_leader=user_id, status=Status.PLANNED)
    to_her.update(status=Status.CALLED_OFF)
    return PickupPoint.objects.filter(leader=user_id, paused_at=None).update(paused_at=now())


@transact()
def resume_points(*, user_id: int) -> int:
    """Take the mall's own sign down again; the leader's sign stays as she left it."""
    points = PickupPoint.objects.filter(leader=user_id, paused_at__isnull=False)
    return points.update(paused_at=None)


def _change_tenure(
    point_id: int, *, from_leader: User, to_leader: User, by: User, at: datetime
) -> None:
    """End one tenure and begin the next; a point older than these rows had its leader always."""
    before = PointTenure.objects.filter(point=point_id, until=None)
    if not before.update(until=at):
        PointTenure.objects.create(
            point_id=point_id, leader=from_leader, since=from_leader.date_joined, until=at
        )
    PointTenure.objects.create(point_id=point_id, leader=to_leader, since=at, by=by)
