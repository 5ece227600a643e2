"""In Chromium: a hint is followed, card, voucher, points are chosen, a price changes meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mall.accounts.models import User
from mall.ordering.models import OrderFulfilment, Status
from mall.promotions.lifecycle import pause
from mall.promotions.models import BankOffer
from tests.acquirer import CCB_CREDIT
from tests.mall.promotions.offers import make_offer
from tests.mall.storefront.purse import give_purse
from tests.waiting import until

pytestmark = pytest.mark.timeout(600)


def _sign_in_with_a_card(resident, town) -> None:
    """Tie a card on the wallet page, before anything is in a basket."""
    page = resident.page
    resident.choose_point(town.group.pickup_point_id)
    resident.go("/offers/")
    resident.look()
    page.locator("main a[href*='/sign-in/']").click()
    resident.sign_in()
    page.wait_for_url("**/offers/")
    resident.look()
    page.locator("main a.btn.main[href*='/cards/']").last.click()
    page.check("[name=consent]")
    page.locator("form[action$='/cards/tie/'] button.btn.main").click()
    resident.present_card(CCB_CREDIT)
    page.wait_for_url("**/offers/")


def _amount(resident, text: str) -> None:
    expect(resident.page.locator("#pay-bar button")).to_contain_text(text)


def test_a_hint_is_followed_and_voucher_points_and_card_are_chosen(resident, town):
    page = resident.page
    _sign_in_with_a_card(resident, town)
    expect(page.locator(".offer.on")).to_have_count(1)
    resident.look()
    give_purse(User.objects.get(phone=f"+86{resident.number}"))

    resident.go("/")
    corn, eggs, salmon = town.items
    resident.add(eggs.pk, 2)
    resident.add(salmon.pk)
    expect(page.locator("#basket-bar .goal")).to_contain_text("¥27")
    page.locator("#basket-bar a.find").click()
    page.wait_for_url("**/more/")
    resident.look()
    resident.add(corn.pk)
    expect(page.locator("#basket-bar .goal.reached")).to_contain_text("¥16")
    resident.check_out()

    _amount(resident, "¥187.00")
    page.locator("#vouchers summary").click()
    page.locator("input[name=voucher_no][value=none]").check()
    _amount(resident, "¥192.00")
    expect(page.locator("#vouchers")).to_have_attribute("open", "")
    page.locator("#use-points").check()
    _amount(resident, "¥189.00")
    page.locator("input[name=way][value=cashier]").check()
    _amount(resident, "¥205.00")
    page.locator("input[name=way]").first.check()
    _amount(resident, "¥189.00")
    page.locator("input[name=voucher_no][value=best]").check()
    _amount(resident, "¥184.00")
    expect(page.locator("#quote .who")).to_have_count(3)
    resident.look()
    resident.press_pay()

    resident.wait_for_result("paid")
    expect(page.locator("#result .who")).to_have_count(3)
    resident.look()
    resident.see_order()
    expect(page.locator("#tenders .who")).to_have_count(3)
    resident.look()
    order = OrderFulfilment.objects.get()
    assert (order.status, order.payable_minor) == (Status.PAID, 18400)


def test_a_price_that_changed_is_shown_and_the_bank_decides_by_itself(
    resident, town, live_mall, acquirer, witness
):
    page = resident.page
    _sign_in_with_a_card(resident, town)
    resident.go("/")
    resident.fill_basket(town.items)
    resident.check_out()
    _amount(resident, "¥192.00")
    page.fill("[name=remark]", "放门口")
    pause(BankOffer.objects.get())
    make_offer(code="minus16", name="建行自动立减", decided_by=BankOffer.DecidedBy.BANK)

    resident.press_pay()
    page.locator("#changes").wait_for()
    resident.judge(page, expected_errors=("status of 422",))
    witness.errors.clear()
    expect(page.locator("#changes")).to_contain_text("¥208.00")
    expect(page.locator("[name=remark]")).to_have_value("放门口")
    expect(page.locator("#quote .notice")).to_contain_text("¥16")
    assert not OrderFulfilment.objects.exists()

    with acquirer.campaign("minus16", kinds=["credit"]):
        resident.press_pay()
        resident.wait_for_result("paid")
    expect(page.locator("#result")).to_contain_text("¥192.00")
    resident.see_order()
    until(
        lambda: live_mall.run_jobs("payments.deliver_outbox") or _given() == 1600, what="the bank"
    )
    page.reload()
    expect(page.locator("#tenders")).to_contain_text("−¥16.00")
    resident.look()


def _given() -> int | None:
    return OrderFulfilment.objects.get().discounts.get().actual_minor
