"""Every page of the shop asks the database a fixed number of questions, whatever it shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from mall.promotions.models import BankOffer
from payments.api import now
from tests.factories.groups import (
    make_item_plan,
    make_open_group,
    make_person,
    make_point,
    make_product,
)
from tests.mall.ordering.shopping import fill, give_card, place
from tests.mall.promotions.offers import make_offer
from tests.mall.storefront.purse import give_purse, give_voucher, make_batch

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
        "more": f"{home}more/",
        "offers": "/offers/",
    }


def test_an_anonymous_group_page_asks_as_much_with_3_or_60_goods(account):
    few, many = _group(3), _group(60)

    asked = [_questions(Client(), _pages(group)["group"]) for group in (few, many)]

    assert asked[0] == asked[1]
    assert asked[0] <= 10


def test_a_signed_in_group_page_asks_as_much_with_3_or_60_goods(account):
    few, many = _group(3), _group(60)

    asked = []
    for group in (few, many):
        client, _resident = _shopper(group, lines=3)
        asked.append(_questions(client, _pages(group)["group"]))

    assert asked[0] == asked[1]
    assert asked[0] <= MOST["group"]


# Vouchers are one question, points two, today's best offer one in a minute; what may not be sold at
# the moment two, her orders in the group one, the room at its point one in three seconds.
MOST = {"group": 24, "product": 24, "basket": 20, "checkout": 25, "more": 26, "offers": 14}


def _offers(count: int) -> None:
    at = now()
    offers = [
        BankOffer(
            code=f"offer-{number}",
            name=f"满{number + 1}减",
            state=BankOffer.State.ACTIVE,
            funder_ref="CCB",
            issuers=["CCB"],
            threshold_minor=10000 + number,
            discount_minor=100 + number,
            most_minor=100 + number,
            resident_day_limit=1,
            day_limit=100,
            starts_at=at - timedelta(days=1),
            ends_at=at + timedelta(days=9),
        )
        for number in range(count)
    ]
    BankOffer.objects.bulk_create(offers)


def _vouchers(resident: User, count: int) -> None:
    for number in range(count):
        fields = {"code": f"batch-{number}", "discount_minor": 100 + number}
        give_voucher(resident, make_batch(**fields))


def test_a_thousand_offers_and_fifty_vouchers_change_no_page(account):
    group = _group(3)
    client, resident = _shopper(group, lines=2)
    give_purse(resident)
    make_offer(threshold_minor=15000)  # within reach of her 120.00: the page that fills the gap
    pages = {which: url for which, url in _pages(group).items() if which in MOST}
    few = {which: _questions(client, url) for which, url in pages.items()}

    _offers(1000)
    _vouchers(resident, 50)
    client.get(pages["offers"])  # the book of offers is read anew once, then known
    many = {which: _questions(client, url) for which, url in pages.items()}

    assert many == few
    assert {which: asked for which, asked in many.items() if asked > MOST[which]} == {}


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

    assert home <= _questions(client, _pages(group)["group"]) + 4


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
    assert wallet[0] <= 7
    assert cashier[0] == cashier[1]
    assert cashier[0] <= 19


def test_her_own_page_asks_little(account):
    client = Client()
    client.force_login(make_person())

    assert _questions(client, "/me/") <= 11
