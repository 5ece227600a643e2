"""How many boxes a pickup point can hold on a day, and who has them: taken with the order.

The room of a day is one row; taking is one conditional UPDATE, as the last but the goods, and the
CHECK on the table says the same. Who takes remembers how many boxes it was and gives back so many.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Final

from django.db.models import F, Q, QuerySet
from oscar.apps.catalogue.models import Product

from mall.pickup.errors import PointFullError, RoomTakenError
from mall.pickup.models import PickupPoint, PointDay
from payments.api import transact

_NO_LIMIT: Final = Q(boxes__isnull=True)


class RoomBooksError(RuntimeError):
    """A programming error: more boxes would be given back than were taken."""


def boxes_of(pieces: Mapping[int, int]) -> int:
    """Return how many boxes so many pieces per product fill together; none where nobody said.

    Kinds share boxes: their parts of a box are added up first, and the sum is rounded up.
    """
    known = Product.objects.filter(pk__in=pieces, extra__pieces_per_box__gt=0)
    sizes = known.values_list("pk", "extra__pieces_per_box")
    return math.ceil(sum(Fraction(pieces[pk], per_box) for pk, per_box in sizes))


def take(*, point_id: int, day: date, boxes: int) -> None:
    """Take room for an order, in its transaction; PointFullError where there is not enough."""
    if boxes <= 0:
        return
    _ensure(point_id, day)
    room = _day(point_id, day).filter(_NO_LIMIT | Q(boxes__gte=F("used") + boxes))
    if not room.update(used=F("used") + boxes):
        raise PointFullError(day=day.isoformat(), boxes=boxes, left=left_on(point_id, day))


def give_back(*, point_id: int, day: date, boxes: int) -> None:
    """Free an ended or reduced order's room; RoomBooksError for more than was taken."""
    if boxes <= 0:
        return
    freed = _day(point_id, day).filter(used__gte=boxes).update(used=F("used") - boxes)
    if not freed:
        raise RoomBooksError(f"point {point_id} on {day}: {boxes} boxes were never taken")


def left_on(point_id: int, day: date) -> int | None:
    """Return how many boxes are left on a day; None where there is no limit."""
    row = _day(point_id, day).values_list("boxes", "used").first()
    if row is None:
        return PickupPoint.objects.values_list("boxes_a_day", flat=True).get(pk=point_id)
    boxes, used = row
    return None if boxes is None else max(0, boxes - used)


@transact()
def set_day(*, point_id: int, day: date, boxes: int | None) -> PointDay:
    """Give one day a number of its own (None: no limit); RoomTakenError below what is taken."""
    _ensure(point_id, day)
    fits = Q() if boxes is None else Q(used__lte=boxes)
    if not _day(point_id, day).filter(fits).update(boxes=boxes, is_exception=True):
        row = _day(point_id, day).get()
        raise RoomTakenError(day=day.isoformat(), boxes=boxes, used=row.used)
    return _day(point_id, day).get()


@transact()
def set_boxes_a_day(*, point_id: int, boxes: int | None, today: date) -> int:
    """Change a point's number for all days that have none of their own.

    Where a coming day has more taken than the new number, that day keeps what is taken and takes
    nothing more. Returns how many days do so.
    """
    PickupPoint.objects.filter(pk=point_id).update(boxes_a_day=boxes)
    days = PointDay.objects.filter(point_id=point_id, day__gte=today, is_exception=False)
    if boxes is None:
        days.update(boxes=None)
        return 0
    days.filter(used__lte=boxes).update(boxes=boxes)
    return days.filter(used__gt=boxes).update(boxes=F("used"))


def _day(point_id: int, day: date) -> QuerySet[PointDay]:
    return PointDay.objects.filter(point_id=point_id, day=day)


def _ensure(point_id: int, day: date) -> None:
    """Have a row for the day, with the point's usual number; of two at once one writes it."""
    if _day(point_id, day).exists():
        return
    # Locked, so that a new number for the point meets this row or is read here.
    point = PickupPoint.objects.select_for_update(no_key=True).get(pk=point_id)
    PointDay.objects.bulk_create(
        [PointDay(point_id=point_id, day=day, boxes=point.boxes_a_day)], ignore_conflicts=True
    )
