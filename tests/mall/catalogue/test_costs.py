"""Every change of a price or a cost leaves a row, whoever makes it and however."""

from __future__ import annotations

from decimal import Decimal

import pytest
from oscar.apps.partner.models import StockRecord

from mall.catalogue.costs import cost_history, cost_of, costs_of, set_cost, set_price
from mall.catalogue.models import PriceChange
from tests.factories.groups import make_person, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def record():
    return make_product("糯玉米").stockrecords.get()


def prices(record) -> list[int]:
    rows = PriceChange.objects.filter(stockrecord=record, what="price")
    return list(rows.order_by("pk").values_list("minor", flat=True))


def test_a_price_changed_anywhere_is_written_down(record):
    record.price = Decimal("11.15")
    record.save()
    record.save()
    StockRecord.objects.filter(pk=record.pk).update(price=Decimal("9.05"))
    StockRecord.objects.filter(pk=record.pk).update(num_in_stock=7)

    assert prices(record) == [1000, 1115, 905]
    assert PriceChange.objects.filter(at=None).count() == 0


def test_a_cost_is_set_once_however_often_it_is_said(record):
    clerk = make_person("店员")

    assert [set_cost(stockrecord_id=record.pk, cost_minor=700, by=clerk) for _ in "12"] == [
        True,
        False,
    ]
    assert set_cost(stockrecord_id=record.pk, cost_minor=0, by=None)
    assert cost_of(record.pk) == 0
    assert costs_of([record.pk, 0]) == {record.pk: 0}
    assert [(c.what, c.minor, c.by) for c in cost_history(record.pk) if c.what == "cost"] == [
        ("cost", 0, ""),
        ("cost", 700, "店员"),
    ]
    with pytest.raises(ValueError, match="nothing"):
        set_cost(stockrecord_id=record.pk, cost_minor=-1, by=None)


def test_whoever_sets_a_price_by_the_service_is_named(record):
    clerk = make_person("店员")

    assert set_price(stockrecord_id=record.pk, price_minor=1250, by=clerk)
    assert not set_price(stockrecord_id=record.pk, price_minor=1250, by=clerk)

    assert prices(record) == [1000, 1250]
    assert cost_history(record.pk)[0].by == "店员"
    with pytest.raises(ValueError, match="fen"):
        set_price(stockrecord_id=record.pk, price_minor=0, by=clerk)
