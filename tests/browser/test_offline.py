"""The counter without a connection: bags given, a delivery counted, the page closed; then told."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import expect

from groupleader.models import DeviceAct, DeviceKey
from mall.fulfilment.collecting import collect_order
from mall.fulfilment.models import Arrival, Collection
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import OrderFulfilment
from tests.browser.town import Town
from tests.factories.groups import make_item_plan, make_open_group, make_product
from tests.mall.fulfilment.counter import all_arrived, bought, form
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
NAMES = ("王秀英", "李小娟", "张伟")


@pytest.fixture
def bags(town: Town, acquirer) -> list[OrderFulfilment]:
    """Three neighbours' bags at the point."""
    found = [bought(town.group, acquirer, payable=3000, first=1) for _name in NAMES]
    all_arrived(town.group)
    for order, name in zip(found, NAMES, strict=True):
        OrderFulfilment.objects.filter(pk=order.pk).update(receiver_name=name)
    return [OrderFulfilment.objects.get(pk=order.pk) for order in found]


@pytest.fixture
def delivery(town: Town, bags, acquirer) -> LeaderGroup:
    """Another group's goods that are to be counted in."""
    plan = make_item_plan(make_product("草莓"), price_minor=2500, cost_minor=2000)
    group = make_open_group(items=[plan], point=town.group.pickup_point)
    bought(group, acquirer, name="孙阿姨", payable=2500, first=1)
    form(group)
    return group


@pytest.fixture
def telephone(town, live_mall, new_context):
    """The leader's telephone, signed in."""
    client = Client()
    client.force_login(town.leader.user)
    context = new_context()
    value = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": value, "url": live_mall.url}])
    return context


def open_counter(context, live_mall):
    """Open the counter with a connection until the phone can do without."""
    page = context.new_page()
    page.goto(f"{live_mall.url}/leader/scan/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(lambda: page.evaluate(HAS_DAY), what="the day to be on the phone")
    return page


HAS_DAY = """async () => {
  const day = await self.linli.store.get("day");
  return Boolean(day) && Boolean(await caches.match("/leader/offline/"));
}"""


def give(page, name: str) -> None:
    """Compare the bag that is shown, give it."""
    expect(page.locator("#bag [data-bag=ok] .who")).to_have_text(name)
    page.locator("#bag [data-whole]").click()
    expect(page.locator("#bag [data-bag=done]")).to_be_visible()


def waiting(page, count: int) -> None:
    """The phone says how much is still to be told."""
    line = page.locator("a[data-waiting]")
    if count:
        expect(line.locator("b")).to_have_text(str(count))
    expect(line).to_be_visible(visible=bool(count), timeout=20_000)


def test_a_morning_without_a_connection(telephone, bags, delivery, live_mall, assert_page_is_sound):
    page = open_counter(telephone, live_mall)
    telephone.set_offline(True)
    page.goto(f"{live_mall.url}/leader/scan/")
    expect(page.locator("[data-bags] li")).to_have_count(3)
    assert_page_is_sound(page, expected_errors=("ERR_INTERNET_DISCONNECTED",))

    for order, name in ((bags[0], "王*英"), (bags[1], "李*娟")):
        page.fill("#code", order.pickup_code)
        give(page, name)
    page.locator("[data-bags] li button", has_text="张*").click()
    give(page, "张*")
    waiting(page, 3)
    page.fill(
        "#code",
        str(next(n for n in range(111111, 111999) if str(n) not in {b.pickup_code for b in bags})),
    )
    expect(page.locator("#bag [data-bag=stop]")).to_be_visible()

    page.locator("[data-opens-part=deliveries]").click()
    page.locator("[data-deliveries] button").click()
    page.locator("[data-keep]").click()
    waiting(page, 4)
    assert_page_is_sound(page, expected_errors=("ERR_INTERNET_DISCONNECTED",))
    assert not Collection.objects.exists()
    page.close()

    page = telephone.new_page()
    page.goto(f"{live_mall.url}/leader/offline/")
    waiting(page, 4)
    expect(page.locator("[data-bags] li")).to_have_count(1)
    telephone.set_offline(False)
    waiting(page, 0)

    assert {visit.means for visit in Collection.objects.all()} == {"code", "list"}
    assert OrderFulfilment.objects.filter(status="collected").count() == 3
    assert Arrival.objects.filter(group=delivery).count() == 1
    assert list(DeviceAct.objects.order_by("seq").values_list("end", flat=True)) == ["done"] * 4


CHANGE = """async () => {
  const act = (await self.linli.store.queue()).at(-1);
  act.text = act.text.replace('"means":"code"', '"means":"scan"');
  await self.linli.store.keep(act);
}"""


def test_what_clashed_is_dealt_with_and_what_was_changed_is_refused(
    telephone, town, bags, live_mall, assert_page_is_sound
):
    page = open_counter(telephone, live_mall)
    telephone.set_offline(True)
    page.goto(f"{live_mall.url}/leader/offline/")
    for n, name in enumerate(("王*英", "李*娟", "张*")):
        page.fill("#code", bags[n].pickup_code)
        give(page, name)
        if n == 1:
            page.evaluate(CHANGE)
    waiting(page, 3)
    collect_order(order_no=bags[0].order_no, by=town.staff)
    telephone.set_offline(False)

    page.locator("[data-opens-part=queue]").click()
    expect(page.locator("[data-acts] li")).to_have_count(1, timeout=20_000)
    expect(page.locator("[data-acts] [data-refused]")).to_be_visible()
    assert DeviceKey.objects.get().refused >= 1
    ends = [(act.end, act.reason) for act in DeviceAct.objects.order_by("seq")]
    assert ends == [("conflict", "collected"), ("done", "")]
    rows = OrderFulfilment.objects.order_by("pk").values_list("status", flat=True)
    assert list(rows) == ["collected", "arrived", "collected"]
    page.locator("[data-put-away]").click()
    waiting(page, 0)

    page.locator("a[data-conflicts]").click()
    page.wait_for_url("**/leader/conflicts/")
    expect(page.locator("main")).to_contain_text(town.staff.display_name)
    assert_page_is_sound(page, expected_errors=("ERR_INTERNET_DISCONNECTED",))
    page.locator("form[action*='/conflicts/'] button").click()
    expect(page.locator("main .tag.leaf")).to_be_visible()
    expect(page.locator("a[data-conflicts]")).to_be_hidden()
    assert DeviceAct.objects.get(end="conflict").settled_by == town.leader.user


LIES_HERE = """() => new Promise((done) => {
  const asked = indexedDB.open("linli-counter");
  asked.onsuccess = () => {
    const all = asked.result.transaction("things").objectStore("things").getAllKeys();
    all.onsuccess = () => done(all.result.filter((key) => !String(key).startsWith("phone:")));
  };
})"""


def test_signing_out_leaves_nobodys_day_on_the_phone(telephone, bags, live_mall):
    page = open_counter(telephone, live_mall)
    assert "day" in page.evaluate(LIES_HERE)

    page.goto(f"{live_mall.url}/me/")
    with page.expect_navigation():
        page.locator("form[data-leaves] button").click()

    assert not {"day", "since", "user"} & set(page.evaluate(LIES_HERE))
