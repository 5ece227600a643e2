"""However many want the last boxes at once: never one too many, never one too few."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError

from mall.pickup.capacity import give_back, take
from mall.pickup.errors import PointFullError
from mall.pickup.models import PointDay
from payments.api import business_date, transact
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_point

pytestmark = pytest.mark.django_db(transaction=True)


def room(boxes: int) -> dict:
    return {
        "point_id": make_point(boxes_a_day=boxes).pk,
        "day": business_date() + timedelta(days=1),
    }


def test_twenty_want_ten_boxes_and_ten_get_one_also_as_the_day_begins():
    where = room(10)

    ends = all_at_once([lambda: transact()(take)(**where, boxes=1) for _ in range(20)])

    assert PointDay.objects.get().used == 10
    assert ends.count(None) == 10
    assert sum(isinstance(end, PointFullError) for end in ends) == 10


def test_coming_and_going_at_once_leaves_nothing_behind():
    where = room(20)
    transact()(take)(**where, boxes=8)

    comings = [lambda: transact()(take)(**where, boxes=1) for _ in range(8)]
    goings = [lambda: transact()(give_back)(**where, boxes=1) for _ in range(8)]
    ends = all_at_once([*comings, *goings])

    assert ends == [None] * 16
    assert PointDay.objects.get().used == 8


def carelessly(where: dict, gate: Barrier) -> None:
    """Look, then write: what a shop does that has no guard."""
    row = PointDay.objects.get(**where)
    gate.wait(timeout=30)
    PointDay.objects.filter(pk=row.pk).update(used=row.used + 1)


def test_without_the_guard_eight_take_one_and_the_same_box():
    where = room(100)
    transact()(take)(**where, boxes=1)
    gate = Barrier(8)

    ends = all_at_once([lambda: carelessly(where, gate) for _ in range(8)])

    assert ends == [None] * 8
    assert PointDay.objects.get().used == 2


def test_without_the_guard_the_database_still_keeps_the_limit():
    where = room(3)
    transact()(take)(**where, boxes=3)
    gate = Barrier(4)

    ends = all_at_once([lambda: carelessly(where, gate) for _ in range(4)])

    assert PointDay.objects.get().used == 3
    assert all(isinstance(end, IntegrityError) for end in ends)
