"""The rules of purchase hold on real rows, and a broken one is named."""

from __future__ import annotations

import pytest

from mall.ordering.models import LineBack, LineFulfilment
from mall.supply.documents import Counted
from mall.supply.invariants import check
from mall.supply.models import (
    PurchaseLine,
    PurchaseOrder,
    PurchaseShare,
    StockDocument,
    StockDocumentLine,
)
from mall.supply.receiving import goods_in
from mall.supply.sending import send, supplement
from payments.api import now
from tests.factories.groups import make_person
from tests.mall.supply.buying import bought

pytestmark = pytest.mark.django_db


@pytest.fixture
def coop() -> PurchaseOrder:
    _group, (coop, fish) = bought(first=5, second=2, third=1)
    send(coop.purchase_no, by="li")
    send(fish.purchase_no, by="li")
    counts = {line.pk: Counted(pieces=line.pieces) for line in fish.lines.all()}
    goods_in(fish.purchase_no, counts, by=make_person("仓管"), wish_key="k")
    supplement(coop.purchase_no, {coop.lines.first().pk: -1}, reason="一单退了", by="li")
    return PurchaseOrder.objects.get(pk=coop.pk)


def broken() -> set[str]:
    return {violation.code for result in check() for violation in result.violations}


def test_an_evening_of_purchase_is_in_order(coop):
    assert broken() == set()
    line = LineFulfilment.objects.first()
    back = {"key": "k", "refund_no": "R", "why": "shortage", "quantity": 1, "value_minor": 3000}
    LineBack.objects.create(line=line, payer_minor=3000, at=now(), **back)
    assert broken() == set()


@pytest.mark.parametrize(
    ("code", "lie"),
    [
        ("U1", lambda: PurchaseShare.objects.filter(pieces=5).update(pieces=4)),
        (
            "U1",
            lambda: LineFulfilment.objects.filter(quantity=5).update(quantity=6, value_minor=18000),
        ),
        ("U2", lambda: PurchaseOrder.objects.filter(kind="original").update(pieces=99)),
        ("U2", lambda: PurchaseLine.objects.filter(pieces=5).update(cost_minor=1)),
        ("U2", lambda: PurchaseOrder.objects.update(grams=1)),
        (
            "U3",
            lambda: PurchaseOrder.objects.get(status="sent").group_buy.__class__.objects.update(
                state="formed"
            ),
        ),
        ("U4", lambda: PurchaseLine.objects.filter(delivered=1).update(delivered=2)),
        ("U4", lambda: PurchaseOrder.objects.filter(status="delivered").update(status="sent")),
        (
            "U4",
            lambda: (
                StockDocumentLine.objects.update(stock_change=1),
                StockDocument.objects.update(state="refused"),
            ),
        ),
    ],
)
def test_a_lie_is_found(coop, code, lie):
    lie()

    assert code in broken()
