"""A point's room for a day: taken with the order, given back once, never more than there is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from mall.pickup.capacity import (
    RoomBooksError,
    boxes_of,
    give_back,
    left_on,
    set_boxes_a_day,
    set_day,
    take,
)
from mall.pickup.errors import PointFullError, RoomTakenError
from mall.pickup.models import PickupPoint, PointDay
from payments.api import business_date
from tests.factories.groups import make_point, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> dict:
    return {"point_id": make_point(boxes_a_day=5).pk, "day": business_date() + timedelta(days=1)}


def test_kinds_share_boxes_and_what_nobody_measured_takes_none():
    eggs, corn, cards = make_product("土鸡蛋"), make_product("糯玉米"), make_product("贺卡")
    for product, per_box in ((eggs, 4), (corn, 10)):
        type(product.extra).objects.filter(product=product).update(pieces_per_box=per_box)

    assert boxes_of({eggs.pk: 1, corn.pk: 5}) == 1
    assert boxes_of({eggs.pk: 2, corn.pk: 5}) == 1
    assert boxes_of({eggs.pk: 3, corn.pk: 5}) == 2
    assert boxes_of({eggs.pk: 4, corn.pk: 10, cards.pk: 99}) == 2
    assert boxes_of({cards.pk: 99}) == boxes_of({}) == 0


def test_room_is_taken_until_it_is_full_and_given_back(room):
    take(**room, boxes=3)
    with pytest.raises(PointFullError) as refused:
        take(**room, boxes=3)
    assert refused.value.data["left"] == left_on(room["point_id"], room["day"]) == 2

    give_back(**room, boxes=3)
    take(**room, boxes=5)
    assert left_on(room["point_id"], room["day"]) == 0
    take(**room, boxes=0)
    assert PointDay.objects.get().used == 5


def test_more_than_was_taken_is_not_given_back(room):
    take(**room, boxes=2)
    with pytest.raises(RoomBooksError):
        give_back(**room, boxes=3)
    give_back(**room, boxes=0)
    assert PointDay.objects.get().used == 2


def test_without_a_limit_room_is_counted_all_the_same():
    point, day = make_point(), business_date()
    take(point_id=point.pk, day=day, boxes=50)

    assert left_on(point.pk, day) is None
    assert PointDay.objects.get().used == 50


def test_one_day_may_differ_and_keeps_its_number(room):
    set_day(**room, boxes=8)
    set_boxes_a_day(point_id=room["point_id"], boxes=2, today=business_date())

    assert left_on(room["point_id"], room["day"]) == 8
    assert left_on(room["point_id"], room["day"] + timedelta(days=1)) == 2


def test_a_day_cannot_go_below_what_is_taken(room):
    take(**room, boxes=4)

    with pytest.raises(RoomTakenError):
        set_day(**room, boxes=3)
    assert set_day(**room, boxes=4).boxes == 4
    assert set_day(**room, boxes=None).boxes is None


def test_a_smaller_number_stops_full_days_and_says_how_many(room):
    take(**room, boxes=4)

    full = set_boxes_a_day(point_id=room["point_id"], boxes=3, today=business_date())

    assert full == 1
    assert left_on(room["point_id"], room["day"]) == 0
    assert PickupPoint.objects.get().boxes_a_day == 3
    assert set_boxes_a_day(point_id=room["point_id"], boxes=None, today=business_date()) == 0
    assert left_on(room["point_id"], room["day"]) is None


@pytest.mark.parametrize("change", [{"used": -1}, {"used": 6}, {"boxes": 3}])
def test_what_cannot_be_is_refused_by_the_database(room, change: dict):
    take(**room, boxes=4)
    with pytest.raises(IntegrityError), transaction.atomic():
        PointDay.objects.update(**change)
