"""Batches: the newest is the current one; recalled or run out, its product is not sold."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.test import Client

from mall.catalogue.batches import add_batch, blocked_products, current_batch, mark_recalled
from mall.catalogue.models import Batch, ProductExtra
from payments.api import business_date
from tests.factories.groups import make_product

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def corn():
    return make_product("糯玉米")


def batch(product, number="2026-11-20", **details) -> Batch:
    supplier = product.stockrecords.get().partner_id
    return add_batch(product_id=product.pk, supplier_id=supplier, batch_no=number, details=details)


def keeps(product, days: int | None) -> None:
    ProductExtra.objects.filter(product=product).update(shelf_life_days=days)


def test_the_newest_batch_is_the_current_one(corn):
    batch(corn, "A")
    newer = batch(corn, "B", origin="海南三亚")

    assert list(Batch.objects.filter(is_current=True)) == [newer]
    assert current_batch(corn.pk).origin == "海南三亚"
    assert blocked_products() == {}


def test_a_recalled_batch_holds_its_product_until_a_newer_one_is_here(corn):
    bad = batch(corn, "A")

    assert mark_recalled(batch_id=bad.pk, by=None, reason="农残超标")
    assert not mark_recalled(batch_id=bad.pk, by=None, reason="again")
    assert list(blocked_products()) == [corn.pk]
    assert "A" in blocked_products()[corn.pk]
    assert current_batch(corn.pk) is None

    batch(corn, "B")
    assert blocked_products() == {}
    assert Batch.objects.get(pk=bad.pk).recall_reason == "农残超标"
    with pytest.raises(ValueError, match="reason"):
        mark_recalled(batch_id=bad.pk, by=None, reason=" ")


def test_a_report_that_has_run_out_holds_the_product(corn):
    today = business_date()
    batch(corn, report_valid_until=today)
    assert blocked_products() == {}

    Batch.objects.update(report_valid_until=today - DAY)
    assert corn.pk in blocked_products([corn.pk])
    assert blocked_products([]) == {}


def test_only_what_lies_in_a_store_is_held_by_its_best_before_date(corn):
    rice = make_product("五常大米")
    keeps(corn, 3)
    keeps(rice, 365)
    for product in (corn, rice):
        batch(product, best_before=business_date() - DAY)

    assert list(blocked_products()) == [rice.pk]


def test_what_is_held_back_is_known_in_one_query(corn, django_assert_num_queries):
    for number in range(5):
        made = batch(make_product(f"玉米 {number}"), report_valid_until=business_date() - DAY)
        assert made.is_current

    with django_assert_num_queries(1):
        assert len(blocked_products()) == 5


def test_a_number_of_a_supplier_is_used_once_and_dates_make_sense(corn):
    batch(corn, "A")
    today = business_date()

    with pytest.raises(ValidationError):
        batch(corn, "A")
    with pytest.raises(ValidationError):
        batch(corn, "B", produced_on=today, best_before=today - DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.update(best_before=today - DAY, produced_on=today)


def test_a_paper_is_handed_out_as_what_it_is_and_nothing_else_is():
    corn = make_product("糯玉米")
    made = batch(corn, report=ContentFile(b"%PDF-1.4 tells %%EOF", name="x.pdf"))
    name = current_batch(corn.pk).papers[0].name

    answer = Client().get(f"/papers/{name}")

    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == b"%PDF-1.4 tells %%EOF"
    for other in ("x.pdf", "..%2Fsecret_key", "a" * 300 + ".pdf", f"{name}.html"):
        assert Client().get(f"/papers/{other}").status_code == 404
    made.report.storage.delete(made.report.name)
    assert Client().get(f"/papers/{name}").status_code == 404
