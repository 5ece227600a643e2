"""A leader's app: receiving, handing over, deciding, earning; and nobody else's rows."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from groupleader.models import Leader
from mall.aftersales.models import AfterSalesCase
from mall.ordering.models import OrderFulfilment, Status
from payments.api import deliver_pending
from tests.factories.groups import item_of, make_person
from tests.groupleader.making import make_leader
from tests.mall.aftersales.complaining import collected_order, complain
from tests.mall.fulfilment.day import buy, form
from tests.mall.ordering.shopping import make_worked_group
from tests.mall.rest_api.app import App

pytestmark = pytest.mark.django_db(transaction=True)


def leading(group: object) -> App:
    """The app of a group's leader."""
    Leader.objects.create(user=group.leader, name="王姐", status=Leader.Status.ACTIVE)
    return App(group.leader)


def test_a_delivery_is_received_and_a_bag_handed_over_in_two_visits(acquirer):
    group = make_worked_group()
    app = leading(group)
    order = buy(group, acquirer, first=2, second=1)
    form(group)
    deliver_pending()
    items = app.get(f"/leader/groups/{group.pk}/delivery/").json()["items"]
    counts = {str(item["item_id"]): item["expected"] for item in items}

    before = app.post(
        f"/leader/groups/{group.pk}/delivery/preview/", {"counts": {**counts, first(group): 1}}
    ).json()
    app.post(f"/leader/groups/{group.pk}/delivery/", {"counts": counts})
    order.refresh_from_db()
    point = group.pickup_point_id
    (bag,) = app.get("/leader/bags/", point_id=point, code=order.pickup_code).json()
    line = str(bag["lines"][0]["line_id"])
    some = app.post(
        f"/leader/bags/{order.order_no}/hand-over/", {"pieces": {line: 1}}, key="visit-one"
    )
    again = app.post(
        f"/leader/bags/{order.order_no}/hand-over/", {"pieces": {line: 1}}, key="visit-one"
    )
    app.post(f"/leader/bags/{order.order_no}/hand-over/", {"means": "code"})

    assert before["residents"]
    assert some.json() == again.json()
    assert some.json()["lines"][0]["done"] == 1
    order.refresh_from_db()
    assert order.status == Status.COLLECTED
    undone = app.post(f"/leader/bags/{order.order_no}/undo/", {"reason": "拿错了"})
    assert undone.status_code == 200
    order.refresh_from_db()
    assert order.status == Status.ARRIVED


def first(group: object) -> str:
    return str(item_of(group).pk)


def test_she_orders_for_a_neighbour_who_pays_by_the_link(acquirer, client):
    group = make_worked_group()
    app = leading(group)
    wish = {"phone": "13811112222", "name": "张奶奶", "items": {first(group): 2}}

    placed = app.post(f"/leader/groups/{group.pk}/for-others/", wish, key="for-zhang-1")
    again = app.post(f"/leader/groups/{group.pk}/for-others/", wish, key="for-zhang-1")

    assert placed.status_code == 201
    assert again.json() == placed.json()
    assert OrderFulfilment.objects.count() == 1
    page = client.get(placed.json()["pay_url"].split("/", 3)[-1].join(["/", ""]))
    assert page.status_code == 200


def test_a_case_is_decided_by_the_leader_and_by_no_other(acquirer):
    order = collected_order()
    case = complain(order, quantity=1)
    app = leading(order.group)
    other = App(make_leader("李姐").user)

    assert other.post(f"/leader/cases/{case.case_no}/reject/", {"text": "no"}).status_code == 404
    listed = app.get("/leader/cases/").json()["results"]
    told = app.post(f"/leader/cases/{case.case_no}/approve/", {}).json()

    assert [row["case_no"] for row in listed] == [case.case_no]
    assert told["case"]["is_open"] is True or told["case"]["given_minor"] > 0
    assert AfterSalesCase.objects.get().decided_by == order.leader


def test_her_day_and_her_money(acquirer):
    group = make_worked_group()
    app = leading(group)
    buy(group, acquirer, first=1)
    deliver_pending()

    day = app.get("/leader/day/").json()
    sums = {row["status"]: row["amount_minor"] for row in app.get("/leader/earnings/").json()}
    lines = app.get("/leader/earnings/lines/").json()["results"]

    assert day["desk"]["orders_today"] == 1
    assert sums["estimated"] == 300
    assert [(row["base_minor"], row["amount_minor"]) for row in lines] == [(3000, 300)]
    assert app.get("/leader/statements/").json()["count"] == 0


def _addresses() -> list[str]:
    """Every address for leaders but those to become one, its figures put in later."""
    rows = []
    for each in get_resolver().url_patterns:
        if str(each.pattern) == "api/v1/leader/":
            rows += [f"/leader/{pattern.pattern}" for pattern in each.url_patterns]
    return [row for row in rows if not row.startswith("/leader/application/")]


@pytest.mark.parametrize("address", _addresses())
def test_no_address_shows_or_does_anything_for_somebody_else(address, acquirer):
    order = collected_order()
    case = complain(order, quantity=1)
    leading(order.group)
    path = address
    for name, value in (
        ("<int:group_id>", order.group_id),
        ("<slug:order_no>", order.order_no),
        ("<slug:case_no>", case.case_no),
        ("<slug:statement_no>", "S1"),
        ("<int:bag_id>", 1),
        ("<int:resident_id>", order.resident_id),
        ("<int:note_id>", 1),
        ("<int:point_id>", order.pickup_point_id),
        ("<int:helper_id>", 1),
        ("<int:break_id>", 1),
    ):
        path = path.replace(name, str(value))
    body = {
        "text": "x", "reason": "x", "hours": 1, "counts": {"1": 1}, "items": {"1": 1},
        "phone": "13811112222", "name": "x", "closes_at": "2030-01-01T00:00Z",
    }  # fmt: skip
    resident, other = App(order.resident), App(make_leader("李姐").user)
    is_hers_alone = path != address

    for app, refused in ((resident, {403}), (other, {403, 404, 405} if is_hers_alone else {200})):
        answers = [app.get(path), app.post(path, body)]
        for answer in answers:
            assert answer.status_code in {*refused, 400, 405, 409}, (path, answer.content)
            assert "王*姨" not in answer.content.decode()
    assert AfterSalesCase.objects.get().status == "requested"
    assert App(make_person("路人")).get(path).status_code in {403, 405}
