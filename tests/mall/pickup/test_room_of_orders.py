"""What orders take of a point's day is counted there, moves with the day, and is verified."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mall.catalogue.models import ProductExtra
from mall.groupbuy.errors import NotReadyError
from mall.groupbuy.lifecycle import cut_off_now
from mall.groupbuy.redating import move_pickup_day
from mall.ordering.checks.room import room_is_what_orders_took
from mall.ordering.ending import cancel_order
from mall.pickup.capacity import set_day, take
from mall.pickup.errors import PointFullError
from mall.pickup.models import PointDay
from tests.mall.ordering.selling import make_sale, order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


def taken() -> dict:
    return {row.day: row.used for row in PointDay.objects.all()}


def holds() -> bool:
    return not list(room_is_what_orders_took().violations)


def test_the_room_of_orders_moves_with_the_pickup_day():
    (group,) = make_sale({})
    ProductExtra.objects.update(pieces_per_box=1)
    sale, placed = group.group_buy, order(group, 3)
    before, after = sale.pickup_on, sale.pickup_on + timedelta(days=1)
    assert (taken(), holds()) == ({before: 3}, True)

    with pytest.raises(NotReadyError):
        move_pickup_day(group_buy_id=sale.pk, day=after)
    cut_off_now(group_buy_id=sale.pk)
    set_day(point_id=group.pickup_point_id, day=after, boxes=2)
    with pytest.raises(PointFullError):
        move_pickup_day(group_buy_id=sale.pk, day=after)
    assert (taken(), holds()) == ({before: 3, after: 0}, True)
    set_day(point_id=group.pickup_point_id, day=after, boxes=3)
    move_pickup_day(group_buy_id=sale.pk, day=after)

    assert (taken(), holds()) == ({before: 0, after: 3}, True)
    cancel_order(order_no=placed.order_no, resident_id=placed.resident_id)
    assert (taken(), holds()) == ({before: 0, after: 0}, True)


def test_boxes_that_no_order_holds_are_found():
    (group,) = make_sale({})
    take(point_id=group.pickup_point_id, day=group.group_buy.pickup_on, boxes=2)

    assert not holds()
