"""A leader orders for a neighbour who cannot; she pays by a link, without signing in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mall.accounts.errors import InvalidPhoneError
from mall.accounts.models import User
from mall.groupbuy.baskets import find_basket
from mall.groupbuy.errors import ItemGoneError, QuantityError
from mall.groupbuy.shoppers import Shopper
from mall.ordering.behalf import cancel_for, order_of_pay_link, pay_by_link, pay_link_of, place_for
from mall.ordering.errors import (
    EmptyBasketError,
    NoNameError,
    OrderGoneError,
    PayLinkOverError,
    TooManyForOthersError,
    WayRefusedError,
)
from mall.ordering.models import OrderFulfilment, Status
from payments.api import Scene, now, payment_view
from payments.models import OutboxEvent
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import fresh, money_comes
from tests.mall.ordering.selling import make_sale
from tests.mall.ordering.shopping import fill

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]
PHONE = "138 0013 8000"


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


@pytest.fixture
def group():
    (group,) = make_sale({"quota": 10}, {})
    return group


def order_for(group, **changes: object) -> OrderFulfilment:
    wish = {
        "leader": group.leader,
        "group_id": group.pk,
        "phone": PHONE,
        "name": "陈奶奶",
        "items": {item_of(group).pk: 2, item_of(group, 2).pk: 0},
        "remark": "3 栋",
    }
    return place_for(**{**wish, **changes})


def test_both_are_known_and_the_goods_wait_until_the_grace_is_over(group):
    order = order_for(group)

    neighbour = User.objects.get(phone="+8613800138000")
    assert (order.resident, order.placed_by) == (neighbour, group.leader)
    assert (neighbour.display_name, neighbour.has_usable_password()) == ("陈奶奶", False)
    assert (order.receiver_name, order.remark) == ("陈奶奶", "3 栋")
    assert order.expires_at == group.group_buy.pay_until
    assert item_of(group).held == 2
    told = OutboxEvent.objects.get(fact="order.placed").payload
    assert (told["placed_by_id"], told["resident_id"]) == (group.leader_id, neighbour.pk)


def test_she_pays_by_the_link_at_the_cashier(group):
    order = order_for(group)
    token = pay_link_of(order)

    assert order_of_pay_link(token) == order
    step = pay_by_link(token)

    view = payment_view(order.payment_no)
    assert (step.kind, view.scene) == ("redirect", Scene.H5)
    assert view.continue_url.endswith(f"/pay-for/{token}/")
    money_comes(order.payment_no)
    assert fresh(order).status == Status.PAID


def test_a_tied_card_is_not_charged_by_whoever_holds_the_link(group):
    order = order_for(group)
    OrderFulfilment.objects.filter(pk=order.pk).update(agreement_no="A1")

    with pytest.raises(WayRefusedError):
        pay_by_link(pay_link_of(order))


def test_a_forged_link_or_one_for_an_order_of_her_own_opens_nothing(group):
    order = order_for(group)
    token = pay_link_of(order)
    OrderFulfilment.objects.filter(pk=order.pk).update(placed_by=None)

    for wrong in (token, f"{token}x", order.order_no, "", "~"):
        with pytest.raises(OrderGoneError):
            order_of_pay_link(wrong)


def test_her_own_basket_stays_as_it_is(group):
    neighbour = make_person("陈奶奶", phone="+8613800138000")
    fill(group, neighbour, first=1)

    order = order_for(group)

    own = find_basket(shopper=Shopper(user=neighbour), group_id=group.pk)
    assert own.basket.lines.get().quantity == 1
    assert order.basket_id != own.basket_id


def test_the_form_sent_twice_is_one_order(group):
    first, again = order_for(group, idem_key="k"), order_for(group, idem_key="k")

    assert first == again
    assert item_of(group).held == 2


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"phone": "12345"}, InvalidPhoneError),
        ({"name": " \0 "}, NoNameError),
        ({"items": {}}, EmptyBasketError),
        ({"items": {0: 1}}, ItemGoneError),
        ({"items": {10**30: 1}}, ItemGoneError),
        ({"items": {1: 100}}, QuantityError),
        ({"items": {1: -1}}, QuantityError),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused_with_nothing_written(group, changes, error):
    with pytest.raises(error):
        order_for(group, **changes)

    assert not OrderFulfilment.objects.exists()


def test_only_in_a_group_of_her_own_and_only_so_many_unpaid(group, settings):
    settings.LINLI_ORDERS_FOR_OTHERS = 1
    with pytest.raises(OrderGoneError):
        order_for(group, leader=make_person("别的团长"))
    first = order_for(group)

    with pytest.raises(TooManyForOthersError) as refused:
        order_for(group, phone="13800138001")
    assert refused.value.data == {"unpaid": 1}

    with pytest.raises(OrderGoneError):
        cancel_for(leader=make_person("别的团长"), order_no=first.order_no)
    cancel_for(leader=group.leader, order_no=first.order_no)
    order_for(group, phone="13800138001")


def test_a_link_from_long_ago_shows_nothing_any_more(group, client):
    order = order_for(group)
    token = pay_link_of(order)
    month = timedelta(days=30)
    OrderFulfilment.objects.update(expires_at=now() - month + timedelta(minutes=1))
    assert order_of_pay_link(token) == order

    OrderFulfilment.objects.update(expires_at=now() - month - timedelta(minutes=1))

    with pytest.raises(PayLinkOverError):
        order_of_pay_link(token)
    page = client.get(f"/pay-for/{token}/")
    assert page.status_code == 410
    assert "陈" not in page.content.decode()


def test_one_neighbours_telephone_rings_three_times_a_day_whoever_orders(group):
    (other,) = make_sale({}, {})
    for leader_group in (group, other, group):
        order = order_for(
            leader_group, leader=leader_group.leader, items={item_of(leader_group).pk: 1}
        )
        cancel_for(leader=leader_group.leader, order_no=order.order_no)

    for leader_group in (group, other):
        with pytest.raises(TooManyForOthersError) as refused:
            order_for(leader_group, leader=leader_group.leader, items={item_of(leader_group).pk: 1})
        assert refused.value.data["for_her_a_day"] == 3
    order_for(group, phone="13800138001")
