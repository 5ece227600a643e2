"""Sales that come again by a rule: each date once, far enough ahead, and what is wrong is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from mall.catalogue.suppliers import freeze
from mall.groupbuy.models import GroupBuy, SaleSchedule, State
from mall.groupbuy.recurring import openings
from mall.groupbuy.recurring_sales import make_due, next_dates
from mall.pickup.models import PickupPoint
from payments.api import local, now
from tests.factories.groups import make_draft

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)  # a Monday, 12:00 in Shanghai


def dates(rule: str, *, most: int = 4, after: datetime = NOON - timedelta(seconds=1)) -> list[str]:
    found = openings(rule, starts_at=NOON, after=after, most=most)
    return [f"{local(at):%m-%d %H:%M}" for at in found]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("FREQ=DAILY", ["11-23 12:00", "11-24 12:00", "11-25 12:00", "11-26 12:00"]),
        (
            "RRULE:freq=weekly;byday=mo,th;",
            ["11-23 12:00", "11-26 12:00", "11-30 12:00", "12-03 12:00"],
        ),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["11-27 12:00", "12-25 12:00", "01-29 12:00", "02-26 12:00"]),
        ("FREQ=DAILY;COUNT=2", ["11-23 12:00", "11-24 12:00"]),
        ("FREQ=DAILY;UNTIL=20261125", ["11-23 12:00", "11-24 12:00"]),
        ("FREQ=WEEKLY;INTERVAL=2", ["11-23 12:00", "12-07 12:00", "12-21 12:00", "01-04 12:00"]),
    ],
)
def test_rules_as_calendars_write_them(rule: str, wanted: list[str]):
    assert dates(rule) == wanted


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "daily",
        "FREQ=HOURLY",
        "FREQ=SECONDLY",
        "BYDAY=MO",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=99999999",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=DAILY;UNTIL=20269999",
        "FREQ=DAILY;UNTIL=20200101",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY\x00",
        "FREQ=DAILY;EXDATE=20261124",
    ],
)
def test_a_rule_that_names_no_dates_is_refused_with_a_sentence(rule: str):
    with pytest.raises(ValueError, match=r"\w"):
        dates(rule)


def schedule_of(**fields) -> SaleSchedule:
    defaults = {
        "name": "每日鲜",
        "starts_at": now().replace(microsecond=0) + timedelta(hours=1),
        "rule": "FREQ=DAILY",
    }
    template = fields.pop("template", None) or make_draft()
    return SaleSchedule.objects.create(template=template, **{**defaults, **fields})


def made_for(rhythm: SaleSchedule) -> list[GroupBuy]:
    return list(rhythm.group_buys.order_by("opens_at"))


@pytest.mark.django_db
def test_the_next_ones_are_made_days_ahead_and_each_once():
    rhythm = schedule_of(sells_minutes=600, pickup_after_days=2, ahead_days=3)

    assert make_due(10) == {"made": 3, "refused": 0}
    assert make_due(10) == {"made": 0, "refused": 0}

    sales = made_for(rhythm)
    assert [sale.state for sale in sales] == [State.SCHEDULED] * 3
    assert sales[0].opens_at == rhythm.starts_at
    assert sales[1].opens_at - sales[0].opens_at == timedelta(days=1)
    assert sales[0].closes_at - sales[0].opens_at == timedelta(hours=10)
    assert sales[0].pickup_on == local(sales[0].closes_at).date() + timedelta(days=2)
    assert sales[0].items.count() == sales[0].groups.count() == 1


@pytest.mark.django_db
def test_days_later_the_job_goes_on_where_it_stopped_and_missed_openings_stay_missed():
    rhythm = schedule_of(ahead_days=1)
    make_due(10)

    with time_machine.travel(rhythm.starts_at + timedelta(days=5, minutes=1), tick=False):
        assert make_due(10)["made"] == 1

    assert [sale.scheduled_for for sale in made_for(rhythm)] == [
        rhythm.starts_at,
        rhythm.starts_at + timedelta(days=6),
    ]


@pytest.mark.django_db
def test_what_may_not_be_offered_stays_a_draft_and_says_why():
    rhythm = schedule_of(ahead_days=1)
    freeze(partner_id=rhythm.template.items.get().stockrecord.partner_id, because="停业", by="王姐")

    assert make_due(10) == {"made": 1, "refused": 1}

    rhythm.refresh_from_db()
    assert [sale.state for sale in made_for(rhythm)] == [State.DRAFT]
    assert rhythm.last_problem


@pytest.mark.django_db
def test_paused_ones_make_nothing_and_points_on_holiday_are_left_out():
    rhythm = schedule_of(ahead_days=1, active=False)
    assert make_due(10)["made"] == 0
    SaleSchedule.objects.update(active=True)
    today = local(now()).date()
    for point in PickupPoint.objects.all():
        point.breaks.create(first_day=today, last_day=today + timedelta(days=9))

    assert make_due(10) == {"made": 1, "refused": 1}
    assert made_for(rhythm)[0].groups.count() == 0


@pytest.mark.django_db
def test_the_database_makes_a_date_once():
    rhythm = schedule_of(ahead_days=1)
    make_due(10)
    sale = made_for(rhythm)[0]
    other = make_draft()

    with pytest.raises(IntegrityError), transaction.atomic():
        GroupBuy.objects.filter(pk=other.pk).update(
            schedule=rhythm, scheduled_for=sale.scheduled_for
        )


@pytest.mark.django_db
def test_the_next_dates_are_shown_before_anybody_relies_on_them():
    rhythm = schedule_of(rule="FREQ=WEEKLY")

    coming = next_dates(rhythm, most=3)

    assert [each.opens_at for each in coming] == [
        rhythm.starts_at + timedelta(weeks=week) for week in range(3)
    ]


@pytest.mark.django_db
def test_a_wrong_rule_is_a_form_error_not_a_surprise():
    rhythm = schedule_of()
    rhythm.rule = "FREQ=EVERY DAY"
    with pytest.raises(ValidationError) as refused:
        rhythm.full_clean()
    assert "rule" in refused.value.message_dict

    SaleSchedule.objects.update(rule="nonsense")
    assert make_due(10) == {"made": 0, "refused": 0}
    rhythm.refresh_from_db()
    assert rhythm.last_problem
