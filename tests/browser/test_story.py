"""The story of the mall in Chromium: chosen, paid with a saving, handed over, earned, paid out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from groupleader.models import SettlementStatement
from mall.ordering.models import OrderFulfilment, Status
from payments.api import now, payment_view
from tests.browser.town import PASSWORD
from tests.waiting import until

# Some forty pages, each held to all rules by light and in the dark.
pytestmark = pytest.mark.timeout(600)


def test_a_resident_saves_sixteen_and_the_leader_is_paid(
    live_mall, town, resident, leader, admin_desk
):
    order = _buy(resident, town)

    leader.go("/leader/")
    leader.sign_in()
    leader.look()
    assert leader.sums()["estimated"] == "¥20.80"
    town.form(live_mall)
    leader.receive(town.group.pk)
    code = _pickup_code(resident, order)
    leader.hand_over(code)
    assert leader.sums()["frozen"] == "¥20.80"
    _see_collected(resident, order)

    _end_window(live_mall, order)
    assert leader.sums()["available"] == "¥20.80"
    admin_desk.sign_in("admin", PASSWORD)
    admin_desk.act("groupleader/leader", "cut_now", town.leader.name)
    statement_no = leader.confirm_statement()
    admin_desk.act("groupleader/settlementstatement", "approve", statement_no)
    admin_desk.act("groupleader/settlementstatement", "pay", statement_no)
    _wait_until_paid(live_mall, statement_no)
    leader.page.reload()
    leader.look()
    statement = SettlementStatement.objects.get()
    assert (statement.gross_minor, statement.status) == (2080, "paid")
    assert leader.sums()["paid"] == "¥20.80"


def _buy(resident, town) -> str:
    page = resident.page
    resident.choose_point(town.group.pickup_point_id)
    resident.look()
    resident.fill_basket(town.items)
    expect(page.locator("#basket-bar .price")).to_contain_text("208")
    resident.look()
    page.locator("#basket-bar a.grow").click()
    page.wait_for_url("**/basket/")
    resident.look()
    resident.check_out()
    resident.look()
    resident.tie_card()
    expect(page.locator("#quote")).to_contain_text("−¥16.00")
    expect(page.locator("#pay-bar button")).to_contain_text("¥192.00")
    resident.look()
    resident.press_pay()
    resident.wait_for_result("paid")
    expect(page.locator("#result")).to_contain_text("−¥16.00")
    resident.look()
    order_no = resident.see_order()
    for amount in ("¥208.00", "−¥16.00", "¥192.00"):
        expect(page.locator("#tenders")).to_contain_text(amount)
    resident.look()
    resident.go("/orders/")
    resident.look()
    order = OrderFulfilment.objects.get()
    assert (order.order_no, order.status) == (order_no, Status.PAID)
    tenders = [part.amount.minor for part in payment_view(order.payment_no).tenders]
    assert sorted(tenders) == [1600, 19200]
    assert sorted(order.lines.values_list("offer_share_minor", flat=True)) == [231, 615, 754]
    assert town.stock() == [(0, 1), (0, 2), (0, 1)]
    return order_no


def _pickup_code(resident, order_no: str) -> str:
    resident.go(f"/orders/{order_no}/")
    resident.look()
    expect(resident.page.locator(".pickup-qr svg")).to_be_visible()
    shown = resident.page.locator(".pickup-code [aria-hidden]").inner_text()
    return shown.replace(" ", "")


def _see_collected(resident, order_no: str) -> None:
    resident.page.reload()
    expect(resident.page.locator(".pickup-code")).to_have_count(0)
    resident.look()
    resident.go("/orders/?tab=done")
    expect(resident.page.locator(f"a[href$='/orders/{order_no}/']").first).to_be_visible()


def _end_window(live_mall, order_no: str) -> None:
    order = OrderFulfilment.objects.filter(order_no=order_no)
    assert order.get().status == Status.COLLECTED
    order.update(window_ends_at=now() - timedelta(seconds=1))
    live_mall.run_jobs("mall.close_orders", "payments.deliver_outbox")


def _wait_until_paid(live_mall, statement_no: str) -> None:
    def is_paid() -> bool:
        live_mall.run_jobs("payments.run_transfers", "payments.deliver_outbox")
        statement = SettlementStatement.objects.get(statement_no=statement_no)
        return statement.status == "paid"

    until(is_paid, 30, "the payout", every=0.3)
