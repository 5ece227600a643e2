"""The counter's pages on a telephone: the bag, the scale, what waits, where it comes from."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from mall.catalogue.batches import add_batch
from mall.fulfilment.models import OverdueBag, OverduePolicy
from mall.fulfilment.overdue_jobs import tend_due
from mall.fulfilment.shelving import give_places
from mall.fulfilment.tracing import codes_of
from mall.groupbuy.models import GroupBuy
from payments.api import business_date, now
from tests.browser.town import make_town
from tests.factories.groups import make_person
from tests.mall.fulfilment.counter import all_arrived, bought, by_weight, fresh, keep, line

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def look():
    """Keep pictures of a page, on a telephone and large, where KEEP_PICTURES names a folder."""
    folder = os.environ.get("KEEP_PICTURES")

    def keep_picture(page, name: str) -> None:
        if not folder:
            return
        phone = page.viewport_size
        for which, size in {"phone": phone, "desk": {"width": 1280, "height": 800}}.items():
            page.set_viewport_size(size)
            page.screenshot(path=Path(folder) / f"{name}-{which}.png", full_page=True)
        page.set_viewport_size(phone)

    return keep_picture


@pytest.fixture
def counter(live_mall, new_context, acquirer):
    """A leader's telephone; corn by weight, cold salmon, two orders of one neighbour."""
    town = make_town()
    by_weight(town.group)
    keep(town.group, storage="chilled", position=3)
    OverduePolicy.objects.update(valid_from=now() - timedelta(days=1))
    resident = make_person("李小娟")
    one = bought(town.group, acquirer, resident=resident, payable=15900, first=1, second=1, third=1)
    two = bought(town.group, acquirer, resident=resident, payable=9800, second=2)
    all_arrived(town.group)
    day = town.group.group_buy.pickup_on
    give_places(point_id=town.group.pickup_point_id, day=day)
    extra = {
        "harvested_on": business_date(),
        "report_no": "NY-2026-118",
        "report_by": "安溪县检测站",
    }
    item = line(one)
    add_batch(
        product_id=item.product_id, supplier_id=item.supplier_id, batch_no="A1122", details=extra
    )
    client = Client()
    client.force_login(town.leader.user)
    context = new_context()
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_mall.url}])
    return context.new_page(), town, (one, two)


def test_the_counters_pages_are_sound_and_do_their_work(
    counter, live_mall, assert_page_is_sound, look
):
    page, _town, (one, two) = counter
    url = f"{live_mall.url}/leader/"

    page.goto(f"{url}weighing/")
    assert_page_is_sound(page)
    look(page, "weighing")
    page.goto(f"{url}weighing/{line(one).pk}/")
    for key in "292+308":
        page.locator(f"[data-key='{key}']").click()
    assert "600" in page.locator("[data-sum]").inner_text()
    assert_page_is_sound(page)
    look(page, "weigh")
    page.locator("form[data-weighing] button.main").click()
    page.locator("#reason").fill("切开了")  # far off: the page asks why
    assert_page_is_sound(page)
    look(page, "weigh-doubt")
    page.locator("form[data-weighing] button.main").click()
    page.wait_for_url(f"{url}weighing/")
    assert line(one).refunded_minor == 1200
    assert_page_is_sound(page)
    look(page, "weighed")

    page.goto(f"{url}scan/")
    page.locator("#code").fill(fresh(one).pickup_code)
    page.locator("[data-bag=ok]").wait_for()
    assert_page_is_sound(page)
    look(page, "bag")
    page.locator("[data-confirm]").click()  # the bags are not ticked off yet: nothing happens
    assert fresh(one).status == "arrived"
    for tick in page.locator("input[name=bag]").all():
        tick.check()
    page.locator("[data-confirm]").click()
    page.locator("[data-bag=done]").wait_for()
    look(page, "done")
    assert [fresh(order).status for order in (one, two)] == ["collected"] * 2


def test_what_waits_and_where_it_comes_from(counter, live_mall, assert_page_is_sound, look):
    page, town, (one, _two) = counter
    tend_due(10)
    GroupBuy.objects.filter(pk=town.group.group_buy_id).update(
        pickup_on=business_date() - timedelta(days=1)
    )
    bag = OverdueBag.objects.filter(storage_class="chilled").get()

    page.goto(f"{live_mall.url}/leader/waiting/")
    page.locator(f"form[action='/leader/waiting/{bag.pk}/call/'] button").click()
    page.locator("a[href^='tel:']").wait_for()
    assert_page_is_sound(page)
    look(page, "waiting")
    code = codes_of([line(one).pk])[line(one).pk]
    page.goto(f"{live_mall.url}/t/{code}/")
    assert "A1122" in page.content()
    assert "李" not in page.locator("main").inner_text()
    assert_page_is_sound(page)
    look(page, "trace")
