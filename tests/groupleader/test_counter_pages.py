"""The leader at her point: board, groups, receiving, handing over; hers only, few queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from groupleader.models import CommissionAccrual, Leader
from mall.groupbuy.models import LeaderGroup, State
from mall.ordering.models import OrderFulfilment
from mall.ordering.paying import pay_order
from payments.api import now
from tests.factories.groups import make_person
from tests.groupleader.making import amounts, make_leader, make_user
from tests.mall.ordering.shopping import fill_worked, make_worked_group, place
from tests.mall.ordering.tying import tie

pytestmark = pytest.mark.django_db(transaction=True)
Buy = Callable[..., OrderFulfilment]


@pytest.fixture
def group(acquirer) -> LeaderGroup:
    """A group for goods of 208.00 whose leader may enter the portal."""
    found = make_worked_group()
    Leader.objects.create(user=found.leader, name="王姐", status=Leader.Status.ACTIVE)
    return found


@pytest.fixture
def leader(client, group) -> Leader:
    """The group's leader, signed in."""
    client.force_login(group.leader)
    return group.leader.leader


@pytest.fixture
def buy(acquirer, group) -> Buy:
    """Somebody orders the worked example and pays by a tied card."""

    def order(name: str = "李小娟") -> OrderFulfilment:
        resident = make_person(name)
        card = tie(resident, acquirer)
        placed = place(fill_worked(group, resident), resident, way=card, payable=20_800)
        pay_order(order_no=placed.order_no, resident_id=resident.pk)
        return OrderFulfilment.objects.get(pk=placed.pk)

    return order


def cut_off(group: LeaderGroup) -> None:
    """The group is over and has formed."""
    LeaderGroup.objects.filter(pk=group.pk).update(state=State.FORMED)
    type(group.group_buy).objects.filter(pk=group.group_buy_id).update(
        state=State.FORMED, formed_at=now()
    )


def counts(client, group: LeaderGroup, **fewer: int) -> dict[str, int]:
    """What the receiving page expects, with some items short by so many."""
    page = client.get(reverse("groupleader:arrival", args=[group.pk]))
    return {
        f"item-{line.item_id}": line.expected - fewer.get(line.title, 0)
        for line in page.context["lines"]
    }


def arrive(client, group: LeaderGroup, **fewer: int) -> Any:
    """Count a delivery in."""
    cut_off(group)
    url = reverse("groupleader:arrival", args=[group.pk])
    return client.post(url, counts(client, group, **fewer))


def test_the_board_shows_what_is_to_be_done(client, leader, group, buy):
    buy()

    page = client.get("/leader/").context

    assert (page["desk"].orders_today, page["desk"].goods_today_minor) == (1, 20_800)
    assert (page["available_minor"], page["expected_minor"]) == (0, 2_080)
    assert [each["group_id"] for each in page["groups"]] == [group.pk]
    assert f"/g/{group.share_code}/" in page["groups"][0]["share_text"]


def test_a_group_by_neighbour_by_item_and_as_a_chain(client, leader, group, buy):
    order = buy("李小娟")
    url = reverse("groupleader:group", args=[group.pk])

    by_neighbour = client.get(url)
    by_item = client.get(url, {"by": "item"})
    chain = client.get(url, {"by": "chain"})

    assert [row.order_no for row in by_neighbour.context["page"]] == [order.order_no]
    assert "李*娟" in by_neighbour.content.decode()
    assert "李小娟" not in by_neighbour.content.decode()
    assert [item.quantity for item in by_item.context["items"]] == [1, 2, 1]
    assert [entry.number for entry in chain.context["entries"]] == [1]


@pytest.mark.parametrize("name", ["group", "arrival"])
def test_another_leaders_group_does_not_exist(client, group, name):
    client.force_login(make_leader("李姐").user)

    assert client.get(reverse(f"groupleader:{name}", args=[group.pk])).status_code == 404
    assert client.post(reverse("groupleader:arrival", args=[group.pk])).status_code == 404


def test_orders_are_found_by_name_phone_and_state(client, leader, group, buy):
    order = buy("李小娟")

    def found(**query: str) -> list[str]:
        page = client.get("/leader/orders/", query).context["page"]
        return [row.order_no for row in page]

    assert found() == [order.order_no]
    assert found(q=order.receiver_phone[-4:]) == [order.order_no]
    assert found(q=order.order_no) == [order.order_no]
    assert found(q="nobody") == []
    assert found(show="waiting") == []
    assert found(show="nonsense") == [order.order_no]


def test_a_delivery_is_counted_in_and_the_bag_handed_over_once(client, leader, group, buy):
    buy()
    answer = arrive(client, group)
    order = OrderFulfilment.objects.get()
    assert answer["Location"] == reverse("groupleader:sorting", args=[group.pk])
    assert (order.status, len(order.pickup_code)) == ("arrived", 6)

    bag = client.post("/leader/scan/", {"code": f"{order.pickup_code[:3]} {order.pickup_code[3:]}"})
    assert bag.context["bag"].order_no == order.order_no
    assert bag.context["bag"].pieces == 4

    url = reverse("groupleader:bag", args=[order.order_no])
    done = client.post(url, {"means": "code"}, headers={"HX-Request": "true"})
    client.post(url, {"means": "code"})
    order.refresh_from_db()
    assert next(each.name for each in done.templates) == "groupleader/parts/bag.html"
    assert (order.status, order.collections.count()) == ("collected", 1)
    assert amounts(leader) == {"frozen": 2_080}

    again = client.post("/leader/scan/", {"code": order.pickup_code})
    assert again.context["bag"].problem
    assert again.context["bag"].can_hand_over is False


def test_what_is_missing_is_counted_and_refused_where_it_makes_no_sense(client, leader, group, buy):
    buy()
    cut_off(group)
    url = reverse("groupleader:arrival", args=[group.pk])
    right = counts(client, group)

    first = next(iter(right))
    for wrong in ({}, *(right | {first: count} for count in ("9999", "-1", "9" * 5000))):
        answer = client.post(url, wrong)
        assert answer.status_code == 409
        assert answer.context["refusal"]
    order = OrderFulfilment.objects.get()
    assert (order.status != "arrived", order.pickup_code) == (True, "")


def test_a_point_that_is_none_is_no_point(client, leader, group):
    answer = client.post("/leader/scan/", {"code": "123456", "point": "9" * 5000})

    assert (answer.status_code, answer.context["point"]) == (200, group.pickup_point_id)


def test_a_hand_over_is_undone_within_five_minutes_only(client, leader, group, buy):
    buy()
    arrive(client, group)
    order = OrderFulfilment.objects.get()
    client.post(reverse("groupleader:bag", args=[order.order_no]))
    undo = reverse("groupleader:undo", args=[order.order_no])

    with time_machine.travel(now() + timedelta(minutes=5, seconds=2)):
        late = client.post(undo)
    assert late.context["refusal"]
    order.refresh_from_db()
    assert order.status == "collected"

    in_time = client.post(undo)
    order.refresh_from_db()
    assert (order.status, in_time.context["bag"].can_hand_over) == ("arrived", True)
    assert amounts(leader) == {"estimated": 2_080}


def test_a_wrong_code_says_how_many_tries_are_left_and_then_locks(client, leader, group):
    said = [client.post("/leader/scan/", {"code": "000000"}).context["refusal"] for _ in range(6)]

    assert "4" in said[0]
    assert len(set(said)) >= 5
    assert client.post("/leader/scan/", {}).context.get("refusal") is None


def test_other_leaders_neither_see_nor_hand_over_nor_undo(client, group, buy):
    buy()
    client.force_login(group.leader)
    arrive(client, group)
    order = OrderFulfilment.objects.get()
    other = make_leader("李姐")
    client.force_login(other.user)

    by_code = client.post("/leader/scan/", {"code": order.pickup_code})
    by_token = client.post("/leader/scan/", {"token": order.pickup_token})
    bag = reverse("groupleader:bag", args=[order.order_no])

    assert (by_code.context.get("bag"), by_token.context.get("bag")) == (None, None)
    assert by_code.context["refusal"]
    assert by_token.context["refusal"]
    assert [client.get(bag).status_code, client.post(bag).status_code] == [404, 404]
    assert client.post(f"{bag}undo/").status_code == 404
    assert list(client.get("/leader/orders/").context["page"]) == []
    order.refresh_from_db()
    assert order.status == "arrived"


def test_what_a_pickup_qr_opens_depends_on_who_scans(client, group, buy):
    buy()
    client.force_login(group.leader)
    arrive(client, group)
    order = OrderFulfilment.objects.get()
    url = f"/p/{order.pickup_token}/"

    assert client.get(url).context["bag"].order_no == order.order_no
    client.force_login(order.resident)
    assert client.get(url)["Location"] == f"/orders/{order.order_no}/"
    client.force_login(make_user("别人"))
    stranger = client.get(url)
    assert stranger.status_code == 200
    assert order.order_no not in stranger.content.decode()
    client.force_login(make_leader("李姐").user)
    assert client.get(url).context.get("bag") is None
    client.logout()
    anonymous = client.get(url)
    assert anonymous.status_code == 200
    assert f"next={url}" in anonymous.content.decode()
    assert client.get("/p/nonsense/").status_code == 200


def test_a_leader_with_two_points_chooses_where_she_stands(client, leader, group, buy):
    buy()
    arrive(client, group)
    order = OrderFulfilment.objects.get()
    point = group.pickup_point
    kept = {field.name: getattr(point, field.name) for field in point._meta.concrete_fields}
    second = type(point).objects.create(**kept | {"id": None, "name": "second point"})

    elsewhere = client.post("/leader/scan/", {"code": order.pickup_code, "point": second.pk})
    here = client.post("/leader/scan/", {"code": order.pickup_code, "point": point.pk})
    remembered = client.post("/leader/scan/", {"code": order.pickup_code})

    assert elsewhere.context["refusal"]
    assert here.context["bag"].order_no == order.order_no
    assert remembered.context["bag"].order_no == order.order_no


PAGES = {
    "/leader/": 17,
    "/leader/orders/": 12,
    "/leader/arrivals/": 8,
    "/leader/scan/": 10,
    "/leader/groups/{group}/": 16,
    "/leader/groups/{group}/?by=item": 13,
    "/leader/groups/{group}/?by=chain": 13,
    "/leader/arrivals/{group}/": 12,
}


def test_the_questions_of_each_page_do_not_grow_with_orders(client, leader, group, buy):
    def asked() -> dict[str, int]:
        counted = {}
        for page in PAGES:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(page.format(group=group.pk)).status_code == 200
            counted[page] = len(queries)
        return counted

    buy("一")
    cut_off(group)
    few = asked()
    for name in ("二", "三"):
        LeaderGroup.objects.filter(pk=group.pk).update(state=State.OPEN)
        type(group.group_buy).objects.filter(pk=group.group_buy_id).update(state=State.OPEN)
        buy(name)
    cut_off(group)

    assert asked() == few
    assert {page: n for page, n in few.items() if n > PAGES[page]} == {}
    assert CommissionAccrual.objects.count() == 9
