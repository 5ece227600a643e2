"""Every page of residents and leaders, filled, empty and refused: sound on phone and desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import BrowserContext

from mall.accounts.models import User
from mall.config.demo_data.goods import load_goods
from mall.groupbuy.capturing import paste
from mall.groupbuy.lifecycle import cut_off_now
from mall.groupbuy.models import Assortment, AssortmentItem, LeaderGroup
from mall.ordering.behalf import pay_link_of, place_for
from mall.ordering.paying import pay_order
from mall.pickup.choosing import choose_point
from tests.browser.pages import PHONE
from tests.browser.town import Town
from tests.factories.groups import (
    make_item_plan,
    make_open_group,
    make_person,
    make_point,
    make_product,
)
from tests.groupleader.making import make_leader, make_statement
from tests.mall.fulfilment.test_collecting import arrive, buy
from tests.mall.ordering.shopping import fill, fill_worked, place
from tests.mall.ordering.tying import tie
from tests.mall.storefront.purse import give_purse

pytestmark = pytest.mark.timeout(900)
DESK = {"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN"}
LOOKS = {
    "phone": (PHONE, "0"),
    "phone, large type": (PHONE, "1"),
    "desk": (DESK, "0"),
    "desk, large type": (DESK, "1"),
}
FIRST_PAGE_BYTES = 150 * 1024
REFUSED = "the server responded with a status of 40"


# Each size with one of the two types; `make nightly` looks at the other two as well.
@pytest.fixture(
    params=[
        "phone",
        pytest.param("phone, large type", marks=pytest.mark.nightly),
        pytest.param("desk", marks=pytest.mark.nightly),
        "desk, large type",
    ]
)
def walk(request, browser, live_mall, witness, assert_page_is_sound):
    """``walk(person, addresses)`` looks at each page and tells every fault of all of them."""
    options, elder = LOOKS[request.param]

    def go(person: User | None, addresses: list[str]) -> list[str]:
        faults = []
        with _browser_of(person, browser, live_mall.url, elder=elder, **options) as context:
            witness.watch(context)
            page = context.new_page()
            for address in addresses:
                witness.errors.clear()
                page.goto(f"{live_mall.url}{address}")
                try:
                    assert_page_is_sound(page, expected_errors=(REFUSED,))
                except AssertionError as fault:
                    faults.append(str(fault).partition("\nassert")[0])
        return faults

    return go


@contextmanager
def _browser_of(
    person: User | None, browser, site: str, *, elder: str, **options
) -> Iterator[BrowserContext]:
    context = browser.new_context(**options)
    cookies = {"elder": elder}
    if person:
        client = Client()
        client.force_login(person)
        cookies["sessionid"] = client.cookies["sessionid"].value
    context.add_cookies([{"name": name, "value": v, "url": site} for name, v in cookies.items()])
    yield context
    context.close()


def another_group(town: Town, price_minor: int = 3000) -> LeaderGroup:
    items = [make_item_plan(make_product(f"荔枝{n}"), price_minor=price_minor) for n in range(3)]
    return make_open_group(items=items, point=town.group.pickup_point)


def test_the_pages_of_a_resident_with_orders_cards_and_baskets(walk, town, acquirer):
    arrived = buy(town.group, acquirer, name="李小娟", payable=19200)
    resident = arrived.resident
    arrive(town.group)
    waiting = place(fill_worked(another_group(town), resident), resident, payable=12000)
    fresh, over, near = (another_group(town) for _ in range(3))
    card = tie(resident, acquirer)
    paid = place(fill(fresh, resident, first=1), resident, way=card, payable=3000)
    pay_order(order_no=paid.order_no, resident_id=resident.pk)
    fill(near, resident, first=6)
    give_purse(resident)
    fill(fresh, resident, first=2)
    fill(over, resident, first=1)
    cut_off_now(group_buy_id=over.group_buy_id)
    choose_point(user=resident, point_id=town.group.pickup_point_id)
    item = fresh.group_buy.items.first()

    faults = walk(
        resident,
        [
            "/",
            "/points/",
            "/points/?q=没有这个地方",
            f"/g/{fresh.share_code}/",
            f"/g/{fresh.share_code}/items/{item.pk}/",
            f"/g/{fresh.share_code}/basket/",
            f"/g/{fresh.share_code}/checkout/",
            f"/g/{over.share_code}/",
            f"/g/{over.share_code}/basket/",
            f"/g/{over.share_code}/checkout/",
            "/orders/",
            "/orders/?tab=pay",
            f"/orders/{arrived.order_no}/",
            f"/orders/{paid.order_no}/change/",
            f"/orders/{paid.order_no}/move/",
            f"/orders/{waiting.order_no}/",
            f"/orders/{waiting.order_no}/pay/",
            f"/pay/{arrived.payment_no}/result/",
            f"/pay/{waiting.payment_no}/result/",
            "/cards/",
            "/me/",
            "/offers/",
            f"/g/{near.share_code}/more/",
            f"/g/{near.share_code}/checkout/",
            "/leader/",
            "/orders/M0/",
            "/g/NOWHERE1/",
        ],
    )

    assert faults == []


def test_the_pages_of_somebody_new(walk, town):
    share_code = town.group.share_code
    somewhere_quiet = make_point("村口小卖部")
    newcomer = make_person("新邻居")
    choose_point(user=newcomer, point_id=somewhere_quiet.pk)

    own = ("/", "/orders/", "/cards/", "/me/", "/offers/", "/leader/")
    order = place_for(
        leader=town.leader.user,
        group_id=town.group.pk,
        phone="13800138111",
        name="王阿姨",
        items={town.items[0].pk: 1},
    )
    open_pages = ["/", f"/g/{share_code}/", f"/g/{share_code}/basket/", "/sign-in/", "/offers/"]
    faults = walk(None, [*open_pages, f"/pay-for/{pay_link_of(order)}/", "/pay-for/forged/"])
    faults += walk(newcomer, [*own, f"/g/{share_code}/basket/"])

    assert faults == []


def test_the_pages_of_a_leader_with_groups_bags_and_earnings(walk, town, acquirer):
    order = buy(town.group, acquirer, name="李小娟", payable=19200)
    statement = make_statement(town.leader)
    to_receive = another_group(town)
    buy(to_receive, acquirer, name="张伟", payable=3000, first=1)
    LeaderGroup.objects.filter(pk=to_receive.pk).update(state="formed")
    arrive(town.group)
    group = town.group.pk

    open_group, shelf = another_group(town), Assortment.objects.create(name="夏日鲜果")
    product = make_product("蓝莓")
    AssortmentItem.objects.create(
        assortment=shelf,
        product=product,
        stockrecord=product.stockrecords.get(),
        cost_minor=1000,
        floor_minor=1200,
        ceiling_minor=1990,
    )
    paste(group_id=open_group.pk, leader_id=town.leader.user.pk, text="王阿姨 荔枝0 2份\n大家好")
    ordered = place_for(
        leader=town.leader.user,
        group_id=open_group.pk,
        phone="13800138111",
        name="王阿姨",
        items={open_group.group_buy.items.first().pk: 1},
    )
    own = f"/leader/groups/{open_group.pk}/"

    faults = walk(
        town.leader.user,
        [
            "/leader/",
            "/leader/groups/",
            "/leader/groups/new/",
            own,
            f"{own}share/",
            f"{own}behalf/?q=李",
            f"{own}capture/",
            f"/leader/for-others/{ordered.order_no}/",
            "/leader/orders/",
            "/leader/orders/?show=waiting&q=没有",
            f"/leader/groups/{group}/",
            f"/leader/groups/{group}/?by=item",
            f"/leader/groups/{group}/?by=chain",
            "/leader/arrivals/",
            f"/leader/arrivals/{group}/",
            f"/leader/arrivals/{to_receive.pk}/",
            "/leader/scan/",
            f"/leader/bags/{order.order_no}/",
            "/leader/earnings/",
            "/leader/earnings/?state=available",
            "/leader/statements/",
            f"/leader/statements/{statement.statement_no}/",
            "/leader/account/",
            "/leader/groups/999999/",
        ],
    )

    assert faults == []


def test_the_pages_of_a_leader_who_begins(walk, live_mall):
    leader = make_leader("周明", payee=False)
    names = ("", "orders/", "arrivals/", "scan/", "earnings/", "statements/", "account/")

    assert walk(leader.user, [f"/leader/{name}" for name in names]) == []


def test_the_page_of_our_own_mistake(live_mall, page, assert_page_is_sound):
    body = render_to_string("500.html")
    page.route(
        f"{live_mall.url}/broken/",
        lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"),
    )
    page.goto(f"{live_mall.url}/broken/")

    assert_page_is_sound(page)


def test_the_first_page_of_a_full_shelf_is_light(live_mall, town, page):
    records = load_goods().values()
    items = [
        make_item_plan(record.product, price_minor=3000 + n) for n, record in enumerate(records)
    ]
    group = make_open_group(items=items, point=town.group.pickup_point)
    weights: list[int] = []
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.on("Network.loadingFinished", lambda done: weights.append(done["encodedDataLength"]))

    page.goto(f"{live_mall.url}/g/{group.share_code}/")
    page.wait_for_load_state("networkidle")

    assert page.locator("li.good").count() == len(items) > 60
    assert sum(weights) <= FIRST_PAGE_BYTES
