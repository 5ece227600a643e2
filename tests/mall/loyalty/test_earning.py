"""What orders earn, and what refunds take back: never more than was paid for, never twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from mall.loyalty import earning, invariants
from mall.loyalty.expiry import expire_due, next_to_expire
from mall.loyalty.models import OrderEarning, PointsAccount, PointsEntry
from mall.loyalty.spending import hold, mark_spent
from payments.api import business_date, now
from tests.factories.groups import make_person
from tests.mall.loyalty.rules import broken, collected, give_points, make_programme, net

pytestmark = pytest.mark.django_db


@pytest.fixture
def resident():
    make_programme()
    return make_person()


@pytest.fixture(autouse=True)
def _books_agree():
    yield
    assert broken(invariants.check) == []


def test_whole_points_for_what_she_paid_and_once(resident):
    assert collected(resident, "M1", 19_299) == 192
    assert collected(resident, "M1", 19_299) == 0
    assert net(resident) == 192
    assert PointsEntry.objects.get().order_no == "M1"


def test_points_are_good_until_the_end_of_the_month_a_year_later(resident):
    collected(resident, "M1", 5000)
    today = business_date()

    until = next_to_expire(resident.pk).on

    assert (until.year, until.month) == (today.year + 1, today.month)
    assert (until + timedelta(days=1)).day == 1


def test_a_refund_leaves_what_the_rest_would_have_earned(resident):
    collected(resident, "M1", 19_950)

    assert earning.refund(order_no="M1", payer_minor=50, because="R1") == 0
    assert earning.refund(order_no="M1", payer_minor=1, because="R2") == 1
    assert net(resident) == 198
    assert earning.refund_all("M1") == 198
    assert earning.refund_all("M1") == 0
    assert net(resident) == 0


def test_what_was_spent_meanwhile_is_owed_and_paid_out_of_the_next(resident):
    collected(resident, "M1", 10_000)
    hold(resident_id=resident.pk, order_no="M2", points=80)
    mark_spent("M2")

    assert earning.refund_all("M1") == 100
    account = PointsAccount.objects.get()
    assert (account.balance, account.debt) == (0, 80)
    collected(resident, "M3", 5000)
    account.refresh_from_db()
    assert (account.balance, account.debt) == (0, 30)
    collected(resident, "M4", 5000)
    account.refresh_from_db()
    assert (account.balance, account.debt) == (20, 0)


def test_a_hand_over_undone_takes_them_and_the_next_gives_them(resident):
    collected(resident, "M1", 10_000)
    earning.undo("M1")
    earning.undo("M1")
    assert net(resident) == 0

    assert collected(resident, "M1", 9000) == 90
    assert earning.refund(order_no="M1", payer_minor=9000, because="R1") == 90
    assert net(resident) == 0


def test_points_that_expired_unused_are_not_taken_again(resident):
    collected(resident, "M1", 10_000)
    give_points(resident, 500, days=2000)
    hold(resident_id=resident.pk, order_no="M2", points=30)

    with time_machine.travel(now() + timedelta(days=400), tick=False):
        expire_due(10)
        assert net(resident) == 500
        assert earning.refund(order_no="M1", payer_minor=5000, because="R1") == 0
        assert earning.refund_all("M1") == 30
        assert net(resident) == 470


def test_an_order_without_a_tied_card_may_earn_nothing():
    make_programme(earns_on="tied")
    person = make_person()

    assert collected(person, "M1", 10_000, is_tied=False) == 0
    assert collected(person, "M2", 10_000, is_tied=True) == 100
    assert earning.refund_all("M1") == 0


def test_the_day_it_was_paid_decides_about_the_member_day():
    make_programme(member_days=[8, 18, 28], member_percent=250, starts_on=date(2026, 1, 1))
    person = make_person()

    assert collected(person, "M1", 10_050, paid_on=date(2026, 11, 18)) == 251
    assert collected(person, "M2", 10_050, paid_on=date(2026, 11, 19)) == 100


def test_a_day_earns_no_more_than_its_cap_and_refunds_make_room():
    make_programme(day_most=150)
    person = make_person()

    assert collected(person, "M1", 10_000) == 100
    assert collected(person, "M2", 10_000) == 50
    assert collected(person, "M3", 10_000) == 0
    # of what the cap left her the rest still earns: nothing is taken
    assert earning.refund(order_no="M2", payer_minor=5000, because="R1") == 0
    assert earning.refund_all("M1") == 100
    assert collected(person, "M4", 10_000) == 100
    assert net(person) == 150


def test_a_small_order_earns_nothing_but_is_remembered(resident):
    assert collected(resident, "M1", 99) == 0
    assert OrderEarning.objects.get().granted == 0
    assert earning.refund_all("M1") == 0
    assert PointsEntry.objects.count() == 0


def test_before_the_programme_nothing_is_earned(resident):
    assert collected(resident, "M1", 10_000, paid_on=business_date() - timedelta(days=31)) == 0
    assert OrderEarning.objects.count() == 0
