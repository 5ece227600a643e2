"""Who waits for room is told in the order of asking, as many as fit, and nothing is held back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from mall.groupbuy.entries import add_entry
from mall.groupbuy.errors import CutOffError, WaitingError
from mall.groupbuy.lifecycle import cut_off_now
from mall.groupbuy.models import LeaderGroup, WaitingPlace
from mall.groupbuy.waiting import HEAD_START, join, leave, place_of, tell_due
from mall.pickup.capacity import give_back, set_day, take
from payments.api import now, transact
from payments.models import OutboxEvent
from tests.factories.groups import make_open_group, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> LeaderGroup:
    group = make_open_group()
    room = {"point_id": group.pickup_point_id, "day": group.group_buy.pickup_on}
    set_day(**room, boxes=3)
    take(**room, boxes=3)
    return group


def free(group: LeaderGroup, boxes: int) -> None:
    give_back(point_id=group.pickup_point_id, day=group.group_buy.pickup_on, boxes=boxes)


def told() -> list[list[int]]:
    events = OutboxEvent.objects.filter(fact="group.has_room").order_by("pk")
    return [event.payload["resident_ids"] for event in events]


def test_she_joins_once_sees_her_place_and_leaves(group):
    first, second = make_person(), make_person()

    assert join(group_id=group.pk, resident_id=first.pk) == 1
    assert join(group_id=group.pk, resident_id=second.pk) == 2
    assert join(group_id=group.pk, resident_id=first.pk) == 1
    assert leave(group_id=group.pk, resident_id=first.pk) is True
    assert leave(group_id=group.pk, resident_id=first.pk) is False
    assert place_of(group_id=group.pk, resident_id=second.pk) == 1
    assert place_of(group_id=group.pk, resident_id=first.pk) is None


def test_with_room_left_there_is_nothing_to_wait_for(group):
    free(group, 1)
    with pytest.raises(WaitingError):
        join(group_id=group.pk, resident_id=make_person().pk)
    assert join(group_id=group.pk, resident_id=make_person().pk, boxes=2) == 1


def test_after_the_cut_off_nobody_waits(group):
    waiting = make_person()
    join(group_id=group.pk, resident_id=waiting.pk)
    cut_off_now(group_buy_id=group.group_buy_id)

    with pytest.raises(CutOffError):
        join(group_id=group.pk, resident_id=make_person().pk)
    free(group, 3)
    assert tell_due(10) == {"told": 0, "over": 1}
    assert told() == []


def test_as_many_as_fit_are_told_in_their_order_and_once(group):
    people = [make_person() for _ in range(3)]
    for person in people:
        join(group_id=group.pk, resident_id=person.pk)
    assert tell_due(10) == {"told": 0, "over": 0}

    free(group, 2)
    assert tell_due(10) == {"told": 2, "over": 0}
    assert tell_due(10) == {"told": 0, "over": 0}

    assert told() == [[people[0].pk, people[1].pk]]


def test_who_lets_the_half_hour_pass_makes_way_for_the_next(group):
    slow, patient = make_person(), make_person()
    for person in (slow, patient):
        join(group_id=group.pk, resident_id=person.pk)
    free(group, 1)
    tell_due(10)

    with time_machine.travel(now() + HEAD_START + timedelta(seconds=1), tick=False):
        assert tell_due(10) == {"told": 1, "over": 1}

    assert told() == [[slow.pk], [patient.pk]]


def test_who_needs_more_than_came_free_is_not_overtaken(group):
    large, small = make_person(), make_person()
    join(group_id=group.pk, resident_id=large.pk, boxes=2)
    join(group_id=group.pk, resident_id=small.pk)

    free(group, 1)
    assert tell_due(10)["told"] == 0
    free(group, 1)
    assert tell_due(10)["told"] == 1

    assert told() == [[large.pk]]


def test_who_ordered_waits_no_longer(group):
    person = make_person()
    join(group_id=group.pk, resident_id=person.pk)
    transact()(add_entry)(
        group_id=group.pk, order_no="M1", resident=person, lines=[("糯玉米", 1)], amount_minor=100
    )

    assert tell_due(10) == {"told": 0, "over": 1}
    assert WaitingPlace.objects.get().over_at is not None


def test_where_the_limit_falls_everybody_is_told(group):
    for _ in range(3):
        join(group_id=group.pk, resident_id=make_person().pk)
    set_day(point_id=group.pickup_point_id, day=group.group_buy.pickup_on, boxes=None)

    assert tell_due(10)["told"] == 3
