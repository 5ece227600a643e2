"""A supplier's telephone and the purchase desk, in a real browser: sound in both languages."""

from __future__ import annotations

import os

import pytest
from django.test import Client

from mall.catalogue.batches import add_batch
from mall.supply.answering import Answer, answer
from mall.supply.batches import note_batch
from mall.supply.documents import Counted
from mall.supply.models import PurchaseOrder
from mall.supply.proposals import propose
from mall.supply.receiving import goods_in
from mall.supply.sending import send
from payments.api import business_date
from tests.browser.pages import PHONE
from tests.factories.groups import make_person
from tests.mall.supply.buying import bought

SHOTS = os.environ.get("SUPPLY_SHOTS", "")
DESK = {"width": 1280, "height": 800}


def shoot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.fixture
def orders(live_mall) -> tuple[PurchaseOrder, PurchaseOrder, str]:
    """One order of the cooperative that waits for an answer, one that was delivered."""
    _group, (done, _fish) = bought(first=12, second=2, third=1)
    send(done.purchase_no, by="li")
    keeper = make_person("仓管", is_staff=True)
    counts = {line.pk: Counted(pieces=line.pieces) for line in done.lines.all()}
    goods_in(done.purchase_no, counts, by=keeper, wish_key="k")
    _group, (coop, _fish) = bought(first=12, second=2, third=1)
    path = send(coop.purchase_no, by="li").path
    return coop, done, path


def signed_in(context, live_mall) -> None:
    admin = make_person("采购员", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(admin)
    value = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": value, "url": live_mall.url}])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_suppliers_telephone(live_mall, browser, witness, orders, assert_page_is_sound, locale):
    coop, _done, path = orders
    corn = coop.lines.all()[0]
    propose(coop.supplier, {"title": "甜玉米", "sales_unit": "袋", "cost_minor": 900}, wish_key="w")
    scheme = "dark" if locale == "en-US" else "light"
    context = browser.new_context(**{**PHONE, "locale": locale, "color_scheme": scheme})
    witness.watch(context)
    page = context.new_page()
    pages = {
        "order": "",
        "orders": "?all",
        "batch": f"{coop.purchase_no}/batch/{corn.pk}/",
        "goods": "goods/",
        "wish": f"goods/{corn.product_id}/",
        "statement": "statement/",
        "empty": "statement/?month=2025-01",
    }
    for name, more in pages.items():
        page.goto(f"{live_mall.url}{path}{more}")
        shoot(page, f"{name}-{locale}")
        assert_page_is_sound(page)

    page.goto(f"{live_mall.url}{path}")
    page.locator("details:has(form) > summary").click()
    page.fill(f"#n-{corn.pk}", "9")
    page.locator("details form button").click()
    page.locator("[role=alert]").first.wait_for()
    shoot(page, f"error-{locale}")
    assert_page_is_sound(page, expected_errors=("400",))
    page.fill(f"#why-{corn.pk}", "下雨没采完")
    page.locator("details form button").click()
    page.locator(".tag.sun").first.wait_for()
    shoot(page, f"answered-{locale}")
    assert PurchaseOrder.objects.get(pk=coop.pk).status == "answered_short"

    dead = page.goto(f"{live_mall.url}/supplier/forged/")
    assert dead.status == 404
    shoot(page, f"dead-{locale}")
    assert_page_is_sound(page, expected_errors=("400", "404"))


@pytest.mark.django_db(transaction=True)
def test_the_purchase_desk(live_mall, browser, witness, orders, axe):
    coop, done, _path = orders
    corn = coop.lines.all()[0]
    said = {corn.pk: Answer(can_bring=9, because="下雨没采完", rest_until=business_date())}
    answer(coop.purchase_no, said, by="青禾合作社")
    batch = add_batch(product_id=corn.product_id, supplier_id=coop.supplier_id, batch_no="B-1122")
    note_batch(batch_id=batch.pk, item_id=corn.item_id, by="li")
    wished = {"title": "糯玉米（新）", "cost_minor": 1650}
    change = propose(coop.supplier, wished, wish_key="w", product_id=corn.product_id)
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    witness.watch(context)
    signed_in(context, live_mall)
    page = context.new_page()
    day = coop.deliver_until.astimezone().date()
    pages = {
        "list": "supply/purchaseorder/",
        "board": f"supply/purchaseorder/board/?day={day}",
        "purchase": f"supply/purchaseorder/{coop.pk}/change/",
        "delivered": f"supply/purchaseorder/{done.pk}/change/",
        "suppliers": "mall_catalogue/supplierprofile/",
        "supplier": f"mall_catalogue/supplierprofile/{coop.supplier.profile.pk}/change/",
        "proposals": "supply/productproposal/",
        "proposal": f"supply/productproposal/{change.pk}/change/",
        "documents": "supply/stockdocument/",
        "document": f"supply/stockdocument/{done.documents.get().pk}/change/",
        "take": f"supply/stockdocument/take/?supplier={coop.supplier_id}",
    }
    for name, where in pages.items():
        response = page.goto(f"{live_mall.url}/admin/{where}")
        assert response.status == 200, name
        shoot(page, f"admin-{name}")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, name
        assert page.evaluate("window.__csp || []") == [], name
        found = [rule for rule in axe(page) if any('class="lin' in node for node in rule[2:])]
        assert found == [], name
