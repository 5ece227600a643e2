"""A sale of three thousand items is copied while somebody waits for the page."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from oscar.apps.catalogue.models import Product
from oscar.apps.partner.models import StockRecord

from mall.groupbuy.copying import clone
from mall.groupbuy.models import GroupBuyItem
from tests.factories.groups import make_draft

pytestmark = [pytest.mark.django_db, pytest.mark.nightly]


def test_three_thousand_items_are_copied_in_three_seconds():
    draft = make_draft()
    first = draft.items.select_related("product", "stockrecord").get()
    kind, supplier = first.product.product_class, first.stockrecord.partner
    goods = Product.objects.bulk_create(
        Product(title=f"菜{n}", product_class=kind, upc=f"U{n}") for n in range(3000)
    )
    stock = StockRecord.objects.bulk_create(
        StockRecord(product=each, partner=supplier, partner_sku=f"S{each.pk}", price=Decimal(3))
        for each in goods
    )
    GroupBuyItem.objects.bulk_create(
        GroupBuyItem(
            group_buy=draft,
            product=record.product,
            stockrecord=record,
            price_minor=300,
            strike_minor=500,
            cost_minor=200,
            tiers=[[20, 250]],
            position=n % 30000,
        )
        for n, record in enumerate(stock, start=2)
    )

    begun = time.process_time()
    copy = clone(group_buy_id=draft.pk)
    seconds = time.process_time() - begun

    assert copy.items.count() == 3001
    assert seconds < 3, f"{seconds:.2f} s of CPU"
