"""Behind a supplier's link: its own lines and nothing else; dead links all look the same."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook
from PIL import Image

from mall.catalogue.models import Batch, SupplierProfile
from mall.catalogue.suppliers import change_supplier
from mall.supply.batches import batches_of, lines_of_batch
from mall.supply.links import make_link, revoke_links
from mall.supply.models import ProductProposal, PurchaseOrder, SupplierLink
from mall.supply.sending import send
from payments.api import business_date, now
from tests.mall.supply.buying import bought

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    """The cooperative's order and its path, the fishmonger's order."""
    group, (coop, fish) = bought(first=5, second=2, third=1)
    return group, coop, fish, send(coop.purchase_no, by="li").path


def picture() -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(file, format="JPEG", exif=b"Exif\x00\x00secret")
    return SimpleUploadedFile("corn.jpg", file.getvalue(), content_type="image/jpeg")


def test_the_token_is_long_random_and_kept_only_as_a_digest(shop):
    token = shop[3].split("/")[2]

    assert len(token) >= 43
    link = SupplierLink.objects.get()
    assert token not in str(vars(link))
    assert link.expires_at > now() + timedelta(days=7)


def test_the_page_tells_what_where_and_by_when(client, shop):
    group, coop, _fish, path = shop

    page = client.get(path)

    text = page.content.decode()
    assert page.status_code == 200
    for expected in (coop.purchase_no, "糯玉米", "土鸡蛋", group.pickup_point.name):
        assert expected in text
    for foreign in ("三文鱼", "李小娟", "13800138000"):
        assert foreign not in text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page.headers["Cache-Control"]
    assert SupplierLink.objects.get().opened_at is not None
    for more in ("?all", "goods/", "goods/new/", "statement/", "statement/?month=2026-10"):
        assert client.get(path + more).status_code == 200, more


def test_forged_expired_revoked_and_foreign_ones_look_the_same(client, shop):
    _group, coop, fish, path = shop
    foreign = make_link(supplier_id=fish.supplier_id, by="li")[1]
    pages = [
        client.get("/supplier/forged/"),
        client.get(f"/supplier/{'x' * 300}/"),
        client.get("/supplier/%E4%BD%A0/"),
        client.post("/supplier/forged/G0/reply/"),
    ]
    with time_machine.travel(coop.deliver_until + timedelta(days=8), tick=False):
        pages.append(client.get(path))
    revoke_links(purchase=coop, by="li")
    pages.append(client.get(path))

    assert {page.status_code for page in pages} == {404}
    assert {page.templates[0].name for page in pages} == {"supplier/dead.html"}
    assert client.get(f"{foreign}{coop.purchase_no}/").status_code == 404
    assert client.post(f"{foreign}{coop.purchase_no}/reply/", {"all": 1}).status_code == 404
    assert client.get(f"{foreign}{coop.purchase_no}/paper.pdf").status_code == 404
    line = coop.lines.first()
    assert client.get(f"{foreign}{coop.purchase_no}/batch/{line.pk}/").status_code == 404
    assert client.get(f"{foreign}goods/{line.product_id}/").status_code == 404
    assert client.get(f"{foreign}{fish.purchase_no}/").status_code == 404  # still a draft


def test_who_guesses_is_slowed_down_and_who_has_the_link_is_not(client, shop):
    codes = [client.get(f"/supplier/guess-{n}/").status_code for n in range(22)]

    assert codes == [404] * 20 + [429] * 2
    assert client.get(shop[3]).status_code == 200
    assert client.get("/supplier/again/", REMOTE_ADDR="10.0.0.9").status_code == 404


def test_yes_is_one_press_and_less_is_typed_line_by_line(client, shop):
    _group, coop, _fish, path = shop
    reply = f"{path}{coop.purchase_no}/reply/"

    assert client.post(reply, {"all": 1}).status_code == 302
    assert PurchaseOrder.objects.get(pk=coop.pk).status == "acknowledged"

    corn, eggs = coop.lines.all()
    for typed in ("x", "9" * 5000, "-1", "6", "1e9", "２"):
        page = client.post(reply, {f"n-{corn.pk}": typed, f"n-{eggs.pk}": "2"})
        assert page.status_code == 400, typed
        assert "糯玉米" in page.content.decode()
    no_reason = client.post(reply, {f"n-{corn.pk}": "3"})
    assert no_reason.status_code == 400
    answered = client.post(
        reply,
        {f"n-{corn.pk}": "3", f"why-{corn.pk}": "<b>雨</b>", f"until-{corn.pk}": "2026-99-99"},
    )
    assert answered.status_code == 302
    corn.refresh_from_db()
    assert (corn.can_bring, corn.short_because, corn.rest_until) == (3, "<b>雨</b>", None)
    assert "<b>雨</b>" not in client.get(path).content.decode()
    assert coop.events.filter(by="青禾合作社").count() == 2


def test_files_name_nobody_unless_the_mall_says_so_and_then_masked(client, shop):
    _group, coop, _fish, path = shop

    def names() -> str:
        page = client.get(f"{path}{coop.purchase_no}/paper.xlsx")
        book = load_workbook(io.BytesIO(b"".join(page.streaming_content)))
        return str([[c.value for c in row] for sheet in book for row in sheet.iter_rows()])

    pdf = b"".join(client.get(f"{path}{coop.purchase_no}/paper.pdf").streaming_content)
    assert pdf.startswith(b"%PDF-")
    assert client.get(f"{path}{coop.purchase_no}/paper.exe").status_code == 404
    assert "娟" not in names()
    change_supplier(partner_id=coop.supplier_id, values={"sees_names": True}, by="li")
    shown = names()
    assert "李*娟" in shown
    assert "8000" not in shown
    values = {"sees_phones": True}
    change_supplier(partner_id=coop.supplier_id, values=values, by="li")
    assert "8000" in names()
    assert "李*娟" in client.get(path).content.decode()
    assert "李小娟" not in names() + client.get(path).content.decode()


def test_a_batch_is_entered_with_its_papers(client, shop):
    group, coop, _fish, path = shop
    corn = coop.lines.first()
    url = f"{path}{coop.purchase_no}/batch/{corn.pk}/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"batch_no": "B1"}).status_code == 200  # no day
    evil = SimpleUploadedFile("x.pdf", b"%PDF-1.4 /JavaScript %%EOF")
    today = business_date().isoformat()
    refused = client.post(url, {"batch_no": "B1", "harvested_on": today, "report": evil})
    assert not Batch.objects.exists()
    assert refused.status_code == 200
    fields = {"batch_no": "B1", "harvested_on": today, "certificate": picture()}

    assert client.post(url, fields).status_code == 302
    assert client.post(url, fields | {"certificate": picture()}).status_code == 302

    batch = Batch.objects.get()
    assert (batch.product_id, batch.supplier_id) == (corn.product_id, coop.supplier_id)
    assert b"secret" not in batch.certificate.read()
    assert batches_of(corn.item_id, group.pk) == [batch]
    assert [line.quantity for line in lines_of_batch(batch.pk)] == [5]
    assert "B1" in client.get(path).content.decode()
    Batch.objects.update(is_recalled=True, recalled_at=now())
    assert client.post(url, fields | {"certificate": picture()}).status_code == 200


def test_a_change_and_a_new_product_are_proposed_once(client, shop):
    _group, coop, _fish, path = shop
    corn = coop.lines.first()
    SupplierProfile.objects.update(audits_changes=True)
    form = {
        "title": "糯玉米",
        "sales_unit": "袋",
        "net_grams": "1000",
        "storage_class": "ambient",
        "cost": "16.50",
        "wish": "w1",
    }
    url = f"{path}goods/{corn.product_id}/"
    assert client.get(url).status_code == 200

    for _ in range(2):
        assert client.post(url, form).status_code == 302

    change = ProductProposal.objects.get()
    assert (change.wished["cost_minor"], change.state) == (1650, "pending")
    for wrong in ({"cost": "0"}, {"cost": "1e400"}, {"net_grams": "-5"}, {"storage_class": "x"}):
        assert client.post(url, form | {"wish": "w2"} | wrong).status_code == 200
    new = form | {"title": "<i>甜</i>玉米", "wish": "w3", "picture": picture()}
    assert client.post(f"{path}goods/new/", new).status_code == 302
    assert ProductProposal.objects.get(kind="new").wished["title"] == "甜玉米"
    assert "甜玉米" in client.get(f"{path}goods/").content.decode()


def test_too_much_is_too_much(client, shop):
    _group, coop, _fish, path = shop
    codes = [
        client.post(f"{path}{coop.purchase_no}/reply/", {"all": 1}).status_code for _ in range(32)
    ]

    assert codes[29:] == [302, 429, 429]


def test_english_readers_get_english(client, shop):
    page = client.get(shop[3], headers={"Accept-Language": "en"})

    assert "Can you bring all of it?" in page.content.decode()
