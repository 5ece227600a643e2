"""A leader's residents and her word to a group on a telephone: sound pages, sent by two presses."""

from __future__ import annotations

import pytest
from django.test import Client

from groupleader.models import Broadcast
from groupleader.services.neighbours import add_note, set_tags
from mall.ordering.models import Status
from tests.browser.pages import PHONE
from tests.browser.town import Town
from tests.groupleader.neighbourhood import make_neighbours, order_each


@pytest.mark.django_db(transaction=True)
def test_residents_and_a_word_to_the_group(
    browser, live_mall, town: Town, witness, assert_page_is_sound
):
    people = make_neighbours(3, name="王秀兰")
    order_each(town.group, people, status=Status.ARRIVED)
    add_note(leader=town.leader, resident_id=people[0].pk, text="对花生过敏\n住 3 栋")
    set_tags(leader=town.leader, resident_id=people[0].pk, names=["老人"])
    client = Client()
    client.force_login(town.leader.user)
    context = browser.new_context(**PHONE)
    witness.watch(context)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_mall.url}])
    page = context.new_page()

    page.goto(f"{live_mall.url}/leader/residents/?q=wxl")
    assert_page_is_sound(page)
    page.locator(".resident-line").first.click()
    page.wait_for_url("**/leader/residents/*/")
    assert_page_is_sound(page)
    page.goto(f"{live_mall.url}/leader/groups/{town.group.pk}/broadcast/?template=remember")
    assert_page_is_sound(page)
    page.locator(".bar .btn.main").click()
    page.locator("[name=send]").click()
    page.wait_for_selector("#sent + .list")

    assert Broadcast.objects.get().people == 3
    context.close()
