"""The rules of points: fixed from a day, never changed, replaced by a later version."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from mall.loyalty.errors import ProgrammeError
from mall.loyalty.member_day import coming, today
from mall.loyalty.models import LotMove, PointsEntry, PointsProgramme
from mall.loyalty.programme import draft_of, expiry_of, fix, new_number, programme_on
from mall.promotions.approvals import approve, propose
from payments.api import IllegalTransitionError, SecondPersonError, business_date, now
from tests.factories.groups import make_person
from tests.mall.loyalty.rules import give_points, make_programme

pytestmark = pytest.mark.django_db


def test_a_version_is_in_force_from_its_day_until_the_next():
    first = make_programme()
    tomorrow = business_date() + timedelta(days=1)
    second = draft_of(first, starts_on=tomorrow)
    assert (second.version, second.most_percent) == (first.version + 1, first.most_percent)
    assert programme_on(tomorrow) == first

    fix(second)

    assert programme_on() == first
    assert programme_on(tomorrow) == second
    assert programme_on(business_date() - timedelta(days=31)) is None


def test_rules_do_not_change_backwards():
    first = make_programme()
    with pytest.raises(ProgrammeError):
        fix(draft_of(first, starts_on=business_date()))
    with pytest.raises(IllegalTransitionError):
        fix(first)

    tomorrow = business_date() + timedelta(days=1)
    fix(draft_of(first, starts_on=tomorrow))
    with pytest.raises(ProgrammeError):
        fix(draft_of(first, starts_on=tomorrow))


def test_two_people_fix_a_version():
    first = make_programme()
    draft = draft_of(first, starts_on=business_date() + timedelta(days=1))
    proposal = propose("launch", kind="points", pk=draft.pk, by="admin")
    with pytest.raises(SecondPersonError):
        approve(proposal, by="admin")

    approve(proposal, by="finance")

    draft.refresh_from_db()
    assert draft.state == PointsProgramme.State.FIXED


@pytest.mark.parametrize("change", [{"most_percent": 10}, {"state": "draft"}])
def test_the_database_keeps_a_fixed_version(change):
    programme = make_programme()
    with pytest.raises(IntegrityError), transaction.atomic():
        PointsProgramme.objects.filter(pk=programme.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        programme.delete()


def test_the_database_keeps_every_entry():
    make_programme()
    give_points(make_person(), 10)
    for rows in (PointsEntry.objects.all(), LotMove.objects.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(points=11)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete(rows.db)


@pytest.mark.parametrize(
    "wrong",
    [
        {"member_days": [0]},
        {"member_days": "8"},
        {"funding": [{"funder": "platform", "ref": "points", "percent": 99}]},
        {"funding": [{"funder": "bank", "ref": "points", "percent": 100}]},
        {"most_percent": 101},
        {"member_percent": 50},
        {"expiry_months": 0},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong):
    programme = PointsProgramme(version=new_number(), starts_on=business_date(), **wrong)
    with pytest.raises(ValidationError) as refusal:
        programme.full_clean()
    assert set(refusal.value.message_dict) == set(wrong)


@pytest.mark.parametrize(
    ("day", "months", "until"),
    [
        (date(2026, 11, 22), 12, date(2027, 11, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 12, 1), 2, date(2028, 2, 29)),
        (date(2026, 11, 30), 1, date(2026, 12, 31)),
    ],
)
def test_points_are_good_until_a_month_ends(day, months, until):
    assert expiry_of(PointsProgramme(expiry_months=months), day) == until


def test_member_days_hold_an_eight_on_a_shanghai_clock():
    make_programme(member_days=[8, 18, 28], starts_on=date(2026, 1, 1))
    with time_machine.travel("2026-11-27T15:59:59Z", tick=False):
        assert today() is None
        assert coming().on == date(2026, 11, 28)
    with time_machine.travel("2026-11-27T16:00:00Z", tick=False):
        assert today().times == "2"
        assert (today().on, today().next_on) == (date(2026, 11, 28), date(2026, 12, 8))
        assert today(now() + timedelta(days=1)) is None


def test_without_member_days_there_is_none():
    assert coming() is None
    make_programme(member_days=[])
    assert (today(), coming()) == (None, None)
