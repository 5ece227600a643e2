"""Points corrected by hand: a reason always, a second person above the limit."""

from __future__ import annotations

import pytest

from mall.loyalty import invariants
from mall.loyalty.adjusting import approve, propose, refuse
from mall.loyalty.errors import AdjustmentError, NotEnoughPointsError
from mall.loyalty.models import PointsAdjustment, PointsEntry
from payments.api import SecondPersonError
from tests.factories.groups import make_person
from tests.mall.loyalty.rules import broken, make_programme, net

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    make_programme(alone_most=100)
    return make_person(), make_person("管理员"), make_person("财务")


def test_a_small_correction_is_booked_at_once(people):
    resident, admin, _finance = people
    propose(resident_id=resident.pk, points=100, reason="漏记", by=admin)
    propose(resident_id=resident.pk, points=-40, reason="重复", by=admin)

    assert net(resident) == 60
    assert PointsEntry.objects.first().note == "重复"
    assert broken(invariants.check) == []


def test_a_large_one_waits_for_another_person(people):
    resident, admin, finance = people
    asked = propose(resident_id=resident.pk, points=101, reason="活动补发", by=admin)
    assert asked.state == PointsAdjustment.State.PROPOSED
    assert PointsEntry.objects.count() == 0
    with pytest.raises(SecondPersonError):
        approve(asked, by=admin)

    approve(asked, by=finance)
    with pytest.raises(AdjustmentError):
        approve(asked, by=finance)
    with pytest.raises(AdjustmentError):
        refuse(asked, by=finance)
    assert net(resident) == 101


def test_many_small_ones_of_a_day_are_a_large_one(people):
    resident, admin, finance = people
    for points in (60, 40, -30):
        propose(resident_id=resident.pk, points=points, reason="补发", by=admin)
    one_more = propose(resident_id=resident.pk, points=1, reason="补发", by=admin)

    assert one_more.state == PointsAdjustment.State.PROPOSED
    assert net(resident) == 70
    approve(one_more, by=finance)
    other = propose(resident_id=resident.pk, points=100, reason="补发", by=finance)
    assert (other.state, net(resident)) == (PointsAdjustment.State.BOOKED, 171)


def test_refused_means_nothing_moved(people):
    resident, admin, finance = people
    asked = propose(resident_id=resident.pk, points=500, reason="?", by=admin)
    refuse(asked, by=finance)

    asked.refresh_from_db()
    assert asked.state == PointsAdjustment.State.REFUSED
    assert PointsEntry.objects.count() == 0


@pytest.mark.parametrize(("points", "reason"), [(0, "x"), (5, "  ")])
def test_what_says_nothing_is_refused(people, points, reason):
    resident, admin, _finance = people
    with pytest.raises(AdjustmentError):
        propose(resident_id=resident.pk, points=points, reason=reason, by=admin)


def test_no_more_is_taken_than_there_is(people):
    resident, admin, _finance = people
    with pytest.raises(NotEnoughPointsError):
        propose(resident_id=resident.pk, points=-1, reason="重复", by=admin)
    assert PointsAdjustment.objects.count() == 0
