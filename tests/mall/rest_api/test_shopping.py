"""A resident's app: signing in, filling a basket, ordering, paying, changing her mind."""

from __future__ import annotations

import pytest

from mall.ordering.models import OrderFulfilment, Status
from payments.api import deliver_pending
from tests.factories.crowd import all_at_once
from tests.factories.groups import item_of, make_open_group, make_person
from tests.mall.ordering.tying import tie
from tests.mall.promotions.offers import make_offer
from tests.mall.rest_api.app import App

pytestmark = pytest.mark.django_db(transaction=True)
RECEIVER = {"name": "王阿姨", "phone": "13800138001"}


@pytest.fixture
def group(acquirer):
    return make_open_group()


@pytest.fixture
def wang():
    return make_person("王阿姨", phone="+8613800138001")


@pytest.fixture
def app(wang):
    return App(wang)


def fill(app: App, group: object, quantity: int = 2) -> dict[str, object]:
    return app.put(
        f"/groups/{group.share_code}/basket/{item_of(group).pk}/", {"quantity": quantity}
    ).json()


def order(app: App, group: object, key: str = "", **changes: object) -> object:
    quote = app.get(f"/groups/{group.share_code}/quote/").json()
    wish = {"way": quote["way"], "voucher_no": quote["voucher_no"], "points": quote["points"]}
    body = {
        "wish": wish, "receiver": RECEIVER, "expected_payable_minor": quote["payable_minor"],
    }  # fmt: skip
    return app.post(f"/groups/{group.share_code}/orders/", {**body, **changes}, key=key)


def test_a_telephone_signs_in_with_a_code_and_out_again(acquirer):
    app = App()

    asked = app.post("/sign-in/code/", {"phone": "13800138009"}).json()
    code = acquirer.messages("+8613800138009")[0]["code"]
    given = app.post("/sign-in/", {"request_id": asked["request_id"], "code": code})
    app.token = given.json()["token"]
    me = app.get("/me/")
    out = app.post("/sign-out/")
    after = app.get("/me/")

    assert (me.status_code, me.json()["phone_masked"]) == (200, "138****8009")
    assert (out.status_code, after.status_code) == (204, 401)
    assert after.json()["code"] == "sign_in"


def test_the_whole_way_from_the_group_to_the_bank(app, group, wang, acquirer):
    make_offer()
    card = tie(wang, acquirer)
    shown = App().get(f"/groups/{group.share_code}/").json()
    assert shown["items"][0]["price_minor"] == 3000
    fill(app, group, 8)

    quote = app.get(f"/groups/{group.share_code}/quote/").json()
    placed = order(app, group)
    number = placed.json()["order_no"]
    step = app.post(f"/orders/{number}/pay/").json()
    deliver_pending()

    assert (quote["way"], quote["payable_minor"]) == (card, 24000 - 1600)
    assert placed.status_code == 201
    assert step["kind"] == "done"
    paid = app.get(f"/orders/{number}/").json()
    assert (paid["status"], paid["payable_minor"]) == ("paid", 22400)
    assert app.get("/orders/", status="paid").json()["count"] == 1
    assert app.get("/me/messages/").json()["results"][0]["link"].endswith(f"/{number}/")


def test_a_wish_sent_again_is_one_order_also_eight_times_at_once(app, group):
    fill(app, group)
    body = None

    first = order(app, group, key="checkout-1")
    again = all_at_once([lambda: order_again(app, group, body)] * 4)

    assert {each.json()["order_no"] for each in again} == {first.json()["order_no"]}
    assert OrderFulfilment.objects.count() == 1


def order_again(app: App, group: object, _body: object) -> object:
    """The very same bytes under the very same key."""
    wish = {"way": "cashier", "voucher_no": "", "points": 0}
    body = {"wish": wish, "receiver": RECEIVER, "expected_payable_minor": 6000}
    return App(token=app.token).post(f"/groups/{group.share_code}/orders/", body, key="checkout-1")


def test_the_same_key_for_something_else_is_refused(app, group):
    fill(app, group)
    order(app, group, key="checkout-1")

    other = order(app, group, key="checkout-1", receiver={**RECEIVER, "name": "李姐"})

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


@pytest.mark.parametrize("key", ["", "short", "with space in it", "x" * 81])
def test_a_post_without_a_good_key_is_refused(app, group, key):
    answer = app.client.post(
        f"/api/v1/groups/{group.share_code}/orders/",
        {},
        content_type="application/json",
        headers={"Authorization": f"Bearer {app.token}", "Idempotency-Key": key},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")


def test_what_is_taken_off_goes_back_and_all_of_it_is_a_cancellation(app, group, wang, acquirer):
    tie(wang, acquirer)
    fill(app, group, 3)
    number = order(app, group).json()["order_no"]
    app.post(f"/orders/{number}/pay/")
    deliver_pending()
    line = str(app.get(f"/orders/{number}/").json()["lines"][0]["line_id"])

    less = app.post(f"/orders/{number}/change/", {"quantities": {line: 2}}).json()
    none = app.post(f"/orders/{number}/change/", {"quantities": {line: 0}}).json()

    assert (less["back_minor"], less["is_cancelled"]) == (3000, False)
    assert none["is_cancelled"]
    backs = app.get(f"/orders/{number}/").json()["lines"][0]["backs"]
    assert [back["why"] for back in backs] == ["resident", "resident"]


def test_an_unpaid_order_is_cancelled(app, group):
    fill(app, group)
    number = order(app, group).json()["order_no"]

    cancelled = app.post(f"/orders/{number}/cancel/").json()

    assert cancelled["status"] == Status.CANCELLED


def test_a_changed_price_is_told_in_figures_and_nothing_is_placed(app, group):
    fill(app, group)

    answer = order(app, group, expected_payable_minor=5999)

    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert answer.json()["data"]["payable_minor"] == 6000
    assert not OrderFulfilment.objects.exists()


@pytest.mark.parametrize("path", ["", "pay/", "cancel/", "change/"])
def test_another_ones_order_is_not_there(app, group, path):
    fill(app, group)
    number = order(app, group).json()["order_no"]
    other = App(make_person("李姐"))

    if path:
        answer = other.post(f"/orders/{number}/{path}", {"quantities": {"1": 0}})
    else:
        answer = other.get(f"/orders/{number}/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
