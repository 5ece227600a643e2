"""The leader's groups: opened, shared, prolonged, ordered in for others, read out of a chat."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from groupleader.models import Leader
from mall.groupbuy.capturing import inboxes_of, paste
from mall.groupbuy.models import (
    Assortment,
    AssortmentItem,
    CaptureLine,
    GroupBuy,
    LeaderGroup,
    OwnSale,
)
from mall.ordering.models import OrderFulfilment, Status
from payments.api import business_date, now
from tests.factories.groups import item_of, make_person, make_point, make_product
from tests.groupleader.making import make_leader
from tests.mall.ordering.shopping import fill, make_worked_group, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(acquirer) -> LeaderGroup:
    found = make_worked_group()
    Leader.objects.create(user=found.leader, name="王姐", status=Leader.Status.ACTIVE)
    return found


@pytest.fixture
def client(group) -> Client:
    client = Client()
    client.force_login(group.leader)
    return client


@pytest.fixture
def shelf() -> Assortment:
    assortment = Assortment.objects.create(name="夏日鲜果")
    for title in ("荔枝", "蓝莓"):
        product = make_product(title)
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


def _tick(shelf: Assortment, *, price: str = "15.90") -> dict[str, object]:
    keys = [str(item.product_id) for item in shelf.items.order_by("pk")]
    return {"goods": keys, **{f"price-{key}": price for key in keys}}


def _times(point_id: int, **changes: object) -> dict[str, object]:
    day = business_date() + timedelta(days=2)
    return {
        "title": "周末鲜果团",
        "when": "own",
        "opens": "2026-01-01T08:00",
        "closes": f"{day}T22:00",
        "pickup": f"{day + timedelta(days=1)}",
        "from": "16:00",
        "until": "20:00",
        "points": [point_id],
        "minimum": "people",
        "least": "3",
    } | changes


def _open(client: Client, group: LeaderGroup, shelf: Assortment, **changes: object):
    client.post(_page("open-goods"), _tick(shelf))
    return client.post(_page("open-times"), _times(group.pickup_point_id, **changes))


def test_three_steps_open_a_group_that_keeps_to_the_assortment(client, group, shelf):
    written = _open(client, group, shelf)
    sale = OwnSale.objects.get()
    assert written.url == _page("own-sale", sale.pk)
    (code,) = sale.group_buy.groups.values_list("share_code", flat=True)
    preview = client.get(f"/g/{code}/preview/")
    assert "荔枝" in preview.content.decode()

    published = client.post(_page("own-sale", sale.pk))

    assert published.url == _page("groups")
    row = GroupBuy.objects.get(pk=sale.group_buy_id)
    assert (row.state, row.owner) == ("scheduled", group.leader)
    assert list(row.items.values_list("price_minor", flat=True)) == [1590, 1590]
    assert row.groups.get().minimum_value == 3
    assert "周末鲜果团" in client.get(_page("groups")).content.decode()


def test_a_price_above_the_ceiling_waits_for_the_mall(client, group, shelf):
    client.post(_page("open-goods"), _tick(shelf, price="25"))
    client.post(_page("open-times"), _times(group.pickup_point_id))
    sale = OwnSale.objects.get()

    client.post(_page("own-sale", sale.pk))

    sale.refresh_from_db()
    assert sale.state == "submitted"
    assert sale.group_buy.state == "draft"


@pytest.mark.parametrize("price", ["11.99", "", "abc", "-5", "1e9", "0", "15.999"])
def test_a_price_below_the_floor_or_none_stays_on_the_first_step(client, shelf, price):
    answer = client.post(_page("open-goods"), _tick(shelf, price=price))

    assert answer.status_code == 422
    assert answer.context["rows"][0]["is_chosen"]
    assert not OwnSale.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"points": []},
        {"points": [999_999]},
        {"least": ""},
        {"closes": "2020-01-01T10:00"},
        {"closes": "soon"},
        {"pickup": "2020-01-01"},
        {"from": "20:00", "until": "16:00"},
        {"title": "长" * 81},
    ],
)
def test_times_that_cannot_be_meant_stay_on_the_second_step(client, group, shelf, wrong):
    answer = _open(client, group, shelf, **wrong)

    assert answer.status_code == 422
    assert answer.context["refusal"]
    assert not OwnSale.objects.exists()


def test_a_draft_is_gone_on_with_and_stays_one(client, group, shelf):
    _open(client, group, shelf)
    sale = OwnSale.objects.get()

    again = client.get(f"{_page('open-goods')}?sale={sale.pk}")
    assert all(row["is_chosen"] for row in again.context["rows"])
    client.post(_page("open-goods"), _tick(shelf, price="13"))
    client.post(_page("open-times"), _times(group.pickup_point_id, title="改名"))

    assert OwnSale.objects.count() == 1
    assert GroupBuy.objects.get(pk=sale.group_buy_id).title == "改名"


def test_a_new_group_never_writes_over_one_she_left_unfinished(client, group, shelf):
    _open(client, group, shelf)
    sale = OwnSale.objects.get()
    client.get(f"{_page('open-goods')}?sale={sale.pk}")

    client.get(f"{_page('open-goods')}?new=1")
    _open(client, group, shelf, title="另一个团")

    assert OwnSale.objects.count() == 2
    assert GroupBuy.objects.get(pk=sale.group_buy_id).title == "周末鲜果团"


def test_without_an_assortment_the_page_says_whom_to_ask(client):
    assert "data-once" not in client.get(_page("open-goods")).content.decode()
    assert client.get(_page("open-times")).url == _page("open-goods")


def test_others_groups_sales_and_orders_are_not_there(client, group, shelf):
    other = make_leader("周明")
    make_point("别的点", leader=other.user)
    stranger = Client()
    stranger.force_login(other.user)
    _open(client, group, shelf)
    sale, pk = OwnSale.objects.get(), group.pk
    client.post(_page("behalf", pk), _for_other(group))
    order = OrderFulfilment.objects.get()
    pages = [
        ("share", pk),
        ("behalf", pk),
        ("capture", pk),
        ("orders-file", pk),
        ("own-sale", sale.pk),
        ("for-other", order.order_no),
    ]

    assert [stranger.get(_page(*page)).status_code for page in pages] == [404] * len(pages)
    assert stranger.post(_page("prolong", pk), {"hours": 1}).status_code == 404
    assert stranger.post(_page("cancel-for-other", order.order_no)).status_code == 404
    assert stranger.get(f"{_page('open-goods')}?sale={sale.pk}").status_code == 404
    assert Client().get(_page("groups")).url.startswith("/sign-in/")


def test_what_nobody_paid_she_cancels_again(client, group):
    client.post(_page("behalf", group.pk), _for_other(group))
    order = OrderFulfilment.objects.get()

    answer = client.post(_page("cancel-for-other", order.order_no))

    assert answer.url == _page("for-other", order.order_no)
    order.refresh_from_db()
    assert order.ended_because == "resident"
    assert client.get(answer.url).status_code == 200


def test_a_leader_prolongs_her_own_group_once(client, group):
    before = GroupBuy.objects.get(pk=group.group_buy_id).closes_at

    client.post(_page("prolong", group.pk), {"hours": "2"})
    client.post(_page("prolong", group.pk), {"hours": "2"})
    client.post(_page("prolong", group.pk), {"hours": "9999"})

    assert GroupBuy.objects.get(pk=group.group_buy_id).closes_at == before + timedelta(hours=2)


def test_the_share_page_has_posters_and_texts(client, group):
    page = client.get(f"{_page('share', group.pk)}?item={item_of(group).pk}")

    assert "kind=item" in page.context["poster_url"]
    assert not page.context["arrived_url"]
    LeaderGroup.objects.filter(pk=group.pk).update(state="arrived")
    assert client.get(_page("share", group.pk)).context["arrived_url"]


def _for_other(group: LeaderGroup, **changes: object) -> dict[str, object]:
    item = item_of(group)
    wish = {"name": "王阿姨", "phone": "13800138111", "idem_key": "one", f"item-{item.pk}": "2"}
    return wish | changes


def test_an_order_for_a_neighbour_has_both_names_and_a_link(client, group):
    first = client.post(_page("behalf", group.pk), _for_other(group))
    again = client.post(_page("behalf", group.pk), _for_other(group))

    order = OrderFulfilment.objects.get()
    assert first.url == again.url == _page("for-other", order.order_no)
    assert (order.placed_by, order.resident.phone) == (group.leader, "+8613800138111")
    page = client.get(first.url)
    assert page.context["order"]["waits"]
    assert Client().get(page.context["order"]["url"].partition("testserver")[2] or "/").status_code
    assert "13800138111" not in page.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"phone": "12"}, {"name": ""}, {"idem_key": "x", "name": "   "}, {"phone": "9" * 99}]
)
def test_what_is_missing_is_said_and_the_form_stays_filled(client, group, wrong):
    answer = client.post(_page("behalf", group.pk), _for_other(group, **wrong))

    assert answer.status_code == 422
    assert answer.context["refusal"]
    assert answer.context["goods"][0]["quantity"] == 2
    assert not OrderFulfilment.objects.exists()


def test_nothing_chosen_and_too_many_are_refused(client, group):
    key = f"item-{item_of(group).pk}"

    for quantity in ("0", "100", "x", "9" * 60):
        wish = _for_other(group) | {key: quantity}
        assert client.post(_page("behalf", group.pk), wish).status_code == 422

    assert not OrderFulfilment.objects.exists()


def test_a_neighbour_is_found_by_digits_and_ordered_for_without_her_number(client, group):
    known = make_person("李小娟")
    place(fill(group, known, first=1), known, payable=3000)
    tail = OrderFulfilment.objects.get().receiver_phone[-4:]

    page = client.get(f"{_page('behalf', group.pk)}?q={tail}")
    (found,) = page.context["found"]
    chosen = client.get(f"{_page('behalf', group.pk)}?neighbour={found.resident_id}")
    wish = _for_other(group, neighbour=found.resident_id, phone="", name="")
    client.post(_page("behalf", group.pk), wish)

    assert "+8613800138000" not in page.content.decode() + chosen.content.decode()
    assert OrderFulfilment.objects.filter(placed_by=group.leader).count() == 1
    stranger = make_person()
    refused = _for_other(group, neighbour=stranger.pk, phone="", idem_key="two")
    assert client.post(_page("behalf", group.pk), refused).status_code == 422


@pytest.mark.parametrize("query", ["0", "12", "%", "没有这个人", "'; --", "９９９９"])
def test_a_search_that_finds_nobody_is_an_empty_list(client, group, query):
    page = client.get(_page("behalf", group.pk), {"q": query})

    assert page.context["found"] == []


def _lines(group: LeaderGroup, text: str) -> list[CaptureLine]:
    paste(group_id=group.pk, leader_id=group.leader_id, text=text)
    return list(CaptureLine.objects.order_by("position"))


def test_a_chat_is_pasted_and_each_line_waits_for_her(client, group):
    text = "1. 王阿姨 +2 糯玉米 3栋\n大家晚上好"

    answer = client.post(_page("capture", group.pk), {"text": text})
    page = client.get(answer.url)

    (inbox,) = page.context["inboxes"]
    assert inbox["waiting"] == len(inbox["lines"])
    assert inbox["lines"][0]["items"][0]["quantity"] == 2
    assert not OrderFulfilment.objects.exists()


def test_a_corrected_line_becomes_one_order_however_often_it_is_pressed(client, group):
    (line,) = _lines(group, "王阿姨 糯玉米 2份")
    wish = {
        "group": group.pk,
        "name": "王阿姨",
        "phone": "13800138111",
        f"item-{item_of(group).pk}": "3",
        f"more-{item_of(group, 2).pk}": "1",
    }

    for _press in range(2):
        client.post(_page("capture-line", line.pk), wish)

    order = OrderFulfilment.objects.get()
    assert order.goods_minor == 3 * 3000 + 4900
    line.refresh_from_db()
    assert (line.state, line.order_no) == ("confirmed", order.order_no)


def test_a_line_without_a_number_stays_with_what_she_typed(client, group):
    (line,) = _lines(group, "王阿姨 糯玉米 2份")
    wish = {"group": group.pk, "name": "王阿姨", "phone": "", f"item-{item_of(group).pk}": "4"}

    client.post(_page("capture-line", line.pk), wish)

    line.refresh_from_db()
    assert line.state == "draft"
    assert list(line.items.values()) == [4]
    assert not OrderFulfilment.objects.exists()


def test_what_is_no_order_is_put_aside_and_taken_up_again(client, group):
    (line,) = _lines(group, "大家晚上好 糯玉米 1份")

    client.post(_page("capture-line", line.pk), {"group": group.pk, "drop": "1"})
    line.refresh_from_db()
    assert line.state == "dropped"
    client.post(_page("capture-line", line.pk), {"group": group.pk, "again": "1"})
    line.refresh_from_db()

    assert line.state == "draft"


def test_nobody_decides_anothers_line(group):
    (line,) = _lines(group, "王阿姨 糯玉米 2份")
    other = make_leader("周明")
    stranger = Client()
    stranger.force_login(other.user)

    for fields in ({"group": group.pk}, {"group": "0"}, {}, {"group": "x"}):
        answer = stranger.post(_page("capture-line", line.pk), fields | {"drop": "1"})
        assert answer.status_code == 404
    line.refresh_from_db()
    assert line.state == "draft"


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001])
def test_nothing_or_a_novel_is_no_chat(client, group, text):
    assert client.post(_page("capture", group.pk), {"text": text}).status_code == 422


def test_the_spreadsheet_masks_names_and_phones_and_computes_nothing(client, group):
    resident = make_person("李小娟")
    order = place(fill(group, resident, first=1), resident, payable=3000)
    OrderFulfilment.objects.filter(pk=order.pk).update(
        status=Status.PAID, paid_at=now(), remark="=1+1"
    )

    response = client.get(_page("orders-file", group.pk))

    book = load_workbook(io.BytesIO(response.getvalue()))
    sheet = book.worksheets[0]
    header, row, _total = list(sheet.iter_rows(values_only=True))[-3:]
    assert len(header) == len(row)
    text = " ".join(str(cell.value) for each in book for row in each.iter_rows() for cell in row)
    assert "李小娟" not in text
    assert "13800138000" not in text
    assert "8000" in text
    assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)


def test_pages_ask_a_fixed_number_of_questions(client, group):
    asked = []
    for lines in (1, 30):
        text = "\n".join(f"{n}. 王阿姨{n} 糯玉米 2份 {lines}" for n in range(lines))
        paste(group_id=group.pk, leader_id=group.leader_id, text=text)
        counts = []
        for name in ("group", "share", "behalf", "capture", "groups"):
            args = () if name == "groups" else (group.pk,)
            client.get(_page(name, *args))
            with CaptureQueriesContext(connection) as counted:
                assert client.get(_page(name, *args)).status_code == 200
            counts.append(len(counted))
        asked.append(counts)

    assert asked[0] == asked[1]
    assert max(asked[0]) <= 16
    assert len(inboxes_of(group_id=group.pk, leader_id=group.leader_id)) == 2
