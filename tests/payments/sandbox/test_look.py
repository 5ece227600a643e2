"""The bank's pages on a telephone: sound by day and by night, with and without a mistake."""

from __future__ import annotations

import pytest

from tests import acquirer as cards
from tests.acquirer import open_page
from tests.payments.sandbox.merchant import number


@pytest.fixture
def pages(merchant, sandbox_acquirer) -> dict[str, str]:
    """One address of every kind of page."""
    base, paid = sandbox_acquirer.base_url, number()
    url = merchant.order(number())[1]["cashier_url"]
    done = merchant.order(paid, return_url="")[1]["cashier_url"]
    sandbox_acquirer.sim_pay(paid)
    waiting = merchant.order(number())[1]["cashier_url"]
    open_page(f"{waiting}?way=card").submit(
        number=cards.CCB_CREDIT, name="李小娟", phone="13800138000"
    )
    started = {"agreement_no": number("A"), "owner_ref": "u1", "return_url": f"{base}/"}
    signing = merchant.ask("POST", "/v1/agreements", started)[1]["sign_url"]
    return {
        "home": base,
        "messages": f"{base}/messages",
        "qr": url,
        "card": f"{url}?way=card",
        "card_en": f"{url}?way=card&lang=en",
        "scan": url.replace("/cashier/", "/scan/"),
        "code": f"{waiting}/code",
        "paid": done,
        "sign": signing,
        "mine": f"{base}/mine",
        "mine_cards": _owners_page(sandbox_acquirer, merchant),
    }


def _owners_page(sandbox_acquirer, merchant) -> str:
    no, phone = number("A"), "13900139001"
    merchant.ask("POST", "/v1/agreements", {"agreement_no": no, "owner_ref": "u1"})
    holder = {"bin": "622168", "name": "李小娟", "phone": phone}
    sandbox_acquirer.told(f"/_sim/sign/{no}", holder)
    asked = open_page(f"{sandbox_acquirer.base_url}/mine").submit(phone=phone)
    return asked.submit(code=sandbox_acquirer.last_code(phone)).url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_sound(pages, page, assert_page_is_sound, scheme):
    page.emulate_media(color_scheme=scheme)
    for url in pages.values():
        page.goto(url)
        assert_page_is_sound(page)


def test_a_card_is_tied_by_thumb(pages, page, sandbox_acquirer, assert_page_is_sound):
    page.goto(pages["sign"])
    page.fill("#number", "6221680000000099")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("alert").wait_for()
    assert_page_is_sound(page)

    page.locator("[data-fill]").first.click()
    page.get_by_role("button", name="下一步").click()
    page.fill("#code", sandbox_acquirer.last_code("13800138000"))
    page.get_by_role("button", name="同意协议并绑卡").click()
    page.get_by_role("heading", name="绑卡成功").wait_for()
    assert_page_is_sound(page)

    page.wait_for_url("**/?agreement_no=*")


def test_the_cashier_notices_that_the_other_phone_paid(pages, page):
    page.goto(pages["qr"])
    open_page(pages["scan"]).submit()

    page.get_by_role("heading", name="支付成功").wait_for(timeout=10_000)


def test_the_message_page_rings_by_itself(pages, page, sandbox_acquirer):
    page.goto(f"{pages['messages']}?phone=13122223333")
    sandbox_acquirer.adapter().send_text(
        phone="13122223333", text="【邻里团】验证码 135790", sender="邻里团"
    )

    page.locator(".big-code", has_text="135790").wait_for(timeout=10_000)
