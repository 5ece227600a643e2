"""Places on the shelf: each neighbour one per pickup point and day, A-1 to A-20, B-1 and on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.db.models import Min

from mall.fulfilment.models import Shelf
from mall.ordering.models import OrderFulfilment, Status
from mall.pickup.models import PickupPoint
from payments.api import transact

_HAS_A_BAG: Final = (Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT, Status.ARRIVED)


@transact()
def give_places(*, point_id: int, day: date) -> int:
    """Give every neighbour with an order for the day her place; return how many are new.

    In the order they joined; a place where an earlier day's bag still waits is left out. Repeatable
    and safe for two at once: the point's row is held while places are given.
    """
    list(PickupPoint.objects.select_for_update(no_key=True).filter(pk=point_id))
    orders = OrderFulfilment.objects.filter(
        pickup_point=point_id,
        group_buy__pickup_on=day,
        status__in=_HAS_A_BAG,
        cancel_requested_at=None,
    )
    placed = Shelf.objects.filter(pickup_point=point_id, pickup_on=day)
    residents = orders.exclude(resident__in=placed.values("resident"))
    wanting = residents.values("resident_id").annotate(joined=Min("paid_at"))
    ids = [row["resident_id"] for row in wanting.order_by("joined", "resident_id")]
    if not ids:
        return 0
    taken = {*placed.values_list("number", flat=True), *_still_standing(point_id, day)}
    free = (number for number in range(1, len(taken) + len(ids) + 1) if number not in taken)
    Shelf.objects.bulk_create(
        (
            Shelf(pickup_point_id=point_id, pickup_on=day, resident_id=resident, number=number)
            for resident, number in zip(ids, free, strict=False)
        ),
        batch_size=500,
    )
    return len(ids)


def give_all_places(*, point_ids: Iterable[int], day: date) -> int:
    """Give the places of several points; return how many are new."""
    return sum(give_places(point_id=point, day=day) for point in sorted(set(point_ids)))


def places_of(*, point_ids: Iterable[int], day: date) -> dict[tuple[int, int], Shelf]:
    """Return the places by point and resident: one query."""
    rows = Shelf.objects.filter(pickup_point__in=point_ids, pickup_on=day)
    return {(row.pickup_point_id, row.resident_id): row for row in rows}


def _still_standing(point_id: int, day: date) -> set[int]:
    """Return the places of earlier days whose bags were not collected yet."""
    waiting = OrderFulfilment.objects.filter(
        pickup_point=point_id, status=Status.ARRIVED, group_buy__pickup_on__lt=day
    ).values_list("resident_id", "group_buy__pickup_on")
    shelves = Shelf.objects.filter(pickup_point=point_id, pickup_on__lt=day).filter(
        resident__in=OrderFulfilment.objects.filter(
            pickup_point=point_id, status=Status.ARRIVED
        ).values("resident")
    )
    still = set(waiting)
    return {row.number for row in shelves if (row.resident_id, row.pickup_on) in still}
