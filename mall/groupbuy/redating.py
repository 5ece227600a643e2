"""Moving a sale's pickup day: the cut-off stays, and the room of its orders moves along."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from mall.groupbuy.errors import NotReadyError
from mall.groupbuy.lifecycle import locked_buy
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.groupbuy.pickup_times import require_before_pickup
from mall.pickup import capacity
from payments.api import now, publish, transact

_BEFORE_ARRIVAL = (
    State.DRAFT,
    State.SCHEDULED,
    State.OPEN,
    State.CLOSED,
    State.FORMED,
    State.ORDERED,
)


@transact()
def move_pickup_day(*, group_buy_id: int, day: date) -> GroupBuy:
    """Collect a sale on another day, until its goods are there; PointFullError where no room is.

    NotReadyError for a day before the cut-off, after the goods arrived, and while orders are still
    coming in: somebody who is ordering this minute was shown the other day. The same day again
    changes nothing.
    """
    group_buy = locked_buy(group_buy_id)
    if day == group_buy.pickup_on:
        return group_buy
    if group_buy.state not in _BEFORE_ARRIVAL:
        raise NotReadyError(_("The goods are there already: the day cannot be moved any more."))
    require_before_pickup(group_buy.closes_at, pickup_on=day, pickup_from=group_buy.pickup_from)
    groups = LeaderGroup.objects.filter(group_buy=group_buy).order_by("pickup_point")
    if groups.filter(state=State.ARRIVED).exists():
        raise NotReadyError(_("The goods are there already: the day cannot be moved any more."))
    taken = list(groups.annotate(boxes=Sum("orders__boxes")).values_list("pickup_point", "boxes"))
    if group_buy.state == State.OPEN and groups.filter(orders__isnull=False).exists():
        raise NotReadyError(_("Residents are ordering for that day. Cut the sale off first."))
    for point_id, boxes in taken:
        _move_room(point_id, boxes or 0, was=group_buy.pickup_on, day=day)
    GroupBuy.objects.filter(pk=group_buy.pk).update(pickup_on=day)
    groups.update(version=F("version") + 1)
    _tell(group_buy, day)
    group_buy.refresh_from_db()
    return group_buy


def _move_room(point_id: int, boxes: int, *, was: date, day: date) -> None:
    """Take the boxes on one day and free them on the other; the earlier day's row first."""
    for each in sorted((was, day)):
        step = capacity.take if each == day else capacity.give_back
        step(point_id=point_id, day=each, boxes=boxes)


def _tell(group_buy: GroupBuy, day: date) -> None:
    at = now()
    publish(
        "groupbuy.redated",
        key=f"groupbuy.redated:{group_buy.code}:{at.isoformat()}",
        aggregate=f"groupbuy:{group_buy.code}",
        payload={
            "group_buy_id": group_buy.pk,
            "code": group_buy.code,
            "group_ids": sorted(group_buy.groups.values_list("pk", flat=True)),
            "pickup_on": day.isoformat(),
            "was": group_buy.pickup_on.isoformat(),
            "at": at.isoformat(),
        },
    )
