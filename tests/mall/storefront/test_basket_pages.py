"""Filling a basket without an account, signing in, and finding it again."""

from __future__ import annotations

import pytest
from django.test import Client

from mall.accounts.models import Consent, User
from mall.groupbuy.models import GroupBasket, LeaderGroup
from tests.factories.groups import (
    item_of,
    make_item_plan,
    make_open_group,
    make_person,
    make_point,
    make_product,
)

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def group() -> LeaderGroup:
    plans = [
        make_item_plan(make_product("糯玉米", stock=5), price_minor=3000),
        make_item_plan(make_product("土鸡蛋"), price_minor=4900, limit_per_resident=2),
    ]
    return make_open_group(items=plans)


def _set(client: Client, group: LeaderGroup, position: int, quantity: object, **extra: str):
    item = item_of(group, position)
    url = f"/g/{group.share_code}/items/{item.pk}/set/"
    return client.post(url, {"quantity": quantity}, **extra)


def _quantities(basket: GroupBasket) -> list[int]:
    return list(basket.basket.lines.order_by("pk").values_list("quantity", flat=True))


def test_a_stranger_fills_a_basket_without_leaving_the_page(group):
    client = Client()

    answer = _set(client, group, 1, 2, **HTMX)

    assert answer.status_code == 200
    html = answer.content.decode()
    assert 'hx-swap-oob="true"' in html
    assert "60" in html
    basket = GroupBasket.objects.get()
    assert basket.user is None
    assert basket.token
    assert _quantities(basket) == [2]


def test_without_scripts_the_same_form_leads_back_to_the_page(group):
    client = Client()

    answer = _set(client, group, 1, 1, HTTP_REFERER=f"http://testserver/g/{group.share_code}/")

    assert answer.status_code == 302
    assert answer.url == f"http://testserver/g/{group.share_code}/"


def test_a_referer_of_another_site_leads_home(group):
    answer = _set(Client(), group, 1, 1, HTTP_REFERER="http://evil.example/")

    assert answer.url == "/"


@pytest.mark.parametrize("quantity", ["", "two", "-1", "100", "1e3"])
def test_nonsense_quantities_change_nothing_and_are_no_server_error(group, quantity):
    client = Client()
    _set(client, group, 1, 1)

    answer = _set(client, group, 1, quantity, **HTMX)

    assert answer.status_code in {200, 400}
    assert _quantities(GroupBasket.objects.get()) == [1]


def test_more_than_is_left_is_refused_with_the_figure_and_the_basket_stays(group):
    client = Client()
    _set(client, group, 1, 3)

    answer = _set(client, group, 1, 6, **HTMX)

    assert "5" in answer.content.decode()
    assert _quantities(GroupBasket.objects.get()) == [3]


def test_two_groups_have_two_baskets_and_neither_empties_the_other(group):
    other = make_open_group(point=make_point("李记便利店"))
    client = Client()
    _set(client, group, 1, 2)

    _set(client, other, 1, 1)

    assert sorted(_quantities(basket)[0] for basket in GroupBasket.objects.all()) == [1, 2]


def _sign_in(client: Client, acquirer, phone: str, goal: str = "/"):
    client.get(f"/sign-in/?next={goal}")
    sent = client.post("/sign-in/", {"phone": phone, "consent": "on", "next": goal})
    assert sent.status_code == 302, sent.content.decode()[:2000]
    return client.post("/sign-in/code/", {"code": acquirer.last_code(phone)})


def test_a_basket_filled_before_signing_in_is_hers_afterwards(group, acquirer):
    client = Client()
    _set(client, group, 1, 2)
    _set(client, group, 2, 1)
    goal = f"/g/{group.share_code}/checkout/"

    entered = _sign_in(client, acquirer, "13912340001", goal)

    assert entered.url == goal
    basket = GroupBasket.objects.get(is_live=True)
    assert basket.user == User.objects.get(phone="+8613912340001")
    assert _quantities(basket) == [2, 1]
    assert Consent.objects.filter(user=basket.user).count() == 2


def test_the_code_page_never_shows_the_code_and_five_wrong_tries_end_it(group, acquirer):
    client = Client()
    client.post("/sign-in/", {"phone": "13912340002", "consent": "on"})
    code = acquirer.last_code("13912340002")
    assert code not in client.get("/sign-in/code/").content.decode()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    tries = [client.post("/sign-in/code/", {"code": wrong}).status_code for _ in range(5)]
    late = client.post("/sign-in/code/", {"code": code})

    assert tries == [422] * 5
    assert late.status_code == 422
    assert "_auth_user_id" not in client.session


def test_signing_in_goes_on_to_our_own_pages_only(group, acquirer):
    entered = _sign_in(Client(), acquirer, "13912340003", "https://evil.example/")

    assert entered.url == "/"


def test_a_point_is_chosen_once_and_home_is_its_group(group):
    client = Client()
    assert client.get("/").url == "/points/"

    chosen = client.post(f"/points/{group.pickup_point_id}/choose/")
    home = client.get("/")

    assert chosen.url == "/"
    assert home.status_code == 200
    assert group.pickup_point.name in home.content.decode()


def test_a_forged_point_cookie_is_no_choice(group):
    client = Client()
    client.cookies["pickup"] = f"{group.pickup_point_id}:forged"

    assert client.get("/").url == "/points/"


@pytest.mark.parametrize("place", ["lat=abc&lng=1", "lat=nan&lng=1", "lat=999&lng=1", "lat=1"])
def test_a_place_that_is_none_shows_all_points(group, place):
    page = Client().get(f"/points/?{place}")

    assert page.status_code == 200
    assert group.pickup_point.name in page.content.decode()


def test_a_group_nobody_opened_is_not_found(group):
    assert Client().get("/g/NOSUCHGR/").status_code == 404


def test_her_pages_are_hers(group):
    stranger = Client()
    for page in ("/orders/", "/cards/", "/me/", f"/g/{group.share_code}/checkout/"):
        assert stranger.get(page).url.startswith("/sign-in/?next=")
    client = Client()
    client.force_login(make_person())
    assert client.get("/orders/M000000000000000000/").status_code == 404
