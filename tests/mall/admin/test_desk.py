"""The admin's first page: today's money, what waits, what is open; only for who may see orders."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mall.groupbuy.models import GroupBuy, State
from mall.ordering.models import OrderFulfilment
from payments.api import now
from tests.factories.groups import make_open_group, make_person
from tests.mall.ordering.shopping import fill_worked, make_worked_group, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client() -> Client:
    client = Client()
    client.force_login(make_person("总管", is_staff=True, is_superuser=True, phone=None))
    return client


def _paid(days_ago: int, goods: int, discount: int) -> None:
    resident = make_person()
    order = place(fill_worked(make_worked_group(), resident), resident)
    OrderFulfilment.objects.filter(pk=order.pk).update(
        paid_at=now() - timedelta(days=days_ago),
        goods_minor=goods,
        discount_minor=discount,
        payable_minor=goods - discount,
    )


def test_today_stands_beside_yesterday(admin_client, acquirer):
    _paid(0, 20800, 1600)
    _paid(0, 10000, 0)
    _paid(1, 5000, 500)

    figures = admin_client.get("/admin/").context["figures"]

    assert [figure.value for figure in figures] == ["2", "¥308.00", "¥292.00", "¥16.00"]
    assert "50.00" in figures[1].before
    assert "45.00" in figures[2].before
    assert "5.00" in figures[3].before


def test_what_waits_is_named_and_led_to(admin_client):
    group = make_open_group()
    GroupBuy.objects.filter(pk=group.group_buy_id).update(state=State.FORMED)

    waiting = admin_client.get("/admin/").context["waiting"]

    assert [row.count for row in waiting] == [1]
    assert admin_client.get(waiting[0].url).status_code == 200


def test_who_may_not_see_orders_sees_no_figures():
    client = Client()
    client.force_login(make_person("采购", is_staff=True))

    page = client.get("/admin/")

    assert page.status_code == 200
    assert "figures" not in page.context


def test_the_first_page_asks_as_much_for_one_sale_as_for_five(admin_client):
    asked = []
    for sales in (1, 4):
        for _ in range(sales):
            make_open_group()
        admin_client.get("/admin/")
        with CaptureQueriesContext(connection) as queries:
            admin_client.get("/admin/")
        asked.append(len(queries))

    assert asked[0] == asked[1]
    assert asked[0] <= 20
