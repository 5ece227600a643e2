"""In Chromium: a voucher is claimed when its clock runs down, and taken at a merchant's counter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from mall.accounts.models import User
from mall.vouchers.models import Redemption, Voucher
from payments.api import now
from tests.browser.people import Telephone
from tests.factories.groups import make_person
from tests.mall.vouchers.batches import make_batch, make_merchant, make_round
from tests.waiting import until

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def counter(town, live_mall, acquirer, new_context, assert_page_is_sound) -> Telephone:
    """A merchant's telephone, at the counter."""
    cashier = make_person("何师傅", phone="+8613700000099")
    make_merchant(cashier)
    number = cashier.phone.removeprefix("+86")
    return Telephone(new_context().new_page(), live_mall, acquirer, number, assert_page_is_sound)


def test_claimed_on_time_and_taken_at_the_counter(resident, counter):
    batch = make_batch(name="县惠民券", place="both", threshold_minor=5000, discount_minor=1000)
    make_round(batch, opens_at=now() + timedelta(seconds=25), stock=3)
    page, desk = resident.page, counter.page
    page.goto(f"{resident.mall.url}/sign-in/?next=/vouchers/")
    resident.sign_in()

    expect(page.locator(".ticket .clock")).to_be_visible()
    resident.look()
    # The card renews itself when its clock has run down; two presses are one voucher.
    claim = page.locator("form[action$='/claim/'] button")
    claim.wait_for(timeout=60_000)
    claim.dblclick()
    expect(page.locator(".ticket .good-news")).to_be_visible()
    resident.look()
    assert Voucher.objects.count() == 1
    page.locator(".ticket a.btn").click()
    page.wait_for_url("**/vouchers/V*/")
    resident.look()
    resident.go("/vouchers/mine/")
    resident.look()
    page.locator(".ticket a.btn.main").click()
    code = page.locator(".pickup-code span").first.inner_text().replace(" ", "")

    counter.go("/redeem/")
    counter.sign_in()
    counter.look()
    desk.locator("#code").fill(code)
    desk.locator("#bill").fill("128.50")
    counter.look()
    desk.locator("#found form button").click()
    expect(desk.locator("#found dl")).to_contain_text("¥118.50")
    counter.look()
    desk.locator("[data-confirm]").click()
    expect(desk.locator("#found .state-mark")).to_be_visible()
    counter.look()

    # Her page learns of it by itself.
    expect(page.locator("#voucher-code .good-news")).to_be_visible(timeout=20_000)
    resident.look()
    desk.locator("form[action$='/undo/'] button").click()
    until(lambda: Voucher.objects.get().state == Voucher.State.RETURNED, what="the voucher is back")
    counter.go("/redeem/statement/")
    counter.look()
    assert Redemption.objects.get().taken_by == User.objects.get(phone="+8613700000099")
