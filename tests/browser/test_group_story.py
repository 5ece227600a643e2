"""A group while neighbours look at it: who joins appears by itself; sharing and cases by thumb."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from mall.groupbuy.models import GroupBuyItem
from tests.mall.fulfilment.test_collecting import buy

pytestmark = pytest.mark.timeout(300)


def test_who_joins_appears_without_reloading_and_a_hidden_tab_asks_nothing(
    resident, town, acquirer
):
    page = resident.page
    resident.go(f"/g/{town.group.share_code}/")
    expect(page.locator("#chain [id^=entry-]")).to_have_count(0)
    page.evaluate("window.__still_here = true")
    look = "htmx.trigger(document.querySelector('[data-live]'), 'linli:look')"
    with page.expect_response(re.compile("/live/")) as unchanged:
        page.evaluate(look)
    assert unchanged.value.status == 304

    buy(town.group, acquirer, name="李小娟", payable=19200)

    expect(page.locator("#chain [id^=entry-]")).to_have_count(1, timeout=20_000)
    expect(page.locator(f"#moving-{town.items[1].pk}")).to_contain_text("2")
    assert page.evaluate("window.__still_here")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.evaluate(look)
    assert asked == []
    resident.look()


def test_a_group_is_passed_on_and_a_case_filled_by_thumb(resident, town):
    item = town.items[0]
    GroupBuyItem.objects.filter(pk=item.pk).update(case_size=6, allows_tolerance=True)
    page = resident.page
    resident.go(f"/g/{town.group.share_code}/")

    page.locator("[data-opens=share]:visible").first.click()
    picture = page.locator("#share img.poster")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 750)
    resident.look()
    page.locator("#share [data-closes]").click()

    resident.add(item.pk)
    page.locator(f"#spare-more-{item.pk}").click()
    expect(page.locator(f"#spare-less-{item.pk}")).to_be_visible()
    expect(page.locator("#basket-bar .price").first).to_contain_text("60")
    resident.look()
