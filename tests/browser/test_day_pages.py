"""The day's pages on a telephone: counting in, who goes short, sorting, labels, the driver's."""

from __future__ import annotations

import pytest
from django.test import Client

from mall.accounts.models import User
from mall.catalogue.models import ProductExtra
from mall.fulfilment.models import Arrival, Delivery, PackedBag, Route, SortedLine
from mall.fulfilment.planning import plan_day
from mall.fulfilment.rounds import ask_to_send, send_asked
from tests.browser.pages import PHONE
from tests.browser.town import Town
from tests.mall.fulfilment.day import buy, form
from tests.waiting import until

ONCE = ("phone", "phone, dark")


@pytest.fixture
def day(town: Town, acquirer) -> Town:
    """Three neighbours' goods, some of them cold, on a round that left."""
    cold = ProductExtra.objects.filter(product=town.items[2].product_id)
    cold.update(storage_class="chilled")
    for name, wish in (
        ("王秀英", {"first": 2, "third": 1}),
        ("李小娟", {"first": 1}),
        ("张伟", {"second": 1}),
    ):
        buy(town.group, acquirer, name=name, **wish)
    form(town.group)
    Route.objects.create(name="南线", driver_name="小郑", driver_phone="139", is_default=True)
    plan_day(town.group.group_buy.pickup_on)
    ask_to_send(list(Delivery.objects.values_list("pk", flat=True)), by=town.staff)
    send_asked(10)
    return town


@pytest.fixture
def phone(browser, live_mall, witness):
    """``phone(person, dark=…)`` is somebody's telephone, signed in."""
    contexts = []

    def open_phone(person: User | None, *, dark: bool = False):
        context = browser.new_context(**PHONE, color_scheme="dark" if dark else "light")
        contexts.append(context)
        witness.watch(context)
        if person:
            client = Client()
            client.force_login(person)
            value = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": value, "url": live_mall.url}])
        return context.new_page()

    yield open_phone
    for context in contexts:
        context.close()


@pytest.mark.parametrize("look", ONCE)
def test_a_leader_counts_sees_who_goes_short_and_sorts(
    phone, live_mall, day, assert_page_is_sound, look
):
    page = phone(day.leader.user, dark="dark" in look)
    page.goto(f"{live_mall.url}/leader/arrivals/{day.group.pk}/")
    page.locator("[data-step='-1']").first.click()
    assert_page_is_sound(page)
    page.locator(".bar .btn.main").click()
    page.wait_for_selector("input[name=photos]")
    assert_page_is_sound(page)
    assert not Arrival.objects.exists()
    page.locator(".bar .btn.main").click()
    page.wait_for_url(f"**/leader/sorting/{day.group.pk}/")
    assert_page_is_sound(page)

    page.locator("[data-tick] .item").first.click()
    page.wait_for_selector("[data-tick] .item[aria-pressed=true]")
    page.locator("#bag-done").click()
    page.wait_for_selector(".place-cell.done")
    assert_page_is_sound(page)
    assert PackedBag.objects.filter(is_done=True).count() == 1
    # Another look at the page, or another phone, finds it as it was left.
    page.reload()
    assert page.locator(".place-cell.done").count() == 1

    for by in ("product", "short"):
        page.goto(f"{live_mall.url}/leader/sorting/{day.group.pk}/?by={by}")
        assert_page_is_sound(page)
    page.goto(f"{live_mall.url}/leader/sorting/{day.group.pk}/labels/")
    assert page.locator(".label .qr svg").count() == page.locator(".label").count() > 0
    assert_page_is_sound(page)


def test_ticks_without_a_connection_wait_on_the_phone(phone, live_mall, day):
    page = phone(day.leader.user)
    page.goto(f"{live_mall.url}/leader/arrivals/{day.group.pk}/")
    page.locator("button[name=all]").click()
    page.wait_for_url(f"**/leader/sorting/{day.group.pk}/")

    page.context.set_offline(True)
    page.locator("[data-tick] .item").first.click()
    page.wait_for_selector("#sorting-queue:not([hidden])")
    assert not SortedLine.objects.exists()
    page.context.set_offline(False)
    until(SortedLine.objects.exists)  # the page sends it and then shows itself anew

    page.wait_for_selector("[data-tick] .item[aria-pressed=true]")
    assert SortedLine.objects.filter(is_in=True).count() == 1


@pytest.mark.parametrize("look", ONCE)
def test_a_driver_ticks_a_stop_on_her_phone(phone, live_mall, day, assert_page_is_sound, look):
    page = phone(None, dark="dark" in look)
    delivery = Delivery.objects.get()
    page.goto(f"{live_mall.url}/d/{delivery.token}/")
    assert_page_is_sound(page)
    page.locator(".stop .btn.main").click()
    page.wait_for_selector(".stop.done")
    assert_page_is_sound(page)
    assert Delivery.objects.get().status == "delivered"
