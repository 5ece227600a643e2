"""However many press at once: one order per supplier, sent once, answered once, booked once."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, transaction
from oscar.apps.partner.models import StockRecord

from mall.ordering import stock
from mall.supply.answering import acknowledge
from mall.supply.documents import Counted
from mall.supply.drafting import draft_for
from mall.supply.jobs import draft_due
from mall.supply.models import AloneBooking, PurchaseOrder, PurchaseShare, StockDocument
from mall.supply.receiving import goods_in
from mall.supply.sending import send
from mall.supply.stocktaking import decide, take_stock
from payments.models import OutboxEvent
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person
from tests.mall.supply.buying import bought, confirm, cut, make_sale, order

pytestmark = pytest.mark.django_db(transaction=True)


def facts(name: str) -> int:
    return OutboxEvent.objects.filter(fact=name).count()


def test_four_copies_of_the_job_draft_one_order_per_supplier():
    group = make_sale()
    confirm(order(group, first=2, third=1), order(group, "王阿姨", first=1))
    cut(group)

    all_at_once([lambda: draft_due(10) for _ in range(4)])

    assert PurchaseOrder.objects.count() == 2
    assert sorted(PurchaseOrder.objects.values_list("pieces", flat=True)) == [1, 3]
    assert PurchaseShare.objects.count() == 3


def test_sent_acknowledged_and_counted_in_by_six_at_once_is_each_once():
    group, (coop, _fish) = bought(first=5, third=1)
    keeper = make_person("仓管", is_staff=True)

    sent = all_at_once([lambda: send(coop.purchase_no, by="li") for _ in range(6)])
    assert sorted(bool(each.path) for each in sent) == [False] * 5 + [True]
    assert (facts("purchase.sent"), facts("groupbuy.ordered")) == (1, 1)

    all_at_once([lambda: acknowledge(coop.purchase_no, by="chen") for _ in range(6)])
    assert facts("purchase.answered") == 1

    line = coop.lines.get()
    counts = {line.pk: Counted(pieces=7)}
    papers = all_at_once(
        [lambda: goods_in(coop.purchase_no, counts, by=keeper, wish_key="k") for _ in range(6)]
    )
    assert len({paper.pk for paper in papers}) == 1
    assert StockRecord.objects.get(pk=line.item.stockrecord_id).num_in_stock == 102
    assert group.pk


def test_drafting_while_sending_never_buys_twice():
    group, (coop, fish) = bought(first=5, third=1)
    actions = [lambda: draft_for(group.group_buy_id) for _ in range(3)]
    actions += [lambda: send(coop.purchase_no, by="li"), lambda: send(fish.purchase_no, by="wu")]

    all_at_once(actions)

    assert set(PurchaseOrder.objects.values_list("status", flat=True)) == {"sent"}
    assert sorted(PurchaseOrder.objects.values_list("pieces", flat=True)) == [1, 5]


def test_one_form_of_a_stock_taking_and_one_decision_count_once(settings):
    settings.LINLI_STOCK_ALONE_MINOR = 0
    record = make_sale().group_buy.items.first().stockrecord
    keeper, second = make_person("仓管"), make_person("主管")

    papers = all_at_once(
        [
            lambda: take_stock({record.pk: 40}, reason="数", by=keeper, wish_key="one")
            for _ in range(6)
        ]
    )
    number = papers[0].document_no
    all_at_once([lambda: decide(number, is_right=True, by=second) for _ in range(6)])

    assert StockDocument.objects.count() == 1
    assert StockRecord.objects.get(pk=record.pk).num_in_stock == 40


def test_alone_a_person_books_no_more_than_the_day_allows(settings):
    settings.LINLI_STOCK_ALONE_MINOR = 3000
    record = make_sale().group_buy.items.first().stockrecord
    keeper = make_person("仓管")

    papers = all_at_once(
        [
            lambda n=n: take_stock({record.pk: 94 + n}, reason="数", by=keeper, wish_key=f"k{n}")
            for n in range(6)
        ]
    )

    booked = sum(paper.worth_minor for paper in papers if paper.state == "booked")
    assert 0 < booked <= 3000
    assert AloneBooking.objects.get().minor == booked


def twice(group_buy_id: int, supplier_id: int) -> None:
    """As a job that forgot its lock: the row that says "one live order" must hold by itself."""
    draft = PurchaseOrder.objects.get(group_buy=group_buy_id, supplier=supplier_id)
    draft.pk, draft.purchase_no = None, f"X{threading.get_ident()}"[:20]
    with transaction.atomic():
        draft.save(force_insert=True)


def test_the_database_itself_lets_a_supplier_be_asked_once():
    """Negative control: without the lock two drafts are tried, and the database refuses them."""
    group, (coop, *_rest) = bought(first=1)

    ends = all_at_once([lambda: twice(group.group_buy_id, coop.supplier_id) for _ in range(4)])

    assert [type(end) for end in ends] == [IntegrityError] * 4


@transaction.atomic
def careful(record: StockRecord) -> None:
    stock.correct({record.pk: -1})


def test_corrections_at_once_all_count():
    record = make_sale().group_buy.items.first().stockrecord

    all_at_once([lambda: careful(record) for _ in range(12)])

    assert StockRecord.objects.get(pk=record.pk).num_in_stock == 88
