"""Staff keep goods on one page; stock that orders move is never written over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from oscar.apps.catalogue.models import Category, Product
from oscar.apps.partner.models import Partner, StockRecord

from mall.catalogue.batches import add_batch
from mall.catalogue.costs import cost_of, set_cost
from mall.catalogue.models import Batch, PriceChange
from payments.api import business_date
from tests.factories.groups import make_person, make_product
from tests.mall.catalogue.test_sheets import GOOD, sheet
from tests.mall.papers.test_uploads import drawn

pytestmark = pytest.mark.django_db
PRODUCTS = "/admin/catalogue/product/"


@pytest.fixture
def clerk() -> Client:
    client = Client()
    client.force_login(make_person("店长", is_staff=True, is_superuser=True))
    return client


def form(product: Product | None = None, **changes: object) -> dict[str, object]:
    """What the page sends: itself, details, no further pictures, a category, a supplier."""
    make_product("别的")
    supplier, shelf = Partner.objects.get(), Category.objects.get(name="蔬菜")
    record = product.stockrecords.get() if product else None
    extra = product.extra if product else None
    place = product.productcategory_set.get() if product else None
    sent = {
        "title": "海南荔枝",
        "upc": "LZ-9",
        "description": "<b>甜</b><script>alert(1)</script>",
        "is_public": "on",
        "extra-TOTAL_FORMS": "1",
        "extra-INITIAL_FORMS": "1" if extra else "0",
        "extra-0-id": extra.pk if extra else "",
        "extra-0-product": product.pk if product else "",
        "extra-0-sales_unit": "箱",
        "extra-0-net_grams": "2500",
        "extra-0-storage_class": "chilled",
        "extra-0-weight_tolerance_percent": "10",
        "images-TOTAL_FORMS": "0",
        "images-INITIAL_FORMS": "0",
        "productcategory_set-TOTAL_FORMS": "1",
        "productcategory_set-INITIAL_FORMS": "1" if place else "0",
        "productcategory_set-0-id": place.pk if place else "",
        "productcategory_set-0-product": product.pk if product else "",
        "productcategory_set-0-category": shelf.pk,
        "stockrecords-TOTAL_FORMS": "1",
        "stockrecords-INITIAL_FORMS": "1" if record else "0",
        "stockrecords-0-id": record.pk if record else "",
        "stockrecords-0-product": product.pk if product else "",
        "stockrecords-0-partner": supplier.pk,
        "stockrecords-0-partner_sku": record.partner_sku if record else "NEW",
        "stockrecords-0-price_yuan": "49.90",
        "stockrecords-0-cost_yuan": "36.50",
        "stockrecords-0-first_stock": "200",
    }
    return {**sent, **changes}


def errors(answer) -> list[object]:
    if answer.status_code != 200:
        return []
    context = answer.context
    inlines = [formset.formset.errors for formset in context["inline_admin_formsets"]]
    return [context["adminform"].form.errors, inlines]


def test_a_product_is_made_on_one_page(clerk, django_capture_on_commit_callbacks):
    picture = SimpleUploadedFile("../../etc/x.png", drawn("PNG", (900, 900)))
    sent = form()
    sent |= {"images-TOTAL_FORMS": "1", "images-0-original": picture, "images-0-display_order": "0"}

    with django_capture_on_commit_callbacks(execute=True):
        answer = clerk.post(f"{PRODUCTS}add/", sent)

    assert answer.status_code == 302, errors(answer)
    product = Product.objects.select_related("extra").get(upc="LZ-9")
    record = product.stockrecords.get()
    assert product.description == "<b>甜</b>"
    assert (record.num_in_stock, str(record.price), cost_of(record.pk)) == (200, "49.90", 3650)
    assert product.extra.pinyin == "hainanlizhi"
    assert product.extra.pictures["720"]["name"].endswith(".webp")
    assert "etc" not in product.images.get().original.name
    assert PriceChange.objects.filter(stockrecord=record).count() == 2


def test_changing_a_product_leaves_its_stock_to_the_orders(clerk):
    product = make_product("荔枝", stock=50)
    sent = form(product)
    StockRecord.objects.filter(product=product).update(num_in_stock=7, num_allocated=3)

    answer = clerk.post(f"{PRODUCTS}{product.pk}/change/", sent)

    assert answer.status_code == 302, errors(answer)
    record = product.stockrecords.get()
    assert (record.num_in_stock, record.num_allocated, str(record.price)) == (7, 3, "49.90")
    assert PriceChange.objects.filter(stockrecord=record, what="price").first().by is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"stockrecords-0-price_yuan": "-1"},
        {"stockrecords-0-price_yuan": "1e99"},
        {"extra-0-net_grams": "9" * 300},
        {"extra-0-is_weighed": "on", "extra-0-net_grams": ""},
        {"images-TOTAL_FORMS": "1", "images-0-original": SimpleUploadedFile("a.png", b"<svg/>")},
    ],
    ids=str,
)
def test_what_cannot_be_is_said_on_the_page(clerk, wrong):
    answer = clerk.post(f"{PRODUCTS}add/", form(**wrong))

    assert answer.status_code == 200
    assert not Product.objects.filter(upc="LZ-9").exists()


def test_lists_ask_a_fixed_number_of_questions(clerk):
    asked = []
    for _round in range(2):
        for number in range(5):
            product = make_product(f"玉米 {number}")
            record = product.stockrecords.get()
            set_cost(stockrecord_id=record.pk, cost_minor=100, by=None)
            add_batch(product_id=product.pk, supplier_id=record.partner_id, batch_no="A")
        counts = []
        for page in (
            PRODUCTS,
            "/admin/mall_catalogue/batch/",
            "/admin/mall_catalogue/pricechange/",
        ):
            clerk.get(page)
            with CaptureQueriesContext(connection) as queries:
                assert clerk.get(page).status_code == 200
            counts.append(len(queries))
        asked.append(counts)

    assert asked[0] == asked[1]


def test_goods_are_searched_filtered_and_exported(clerk):
    product = make_product("荔枝")
    for query in ("?q=荔枝", "?extra__storage_class__exact=ambient", "?is_public__exact=1"):
        assert "荔枝" in clerk.get(PRODUCTS + query).content.decode()
    for what in ("export_xlsx", "export_csv", "index_again"):
        sent = {"action": what, "_selected_action": [product.pk]}
        assert clerk.post(PRODUCTS, sent).status_code in {200, 302}
    for page in ("mall_catalogue/dealday", "mall_reviews/review", "mall_catalogue/productextra"):
        assert clerk.get(f"/admin/{page}/").status_code == 200


def test_a_sheet_is_checked_and_then_written(clerk):
    make_product("别的")
    page = "/admin/catalogue/product/import/"

    looked = clerk.post(page, {"sheet": sheet(GOOD, {**GOOD, "upc": "B", "price": "x"})})
    assert (looked.context["new"], looked.context["wrong_count"]) == (1, 1)
    assert not Product.objects.filter(upc="LZ-001").exists()

    assert clerk.post(page, {"write": "1"}).status_code == 302
    assert Product.objects.filter(upc="LZ-001").exists()
    assert clerk.post(page, {"write": "1"}).status_code == 302
    assert clerk.post(page, {"sheet": SimpleUploadedFile("a.xlsx", b"no")}).status_code == 200
    assert clerk.post(page, {}).status_code == 200


def test_a_batch_is_taken_in_with_its_papers(clerk):
    product = make_product("荔枝")
    supplier = product.stockrecords.get().partner_id
    old = add_batch(product_id=product.pk, supplier_id=supplier, batch_no="old")
    sent = {"product": product.pk, "supplier": supplier, "batch_no": "B-1"}
    pdf = b"%PDF-1.4 tells %%EOF"

    bad = clerk.post(
        "/admin/mall_catalogue/batch/add/",
        {**sent, "report": SimpleUploadedFile("r.pdf", b"<html>")},
    )
    assert bad.status_code == 200
    good = clerk.post(
        "/admin/mall_catalogue/batch/add/",
        {**sent, "report": SimpleUploadedFile("r.pdf", pdf), "best_before": business_date()},
    )
    assert good.status_code == 302

    made = Batch.objects.get(is_current=True)
    assert (made.batch_no, made.report.read()) == ("B-1", pdf)
    until = business_date() + timedelta(days=3)
    page = f"/admin/mall_catalogue/batch/{made.pk}/change/"
    assert clerk.get(page).status_code == 200
    assert clerk.post(page, {**sent, "report_valid_until": until}).status_code == 302
    made.refresh_from_db()
    assert (made.report_valid_until, made.is_current) == (until, True)
    assert made.report
    for query, shown in (("soon", True), ("over", False), ("recalled", False)):
        html = clerk.get(f"/admin/mall_catalogue/batch/?running_out={query}").content.decode()
        assert ("B-1" in html) is shown
    old.refresh_from_db()
    assert old.is_current is False


def test_prices_over_time_are_drawn(clerk):
    product = make_product("荔枝")

    html = clerk.get(f"/admin/catalogue/product/{product.pk}/prices/").content.decode()

    assert "10.00" in html
    assert clerk.get("/admin/catalogue/product/999999/prices/").status_code == 404


@pytest.mark.parametrize("page", ["import/", "1/prices/", "", "add/"])
def test_strangers_and_residents_stay_out(page):
    resident = Client()
    resident.force_login(make_person())
    for client in (Client(), resident):
        assert client.get(PRODUCTS + page).status_code in {302, 403}
