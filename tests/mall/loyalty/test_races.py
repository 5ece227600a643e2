"""Two phones, one purse: however many spend, earn or give back at once, no point is had twice."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from mall.loyalty import earning, invariants, posting
from mall.loyalty.errors import NotEnoughPointsError
from mall.loyalty.expiry import expire_due
from mall.loyalty.models import PointsAccount, PointsEntry, PointsLot, PointsUse
from mall.loyalty.spending import give_back, hold, mark_spent, release
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person
from tests.mall.loyalty.rules import broken, collected, give_points, make_programme, net

pytestmark = pytest.mark.django_db(transaction=True)
PHONES, EACH, THERE = 16, 10, 100


@pytest.fixture
def resident():
    make_programme()
    person = make_person()
    give_points(person, THERE)
    return person


def overspent() -> bool:
    """Judge the race: whether more points are on orders than there were."""
    spent = PointsUse.objects.aggregate(points=Sum("points"))["points"] or 0
    return spent > THERE


def test_phones_at_once_spend_what_there_is_and_no_more(resident):
    ends = all_at_once(
        [
            lambda n=n: hold(resident_id=resident.pk, order_no=f"M{n}", points=EACH)
            for n in range(PHONES)
        ]
    )

    refused = [end for end in ends if isinstance(end, NotEnoughPointsError)]
    assert (ends.count(None), len(refused)) == (THERE // EACH, PHONES - THERE // EACH)
    assert (net(resident), overspent()) == (0, False)
    assert broken(invariants.check) == []


def test_control_a_purse_that_is_read_and_written_back_is_overspent(resident):
    """What the race above would look like without the one conditional update."""
    everybody_has_looked = threading.Barrier(PHONES)

    def careless(number: int) -> None:
        balance = PointsAccount.objects.get(resident=resident).balance
        everybody_has_looked.wait(timeout=30)
        if balance < EACH:
            raise NotEnoughPointsError
        with transaction.atomic():
            PointsAccount.objects.filter(resident=resident).update(
                balance=balance - EACH, moves=F("moves") + 1
            )
            account = PointsAccount.objects.get(resident=resident)
            entry = PointsEntry.objects.create(
                account=account,
                number=account.moves,
                kind="spend",
                points=-EACH,
                after=account.balance,
                key=f"careless:{number}",
                at="2026-11-22T00:00:00Z",
            )
            PointsUse.objects.create(
                account=account,
                order_no=f"M{number}",
                points=EACH,
                minor=EACH,
                entry=entry,
                held_at="2026-11-22T00:00:00Z",
            )

    all_at_once([lambda n=n: careless(n) for n in range(PHONES)])

    assert overspent()
    assert broken(invariants.check) != []


def test_without_the_guard_the_database_still_refuses(resident, monkeypatch):
    class Unguarded:
        """The account's rows without the balance in the WHERE."""

        @staticmethod
        def filter(pk: int, **_guards: object) -> object:
            return PointsAccount._default_manager.filter(pk=pk)

        select_for_update = PointsAccount._default_manager.select_for_update

    monkeypatch.setattr(PointsAccount, "objects", Unguarded)
    ends = all_at_once(
        [
            lambda n=n: transaction.atomic()(posting.take)(
                PointsAccount._default_manager.get(resident=resident),
                posting.Cause(kind="spend", key=f"take:{n}"),
                points=60,
            )
            for n in range(4)
        ]
    )

    assert sum(isinstance(end, IntegrityError) for end in ends) == 3
    assert PointsAccount._default_manager.get().balance == 40


def test_one_wish_told_eight_times_happens_once(resident):
    def eight(action):
        return all_at_once([action for _ in range(8)])

    ends = eight(lambda: hold(resident_id=resident.pk, order_no="M1", points=30))
    assert net(resident) == 70
    assert all(end is None or isinstance(end, IntegrityError) for end in ends)
    eight(lambda: mark_spent("M1"))
    eight(lambda: release("M1"))
    assert net(resident) == 70
    ends = eight(lambda: give_back(order_no="M1", amount_minor=30))
    assert net(resident) == 100
    hold(resident_id=resident.pk, order_no="M2", points=30)
    eight(lambda: release("M2"))
    assert net(resident) == 100
    eight(lambda: collected(resident, "M3", 5000))
    assert net(resident) == 150
    eight(lambda: earning.refund_all("M3"))
    eight(lambda: earning.undo("M3"))
    assert net(resident) == 100
    assert broken(invariants.check) == []


def test_jobs_at_once_let_points_expire_once_while_she_spends(resident):
    give_points(resident, 50, days=-1)

    ends = all_at_once(
        [lambda: expire_due(10) for _ in range(4)]
        + [
            lambda n=n: hold(resident_id=resident.pk, order_no=f"M{n}", points=EACH)
            for n in range(4)
        ]
    )

    assert all(isinstance(end, dict) for end in ends[:4])
    assert PointsEntry.objects.filter(kind="expire").count() == 1
    assert (net(resident), PointsLot.objects.order_by("pk").last().left) == (60, 0)
    assert broken(invariants.check) == []
