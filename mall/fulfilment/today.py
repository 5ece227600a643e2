"""A leader's day at a glance: whose bags are next, which groups are to be sorted; oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count, Prefetch, Q

from mall.fulfilment.at_point import pieces_left
from mall.fulfilment.board import masked
from mall.fulfilment.models import Shelf
from mall.fulfilment.people import at_counter
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.pickup.models import PickupPoint
from payments.api import business_date

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NextBag:
    """A bag that waits to be handed over."""

    order_no: str
    shelf: str
    masked_name: str
    phone_tail: str
    group_title: str
    pickup_on: date
    pieces: int
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSign:
    """A point's sign: open or closed for new orders today; old ones go on either way."""

    point_id: int
    name: str
    is_open: bool
    is_on_holiday: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupToSort:
    """A group whose goods are here and not all in bags: so many bags, so many of them done."""

    group_id: int
    title: str
    point_name: str
    pickup_on: date
    bags: int
    done: int

    @property
    def left(self) -> int:
        """Return how many bags are still to be filled."""
        return self.bags - self.done


def next_bags(user_id: int, *, limit: int = _SHOWN) -> list[NextBag]:
    """Return the bags to hand over next at somebody's points, the oldest first; four queries."""
    orders = OrderFulfilment.objects.filter(at_counter(user_id), status=Status.ARRIVED)
    lines = Prefetch("lines", LineFulfilment.objects.select_related("at_point"))
    orders = orders.select_related("group_buy").prefetch_related(lines)
    found = list(orders.order_by("group_buy__pickup_on", "arrived_at", "pk")[:limit])
    places = places_of_orders(found)
    today = business_date()
    return [
        NextBag(
            order_no=order.order_no,
            shelf=places.get(order.pk, ""),
            masked_name=masked(order),
            phone_tail=order.receiver_phone[-4:],
            group_title=order.group_buy.title,
            pickup_on=order.group_buy.pickup_on,
            pieces=sum(map(pieces_left, order.lines.all())),
            is_overdue=order.group_buy.pickup_on < today,
        )
        for order in found
    ]


def signs_of(leader_id: int) -> list[ShopSign]:
    """Return the signs of the points a leader keeps; two queries."""
    today = business_date()
    points = PickupPoint.objects.filter(leader=leader_id, active=True).prefetch_related("breaks")
    return [
        ShopSign(
            point_id=point.pk,
            name=point.name,
            is_open=point.takes_orders(today),
            is_on_holiday=point.on_holiday(today),
        )
        for point in points.order_by("pk")
    ]


def groups_to_sort(user_id: int) -> list[GroupToSort]:
    """Return the groups counted in whose bags are not all done, the oldest first; one query."""
    waits = Q(orders__status=Status.ARRIVED)
    rows = (
        LeaderGroup.objects.filter(at_counter(user_id), arrival__isnull=False)
        .annotate(
            bags=Count("orders", filter=waits),
            done=Count("orders", filter=waits & Q(orders__packed__is_done=True)),
        )
        .filter(bags__gt=0)
        .select_related("group_buy", "pickup_point")
        .order_by("group_buy__pickup_on", "pk")
    )
    groups = (
        GroupToSort(
            group_id=row.pk,
            title=row.group_buy.title,
            point_name=row.pickup_point.name,
            pickup_on=row.group_buy.pickup_on,
            bags=row.bags,
            done=row.done,
        )
        for row in rows
    )
    return [group for group in groups if group.left]


def places_of_orders(orders: Iterable[OrderFulfilment]) -> dict[int, str]:
    """Return where orders' bags stand, by order; their group buys are loaded. One query."""
    orders = list(orders)
    rows = Shelf.objects.filter(
        pickup_point__in={order.pickup_point_id for order in orders},
        pickup_on__in={order.group_buy.pickup_on for order in orders},
        resident__in={order.resident_id for order in orders},
    )
    labels = {(row.pickup_point_id, row.pickup_on, row.resident_id): row.label for row in rows}
    keys = {
        order.pk: (order.pickup_point_id, order.group_buy.pickup_on, order.resident_id)
        for order in orders
    }
    return {pk: labels[key] for pk, key in keys.items() if key in labels}
