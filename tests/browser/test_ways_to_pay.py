"""What can happen between "pay" and "paid", in Chromium: declined, slow, silent, scanned, late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from mall.ordering.models import OrderFulfilment, Status
from mall.promotions.models import BankOffer
from payments.api import now, payment_view, refunds_of
from payments.models import AcquirerAccount, Payment
from tests.acquirer import (
    CCB_CREDIT_ASKS_CODE,
    CCB_CREDIT_DECLINED,
    CCB_CREDIT_SILENT,
    CCB_CREDIT_SLOW,
)
from tests.waiting import until

pytestmark = pytest.mark.timeout(600)
PAY_JOBS = ("payments.ask_about_payments", "payments.drive_closings", "payments.deliver_outbox")


@pytest.fixture
def at_checkout(resident, town):
    """She is signed in and at the checkout with goods for 208.00."""
    resident.choose_point(town.group.pickup_point_id)
    resident.fill_basket(town.items)
    resident.check_out()
    return resident


def order() -> OrderFulfilment:
    return OrderFulfilment.objects.get()


def wait_for_status(mall, status: str, *jobs: str) -> None:
    until(
        lambda: mall.run_jobs(*jobs) and order().status == status, 30, f"status {status}", every=0.3
    )


def test_a_declined_card_says_what_to_do_and_the_order_is_paid_another_way(at_checkout, town):
    resident = at_checkout
    resident.tie_card(CCB_CREDIT_DECLINED)
    resident.press_pay()

    resident.wait_for_result("failed")
    resident.look()
    assert (order().status, town.stock()) == (Status.PENDING_PAYMENT, [(1, 0), (2, 0), (1, 0)])
    resident.page.locator("#result .btn.main").click()
    resident.page.wait_for_url("**/orders/**")
    if not resident.page.url.endswith("/pay/"):
        resident.look()
        resident.page.locator(".bar a.btn.main").click()
        resident.page.wait_for_url("**/pay/")
    resident.look()
    resident.tie_card()
    good = [way for way in resident.page.locator("input[name=way]").all() if len(_value(way)) > 12]
    resident.choose_way(_value(good[-1]), "192.00")
    resident.press_pay()
    resident.wait_for_result("paid")
    assert (order().status, order().payable_minor) == (Status.PAID, 19200)
    assert Payment.objects.count() == 2


def _value(way) -> str:
    return way.get_attribute("value") or ""


def test_a_charge_whose_answer_comes_too_late_is_known_all_the_same_and_made_once(at_checkout):
    _lose_patience_after(seconds=1.0)
    resident = at_checkout
    resident.tie_card(CCB_CREDIT_SLOW)
    resident.press_pay()

    # The bank did charge and its notification was quicker than its answer, which we gave up on.
    resident.wait_for_result("paid", seconds=40)
    resident.look()
    assert order().status == Status.PAID
    assert Payment.objects.get().amount_minor == 19200


def _lose_patience_after(*, seconds: float) -> None:
    """A new version of our account; the servers remember the old ones from earlier tests."""
    account = AcquirerAccount.objects.get()
    account.status = AcquirerAccount.Status.VERIFY_ONLY
    account.save()
    account.pk, account.version, account.status = None, 101, AcquirerAccount.Status.ACTIVE
    account.settings = {**account.settings, "read_seconds": seconds}
    account.save()


def test_without_any_notification_the_result_page_asks_until_it_knows(at_checkout):
    resident = at_checkout
    resident.choose_way("cashier", "208.00")
    resident.press_pay()
    resident.page.wait_for_url("**/cashier/**")
    resident.look()
    resident.page.locator("a.quiet-link").click()
    resident.wait_for_result("confirming")
    resident.look()
    resident.page.locator("#result a[href*='/cashier/']").click()
    resident.page.wait_for_url("**/cashier/**")
    resident.page.locator("nav.tabs a[href*='way=card']").click()
    resident.page.wait_for_url("**way=card**")
    resident.look()
    resident.present_card(CCB_CREDIT_SILENT)

    resident.wait_for_result("paid")
    assert (order().status, order().payable_minor) == (Status.PAID, 20800)


def test_at_the_cashier_the_other_phone_pays_and_the_first_goes_on(
    at_checkout, new_context, assert_page_is_sound
):
    resident = at_checkout
    resident.choose_way("cashier", "208.00")
    resident.press_pay()
    resident.page.wait_for_url("**/cashier/**")

    other = new_context().new_page()
    other.goto(resident.page.url.partition("?")[0].replace("/cashier/", "/scan/"))
    assert_page_is_sound(other)
    other.locator("form.panel button").click()
    expect(other.locator(".over.good")).to_be_visible()
    assert_page_is_sound(other)

    # The notification came before she is back; the cashier notices by itself and sends her there.
    resident.wait_for_result("paid", seconds=30)
    resident.look()
    assert order().status == Status.PAID


def test_a_card_that_asks_for_a_code_is_charged_after_it(at_checkout):
    resident = at_checkout
    resident.tie_card(CCB_CREDIT_ASKS_CODE)
    resident.press_pay()

    resident.page.wait_for_url("**/otp/**")
    assert order().status == Status.PENDING_PAYMENT
    resident.type_bank_code()
    resident.wait_for_result("paid")
    assert order().payable_minor == 19200


def test_before_payment_an_order_is_cancelled_and_the_goods_are_free(at_checkout, live_mall, town):
    resident = at_checkout
    resident.choose_way("cashier", "208.00")
    resident.press_pay()
    resident.page.wait_for_url("**/cashier/**")
    cashier = resident.page.url
    resident.go(f"/orders/{order().order_no}/")
    resident.look()

    resident.cancel()

    wait_for_status(live_mall, Status.CANCELLED, *PAY_JOBS)
    resident.page.reload()
    resident.look()
    assert town.stock() == [(0, 0), (0, 0), (0, 0)]
    assert payment_view(order().payment_no).status == "closed"
    resident.page.goto(cashier)
    expect(resident.page.locator(".over")).to_be_visible()


def test_after_payment_it_is_cancelled_with_all_the_money_back(at_checkout, live_mall, town):
    resident = at_checkout
    resident.tie_card()
    resident.press_pay()
    resident.wait_for_result("paid")
    resident.see_order()

    resident.cancel()

    wait_for_status(live_mall, Status.REFUNDED, "payments.run_refunds", "payments.deliver_outbox")
    resident.page.reload()
    expect(resident.page.locator("#tenders")).to_contain_text("¥192.00")
    resident.look()
    offer = BankOffer.objects.get()
    assert (order().refunded_minor, offer.used_count) == (19200, 0)
    assert town.stock() == [(0, 0), (0, 0), (0, 0)]


def test_an_order_nobody_pays_is_closed_at_the_bank_first_then_the_goods_are_free(
    at_checkout, live_mall, town
):
    resident = at_checkout
    resident.choose_way("cashier", "208.00")
    resident.press_pay()
    resident.page.wait_for_url("**/cashier/**")
    cashier = resident.page.url
    OrderFulfilment.objects.update(expires_at=now() - timedelta(minutes=2))

    wait_for_status(live_mall, Status.CANCELLED, "mall.expire_orders", *PAY_JOBS)

    assert (order().ended_because, town.stock()) == ("expired", [(0, 0), (0, 0), (0, 0)])
    assert payment_view(order().payment_no).status == "closed"
    resident.page.goto(cashier)
    expect(resident.page.locator(".over:not(.good)")).to_be_visible()
    resident.look()
    resident.go(f"/orders/{order().order_no}/")
    resident.look()


def test_money_that_comes_too_late_goes_back_by_itself_and_the_page_says_so(
    at_checkout, live_mall, town, acquirer
):
    resident = at_checkout
    resident.choose_way("cashier", "208.00")
    resident.press_pay()
    resident.page.wait_for_url("**/cashier/**")
    resident.page.goto(f"{resident.page.url.partition('?')[0]}?way=card")
    _pay_and_walk_away(resident)
    number = order().payment_no
    resident.go(f"/orders/{order().order_no}/")

    resident.cancel()

    wait_for_status(live_mall, Status.CANCELLED, *PAY_JOBS)
    assert payment_view(number).application == "surplus"
    resident.go(f"/pay/{number}/result/")
    resident.wait_for_result("surplus")
    resident.look()
    until(
        lambda: (
            live_mall.run_jobs("payments.run_refunds")
            and [refund.status for refund in refunds_of(number)] == ["succeeded"]
        ),
        20,
        "the refund",
        every=0.3,
    )
    assert town.stock() == [(0, 0), (0, 0), (0, 0)]


def _pay_and_walk_away(resident) -> None:
    """Pay by a card whose bank sends no notification, and never come back to the mall."""
    page = resident.page
    page.fill("[name=number]", CCB_CREDIT_SILENT)
    page.fill("[name=name]", "李小娟")
    page.fill("[name=phone]", resident.number)
    page.locator("form.panel button:not([data-fill])").first.click()
    page.wait_for_url("**/code**")
    page.fill("[name=code]", resident.bank.last_code(resident.number))
    page.locator("form.panel button").first.click()
    page.locator(".over.good").wait_for()
