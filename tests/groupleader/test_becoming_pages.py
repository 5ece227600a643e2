"""Becoming a leader, her points and helping, on a telephone and a wide screen, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from groupleader.models import Leader, LeaderApplication
from groupleader.services.applying import refuse
from groupleader.services.standing import suspend
from mall.accounts.models import User
from mall.pickup.helping import accept_invitation, invite_helper
from mall.pickup.signs import add_break
from payments.api import business_date
from tests.browser.pages import PHONE
from tests.factories.groups import make_community, make_person, make_point
from tests.groupleader.test_applying import apply_for, photo

pytestmark = pytest.mark.django_db(transaction=True)
WIDE = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}
FORM = "/leader/apply/form/?city={here.city}&district={here.district}"
# What is looked at how; the story below looks at the rest.
LOOKS = {
    "phone": (
        ("new", FORM),
        ("refused", "/leader/apply/"),
        ("invited", "/leader/helping/"),
        ("helper", "/leader/scan/"),
        ("stopped", "/leader/"),
        ("leader", "/leader/point/"),
    ),
    "phone, dark": (("nobody", "/leader/apply/"), ("leader", "/leader/point/")),
    "wide": (("helper", "/leader/helping/"), ("leader", "/leader/point/")),
}
Open = Callable[..., Page]


@pytest.fixture
def open_page(browser, live_mall, witness) -> Iterator[Open]:
    """``open_page(person, path, look)`` is what somebody sees there."""
    contexts = []

    def show(person: User | None, path: str, look: str = "phone") -> Page:
        size = WIDE if look == "wide" else PHONE
        context = browser.new_context(**size, color_scheme="dark" if "dark" in look else "light")
        contexts.append(context)
        witness.watch(context)
        if person:
            client = Client()
            client.force_login(person)
            value = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": value, "url": live_mall.url}])
        page = context.new_page()
        page.goto(f"{live_mall.url}{path}")
        return page

    yield show
    for context in contexts:
        context.close()


@pytest.fixture
def town(admin_user) -> dict[str, Any]:
    """Somebody who applies, somebody refused, a leader with a full page, a helper, a suspended."""
    here = make_community()
    point = make_point()
    Leader.objects.create(user=point.leader, name="王姐", status=Leader.Status.ACTIVE)
    helper, invited = make_person("小妹"), make_person("小弟")
    row = invite_helper(point_id=point.pk, phone=helper.phone, name="小妹", by=point.leader)
    accept_invitation(helper_id=row.pk, by=helper)
    invite_helper(point_id=point.pk, phone=invited.phone, name="小弟", by=point.leader)
    day = business_date() + timedelta(days=9)
    add_break(point_id=point.pk, first_day=day, last_day=day, by=point.leader)
    refused, stopped = make_person("刘大哥"), make_person("陈师傅")
    refuse(application=apply_for(refused, here), reason="photo", note="请拍货架", by=admin_user)
    paused = Leader.objects.create(user=stopped, name="陈师傅", status=Leader.Status.ACTIVE)
    suspend(leader=paused, reason="goods", note="冰柜坏了没说", by=admin_user)
    return {
        "new": make_person("陈大姐"),
        "refused": refused,
        "leader": point.leader,
        "helper": helper,
        "invited": invited,
        "stopped": stopped,
        "here": here,
    }


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_are_sound(open_page, town, assert_page_is_sound, look):
    for who, path in LOOKS[look]:
        page = open_page(town.get(who), path.format(here=town["here"]), look)
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        assert_page_is_sound(page, expected_errors=("403 (Forbidden)",))


def test_she_applies_with_her_thumb_and_nothing_is_lost(open_page, town, assert_page_is_sound):
    page = open_page(town["new"], "/leader/apply/")
    page.locator(".bar .btn.main").click()
    page.get_by_text(town["here"].district).click()
    page.get_by_text(town["here"].name).click()
    page.fill("[name=name]", "陈大姐")
    page.fill("[name=place_name]", "陈记便利店")
    picture = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo().read()}
    page.set_input_files("[name=photo]", picture)
    page.locator(".bar .btn.main").click()
    page.wait_for_selector(".notice.sun")
    refused = ("422 (Unprocessable",)
    assert_page_is_sound(page, expected_errors=refused)
    assert page.input_value("[name=place_name]") == "陈记便利店"

    page.fill("[name=address]", "和平路 8 号")
    page.locator("label.tick").click()
    page.locator(".bar .btn.main").click()
    page.wait_for_selector(".timeline")

    assert_page_is_sound(page, expected_errors=refused)
    assert LeaderApplication.objects.get(user=town["new"]).status == "applied"
