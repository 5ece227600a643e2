"""A group that grows from one order to four hundred, of three goods or of sixty, asks no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from groupleader.models import Leader
from mall.groupbuy.models import Entry, LeaderGroup
from mall.ordering.models import OrderFulfilment
from tests.factories.groups import make_item_plan, make_open_group, make_person, make_product
from tests.mall.aftersales.test_recall_at_scale import multiply
from tests.mall.ordering.discounted import money_comes
from tests.mall.ordering.shopping import fill, place
from tests.mall.rest_api.app import App

pytestmark = pytest.mark.django_db
ORDERS = (1, 40, 400)
GOODS = (3, 60)
Look = Callable[[str], object]


def group_of(goods: int) -> tuple[LeaderGroup, OrderFulfilment]:
    """A leader's open group with so many goods, and the first neighbour's paid order of three."""
    plans = [make_item_plan(make_product(f"菜 {n}"), price_minor=3000) for n in range(goods)]
    group = make_open_group(items=plans)
    Leader.objects.create(user=group.leader, name="王姐", status=Leader.Status.ACTIVE)
    resident = make_person("李小娟")
    order = place(fill(group, resident, first=1, second=2, third=1), resident, payable=12000)
    money_comes(order.payment_no)
    fill(group, resident, first=2)
    return group, OrderFulfilment.objects.get(pk=order.pk)


def grow(group: LeaderGroup, order: OrderFulfilment, orders: int) -> None:
    """Let so many neighbours have ordered the same, in the chain and in its counters."""
    entries = Entry.objects.filter(group=group)
    there, first = entries.count(), entries.get(number=1)
    more = orders - there
    multiply(order, more, first=1_000_000 * group.pk + there * 1000)
    values = {
        field.attname: getattr(first, field.attname)
        for field in Entry._meta.concrete_fields
        if field.attname not in {"id", "number", "order_no"}
    }
    Entry.objects.bulk_create(
        Entry(**values, number=number, order_no=f"E{group.pk}-{number}")
        for number in range(there + 1, orders + 1)
    )
    counts = {"joined_count": orders, "order_count": orders, "last_number": orders}
    LeaderGroup.objects.filter(pk=group.pk).update(**counts, quantity=4 * orders)


def looks_at(group: LeaderGroup, order: OrderFulfilment) -> dict[str, tuple[Look, str]]:
    """Everybody who looks at the group, and where."""
    stranger, resident, leader = Client(), Client(), Client()
    resident.force_login(order.resident)
    leader.force_login(group.leader)
    shop, desk = f"/g/{group.share_code}/", f"/leader/groups/{group.pk}/"
    api = f"/groups/{group.share_code}/"
    return {
        "a stranger": (stranger.get, shop),
        "a neighbour with an order and a basket": (resident.get, shop),
        "what moves": (stranger.get, f"{shop}live/"),
        "the chain in an app": (App().get, f"{api}entries/"),
        "the group in an app": (App().get, api),
        "the leader by neighbour": (leader.get, desk),
        "the leader by item": (leader.get, f"{desk}?by=item"),
        "the leader's chain": (leader.get, f"{desk}?by=chain"),
    }


def questions(look: Look, address: str) -> int:
    """Count the queries of an address that nobody looked at for a while."""
    look(address)  # content types, sites and the like are asked for once per process
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        response = look(address)
    assert response.status_code == 200
    return len(asked)


@pytest.mark.parametrize("before", ["9" * 5000, "²", "-1", "0"])
def test_an_impossible_place_in_the_chain_is_the_newest(acquirer, before):
    group, order = group_of(3)
    for look, address in (
        looks_at(group, order)["a stranger"],
        looks_at(group, order)["the leader's chain"],
    ):
        mark = "&" if "?" in address else "?"
        assert look(f"{address}{mark}before={before}").status_code == 200


def test_no_page_of_a_group_asks_more_as_it_grows(acquirer):
    asked = {}
    for goods in GOODS:
        group, order = group_of(goods)
        for orders in ORDERS:
            if orders > 1:
                grow(group, order, orders)
            for who, (look, address) in looks_at(group, order).items():
                asked.setdefault(who, {})[goods, orders] = questions(look, address)

    # How many entries a long chain's text leaves out is one more question, and stays one.
    chain = asked.pop("the leader's chain")
    assert max(chain.values()) - min(chain.values()) <= 1
    growing = {who: counts for who, counts in asked.items() if len(set(counts.values())) > 1}
    assert growing == {}
    assert asked["a stranger"][GOODS[0], 1] <= 10
    assert asked["what moves"][GOODS[0], 1] <= 8
