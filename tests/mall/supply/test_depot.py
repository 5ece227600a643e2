"""The depot: goods in and out, stock-takings by two, batches called back."""

from __future__ import annotations

import pytest
from oscar.apps.partner.models import StockRecord

from mall.catalogue.batches import add_batch
from mall.ordering.errors import StockHeldError
from mall.ordering.models import OrderFulfilment
from mall.supply.batches import batches_of, batches_of_items, lines_of_batch, note_batch
from mall.supply.documents import Counted
from mall.supply.errors import (
    CountError,
    NotOutError,
    ReasonNeededError,
    SecondPersonNeededError,
)
from mall.supply.handing_out import goods_out
from mall.supply.models import PurchaseOrder, StockDocument
from mall.supply.receiving import close_purchase, goods_in
from mall.supply.sending import send
from mall.supply.statements import faults_by_supplier, statement_of
from mall.supply.stocktaking import decide, take_stock
from payments.api import business_date
from tests.factories.groups import make_person
from tests.mall.supply.buying import bought, confirm, make_sale, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return make_person("仓管", is_staff=True)


def out(**quantities: int) -> tuple:
    group, drafts = bought(**quantities)
    send(drafts[0].purchase_no, by="li")
    return group, drafts[0]


def stock_of(line) -> tuple[int, int]:
    record = StockRecord.objects.get(pk=line.item.stockrecord_id)
    return record.num_in_stock, record.num_allocated


def test_what_came_is_counted_in_once_and_the_order_is_delivered(keeper):
    _group, coop = out(first=5, second=2)
    corn, eggs = coop.lines.all()
    counts = {corn.pk: Counted(pieces=5), eggs.pk: Counted(pieces=2)}

    first = goods_in(coop.purchase_no, counts, by=keeper, wish_key="k")
    again = goods_in(coop.purchase_no, counts, by=keeper, wish_key="k")

    assert first.pk == again.pk
    assert first.document_no.startswith("W")
    assert PurchaseOrder.objects.get(pk=coop.pk).status == "delivered"
    assert (stock_of(corn), stock_of(eggs)) == ((100, 5), (100, 2))
    assert close_purchase(coop.purchase_no, by="li").status == "closed"
    assert close_purchase(coop.purchase_no, by="li").status == "closed"
    with pytest.raises(NotOutError):
        goods_in(coop.purchase_no, counts, by=keeper, wish_key="k2")


def test_what_did_not_come_leaves_with_the_orders_that_hold_it(keeper):
    _group, coop = out(first=5)
    (corn,) = coop.lines.all()

    def came(pieces: int, key: str) -> StockDocument:
        counts = {corn.pk: Counted(pieces=pieces)}
        return goods_in(coop.purchase_no, counts, by=keeper, wish_key=key)

    came(2, "k1")
    assert stock_of(corn) == (100, 5)
    came(3, "k2")
    assert stock_of(corn) == (100, 5)
    late = came(4, "k3")
    assert stock_of(corn) == (104, 5)
    assert late.lines.get().difference == 4


def test_strange_counts_are_refused(keeper):
    _group, coop = out(first=5)
    (corn,) = coop.lines.all()
    other = add_batch(
        product_id=bought(third=1)[1][0].lines.get().product_id,
        supplier_id=coop.supplier_id,
        batch_no="F1",
    )
    for wrong in (
        {},
        {0: Counted(pieces=1)},
        {corn.pk: Counted(pieces=-1)},
        {corn.pk: Counted(pieces=10**7)},
        {corn.pk: Counted(pieces=5, batch_id=other.pk)},
    ):
        with pytest.raises(CountError):
            goods_in(coop.purchase_no, wrong, by=keeper, wish_key="k")
    assert not StockDocument.objects.exists()


def test_goods_go_out_to_a_group_once_with_their_batch(keeper):
    group, coop = out(first=5, second=2)
    corn = coop.lines.first()
    batch = add_batch(product_id=corn.product_id, supplier_id=coop.supplier_id, batch_no="B1")
    with pytest.raises(CountError):
        goods_out(group.pk, by=keeper, counts={0: Counted(pieces=1)})

    counts = {corn.item_id: Counted(pieces=4, batch_id=batch.pk)}
    paper = goods_out(group.pk, by=keeper, counts=counts)

    assert goods_out(group.pk, by=keeper).pk == paper.pk
    assert [(line.expected, line.counted) for line in paper.lines.all()] == [(5, 4), (2, 2)]
    assert batches_of(corn.item_id, group.pk) == [batch]
    assert batches_of(corn.item_id, group.pk + 1) == []
    assert batches_of_items([corn.item_id]) == {corn.item_id: [batch]}
    assert stock_of(corn) == (100, 5)


def test_a_stock_taking_above_the_limit_is_seen_by_two(keeper, settings):
    settings.LINLI_STOCK_ALONE_MINOR = 5000
    group = make_sale()
    confirm(order(group, first=3))
    record = group.group_buy.items.first().stockrecord
    with pytest.raises(ReasonNeededError):
        take_stock({record.pk: 97}, reason=" ", by=keeper, wish_key="k0")
    with pytest.raises(CountError):
        take_stock({}, reason="x", by=keeper, wish_key="k0")

    small = take_stock({record.pk: 97}, reason="老鼠", by=keeper, wish_key="k1")
    assert (small.state, small.worth_minor) == ("booked", 3000)
    assert take_stock({record.pk: 90}, reason="再", by=keeper, wish_key="k1").pk == small.pk
    more = take_stock({record.pk: 94}, reason="又", by=keeper, wish_key="k2")
    assert more.state == "proposed"
    assert StockRecord.objects.get(pk=record.pk).num_in_stock == 97

    with pytest.raises(SecondPersonNeededError):
        decide(more.document_no, is_right=True, by=keeper)
    second = make_person("主管", is_staff=True)
    assert decide(more.document_no, is_right=True, by=second).state == "booked"
    assert decide(more.document_no, is_right=False, by=second).state == "booked"
    assert StockRecord.objects.get(pk=record.pk).num_in_stock == 94
    gone = take_stock({record.pk: 2}, reason="空", by=keeper, wish_key="k3")
    with pytest.raises(StockHeldError):
        decide(gone.document_no, is_right=True, by=second)
    assert decide(gone.document_no, is_right=False, by=second).state == "refused"


def test_a_recall_finds_every_line_that_may_have_got_the_batch():
    group, coop = out(first=5, second=2)
    corn, eggs = coop.lines.all()
    add = {"supplier_id": coop.supplier_id}
    everywhere = add_batch(product_id=corn.product_id, batch_no="B1", **add)
    here = add_batch(product_id=eggs.product_id, batch_no="E1", **add)
    unused = add_batch(product_id=eggs.product_id, batch_no="E2", **add)
    note_batch(batch_id=everywhere.pk, item_id=corn.item_id, by="li")
    note_batch(batch_id=everywhere.pk, item_id=corn.item_id, by="li", quantity=5)
    note_batch(batch_id=here.pk, item_id=eggs.item_id, group_id=group.pk, by="li")

    assert [line.item_id for line in lines_of_batch(everywhere.pk)] == [corn.item_id]
    assert [line.item_id for line in lines_of_batch(here.pk)] == [eggs.item_id]
    assert not lines_of_batch(unused.pk).exists()
    OrderFulfilment.objects.update(status="cancelled")
    assert not lines_of_batch(everywhere.pk).exists()


def test_a_suppliers_statement_is_what_came_and_what_went_back(keeper):
    _group, coop = out(first=5, second=2)
    corn, eggs = coop.lines.all()
    counts = {corn.pk: Counted(pieces=4), eggs.pk: Counted(pieces=2)}
    goods_in(coop.purchase_no, counts, by=keeper, wish_key="k")
    today = business_date()

    told = statement_of(coop.supplier_id, since=today, until=today)

    assert [(row.ordered, row.delivered, row.cost_minor) for row in told.rows] in (
        [(5, 4, 7500), (2, 2, 4900)],
        [(2, 2, 4900), (5, 4, 7500)],
    )
    assert (told.cost_minor, told.back_minor, len(told.orders)) == (12400, 0, 1)
    assert faults_by_supplier(since=today, until=today) == {}
