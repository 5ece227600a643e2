"""The pages while nobody is sure of an earlier payment, and while an acquirer is out of order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.test import Client

from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import change_way, pay_order
from mall.ordering.pricing import Wish
from payments.acquiring.contract import RefundRef
from payments.acquiring.registry import ADAPTERS, forget_adapters
from payments.api import Money, attempts, payment_view, refresh_payment, refunds_of, send_refund
from payments.models import AcquirerAccount, Payment
from payments.services.health import put_back, take_out
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.shopping import fill_worked, make_worked_group, place
from tests.mall.promotions.offers import make_offer
from tests.payments.banking import another_account
from tests.payments.wallet import tie
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
CASHIER = {"way": "cashier", "expected_payable": "20800"}


@pytest.fixture
def resident(acquirer):
    return make_person("李小娟", phone="+8613912341234")


@pytest.fixture
def client(resident) -> Client:
    client = Client()
    client.force_login(resident)
    return client


@pytest.fixture
def group():
    return make_worked_group()


@pytest.fixture
def order(group, resident) -> OrderFulfilment:
    return place(fill_worked(group, resident), resident)


@contextmanager
def silent_about(acquirer, number: str) -> Iterator[None]:
    """The bank carries everything out and never says so."""
    routes = ("POST /v1/orders", "GET /v1/orders/{our_no}", "POST /v1/orders/{our_no}/close")
    with ExitStack() as faults:
        for route in routes:
            faults.enter_context(acquirer.fault("drop_after_execute", number=number, route=route))
        yield


def ask_again() -> None:
    """Let the next question leave at once."""
    Payment.objects.update(queried_at=None)


def state(page) -> str:
    """What the page says about an earlier payment; nothing where it offers ways."""
    found = re.search(r'id="paying"[^>]*data-state="(\w+)"', page.content.decode())
    return found[1] if found else ""


def test_while_the_bank_is_silent_no_second_way_is_offered(client, order, acquirer):
    pay_url = f"/orders/{order.order_no}/pay/"
    with silent_about(acquirer, order.payment_no):
        client.post(pay_url, CASHIER)
        page = client.get(pay_url)

    assert (page.status_code, state(page)) == (200, "unknown")
    assert 'name="way"' not in page.content.decode()
    assert f'hx-get="{pay_url}"' in page.content.decode()
    assert len(attempts(order.order_no)) == 1


def test_the_page_goes_on_by_itself_when_the_bank_has_spoken(client, order, acquirer):
    pay_url = f"/orders/{order.order_no}/pay/"
    with silent_about(acquirer, order.payment_no):
        client.post(pay_url, CASHIER)
    ask_again()

    asked = client.get(pay_url, headers={"HX-Request": "true"})
    page = client.get(pay_url)

    assert asked.headers["HX-Redirect"] == pay_url
    assert 'name="way"' in page.content.decode()


def test_money_the_silent_bank_took_is_found_by_the_page(client, order, acquirer):
    pay_url = f"/orders/{order.order_no}/pay/"
    with silent_about(acquirer, order.payment_no):
        client.post(pay_url, CASHIER)
    acquirer.sim_pay(order.payment_no)
    ask_again()

    asked = client.get(pay_url, headers={"HX-Request": "true"})

    assert asked.headers["HX-Redirect"] == f"/orders/{order.order_no}/"
    order.refresh_from_db()
    assert order.status == Status.PAID


def test_another_way_waits_until_the_first_is_surely_closed(client, order, acquirer, resident):
    make_offer()
    card = tie(acquirer, owner=str(resident.pk))
    pay_url, first = f"/orders/{order.order_no}/pay/", order.payment_no
    client.post(pay_url, CASHIER)
    wish = {"way": card, "expected_payable": "19200"}
    with silent_about(acquirer, first):
        told = client.post(pay_url, wish)
        waiting = client.get(told.url)
    opened_meanwhile = len(attempts(order.order_no))
    ask_again()

    asked = client.get(told.url, headers={"HX-Request": "true"})
    page = client.get(told.url)
    client.post(pay_url, wish)

    assert told.url == f"{pay_url}?way={card}"
    assert (state(waiting), opened_meanwhile) == ("closing", 1)
    assert asked.headers["HX-Redirect"] == told.url
    assert page.context["payable_minor"] == 19200  # the way she wished is still chosen
    assert payment_view(first).status == "closed"
    order.refresh_from_db()
    assert (order.status, order.payable_minor) == (Status.PAID, 19200)


def test_a_payment_nobody_is_sure_of_can_be_given_up(client, order, acquirer):
    pay_url = f"/orders/{order.order_no}/pay/"
    with silent_about(acquirer, order.payment_no):
        client.post(pay_url, CASHIER)
        ask_again()
        client.post(pay_url, {"stop": "1"})
        waiting = client.get(pay_url)
    ask_again()
    page = client.get(pay_url)

    assert state(waiting) == "closing"
    assert 'name="stop"' not in waiting.content.decode()
    assert 'name="way"' in page.content.decode()
    assert payment_view(order.payment_no).status == "closed"


def test_a_bank_that_cannot_close_keeps_its_payment(
    client, group, resident, acquirer, settings, monkeypatch
):
    monkeypatch.setitem(ADAPTERS, "plain", "tests.payments.banking.PlainAdapter")
    card = tie(acquirer, owner=str(resident.pk))
    another_account("plain", adapter="plain")
    settings.LINLI_ACQUIRER_ACCOUNT = "plain"
    order = place(fill_worked(group, resident), resident)
    pay_url = f"/orders/{order.order_no}/pay/"
    client.post(pay_url, CASHIER)

    page = client.post(pay_url, {"way": card, "expected_payable": "20800"}, follow=True)

    assert page.status_code == 422
    (attempt,) = attempts(order.order_no)
    assert (attempt.status, attempt.account_code) == ("pending", "plain")
    acquirer.sim_pay(order.payment_no)
    client.get(f"/pay/{order.payment_no}/result/")
    order.refresh_from_db()
    assert order.status == Status.PAID


def test_money_that_comes_after_the_close_goes_back(client, group, resident, acquirer):
    make_offer()
    card = tie(acquirer, owner=str(resident.pk))
    order = place(fill_worked(group, resident), resident)
    first = order.payment_no
    pay_order(order_no=order.order_no, resident_id=resident.pk)
    with acquirer.fault("pay_after_close", number=first, args={"seconds": 0}):
        change_way(
            order_no=order.order_no,
            resident_id=resident.pk,
            wish=Wish(way=card),
            expected_payable=Money(19200),
        )
    order.refresh_from_db()
    second = order.payment_no

    Payment.objects.filter(payment_no=first).update(queried_at=None)
    until(lambda: refresh_payment(first).status == "succeeded" or ask_again(), what="late money")
    (refund,) = refunds_of(first)
    send_refund(refund.refund_no)

    assert (payment_view(second).application, payment_view(first).application) == (
        "applied",
        "surplus",
    )
    assert refund.amount == Money(20800)
    assert acquirer.adapter().query_refund(RefundRef(refund.refund_no, first)).outcome in {
        "succeeded",
        "pending",
    }
    order.refresh_from_db()
    assert (order.status, order.payable_minor) == (Status.PAID, 19200)


def test_when_no_acquirer_is_in_order_the_order_is_kept(client, group, resident, acquirer):
    fill_worked(group, resident)
    take_out("sandbox", by="mei")

    answer = client.post(
        f"/g/{group.share_code}/checkout/",
        {
            "receiver_name": "李小娟",
            "receiver_phone": "13912341234",
            "remark": "",
            "way": "cashier",
            "expected_payable": "20800",
            "idem_key": "one",
        },
    )
    order = OrderFulfilment.objects.get()
    page = client.get(answer.url)
    refused = client.post(f"/orders/{order.order_no}/pay/", CASHIER)
    put_back("sandbox", by="mei")
    paying = client.post(f"/orders/{order.order_no}/pay/", CASHIER)

    assert answer.url == f"/orders/{order.order_no}/"
    assert page.context["order"].can_pay
    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert refused.status_code == 422
    assert item_of(group, 1).held == 1
    assert paying.url.startswith(acquirer.base_url)


def test_another_acquirer_takes_over_what_was_not_sent(client, order, acquirer):
    another_account("second", priority=1)
    take_out("sandbox", by="mei")
    forget_adapters()

    paying = client.post(f"/orders/{order.order_no}/pay/", CASHIER)

    assert paying.url.startswith(acquirer.base_url)
    assert payment_view(order.payment_no).account_code == "second"
    assert AcquirerAccount.objects.get(code="second").payments.count() == 1
