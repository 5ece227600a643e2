"""The rows of an order that moves: where it is collected, and which sale's items it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from django.db.models import F
from oscar.apps.order.models import Order

from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.ordering.rows import pickup_of
from mall.pickup import capacity
from payments.api import now

WAITING: Final = (Status.PENDING_PAYMENT, Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT)


class Goes(Protocol):
    """A line, the item it becomes, and how many of it are left."""

    @property
    def line(self) -> LineFulfilment:
        """Return the line."""

    @property
    def item(self) -> GroupBuyItem:
        """Return the other sale's item."""

    @property
    def quantity(self) -> int:
        """Return how many are left."""


def take_room(order: OrderFulfilment, to_group: LeaderGroup) -> None:
    """Take an order's boxes at the other point and day and free them here; PointFullError.

    The two rows are written in one order whoever moves where.
    """
    here = (order.pickup_point_id, order.group_buy.pickup_on)
    there = (to_group.pickup_point_id, to_group.group_buy.pickup_on)
    if here == there:
        return
    for point_id, day in sorted((here, there)):
        step = capacity.take if (point_id, day) == there else capacity.give_back
        step(point_id=point_id, day=day, boxes=order.boxes)


def write_place(order: OrderFulfilment, to_group: LeaderGroup) -> None:
    """Let an order say the other group, sale, point and leader."""
    changes = {
        "group": to_group,
        "group_buy": to_group.group_buy,
        "pickup_point": to_group.pickup_point,
        "pickup_snapshot": pickup_of(to_group),
        "leader_id": to_group.leader_id,
        "moved_at": now(),
    }
    OrderFulfilment.objects.filter(pk=order.pk).update(**changes)
    Order.objects.filter(pk=order.pk).update(shipping_method=str(to_group.pickup_point))
    order.refresh_from_db()


def write_pickup_day(group: LeaderGroup) -> int:
    """Let all orders of a group that are not collected yet say when it is collected now.

    Return how many there are. In a transaction.
    """
    orders = OrderFulfilment.objects.filter(group=group, status__in=WAITING)
    return orders.update(pickup_snapshot=pickup_of(group))


def write_items(lines: Sequence[Goes]) -> None:
    """Let lines be the other sale's items; the supplier is owed what he asks there.

    What she pays stays as it is written: a lower price is given back by itself.
    """
    for each in lines:
        LineFulfilment.objects.filter(pk=each.line.pk).update(
            item=each.item,
            supplier_id=each.item.stockrecord.partner_id,
            cost_minor=F("returned_cost_minor") + each.item.cost_minor * each.quantity,
            allotted=None,
        )
