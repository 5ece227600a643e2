"""Paying at a screen out of a purse: each acquirer's own protocol, from the choice to the money."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from mall.ordering.models import OrderFulfilment, Status
from payments.api import ensure_dialect_account, payment_view
from payments.models import AcquirerAccount
from tests.acquirer import SandboxAcquirer, own_sandbox
from tests.browser.people import Resident
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)
SCREEN = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "zh-CN",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
}


@pytest.fixture(scope="module")
def polyglot(tmp_path_factory) -> Iterator[SandboxAcquirer]:
    """A bank that speaks every dialect."""
    with own_sandbox(tmp_path_factory.mktemp("polyglot"), "--dialect", "all") as bank:
        yield bank


@pytest.fixture
def at_screen(
    town, live_mall, acquirer, browser, witness, assert_page_is_sound
) -> Iterator[Resident]:
    """A resident who shops at a screen, with goods for 208.00, at the checkout."""
    context = browser.new_context(**SCREEN)
    witness.watch(context)
    page = context.new_page()
    resident = Resident(page, live_mall, acquirer, "13700099001", assert_page_is_sound)
    resident.choose_point(town.group.pickup_point_id)
    resident.fill_basket(town.items)
    resident.check_out()
    yield resident
    context.close()


@pytest.mark.parametrize(
    ("dialect", "purse"),
    [
        ("wechatpay", "wechat"),
        ("alipay", "alipay"),
        ("unionpay", "unionpay"),
        ("ccb", "bank_app"),
    ],
)
def test_a_code_on_the_screen_is_scanned_and_the_order_is_paid(
    polyglot, at_screen, live_mall, settings, dialect, purse
):
    settings.LINLI_SANDBOX_KEYS = polyglot.keys_dir
    ensure_dialect_account(dialect)
    AcquirerAccount.objects.filter(code=dialect).update(priority=9)
    resident = at_screen
    resident.page.reload()

    resident.page.locator(f"label:has(#way-{purse})").click()
    expect(resident.page.locator(f"#way-{purse}")).to_be_checked()
    resident.look()
    resident.press_pay()
    expect(resident.page.locator("#result")).to_have_attribute("data-state", "scan")
    resident.look()
    order = OrderFulfilment.objects.get()
    payment = payment_view(order.payment_no)
    polyglot.told(f"/_sim/pay/{order.payment_no}?merchant={_merchant(dialect)}", {})
    resident.wait_for_result("paid")
    paid = OrderFulfilment.objects.filter(status=Status.PAID)
    until(lambda: live_mall.run_jobs("payments.deliver_outbox") and paid.exists(), 30, "paid order")

    order.refresh_from_db()
    assert (payment.account_code, payment.purse, payment.scene) == (dialect, purse, "native_qr")
    assert (order.status, order.purse) == (Status.PAID, purse)


def _merchant(dialect: str) -> str:
    return AcquirerAccount.objects.get(code=dialect, status="active").merchant_id
