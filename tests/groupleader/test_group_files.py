"""A group as a workbook and as text for the chat, and an earlier sale opened once more."""

from __future__ import annotations

import io
import time

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from mall.fulfilment.group_sheets import group_figures, group_paper
from mall.fulfilment.papers.tables import write
from mall.groupbuy.entries import add_entry
from mall.groupbuy.models import Assortment, AssortmentItem, GroupBuy, OwnSale
from mall.ordering.models import OrderFulfilment, Status
from payments.api import transact
from tests.factories.groups import make_product
from tests.groupleader.making import make_leader
from tests.groupleader.neighbourhood import make_led_group, make_neighbours, order_each

pytestmark = pytest.mark.django_db
SECONDS = 3.0


@pytest.fixture
def group():
    return make_led_group()


@pytest.fixture
def client(group) -> Client:
    client = Client()
    client.force_login(group.leader)
    return client


@pytest.fixture
def shelf() -> Assortment:
    """What the mall lets leaders sell on their own."""
    assortment = Assortment.objects.create(name="夏日鲜果")
    product = make_product("荔枝")
    AssortmentItem.objects.create(
        assortment=assortment,
        product=product,
        stockrecord=product.stockrecords.get(),
        cost_minor=1000,
        floor_minor=1200,
        ceiling_minor=1990,
    )
    return assortment


def _page(name: str, *args: object) -> str:
    return reverse(f"groupleader:{name}", args=args)


@pytest.mark.parametrize("orders", [300, pytest.param(2000, marks=pytest.mark.nightly)])
def test_ten_thousand_lines_are_a_workbook_in_under_three_seconds(group, orders):
    order_each(group, make_neighbours(orders), lines=5)
    began = time.process_time()

    file = write(group_paper(group.leader_id, group.pk), "xlsx")

    took = time.process_time() - began
    assert len(file.read()) > orders * 50
    # Of the few lines of the short form half a second is for what does not grow with them.
    assert took < 0.5 + SECONDS * orders / 2000, f"{took:.2f} s"


def test_the_sheets_agree_and_nothing_computes(client, group):
    people = make_neighbours(3, name="=王")
    order_each(group, people[:2], lines=2, remark="=1+1")
    order_each(group, people[2:], status=Status.REFUNDED)
    order = OrderFulfilment.objects.filter(status=Status.REFUNDED).get()
    order.lines.update(refunded_quantity=1, refunded_minor=3000)

    answer = client.get(_page("orders-file", group.pk))
    book = load_workbook(io.BytesIO(answer.getvalue()))

    assert len(book.worksheets) == 3
    by_neighbour, by_item, every_line = (
        list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets
    )
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert [row[4:6] for row in by_neighbour[-4:]] == [(2, 60), (2, 60), (0, 0), (4, 120)]
    assert by_item[-1][2:6] == (5, 1, 4, 120)
    assert len(every_line) - len(by_item) == 5 - 2
    text = " ".join(str(cell.value) for cell in cells)
    assert people[0].phone not in text
    assert people[0].display_name not in text


def test_orders_are_counted_by_how_far_they_are(client, group):
    order_each(group, make_neighbours(1), status=Status.PENDING_PAYMENT)
    order_each(group, make_neighbours(2), status=Status.CONFIRMED)
    order_each(group, make_neighbours(3), status=Status.ARRIVED)
    order_each(group, make_neighbours(1), status=Status.CLOSED)
    order_each(group, make_neighbours(1), status=Status.REFUNDED)

    figures = group_figures(group.leader_id, group.pk)

    assert (figures.unpaid, figures.paid, figures.waiting) == (1, 2, 3)
    assert (figures.collected, figures.refunded) == (1, 1)
    assert client.get(_page("group", group.pk)).context["figures"] == figures


def test_the_chain_is_text_for_the_chat(client, group):
    (person,) = make_neighbours(1, name="王秀兰")
    transact()(add_entry)(
        group_id=group.pk,
        order_no="N1",
        resident=person,
        lines=[("糯玉米", 2)],
        amount_minor=6000,
        remark="三栋",
    )

    text = client.get(_page("group", group.pk), {"by": "chain"}).context["chain_text"]

    assert "1. 王*" in text
    assert "糯玉米" in text
    assert text.endswith(f"/g/{group.share_code}/")
    shared = client.get(_page("share", group.pk)).context
    assert shared["chain_text"] == text
    assert "糯玉米 ¥30" in shared["group"]["share_text"]


def test_the_malls_sale_is_not_hers_to_open_again(client, group):
    assert client.post(_page("again", group.pk)).status_code == 404
    stranger = Client()
    stranger.force_login(make_leader("周明", payee=False).user)
    assert stranger.post(_page("again", group.pk)).status_code == 404
    assert Client().post(_page("again", group.pk)).status_code == 302
    assert client.get(_page("again", group.pk)).status_code == 405
    assert stranger.get(_page("orders-file", group.pk)).status_code == 404


def test_her_own_sale_opens_again_with_the_same_goods_and_new_days(client, group, shelf):
    item = shelf.items.get()
    goods = {"goods": [str(item.product_id)], f"price-{item.product_id}": "15.90"}
    times = {
        "title": "周末鲜果团",
        "when": "tomorrow",
        "points": [group.pickup_point_id],
        "minimum": "people",
        "least": "3",
    }
    client.post(_page("open-goods"), goods)
    client.post(_page("open-times"), times)
    first = OwnSale.objects.get()
    own_group = first.group_buy.groups.get()

    answer = client.post(_page("again", own_group.pk))

    assert answer.url == _page("open-goods")
    assert client.get(answer.url).context["rows"][0]["is_chosen"]
    client.post(_page("open-goods"), goods)
    shown = client.get(_page("open-times")).context["times"]
    assert (shown["title"], shown["least"], shown["points"]) == (
        "周末鲜果团",
        "3",
        [group.pickup_point_id],
    )
    client.post(_page("open-times"), times)
    second = OwnSale.objects.exclude(pk=first.pk).get()
    assert GroupBuy.objects.get(pk=second.group_buy_id).items.get().price_minor == 1590
    assert OwnSale.objects.filter(pk=first.pk).exists()
