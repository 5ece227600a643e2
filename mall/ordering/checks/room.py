"""The rule of room at pickup points: what is taken is what living orders have taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Sum

from mall.ordering.models import OrderFulfilment
from mall.pickup.models import PointDay
from payments.api import CheckResult, result_of


def room_is_what_orders_took() -> CheckResult:
    """C4: the boxes taken at a point for a day are those its orders hold, no more and no fewer."""
    held: dict[tuple[int, date], int] = {
        (point, day): boxes
        for point, day, boxes in OrderFulfilment.objects.filter(boxes__gt=0)
        .order_by()
        .values_list("pickup_point", "group_buy__pickup_on")
        .annotate(n=Sum("boxes"))
    }
    days = PointDay.objects.all()

    def wrong() -> Iterator[tuple[str, str]]:
        left = dict(held)
        for row in days.iterator():
            boxes = left.pop((row.point_id, row.day), 0)
            if row.used != boxes:
                yield f"point {row.point_id} {row.day}", f"{row.used} taken, orders hold {boxes}"
        for (point, day), boxes in left.items():
            yield f"point {point} {day}", f"orders hold {boxes}, none taken"

    return result_of("C4 room is what orders took", rows=days.count(), wrong=wrong())


ROOM_RULES = (room_is_what_orders_took,)
