"""A rain of red packets on a telephone: counted down, caught by a tap or the button, told after."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from mall.redpackets.models import RainDraw
from mall.redpackets.sessions import stop
from payments.api import now
from tests.factories.groups import make_person
from tests.mall.redpackets.rains import make_rain

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def telephone(live_mall, new_context) -> Page:
    """A signed-in resident's telephone."""
    client = Client()
    client.force_login(make_person("李小娟"))
    context = new_context()
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    english = {"name": "django_language", "value": "en"}
    context.add_cookies([{**cookie, "url": live_mall.url} for cookie in (session, english)])
    return context.new_page()


def test_a_packet_is_caught_by_a_tap_and_by_the_button(telephone, live_mall, assert_page_is_sound):
    session = make_rain(prizes=((588, 10_000),), draws_each=2)
    telephone.goto(f"{live_mall.url}/rain/{session.code}/")
    falling = telephone.locator(".falling").first
    expect(falling).to_be_attached()
    assert_page_is_sound(telephone)

    falling.dispatch_event("pointerdown")
    expect(telephone.locator(".rain-result")).to_contain_text("¥5.88")
    expect(telephone.locator(".rain-button")).to_contain_text("1 draw left")
    telephone.locator(".rain-button").click()
    expect(telephone.locator("#rain-now")).to_contain_text("You have had all your draws.")
    expect(telephone.locator("#rain-mine li")).to_have_count(2)
    assert_page_is_sound(telephone)

    assert RainDraw.objects.filter(outcome="won").count() == 2
    stop(session)
    for part in ("", "odds/"):
        telephone.goto(f"{live_mall.url}/rain/{session.code}/{part}")
        assert_page_is_sound(telephone)


def test_nothing_falls_where_motion_is_not_wanted(telephone, live_mall, assert_page_is_sound):
    session = make_rain()
    telephone.emulate_media(reduced_motion="reduce")
    telephone.goto(f"{live_mall.url}/rain/{session.code}/")
    expect(telephone.locator(".rain-button")).to_be_visible()
    telephone.wait_for_timeout(1000)
    assert telephone.locator(".falling").count() == 0
    assert_page_is_sound(telephone)


def test_the_page_opens_the_rain_by_itself(telephone, live_mall, assert_page_is_sound):
    soon = make_rain(starts_at=now() + timedelta(seconds=6))
    telephone.goto(f"{live_mall.url}/rain/{soon.code}/")
    expect(telephone.locator(".rain-clock")).to_be_visible()
    assert_page_is_sound(telephone)
    expect(telephone.locator(".rain-button")).to_be_visible(timeout=30_000)
