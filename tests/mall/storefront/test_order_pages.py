"""Checking out, paying and cancelling through the pages, with the acquirer running beside."""

from __future__ import annotations

import pytest
from django.test import Client
from oscar.apps.catalogue.models import ProductClass
from oscar.apps.partner.models import StockRecord

from mall.ordering.models import OrderFulfilment, Status
from mall.promotions.lifecycle import pause
from payments.api import Money, payment_view, refunds_of
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.shopping import fill_worked, give_card, make_worked_group, place
from tests.mall.promotions.offers import make_offer
from tests.payments.wallet import tie

pytestmark = pytest.mark.django_db(transaction=True)


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


def _check_out(client: Client, group, **changes: str):
    wish = {
        "receiver_name": "李小娟",
        "receiver_phone": "13912341234",
        "remark": "放门口",
        "way": "cashier",
        "expected_payable": "20800",
        "idem_key": "a-key-of-this-page",
    }
    return client.post(f"/g/{group.share_code}/checkout/", wish | changes)


def test_a_tied_card_pays_208_with_16_from_the_bank(client, group, resident, acquirer):
    make_offer()
    fill_worked(group, resident)
    card = tie(acquirer, owner=str(resident.pk))
    shown = client.get(f"/g/{group.share_code}/checkout/").content.decode()
    assert "192.00" in shown

    answer = _check_out(client, group, way=card, expected_payable="19200")

    order = OrderFulfilment.objects.get()
    assert answer.url == f"/pay/{order.payment_no}/result/"
    result = client.get(answer.url).content.decode()
    assert "192.00" in result
    order.refresh_from_db()
    assert (order.status, order.goods_minor, order.discount_minor, order.payable_minor) == (
        Status.PAID,
        20800,
        1600,
        19200,
    )
    page = client.get(f"/orders/{order.order_no}/").content.decode()
    for figure in ("208.00", "16.00", "192.00", "放门口"):
        assert figure in page


def test_another_amount_than_shown_is_refused_with_the_new_one(client, group, resident):
    fill_worked(group, resident)

    answer = _check_out(client, group, expected_payable="19200")

    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'name="expected_payable" value="20800"' in html
    assert "放门口" in html  # nothing she typed is lost
    assert not OrderFulfilment.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"expected_payable": ""},
        {"expected_payable": "-1"},
        {"expected_payable": "9" * 5000},
        {"way": "somebody-elses-card"},
        {"receiver_phone": "123"},
        {"receiver_name": ""},
    ],
)
def test_what_cannot_be_meant_is_refused_and_places_nothing(client, group, resident, changes):
    fill_worked(group, resident)

    answer = _check_out(client, group, **changes)

    assert answer.status_code == 422
    assert not OrderFulfilment.objects.exists()


def test_goods_sold_out_meanwhile_are_named_and_the_basket_stays(client, group, resident):
    fill_worked(group, resident)
    StockRecord.objects.filter(pk=item_of(group, 1).stockrecord_id).update(num_in_stock=0)

    answer = _check_out(client, group)

    assert answer.status_code == 422
    assert not OrderFulfilment.objects.exists()
    assert client.get(f"/g/{group.share_code}/basket/").context["summary"].quantity == 4


def test_pressing_pay_twice_places_one_order(client, group, resident):
    fill_worked(group, resident)

    first = _check_out(client, group)
    second = _check_out(client, group)

    assert OrderFulfilment.objects.count() == 1
    assert first.status_code == 302
    assert second.status_code in {302, 422}


def test_a_new_card_is_tied_first_and_what_was_typed_is_kept(client, group, resident):
    fill_worked(group, resident)

    answer = _check_out(client, group, way="new_card", receiver_name="王阿姨")
    again = client.get(f"/g/{group.share_code}/checkout/")

    assert answer.url.startswith("/cards/?next=")
    assert 'value="王阿姨"' in again.content.decode()


def test_an_unpaid_order_is_cancelled_at_the_acquirer_and_its_goods_are_free(
    client, group, resident
):
    order = place(fill_worked(group, resident), resident)
    client.post(f"/orders/{order.order_no}/pay/", {"way": "cashier", "expected_payable": "20800"})

    answer = client.post(f"/orders/{order.order_no}/cancel/")

    order.refresh_from_db()
    assert answer.url == f"/orders/{order.order_no}/"
    assert order.status == Status.CANCELLED
    assert payment_view(order.payment_no).status == "closed"
    assert item_of(group, 1).held == 0


def test_a_paid_order_is_given_back_in_full_before_the_cut_off(client, group, resident, acquirer):
    order = place(fill_worked(group, resident), resident)
    client.post(f"/orders/{order.order_no}/pay/", {"way": "cashier", "expected_payable": "20800"})
    acquirer.sim_pay(order.payment_no)
    client.get(f"/pay/{order.payment_no}/result/")
    order.refresh_from_db()
    assert order.status == Status.PAID

    client.post(f"/orders/{order.order_no}/cancel/")

    order.refresh_from_db()
    (refund,) = refunds_of(order.payment_no)
    assert (order.status, refund.status, refund.amount.minor) == (
        Status.REFUNDED,
        "succeeded",
        20800,
    )
    assert item_of(group, 1).sold == 0


def test_another_way_of_payment_closes_the_first_and_saves_16(client, group, resident, acquirer):
    make_offer()
    order = place(fill_worked(group, resident), resident)
    pay_url = f"/orders/{order.order_no}/pay/"
    client.post(pay_url, {"way": "cashier", "expected_payable": "20800"})
    first = OrderFulfilment.objects.get().payment_no
    card = tie(acquirer, owner=str(resident.pk))

    client.post(pay_url, {"way": card, "expected_payable": "19200"})

    order.refresh_from_db()
    assert payment_view(first).status == "closed"
    assert order.payment_no != first
    assert (order.status, order.payable_minor) == (Status.PAID, 19200)


def test_the_pages_quote_what_the_order_will_where_goods_are_not_things(
    client, group, resident, acquirer
):
    make_offer()  # on things only
    ProductClass.objects.update(requires_shipping=False)
    fill_worked(group, resident)
    card = tie(acquirer, owner=str(resident.pk))

    pages = [f"/g/{group.share_code}/{page}" for page in ("", "basket/")]
    bars = [client.get(page).context["basket"].payable_minor for page in pages]
    shown = client.get(f"/g/{group.share_code}/checkout/").context["payable_minor"]
    answer = _check_out(client, group, way=card, expected_payable=str(shown))

    assert (bars, shown, answer.status_code) == ([20800, 20800], 20800, 302)


def test_what_an_order_holds_of_an_offer_stays_good_and_is_what_is_shown(
    client, group, resident, acquirer
):
    offer = make_offer()
    card = tie(acquirer, owner=str(resident.pk))
    order = place(fill_worked(group, resident), resident, way=card, payable=19200)
    pause(offer)

    page = client.get(f"/orders/{order.order_no}/pay/")
    assert page.context["payable_minor"] == 19200
    client.post(f"/orders/{order.order_no}/pay/", {"way": card, "expected_payable": "19200"})

    assert payment_view(order.payment_no).amount == Money(19200)
    order.refresh_from_db()
    assert order.status == Status.PAID


def test_never_more_is_charged_than_the_page_of_an_unpaid_order_showed(
    client, group, resident, acquirer
):
    card = tie(acquirer, owner=str(resident.pk))
    order = place(fill_worked(group, resident), resident, way=card)
    make_offer()  # begins while the order waits

    page = client.get(f"/orders/{order.order_no}/pay/")
    assert page.context["payable_minor"] == 19200
    client.post(f"/orders/{order.order_no}/pay/", {"way": card, "expected_payable": "19200"})

    order.refresh_from_db()
    assert (order.status, order.payable_minor) == (Status.PAID, 19200)
    assert payment_view(order.payment_no).amount == Money(19200)


def test_nobody_sees_pays_or_cancels_anothers_order(group, resident):
    order = place(fill_worked(group, resident), resident)
    give_card(resident)
    stranger = Client()
    stranger.force_login(make_person("别人"))

    answers = [
        stranger.get(f"/orders/{order.order_no}/"),
        stranger.get(f"/orders/{order.order_no}/pay/"),
        stranger.post(f"/orders/{order.order_no}/cancel/"),
        stranger.get(f"/pay/{order.payment_no}/result/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    order.refresh_from_db()
    assert order.status == Status.PENDING_PAYMENT
