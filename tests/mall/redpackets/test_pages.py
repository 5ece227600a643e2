"""A rain on its page: before, while and after it falls, with and without a script."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mall.redpackets.models import RainDraw
from mall.redpackets.sessions import end_due, stop
from payments.api import now
from payments.models import AcquirerAccount
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import give_card
from tests.mall.redpackets.rains import SEED, make_draft, make_rain, one_draw

pytestmark = pytest.mark.django_db
SURE = ((588, 10_000),)


@pytest.fixture
def resident(client):
    person = make_person()
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return person


def page(client, session, part="") -> str:
    answer = client.get(f"/rain/{session.code}/{part}")
    assert answer.status_code == 200
    return answer.text


def press(client, session, number=1, **headers):
    return client.post(f"/rain/{session.code}/draw/", {"number": number}, headers=headers)


def test_before_it_counts_down_and_keeps_the_seed(client, resident):
    session = make_rain(starts_at=now() + timedelta(hours=2), seed=SEED)

    text = page(client, session)

    assert "3 draws for each person." in text
    assert "rain-button" not in text
    assert SEED not in text + page(client, session, "odds/")
    assert session.seed_sha256 in page(client, session, "odds/")


def test_a_draft_and_a_record_before_the_end_are_not_there(client, resident):
    draft, rain = make_draft(), make_rain()
    assert client.get(f"/rain/{draft.code}/").status_code == 404
    assert client.get("/rain/no-such-rain/").status_code == 404
    assert client.get(f"/rain/{rain.code}/record.csv").status_code == 404
    assert press(client, draft).status_code == 404


def test_whoever_is_not_signed_in_is_asked_to(client):
    session = make_rain()
    client.cookies["django_language"] = "en"
    assert "Sign in, and draw at once." in page(client, session)
    assert press(client, session).url == f"/sign-in/?next=%2Frain%2F{session.code}%2F"
    by_script = press(client, session, **{"HX-Request": "true"})
    assert by_script.headers["HX-Redirect"].startswith("/sign-in/")
    assert RainDraw.objects.count() == 0


def test_the_button_works_without_a_script(client, resident):
    session = make_rain(prizes=SURE)
    assert 'name="number" value="1"' in page(client, session)

    answer = press(client, session)

    assert (answer.status_code, answer.url) == (302, f"/rain/{session.code}/")
    text = page(client, session)
    assert "¥5.88" in text
    assert 'name="number" value="2"' in text
    assert "2 draws left" in text


def test_with_a_script_the_middle_of_the_page_is_the_answer(client, resident):
    session = make_rain(prizes=SURE, draws_each=1)

    text = press(client, session, **{"HX-Request": "true"}).text

    assert "<html" not in text
    assert "¥5.88" in text
    assert "You have had all your draws." in text
    assert "/vouchers/mine/" in text


@pytest.mark.parametrize("number", ["", "x", "-1", "99999", "²"])
def test_a_made_up_number_draws_nothing(client, resident, number):
    session = make_rain()
    assert press(client, session, number).status_code == 302
    assert RainDraw.objects.count() == 0


def test_a_press_beyond_the_last_says_why(client, resident):
    session = make_rain(draws_each=1)
    press(client, session)
    text = press(client, session, 2, **{"HX-Request": "true"}).text
    assert "You have had all your draws of this rain." in text


def test_a_tied_card_is_asked_for_and_counted(client, resident):
    session = make_rain(needs_card=True, draws_each=1)
    assert "This rain is for residents with a tied card." in page(client, session)
    AcquirerAccount.objects.create(code="sandbox", adapter="sandbox", merchant_id="M001")
    card = give_card(resident)
    one_draw(session, make_person(), 1, card.fingerprint)

    text = page(client, session)

    assert "You have had all your draws." in text
    assert "count for everybody who has tied it" in text


def test_after_it_shows_what_she_won_and_how_to_check(client, resident):
    session = make_rain(prizes=SURE, seed=SEED)
    press(client, session)
    with time_machine.travel(session.ends_at, tick=False):
        end_due(10)
        client.force_login(resident)
        text, odds = page(client, session), page(client, session, "odds/")
        record = client.get(f"/rain/{session.code}/record.csv")

    assert "The rain is over" in text
    assert "You won" in text
    assert SEED in odds
    drawn = RainDraw.objects.get()
    assert drawn.person in odds
    assert drawn.person in record.text
    assert drawn.voucher_no not in record.text


def test_a_stopped_rain_says_so(client, resident):
    session = make_rain()
    stop(session)
    assert "This rain was stopped" in page(client, session)
    assert "You did not draw this time." in page(client, session)


def test_the_list_has_the_one_that_falls_first(client, resident):
    over = make_rain(starts_at=now() - timedelta(days=1), title="昨天的雨")
    soon = make_rain(starts_at=now() + timedelta(hours=5), title="今晚的雨")
    on = make_rain(title="现在的雨")
    text = client.get("/rain/").text
    places = [text.index(each.title) for each in (on, soon, over)]
    assert places == sorted(places)
    assert "It is raining" in text


def test_without_rains_the_list_says_so(client, resident):
    assert "No rain in sight" in client.get("/rain/").text


def test_a_page_asks_the_same_however_many_drew(client, resident):
    session = make_rain()
    with CaptureQueriesContext(connection) as few:
        page(client, session)
    for _ in range(5):
        one_draw(session, make_person())
    with CaptureQueriesContext(connection) as many:
        page(client, session)
    assert len(many) <= len(few)
