"""Every page of the shop asks the database a fixed number of questions, whatever it shows."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from mall.promotions.models import BankOffer
from tests.factories.groups import (
    make_item_plan,
    make_open_group,
    make_person,
    make_point,
    make_product,
)
from tests.mall.ordering.shopping import fill, give_card, place
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(acquirer):
    """Ways of payment need an acquirer's account."""
    return acquirer


def _group(goods: int) -> LeaderGroup:
    plans = [make_item_plan(make_product(f"糯玉米 {n}"), price_minor=3000) for n in range(goods)]
    return make_open_group(items=plans)


def _questions(client: Client, url: str) -> int:
    """Count the queries of a page that nobody has looked at for a while."""
    client.get(url)  # content types, sites and the like are asked for once per process
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        response = client.get(url)
    assert response.status_code == 200
    return len(asked)


def _shopper(group: LeaderGroup, lines: int = 1) -> tuple[Client, User]:
    resident = make_person()
    give_card(resident)
    names = ("first", "second", "third")[:lines]
    fill(group, resident, **dict.fromkeys(names, 2))
    client = Client()
    client.force_login(resident)
    return client, resident


def _pages(group: LeaderGroup) -> dict[str, str]:
    item = group.group_buy.items.first()
    home = f"/g/{group.share_code}/"
    return {
        "group": home,
        "product": f"{home}items/{item.pk}/",
        "basket": f"{home}basket/",
        "checkout": f"{home}checkout/",
    }


def test_an_anonymous_group_page_asks_at_most_eight_questions_with_3_or_60_goods(account):
    few, many = _group(3), _group(60)

    asked = [_questions(Client(), _pages(group)["group"]) for group in (few, many)]

    assert asked[0] == asked[1]
    assert asked[0] <= 8


def test_a_signed_in_group_page_asks_at_most_twelve_questions_with_3_or_60_goods(account):
    few, many = _group(3), _group(60)

    asked = []
    for group in (few, many):
        client, _resident = _shopper(group, lines=3)
        asked.append(_questions(client, _pages(group)["group"]))

    assert asked[0] == asked[1]
    assert asked[0] <= 12


@pytest.mark.parametrize(
    ("which", "most"), [("group", 12), ("product", 14), ("basket", 12), ("checkout", 14)]
)
def test_the_number_of_offers_changes_no_page(account, which, most):
    group = _group(3)
    client, _resident = _shopper(group)
    url = _pages(group)[which]
    without = _questions(client, url)

    for number in range(40):
        make_offer(code=f"offer-{number}", state=BankOffer.State.ACTIVE)
    with_forty = _questions(client, url)

    assert with_forty <= without + 2  # the book of offers is read anew once, then known
    assert _questions(client, url) <= most


def test_an_orders_page_and_the_list_do_not_grow_with_lines_or_orders(account):
    list_asked, page_asked = [], []
    for orders in (1, 4):
        resident = make_person()
        client = Client()
        client.force_login(resident)
        for _ in range(orders):
            group = _group(3)
            names = ("first", "second", "third")[: min(orders, 3)]
            basket = fill(group, resident, **dict.fromkeys(names, 1))
            order = place(basket, resident, payable=3000 * len(names))
        list_asked.append(_questions(client, "/orders/"))
        page_asked.append(_questions(client, f"/orders/{order.order_no}/"))

    assert list_asked[0] == list_asked[1]
    assert list_asked[0] <= 8
    assert page_asked[0] == page_asked[1]
    assert page_asked[0] <= 12


def test_the_points_page_does_not_grow_with_points():
    asked = []
    for points in (1, 9):
        for number in range(points):
            make_point(f"自提点 {points}-{number}")
        asked.append(_questions(Client(), "/points/"))

    assert asked[0] == asked[1]
    assert asked[0] <= 4


def test_home_costs_one_question_more_than_its_group(account):
    group = _group(3)
    client, _resident = _shopper(group)
    client.post(f"/points/{group.pickup_point_id}/choose/")

    home = _questions(client, "/")

    assert home <= _questions(client, _pages(group)["group"]) + 3


def test_wallet_and_cashier_do_not_grow_with_cards(account):
    wallet, cashier = [], []
    for cards in (1, 4):
        resident = make_person()
        for _ in range(cards):
            give_card(resident)
        group = _group(3)
        order = place(fill(group, resident, first=1), resident, payable=3000)
        client = Client()
        client.force_login(resident)
        wallet.append(_questions(client, "/cards/"))
        cashier.append(_questions(client, f"/orders/{order.order_no}/pay/"))

    assert wallet[0] == wallet[1]
    assert wallet[0] <= 4
    assert cashier[0] == cashier[1]
    assert cashier[0] <= 12


def test_her_own_page_asks_little(account):
    client = Client()
    client.force_login(make_person())

    assert _questions(client, "/me/") <= 6
