"""A day of the mall in Chromium: published, joined, bought, shared out, handed over, put right.

Everything people do they do by buttons and fields of their own pages; only the clock is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from groupleader.models import CommissionAccrual
from mall.aftersales.models import AfterSalesCase
from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment
from mall.promotions.models import BankOffer
from mall.supply.models import PurchaseOrder
from payments.api import local, now, payment_view
from payments.models import Refund
from tests.browser.conftest import SCREEN
from tests.browser.day_people import Counter, Neighbour, Planner, answer_short, deliver
from tests.browser.day_town import SUPPLIER_PHONE, DayTown, broken_rules, make_day_town
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)
TITLE = "周四一日团"


@pytest.fixture
def town(live_mall) -> DayTown:
    """A morning on which nothing is on sale yet."""
    return make_day_town()


@pytest.fixture
def planner(town, live_mall, browser, witness, axe) -> Iterator[Planner]:
    """Staff before a large screen; their pages are watched for errors like everybody's."""
    context = browser.new_context(viewport=SCREEN, locale="zh-CN", timezone_id="Asia/Shanghai")
    witness.watch(context)
    yield Planner(context.new_page(), live_mall, axe)
    context.close()


@pytest.fixture
def telephone(town, live_mall, acquirer, new_context, assert_page_is_sound):
    """``telephone(Neighbour, number)``: each with her own; what one looked at is judged once."""
    seen: set[str] = set()

    def open_telephone(kind, number: str):
        page = new_context().new_page()
        return kind(page, live_mall, acquirer, number, assert_page_is_sound, seen=seen)

    return open_telephone


def test_a_day_from_the_first_click_to_the_last_fen(
    live_mall, town, planner, telephone, new_context, acquirer, witness, assert_page_is_sound
):
    # The sale is published; its leader shares the link; two neighbours order and pay.
    planner.publish(TITLE, point=town.point.name, opens=local(now()))
    group = LeaderGroup.objects.get()
    corn, eggs, fish = GroupBuyItem.objects.order_by("position").values_list("pk", flat=True)
    counter = telephone(Counter, town.leader.user.phone.removeprefix("+86"))
    counter.go("/leader/")
    counter.sign_in()
    link = counter.share_link(group.pk)
    zhang, li = telephone(Neighbour, "13755500001"), telephone(Neighbour, "13755500002")
    of_zhang = zhang.order(link, {corn: 2, eggs: 1})
    of_li = li.order(link, {corn: 1, eggs: 2, fish: 1})
    for amount in ("¥208.00", "−¥16.00", "¥192.00"):
        expect(li.page.locator("#tenders")).to_contain_text(amount)
    assert counter.sums()["estimated"] == "¥31.70"

    # Cut off, bought; the supplier is an egg short, and who goes without is paid back.
    planner.cut_off(TITLE)
    planner.buy()
    supplier = new_context().new_page()
    letter = acquirer.messages(SUPPLIER_PHONE)[0]["body"]
    answer_short(
        supplier,
        re.search(r"http\S+/supplier/\S+/", letter)[0],
        title="土鸡蛋",
        pieces=2,
        because="下雨",
    )
    assert_page_is_sound(supplier)
    assert PurchaseOrder.objects.get().status == "answered_short"
    assert "¥45.23" in planner.share_out()

    # The van comes; a corn is missing; the fish is weighed; bags are filled.
    driver = new_context().new_page()
    deliver(driver, planner.send_van(group.group_buy.pickup_on))
    assert_page_is_sound(driver)
    assert "¥30.00" in counter.receive_short(group.pk)
    counter.weigh(920)
    counter.pack(group.pk, 2)

    # Zhang takes one piece today, Li all of hers; Li's eggs are broken; Zhang comes again.
    code = zhang.pickup_code(of_zhang)
    counter.hand_over_part(code)
    counter.hand_over(li.pickup_code(of_li))
    assert OrderFulfilment.objects.get(order_no=of_zhang).status == "arrived"
    li.complain(of_li, title="土鸡蛋", yuan="12.00", text="破了三只")
    counter.offer("8.00", "破了三只，退八块")
    li.accept_offer()
    counter.hand_over(code)

    _money_arrives(live_mall)
    assert AfterSalesCase.objects.get().status == "refunded"
    li.page.reload()
    expect(li.page.locator("main")).to_contain_text("¥8.00")
    _every_fen_is_where_it_belongs(of_li, of_zhang)
    # Goodwill costs her nothing: 31.70 less an egg's 4.90, a corn's 3.00 and 0.64 of the fish.
    assert counter.sums()["frozen"] == "¥23.16"
    assert broken_rules() == []
    assert witness.errors == []


def _money_arrives(live_mall) -> None:
    def is_all_back() -> bool:
        live_mall.run_jobs("payments.run_refunds", "payments.deliver_outbox")
        return set(Refund.objects.values_list("status", flat=True)) == {"succeeded"}

    until(is_all_back, 30, "the refunds", every=0.2)
    live_mall.run_jobs("payments.deliver_outbox")


def _every_fen_is_where_it_belongs(of_li: str, of_zhang: str) -> None:
    """Li paid 192.00 of 208.00: of each line's money back the bank gets its part, she the rest."""
    backs = LineBack.objects.order_by("pk").values_list(
        "line__order__order_no", "why", "value_minor", "payer_minor"
    )
    assert list(backs) == [
        (of_li, "shortage", 4900, 4523),  # an egg; of both eggs' 7.54 discount half
        (of_zhang, "shortage", 3000, 3000),  # a corn, bought without a discount
        (of_li, "weight", 640, 591),  # 80 g of a kilogram for 80.00, less 8 % of 6.15
        (of_li, "case", 867, 800),  # 8.00 of hers is 8.67 of goods
    ]
    order = OrderFulfilment.objects.get(order_no=of_li)
    assert (order.status, order.refunded_minor) == ("collected", 4523 + 591 + 800)
    given = {str(part.funder): part.amount.minor for part in payment_view(order.payment_no).tenders}
    assert given == {"payer": 19200, "bank": 1600}
    assert BankOffer.objects.get().used_minor == 1600 - (377 + 49 + 67)
    kept = LineFulfilment.objects.order_by("pk").values_list("value_minor", "refunded_minor")
    assert sorted(whole - gone for whole, gone in kept) == [3000, 3000, 4033, 4900, 7360]
    sold = GroupBuyItem.objects.order_by("position").values_list("held", "sold")
    # What was sold stays sold: nobody can buy the pieces that never came.
    assert list(sold) == [(0, 3), (0, 3), (0, 1)]
    frozen = CommissionAccrual.objects.filter(status="frozen").order_by("pk")
    assert sorted(frozen.values_list("amount_minor", flat=True)) == [300, 300, 490, 490, 736]
