"""An order's room at its pickup point on its day: taken when it is placed, freed as it shrinks."""

from __future__ import annotations

from collections.abc import Mapping

from mall.ordering.models import OrderFulfilment
from mall.pickup import capacity


def free(order: OrderFulfilment) -> None:
    """Free all room of an order that came to nothing; repeating changes nothing."""
    _give_back(order, keep=0)


def shrink(order: OrderFulfilment, pieces: Mapping[int, int]) -> None:
    """Free what an order does not need any more, now that it holds so many pieces per product."""
    if order.boxes:
        left = {product: quantity for product, quantity in pieces.items() if quantity}
        _give_back(order, keep=min(order.boxes, capacity.boxes_of(left)))


def _give_back(order: OrderFulfilment, *, keep: int) -> None:
    boxes = order.boxes - keep
    if boxes <= 0:
        return
    if OrderFulfilment.objects.filter(pk=order.pk, boxes=order.boxes).update(boxes=keep):
        order.boxes = keep
        capacity.give_back(
            point_id=order.pickup_point_id, day=order.group_buy.pickup_on, boxes=boxes
        )
