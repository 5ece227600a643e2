"""The page of her points: what she has, in words, in few questions to the database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mall.loyalty import earning
from mall.loyalty.expiry import expire_due
from mall.loyalty.programme import draft_of, fix
from mall.loyalty.spending import give_back, hold, mark_spent
from payments.api import business_date, now
from tests.factories.groups import make_person
from tests.mall.loyalty.rules import collected, give_points, make_programme

pytestmark = pytest.mark.django_db
PAGE = "/me/points/"


@pytest.fixture
def resident(client):
    person = make_person()
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return person


def test_a_visitor_signs_in_first(client):
    answer = client.get(PAGE)
    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=/me/points/")


def test_nothing_yet_says_how_they_come(client, resident):
    make_programme()
    text = client.get(PAGE).text
    assert "No points yet" in text
    assert "One point for every ¥1 you pay yourself" in text


def test_without_a_programme_the_page_says_so(client, resident):
    assert "No points programme runs" in client.get(PAGE).text


def test_every_entry_is_told_with_its_order(client, resident):
    programme = make_programme(
        member_days=[8, 18, 28], starts_on=date(2026, 1, 1), day_most=9000, most_points=500
    )
    fix(draft_of(programme, starts_on=business_date() + timedelta(days=3)))
    collected(resident, "M1", 50_000, paid_on=date(2026, 11, 18))
    hold(resident_id=resident.pk, order_no="M2", points=120)
    mark_spent("M2")
    give_back(order_no="M2", amount_minor=20)
    earning.refund(order_no="M1", payer_minor=10_000, because="R1")
    give_points(resident, 33, days=5)

    text = client.get(PAGE).text

    for said in (
        "Earned with an order",
        "Member day: 2 × points",
        "Used on an order",
        "−120",
        "Back from an order",
        "+20",
        "Taken back",
        "−200",
        "开户礼",
        "33 points expire on",
        "/orders/M1/",
        "At most 9000 points a day.",
        "other rules are in force",
        "Worth ¥7.33",
    ):
        assert said in text, said


def test_expired_points_and_owed_ones_are_told(client, resident):
    make_programme()
    collected(resident, "M1", 10_000)
    with time_machine.travel(now() + timedelta(days=400), tick=False):
        expire_due(10)
        client.force_login(resident)
        assert "Expired" in client.get(PAGE).text
    collected(resident, "M2", 10_000)
    hold(resident_id=resident.pk, order_no="M3", points=100)
    earning.refund_all("M2")
    assert "100 points are still to be paid for" in client.get(PAGE).text


def test_a_member_day_is_announced_and_celebrated(client, resident):
    make_programme(member_days=[8, 18, 28], starts_on=date(2026, 1, 1))
    with time_machine.travel("2026-11-28T03:00:00Z", tick=False):
        client.force_login(resident)
        assert "2 × points on everything you pay for today" in client.get(PAGE).text
    with time_machine.travel("2026-11-29T03:00:00Z", tick=False):
        client.force_login(resident)
        assert "Next member day" in client.get(PAGE).text


def test_a_long_history_asks_no_more_questions_and_has_pages(client, resident):
    make_programme()
    collected(resident, "M0", 10_000)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    for number in range(1, 30):
        collected(resident, f"M{number}", 10_000)
    with CaptureQueriesContext(connection) as many:
        first = client.get(PAGE).text
    assert len(many) <= len(few)
    assert "?page=2" in first
    assert "M0" in client.get(PAGE, {"page": 2}).text


def test_nobody_sees_another_persons_points(client, resident):
    make_programme()
    collected(make_person(), "M77", 10_000)
    assert "M77" not in client.get(PAGE).text
