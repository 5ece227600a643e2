"""Points on an order: quoted, held, spent, released and given back, each once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mall.loyalty import invariants
from mall.loyalty.errors import NotEnoughPointsError, PointsWorthError
from mall.loyalty.models import PointsAccount, PointsEntry, PointsLot, PointsUse
from mall.loyalty.spending import give_back, hold, live_use, mark_spent, points_for, release
from mall.promotions.funding import Share
from payments.api import Funder, now
from tests.factories.groups import make_person
from tests.mall.loyalty.rules import basket, broken, give_points, make_programme, net

pytestmark = pytest.mark.django_db


@pytest.fixture
def resident():
    make_programme()
    person = make_person()
    give_points(person, 300)
    return person


def quote(resident, *values, **wish):
    return points_for(resident_id=resident.pk, lines=basket(*values), at=now(), **wish)


def test_the_most_is_half_of_the_goods_and_never_more_than_there_is(resident):
    small = quote(resident, 100, 200)
    large = quote(resident, 10_000)

    assert (small.balance, small.most_points, small.most_minor) == (300, 150, 150)
    assert small.shares == (50, 100)
    assert large.most_points == 300
    assert large.funding == (Share(Funder.PLATFORM, "points", 100),)


def test_a_fen_is_left_to_pay():
    make_programme(most_percent=100, worth_minor_per_point=10)
    person = make_person()
    give_points(person, 1000)

    assert quote(person, 100).most_points == 9
    assert quote(person, 101).most_points == 10
    assert quote(person, 1).most_points == 0
    assert quote(person, 0).most_points == 0


def test_fewer_may_be_wanted_and_more_are_the_most(resident):
    assert quote(resident, 100, 200, wanted=9).shares == (3, 6)
    assert quote(resident, 100, 200, wanted=0).shares == (0, 0)
    assert sum(quote(resident, 100, 200, wanted=9999).shares) == 150


def test_below_the_smallest_amount_points_wait_with_a_hint():
    make_programme(from_minor=5000, most_points=40)
    person = make_person()
    give_points(person, 300)

    few, enough = quote(person, 4999), quote(person, 5000)

    assert (few.most_points, "50" in few.hint) == (0, True)
    assert (enough.most_points, enough.hint) == (40, "")


def test_a_visitor_and_a_mall_without_a_programme_have_no_points():
    person = make_person()

    assert quote(person, 100, 200).shares == (0, 0)
    assert points_for(resident_id=None, lines=basket(100), at=now()).balance == 0


def test_a_quote_asks_two_questions(resident):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        quote(resident, *([100] * 50), except_order="M1")
    assert len(asked) <= 2


def test_held_points_are_gone_and_spent_points_stay_gone(resident):
    hold(resident_id=resident.pk, order_no="M1", points=120, discount_minor=120)
    hold(resident_id=resident.pk, order_no="M1", points=120)

    assert net(resident) == 180
    assert quote(resident, 10_000).balance == 180
    assert quote(resident, 10_000, except_order="M1").balance == 300
    mark_spent("M1")
    mark_spent("M1")
    release("M1")
    assert (net(resident), live_use("M1").state) == (180, PointsUse.State.SPENT)


def test_released_points_are_back_once_and_may_be_held_again(resident):
    hold(resident_id=resident.pk, order_no="M1", points=120)
    release("M1")
    release("M1")

    assert net(resident) == 300
    hold(resident_id=resident.pk, order_no="M1", points=80)
    assert net(resident) == 220
    assert broken(invariants.check) == []


def test_no_more_than_there_is_and_no_other_wish_while_one_is_held(resident):
    with pytest.raises(NotEnoughPointsError):
        hold(resident_id=resident.pk, order_no="M1", points=301)
    assert PointsEntry.objects.filter(kind="spend").count() == 0

    hold(resident_id=resident.pk, order_no="M1", points=10)
    with pytest.raises(ValueError, match="holds 10"):
        hold(resident_id=resident.pk, order_no="M1", points=20)
    hold(resident_id=resident.pk, order_no="M2", points=0)
    assert (net(resident), live_use("M2")) == (290, None)


def test_points_are_worth_what_the_order_was_priced_with(resident):
    with pytest.raises(PointsWorthError):
        hold(resident_id=resident.pk, order_no="M1", points=10, discount_minor=11)
    assert net(resident) == 300


def test_the_oldest_go_first_and_come_back_last(resident):
    give_points(resident, 50, days=10)
    soon, late = PointsLot.objects.order_by("expires_on")
    hold(resident_id=resident.pk, order_no="M1", points=120)
    soon.refresh_from_db(), late.refresh_from_db()
    assert (soon.left, late.left) == (0, 230)

    mark_spent("M1")
    give_back(order_no="M1", amount_minor=70)
    soon.refresh_from_db(), late.refresh_from_db()
    assert (soon.left, late.left) == (0, 300)
    give_back(order_no="M1", amount_minor=50)
    soon.refresh_from_db(), late.refresh_from_db()
    assert (soon.left, late.left) == (50, 300)
    assert live_use("M1") is None
    assert PointsUse.objects.get().state == PointsUse.State.RETURNED


@pytest.mark.parametrize("steps", [[1, 1, 1], [2, 1], [3]])
def test_whatever_the_steps_all_of_the_discount_brings_all_points(steps):
    make_programme(worth_minor_per_point=3)
    person = make_person()
    give_points(person, 7)
    hold(resident_id=person.pk, order_no="M1", points=7, discount_minor=21)
    mark_spent("M1")

    for step in steps:
        give_back(order_no="M1", amount_minor=step * 7)

    assert net(person) == 7
    give_back(order_no="M1", amount_minor=5)
    assert net(person) == 7
    assert broken(invariants.check) == []


def test_more_than_the_discount_never_comes_back(resident):
    hold(resident_id=resident.pk, order_no="M1", points=100)
    with pytest.raises(ValueError, match="once they are spent"):
        give_back(order_no="M1", amount_minor=10)
    mark_spent("M1")
    with pytest.raises(ValueError, match="cannot take"):
        give_back(order_no="M1", amount_minor=101)
    assert net(resident) == 200


def test_points_that_expired_meanwhile_come_back_for_a_week(resident):
    give_points(resident, 50, days=2)
    hold(resident_id=resident.pk, order_no="M1", points=60)

    with time_machine.travel(now() + timedelta(days=3), tick=False):
        release("M1")
        assert net(resident) == 350
        week = PointsLot.objects.latest("pk")
        assert (week.left, (week.expires_on - week.came_on).days) == (50, 7)
        assert quote(resident, 100_000).balance == 350
    assert broken(invariants.check) == []


def test_expired_points_are_not_there_though_no_job_has_come(resident):
    with time_machine.travel(now() + timedelta(days=366), tick=False):
        assert quote(resident, 100_000).balance == 0
        with pytest.raises(NotEnoughPointsError):
            hold(resident_id=resident.pk, order_no="M1", points=1)
    assert PointsAccount.objects.get().balance == 300  # refused as a whole
