"""A town's evening: ten thousand order lines drafted, sent and written on paper in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.db import connection

from mall.catalogue.batches import add_batch
from mall.catalogue.suppliers import change_supplier
from mall.supply.batches import lines_of_batch, note_batch
from mall.supply.drafting import draft_for
from mall.supply.invariants import check
from mall.supply.models import PurchaseOrder, PurchaseShare
from mall.supply.papers.pdf import purchase_pdf
from mall.supply.papers.workbook import purchase_workbook
from mall.supply.sending import send
from tests.mall.aftersales.test_recall_at_scale import multiply
from tests.mall.supply.buying import confirm, cut, make_sale, order

pytestmark = [pytest.mark.django_db, pytest.mark.nightly, pytest.mark.timeout(1200)]
ORDERS: Final = 5_000
SECONDS: Final = 3.0


def took(action: Callable[[], Any]) -> tuple[float, Any]:
    """Return how many CPU seconds an action took, and what came of it."""
    start = time.process_time()
    found = action()
    return time.process_time() - start, found


def test_ten_thousand_lines(record_property):
    group = make_sale()
    first = order(group, first=2, second=1)
    confirm(first)
    multiply(first, ORDERS - 1)
    cut(group)

    drafting, (coop,) = took(lambda: draft_for(group.group_buy_id))
    assert (coop.pieces, PurchaseShare.objects.count()) == (3 * ORDERS, 2 * ORDERS)
    sending, _sent = took(lambda: send(coop.purchase_no, by="li"))
    change_supplier(partner_id=coop.supplier_id, values={"sees_names": True}, by="li")
    purchase = PurchaseOrder.objects.select_related("supplier__profile").get(pk=coop.pk)
    book, file = took(lambda: purchase_workbook(purchase))
    assert file.read(2) == b"PK"
    pdf, file = took(lambda: purchase_pdf([purchase]))
    assert file.read(4) == b"%PDF"
    verifying, results = took(check)
    assert [result for result in results if result.violations] == []

    corn = coop.lines.all()[0]
    batch = add_batch(product_id=corn.product_id, supplier_id=coop.supplier_id, batch_no="B1")
    note_batch(batch_id=batch.pk, item_id=corn.item_id, by="li")
    recall, n = took(lambda: len(lines_of_batch(batch.pk).values_list("pk", flat=True)))
    assert n == ORDERS
    assert max(book, pdf, recall) < SECONDS
    plan = lines_of_batch(batch.pk).explain()
    if connection.vendor == "sqlite":
        assert "SCAN ordering_linefulfilment" not in plan, plan

    told = f"{2 * ORDERS} lines: drafted {drafting:.2f} s, sent {sending:.2f} s, xlsx with names "
    told += f"{book:.2f} s, pdf {pdf:.2f} s, rules {verifying:.2f} s, recall {recall:.2f} s (CPU)"
    record_property("told", told)
