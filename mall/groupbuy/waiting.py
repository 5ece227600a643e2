"""Waiting for room at a full pickup point: told in the order of asking, then first come.

Room is not kept for anybody: who is told has a head start of half an hour before the next ones
are told, and orders like everybody else.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final

from django.db import IntegrityError
from django.db.models import QuerySet, Sum

from mall.groupbuy.baskets import require_selling
from mall.groupbuy.errors import WaitingError
from mall.groupbuy.models import Entry, LeaderGroup, State, WaitingPlace
from mall.pickup.capacity import left_on
from payments.api import each, now, publish, transact

HEAD_START: Final = timedelta(minutes=30)
_MOST_BOXES: Final = 99


def join(*, group_id: int, resident_id: int, boxes: int = 1) -> int:
    """Put a resident on a group's waiting list and return her place, counted from one.

    Once is enough: again it returns the same place. WaitingError where there is room for so many
    boxes; CutOffError and the like where the group takes no orders anyway.
    """
    try:
        return _join(group_id=group_id, resident_id=resident_id, boxes=boxes)
    except IntegrityError:  # she tapped twice: the other tap put her on the list
        return place_of(group_id=group_id, resident_id=resident_id) or 1


@transact()
def leave(*, group_id: int, resident_id: int) -> bool:
    """Take a resident off the list; False where she was not on it."""
    return bool(_living(group_id).filter(resident=resident_id).update(over_at=now()))


def place_of(*, group_id: int, resident_id: int) -> int | None:
    """Return how many are on the list up to her; None where she is not on it."""
    place = _living(group_id).filter(resident=resident_id).first()
    return None if place is None else _place_number(place)


def tell_due(limit: int) -> dict[str, int]:
    """Tell the next ones in line wherever room came up; end the places that are over."""
    counts: Counter[str] = Counter(over=0)

    def tend(group_id: int) -> int:
        told, over = _tend(group_id)
        counts["over"] += over
        return told

    places = WaitingPlace.objects.filter(over_at=None).order_by("group_id")
    waiting = places.values_list("group_id", flat=True).distinct()
    counts.update(each(waiting, tend, limit=limit, done="told"))
    return dict(counts)


@transact()
def _join(*, group_id: int, resident_id: int, boxes: int) -> int:
    group = LeaderGroup.objects.select_related("group_buy", "pickup_point").get(pk=group_id)
    require_selling(group, at=now())
    boxes = max(1, min(boxes, _MOST_BOXES))
    left = left_on(group.pickup_point_id, group.group_buy.pickup_on)
    if left is None or left >= boxes:
        raise WaitingError
    place = _living(group_id).filter(resident=resident_id).first()
    if place is None:
        place = WaitingPlace.objects.create(
            group_id=group_id, resident_id=resident_id, boxes=boxes, joined_at=now()
        )
    return _place_number(place)


@transact()
def _tend(group_id: int) -> tuple[int, int]:
    groups = LeaderGroup.objects.select_for_update(of=("self",), no_key=True)
    group = groups.select_related("group_buy").get(pk=group_id)
    over = _end_places(group)
    told = _next_in_line(group) if group.state == State.OPEN else []
    if told:
        at = now()
        WaitingPlace.objects.filter(pk__in=[place.pk for place in told]).update(told_at=at)
        publish(
            "group.has_room",
            key=f"group.has_room:{group_id}:{told[0].pk}:{told[-1].pk}",
            aggregate=f"group:{group_id}",
            payload={
                "group_id": group_id,
                "share_code": group.share_code,
                "resident_ids": [place.resident_id for place in told],
                "until": (at + HEAD_START).isoformat(),
            },
        )
    return len(told), over


def _end_places(group: LeaderGroup) -> int:
    """End the places of who ordered, of who let her head start pass, and all after the cut-off."""
    living = _living(group.pk)
    if group.state != State.OPEN:
        return living.update(over_at=now())
    joined = Entry.objects.filter(group=group, withdrawn_at=None).values("resident")
    over = living.filter(resident__in=joined).update(over_at=now())
    return over + living.filter(told_at__lte=now() - HEAD_START).update(over_at=now())


def _next_in_line(group: LeaderGroup) -> list[WaitingPlace]:
    """Return who may be told: as many as fit beside those who were told a moment ago."""
    left = left_on(group.pickup_point_id, group.group_buy.pickup_on)
    waiting = list(_living(group.pk).filter(told_at=None).order_by("joined_at", "pk"))
    if left is None:
        return waiting
    ahead = _living(group.pk).filter(told_at__isnull=False).aggregate(boxes=Sum("boxes"))
    left -= ahead["boxes"] or 0
    told = []
    for place in waiting:
        if place.boxes > left:
            break
        told.append(place)
        left -= place.boxes
    return told


def _living(group_id: int) -> QuerySet[WaitingPlace]:
    return WaitingPlace.objects.filter(group=group_id, over_at=None)


def _place_number(place: WaitingPlace) -> int:
    ahead = _living(place.group_id)
    earlier = ahead.filter(joined_at__lt=place.joined_at).count()
    return 1 + earlier + ahead.filter(joined_at=place.joined_at, pk__lt=place.pk).count()
