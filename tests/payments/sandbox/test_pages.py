"""The payers' pages, used as a browser without scripts uses them."""

from __future__ import annotations

import re
import sqlite3
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests import acquirer as cards
from tests.acquirer import CCB_CREDIT, Page, card_number, open_page
from tests.payments.sandbox.merchant import number, soon
from tests.waiting import until

PHONE = "13612345678"
LI = {"name": "李小娟", "phone": PHONE}


@pytest.fixture
def cashier(merchant) -> str:
    return merchant.order(number())[1]["cashier_url"]


@pytest.fixture
def signing(merchant) -> str:
    paper = {
        "agreement_no": number("A"),
        "owner_ref": "u1",
        "return_url": "http://127.0.0.1:1/cards?agreement_no=old&x=1",
    }
    return merchant.ask("POST", "/v1/agreements", paper)[1]["sign_url"]


def state_of(merchant, page_url: str) -> str:
    """The order behind a cashier page, asked of the page's own status."""
    return requests.get(f"{page_url}/status", timeout=5).json()["status"]


def alert(page: Page) -> str:
    found = re.search(r'role="alert"[^>]*>([^<]*)<', page.html)
    return found[1] if found else ""


def test_the_cashier_shows_amount_merchant_time_and_code(cashier):
    page = open_page(cashier)

    assert page.status == 200
    assert "192.00" in page.html
    assert "邻里团" in page.html
    assert re.search(r'data-seconds="8\d\d"', page.html)
    assert "data:image/svg+xml" in page.html


def test_a_page_speaks_chinese_first_and_english_when_asked(cashier):
    assert '<html lang="zh-Hans">' in open_page(cashier).html
    assert '<html lang="en">' in open_page(f"{cashier}?lang=en").html
    english = requests.get(cashier, headers={"Accept-Language": "en-GB,en;q=0.9"}, timeout=5)
    assert "Amount due" in english.text
    page = open_page(f"{cashier}?way=card&lang=en").submit(number="1", name="", phone="")
    assert "Please correct this and try again" in page.html


def test_pages_load_nothing_from_elsewhere_and_carry_a_strict_policy(cashier):
    answer = requests.get(f"{cashier}?way=card", timeout=5)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert not re.search(r"<style|style=|onclick|<script>", answer.text)


def test_scanning_with_the_other_phone_pays_once(cashier):
    scan = cashier.replace("/cashier/", "/scan/")

    paid = open_page(scan).submit()
    again = open_page(scan)

    assert "支付成功" in paid.html
    assert "支付成功" in again.html
    assert "<form" not in again.html
    assert open_page(cashier).return_url == "http://127.0.0.1:1/back"


def test_paying_by_card_at_the_cashier(merchant, sandbox_acquirer, cashier):
    back = sandbox_acquirer.pay_at_cashier(cashier, cards.CCB_DEBIT)

    assert back == "http://127.0.0.1:1/back"
    assert state_of(merchant, cashier) == "SUCCESS"


def test_what_was_typed_stays_when_something_is_wrong(signing):
    page = open_page(signing).submit(number="6221680000000099", name="李小娟", phone="12")

    assert alert(page) == "请更正后再试"
    assert 'value="李小娟"' in page.html
    assert 'value="6221680000000099"' in page.html
    assert "卡号不正确" in page.html
    assert "手机号格式不正确" in page.html
    assert page.html.count('aria-invalid="true"') == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("6221680000000018", "卡号不正确"),
        ("hello", "卡号不正确"),
        ("", "卡号不正确"),
        ("6221681234567896", "沙箱只接受测试卡"),
        ("4111111111111111", "沙箱只接受测试卡"),
        (card_number("622168")[:-3] + "0" * 6, "卡号不正确"),
    ],
)
def test_a_number_that_is_no_test_card_is_explained(signing, typed, said):
    page = open_page(signing).submit(number=typed, **LI)

    assert said in page.html
    assert 'name="code"' not in page.html


def test_spaces_in_a_card_number_do_not_matter(signing):
    grouped = " ".join(CCB_CREDIT[i : i + 4] for i in range(0, 16, 4))

    assert 'name="code"' in open_page(signing).submit(number=grouped, **LI).html


def test_a_signing_ends_at_the_merchant_with_the_agreements_number_only(
    merchant, sandbox_acquirer, signing
):
    back = sandbox_acquirer.tie_card(signing)

    query = parse_qs(urlsplit(back).query)
    assert query["x"] == ["1"]
    assert len(query["agreement_no"]) == 1
    assert set(query) == {"agreement_no", "x"}
    assert merchant.ask("GET", f"/v1/agreements/{query['agreement_no'][0]}")[1]["status"] == (
        "ACTIVE"
    )
    assert "绑卡成功" in open_page(signing).html


def test_wrong_codes_are_counted_and_a_new_one_helps(sandbox_acquirer, signing):
    page = open_page(signing).submit(number=CCB_CREDIT, **LI)
    right = sandbox_acquirer.last_code(PHONE)
    wrong = "000000" if right != "000000" else "111111"

    said = []
    for _ in range(5):
        page = page.submit(code=wrong)
        said.append(alert(page))
    locked = page.submit(code=right)
    renewed = locked.submit(1)
    done = renewed.submit(code=sandbox_acquirer.last_code(PHONE))

    assert said[0] == "验证码不正确，还可以试 4 次"
    assert said[4] == "错误次数过多，请重新发送验证码"
    assert alert(locked) == "错误次数过多，请重新发送验证码"
    assert "绑卡成功" in done.html


def test_a_page_sends_five_codes_and_no_more(sandbox_acquirer, signing):
    page = open_page(signing).submit(number=CCB_CREDIT, **LI)
    for _ in range(4):
        page = page.submit(1)
        assert alert(page) == ""

    assert "验证码发送次数过多" in alert(page.submit(1))


def test_an_old_code_of_another_page_opens_nothing(sandbox_acquirer, merchant, signing):
    open_page(signing).submit(number=CCB_CREDIT, **LI)
    code = sandbox_acquirer.last_code(PHONE)
    other = merchant.order(number())[1]["cashier_url"]
    page = open_page(f"{other}?way=card").submit(number=CCB_CREDIT, **LI)
    if sandbox_acquirer.last_code(PHONE) != code:
        assert alert(page.submit(code=code)).startswith("验证码不正确")
    assert state_of(merchant, other) == "NOTPAY"


def test_a_declined_card_leaves_the_order_open_for_another(merchant, sandbox_acquirer, cashier):
    page = open_page(f"{cashier}?way=card").submit(number=cards.CCB_CREDIT_DECLINED, **LI)
    declined = page.submit(code=sandbox_acquirer.last_code(PHONE))

    assert "余额不足" in alert(declined)
    assert state_of(merchant, cashier) == "NOTPAY"
    assert sandbox_acquirer.pay_at_cashier(cashier, cards.CMBC_CREDIT)


def test_a_closed_order_says_that_nothing_was_charged(merchant):
    no = number()
    url = merchant.order(no)[1]["cashier_url"]
    merchant.ask("POST", f"/v1/orders/{no}/close", {})

    assert "订单已关闭" in open_page(url).html
    assert "订单已关闭" in open_page(f"{url}/code").html
    assert "<form" not in open_page(url.replace("/cashier/", "/scan/")).html


def test_an_order_whose_time_is_over_cannot_be_paid(merchant, sandbox_acquirer):
    url = merchant.order(number(), expires_at=soon(1))[1]["cashier_url"]
    page = open_page(f"{url}?way=card").submit(number=CCB_CREDIT, **LI)
    code = sandbox_acquirer.last_code(PHONE)
    until(lambda: state_of(merchant, url) == "CLOSED")

    late = page.submit(code=code)

    assert "订单已关闭" in late.html
    assert state_of(merchant, url) == "CLOSED"


def test_giving_a_charge_up_tells_the_merchant_and_charges_nothing(merchant, sandbox_acquirer):
    agreement_no, no = number("A"), number()
    _, bound = merchant.ask(
        "POST", "/v1/agreements", {"agreement_no": agreement_no, "owner_ref": "u"}
    )
    sandbox_acquirer.tie_card(bound["sign_url"], cards.CCB_CREDIT_ASKS_CODE)
    token = merchant.ask("GET", f"/v1/agreements/{agreement_no}")[1]["token"]
    _, order = merchant.ask("POST", "/v1/agreement-payments", _charge(no, token))

    given_up = open_page(order["action_url"]).submit(2)

    told = merchant.ask("GET", f"/v1/orders/{no}")[1]
    assert "支付未完成" in given_up.html
    assert (told["trade_state"], told["failure_code"]) == ("PAYERROR", "USER_CANCELLED")


def _charge(no: str, token: str) -> dict[str, object]:
    return {
        "our_no": no,
        "agreement_token": token,
        "amount": {"minor": 19200, "currency": "CNY"},
        "subject": "荔枝",
        "expires_at": soon(),
        "return_url": "http://127.0.0.1:1/back",
    }


@pytest.mark.parametrize(
    "path", ["/cashier/nope", "/scan/nope", "/sign/nope", "/otp/nope", "/cashier/nope/code"]
)
def test_a_page_that_is_not_there_says_so(sandbox_acquirer, path):
    page = open_page(sandbox_acquirer.base_url + path)

    assert (page.status, "没有这个页面" in page.html) == (404, True)


def test_an_order_has_no_page_of_the_other_kind(sandbox_acquirer, cashier):
    assert open_page(cashier.replace("/cashier/", "/otp/")).status == 404


def test_home_lists_the_test_cards_and_the_messages(sandbox_acquirer):
    page = open_page(sandbox_acquirer.base_url)

    for card in (cards.CCB_CREDIT, cards.PSBC_DEBIT, cards.CCB_CREDIT_SLOW):
        assert " ".join(card[i : i + 4] for i in range(0, len(card), 4)) in page.html
    assert 'href="/messages"' in page.html


def test_messages_show_the_newest_first_and_one_phone_only(sandbox_acquirer, signing):
    open_page(signing).submit(number=CCB_CREDIT, name="张三", phone="13511112222")
    newest = sandbox_acquirer.messages("13511112222")[0]

    page = open_page(f"{sandbox_acquirer.base_url}/messages?phone=13511112222")

    assert f'<output class="big-code">{newest["code"]}</output>' in page.html
    assert "13511112222" in page.html
    assert PHONE not in page.html


def test_one_telephone_with_and_without_its_country_code(merchant, sandbox_acquirer):
    text = {"phone": "+8613533334444", "text": "【邻里团】验证码 975310"}
    started = {"agreement_no": number("A"), "owner_ref": "u1", "holder_phone": "+8613533334444"}
    assert merchant.ask("POST", "/v1/messages", text)[0] == 200

    signing = merchant.ask("POST", "/v1/agreements", started)[1]["sign_url"]

    assert 'value="13533334444"' in open_page(signing).html
    for phone in ("13533334444", "+8613533334444"):
        assert sandbox_acquirer.last_code(phone) == "975310"


def test_no_script_is_injected_by_what_others_typed(merchant, sandbox_acquirer):
    url = merchant.order(number(), subject="<script>alert(1)</script>")[1]["cashier_url"]

    assert "<script>alert" not in open_page(url).html


def test_the_books_never_hold_a_card_number(sandbox_acquirer, signing, cashier):
    sandbox_acquirer.tie_card(signing)
    sandbox_acquirer.pay_at_cashier(cashier, cards.PSBC_DEBIT)
    folder = sandbox_acquirer.log.parent

    with sqlite3.connect(folder / "sandbox.sqlite3") as books:
        dump = "\n".join(books.iterdump())

    assert cards.CCB_CREDIT not in dump
    assert cards.PSBC_DEBIT not in dump
    assert cards.CCB_CREDIT not in sandbox_acquirer.log.read_text()
