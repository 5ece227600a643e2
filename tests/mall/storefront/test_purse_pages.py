"""Paying without a tied card: what is offered in which browser, and where it leads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client, RequestFactory

from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.purses import Browser
from mall.storefront.browsers import browser_of
from payments.acquiring.contract import NextStep, PayRequest, PayResult, Purse, Scene, StepKind
from payments.acquiring.registry import ADAPTERS
from payments.adapters.sandbox.adapter import CAPABILITIES, SandboxAdapter
from payments.api import attempts, payment_view
from payments.models import AcquirerAccount, Payment
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import fill_worked, make_worked_group, place
from tests.payments.banking import another_account

pytestmark = pytest.mark.django_db(transaction=True)

DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
IN_WECHAT = f"{PHONE} MicroMessenger/8.0.50"


class WechatLike(SandboxAdapter):
    """The sandbox's bank, paid out of WeChat."""

    def __init__(self, **parts: Any) -> None:
        """Be paid otherwise."""
        super().__init__(**parts)
        self.caps = replace(CAPABILITIES, purses=frozenset({Purse.WECHAT}))


class UnionpayLike(SandboxAdapter):
    """The sandbox's bank, which wants a form posted to its page."""

    def __init__(self, **parts: Any) -> None:
        """Be paid otherwise."""
        super().__init__(**parts)
        pages = frozenset({Scene.H5})
        self.caps = replace(CAPABILITIES, scenes=pages, purses=frozenset({Purse.UNIONPAY}))

    def create(self, request: PayRequest) -> PayResult:
        """Open it and ask for a form."""
        opened = super().create(request)
        assert opened.step is not None
        fields = {"orderId": request.payment_no, "subject": '"><script>'}
        return replace(opened, step=NextStep(StepKind.FORM_POST, opened.step.url, fields))


@pytest.fixture
def resident(acquirer):
    return make_person("李小娟", phone="+8613912341234")


@pytest.fixture
def order(resident, monkeypatch) -> OrderFulfilment:
    """An order that waits for its money, in a mall that takes it three ways."""
    here = "tests.mall.storefront.test_purse_pages"
    monkeypatch.setitem(ADAPTERS, "wechat_like", f"{here}.WechatLike")
    monkeypatch.setitem(ADAPTERS, "unionpay_like", f"{here}.UnionpayLike")
    another_account("wx", adapter="wechat_like", priority=1)
    another_account("up", adapter="unionpay_like", priority=2)
    return place(fill_worked(make_worked_group(), resident), resident)


def browser(resident, said: str) -> Client:
    client = Client(headers={"user-agent": said})
    client.force_login(resident)
    return client


def offered(client: Client, order: OrderFulfilment) -> list[str]:
    """What can be chosen beside cards, in the order it is shown."""
    ways = client.get(f"/orders/{order.order_no}/pay/").context["ways"]
    return [way.value for way in ways if way.value != "new_card"]


def chosen(client: Client, order: OrderFulfilment) -> str:
    ways = client.get(f"/orders/{order.order_no}/pay/").context["ways"]
    return next(way.value for way in ways if way.checked)


def choose(client: Client, order: OrderFulfilment, way: str):
    wish = {"way": way, "expected_payable": "20800"}
    return client.post(f"/orders/{order.order_no}/pay/", wish)


def test_a_screen_shows_a_code_that_is_scanned(resident, order, acquirer):
    client = browser(resident, DESKTOP)

    answer = choose(client, order, "wechat")
    page = client.get(answer.url)
    (attempt, *_) = attempts(order.order_no)
    acquirer.sim_pay(attempt.payment_no)
    Payment.objects.update(queried_at=None)
    paid = client.get(answer.url, headers={"HX-Request": "true"})

    assert answer.url.endswith(f"/pay/{attempt.payment_no}/result/")
    assert page.context["page"].state == "scan"
    assert page.context["page"].code_picture.startswith("data:image/svg+xml")
    assert (attempt.purse, attempt.scene, attempt.account_code) == ("wechat", "native_qr", "wx")
    assert 'data-state="paid"' in paid.content.decode()
    order.refresh_from_db()
    assert (order.status, order.purse) == (Status.PAID, "wechat")


def test_a_phone_is_sent_to_the_acquirers_page(resident, order, acquirer):
    answer = choose(browser(resident, PHONE), order, "wechat")

    (attempt, *_) = attempts(order.order_no)
    assert answer.url == attempt.step_url
    assert answer.url.startswith(acquirer.base_url)
    assert (attempt.purse, attempt.scene) == ("wechat", "h5")


def test_a_form_is_posted_to_an_acquirer_that_wants_one(resident, order):
    client = browser(resident, PHONE)

    answer = choose(client, order, "unionpay")
    page = client.get(answer.url).content.decode()

    (attempt, *_) = attempts(order.order_no)
    assert answer.url.endswith(f"/pay/{attempt.payment_no}/form/")
    assert f'action="{attempt.step_url}"' in page
    assert f'name="orderId" value="{attempt.payment_no}"' in page
    assert "&quot;&gt;&lt;script&gt;" in page
    assert (
        client.get(f"/pay/{attempt.payment_no}/result/")
        .context["page"]
        .bank_url.endswith(f"/pay/{attempt.payment_no}/form/")
    )


def test_a_form_is_shown_to_its_payer_only_and_only_while_it_waits(resident, order, acquirer):
    client = browser(resident, PHONE)
    url = choose(client, order, "unionpay").url
    stranger = browser(make_person("王芳", phone="+8613912340000"), PHONE)

    assert stranger.get(url).status_code == 404
    assert "/sign-in/" in Client().get(url).url
    acquirer.sim_pay(attempts(order.order_no)[0].payment_no)
    Payment.objects.update(queried_at=None)
    client.get(url.replace("/form/", "/result/"))
    assert client.get(url).url.endswith("/result/")


@pytest.mark.parametrize(
    ("said", "ways"),
    [
        (DESKTOP, ["cashier", "wechat", "unionpay"]),
        (PHONE, ["cashier", "wechat", "unionpay"]),
        (IN_WECHAT, ["cashier", "unionpay"]),
        (f"{PHONE} AlipayClient/10.5", ["cashier", "unionpay"]),
        (f"{PHONE} (com.unionpay.chsp) CloudPay", ["unionpay", "cashier"]),
    ],
)
def test_each_browser_is_offered_what_works_in_it(resident, order, said, ways):
    assert offered(browser(resident, said), order) == ways


def test_what_she_chose_is_remembered(resident, order):
    client = browser(resident, DESKTOP)
    choose(client, order, "wechat")
    again = place(fill_worked(make_worked_group(), resident), resident)

    assert client.cookies["purse"].value == "wechat"
    assert chosen(client, order) == "wechat"  # what the order was placed with
    assert payment_view(again.payment_no).purse == ""


def test_a_purse_that_went_meanwhile_is_refused_and_nothing_changes(resident, order):
    client = browser(resident, DESKTOP)
    AcquirerAccount.objects.filter(code="wx").update(status="disabled")

    page = choose(client, order, "wechat")

    assert page.status_code == 422
    assert "请重新选择付款方式" in page.content.decode()
    order.refresh_from_db()
    assert (order.status, order.purse) == (Status.PENDING_PAYMENT, "")


def test_whoever_says_nothing_holds_a_phone():
    asked = RequestFactory()

    assert browser_of(asked.get("/")) is Browser.PHONE
    assert browser_of(asked.get("/", headers={"user-agent": DESKTOP})) is Browser.DESKTOP
