"""The card's owner at her bank: she sees what she has signed, and only hers, and ends it."""

from __future__ import annotations

from tests.acquirer import open_page
from tests.payments.sandbox.merchant import mailbox, number
from tests.waiting import until

PHONE, OTHER, THIRD = "13900139011", "13900139012", "13900139013"


def signed(merchant, sandbox, phone: str, **more) -> str:
    no = number("A")
    merchant.ask("POST", "/v1/agreements", {"agreement_no": no, "owner_ref": "u1"} | more)
    holder = {"bin": "622168", "serial": 44, "name": "李小娟", "phone": phone}
    sandbox.told(f"/_sim/sign/{no}", holder)
    return no


def test_she_ends_an_agreement_and_the_merchant_is_told(merchant, sandbox_acquirer):
    start = f"{sandbox_acquirer.base_url}/mine"
    with mailbox() as box:
        hers = signed(merchant, sandbox_acquirer, PHONE, notify_url=box.url)
        another = signed(merchant, sandbox_acquirer, OTHER)
        asked = open_page(start).submit(phone=PHONE)
        page = asked.submit(code=sandbox_acquirer.last_code(PHONE))
        assert another not in page.html
        after = page.submit()
        until(lambda: len(box.received) == 2)

    events = {merchant.opened(raw.body)["event_type"] for raw in box.received}
    assert "/revoke/" in page.html
    assert "没有生效中的签约" in after.html
    assert events == {"agreement.signed", "agreement.revoked"}
    assert merchant.ask("GET", f"/v1/agreements/{hers}")[1]["status"] == "REVOKED"
    assert merchant.ask("GET", f"/v1/agreements/{another}")[1]["status"] == "ACTIVE"


def test_nobody_sees_anything_without_the_code(merchant, sandbox_acquirer):
    no = signed(merchant, sandbox_acquirer, THIRD)
    base = sandbox_acquirer.base_url

    wrong = open_page(f"{base}/mine").submit(phone=THIRD).submit(code="000000")
    nothing = open_page(f"{base}/mine").submit(phone="x")
    guessed = open_page(f"{base}/mine/AAAAAAAAAAAAAAAAAAAAAAAA/cards")

    assert "验证码不正确" in wrong.html
    assert "手机号格式不正确" in nothing.html
    assert guessed.status == 404
    assert no not in wrong.html
