"""Calling a batch back: from the batch to every order, by two people, to the last refund."""

from __future__ import annotations

import pytest
from django.db.models import Sum

from mall.aftersales.errors import NotRecallableError
from mall.aftersales.models import Recall
from mall.aftersales.recall_job import carry_on
from mall.aftersales.recalling import (
    preview_recall,
    propose_recall,
    report_of,
    start_recall,
    try_again,
    withdraw_recall,
)
from mall.catalogue.batches import add_batch, blocked_products
from mall.catalogue.models import Batch
from mall.ordering.models import LineBack, OrderFulfilment
from mall.supply.batches import batches_of, note_batch
from payments.api import SecondPersonError, balance, deliver_pending
from payments.models import OutboxEvent, Payment
from tests.factories.groups import make_person
from tests.mall.aftersales.complaining import (
    again,
    arrived_order,
    collected_order,
    complain,
    fresh,
    lines_of,
    make_staff,
)

pytestmark = pytest.mark.django_db
with_books = pytest.mark.usefixtures("books_agree")


def batch_of(order: OrderFulfilment, *, line: int = 1) -> Batch:
    """The batch that went out for a line's item."""
    found = lines_of(order)[line]
    batch = add_batch(
        product_id=found.product_id, supplier_id=found.supplier_id, batch_no=f"B{found.pk}"
    )
    note_batch(batch_id=batch.pk, item_id=found.item_id, by="depot")
    return batch


def started(batch: Batch, **how: str) -> Recall:
    first, second = make_person("品控甲"), make_person("品控乙")
    recall = propose_recall(batch_id=batch.pk, by=first, reason="农残超标", **how)
    return start_recall(recall, by=second)


def told() -> list[dict]:
    return [
        event.payload for event in OutboxEvent.objects.filter(fact="recall.told").order_by("pk")
    ]


def test_proposing_stops_the_sale_and_two_people_start_it():
    order = arrived_order()
    batch, staff = batch_of(order), make_person("品控甲")

    recall = propose_recall(batch_id=batch.pk, by=staff, reason="农残超标")

    assert batch.product_id in blocked_products()
    with pytest.raises(NotRecallableError):
        propose_recall(batch_id=batch.pk, by=staff, reason="再一次")
    with pytest.raises(SecondPersonError):
        start_recall(recall, by=staff)
    assert carry_on() == {"listed": 0, "done": 0, "failed": 0}
    withdraw_recall(recall, by=staff, reason="误报")
    assert batch.product_id not in blocked_products()
    with pytest.raises(NotRecallableError):
        start_recall(recall, by=make_person("品控乙"))


@with_books
def test_what_waits_is_refunded_and_the_supplier_is_not_owed_it():
    order = arrived_order(everything=True)
    batch = batch_of(order)
    assert [found.pk for found in batches_of(lines_of(order)[1].item_id)] == [batch.pk]
    preview = preview_recall(batch.pk)
    assert (preview.orders, preview.pieces, preview.waiting_orders) == (1, 2, 1)

    recall = started(batch)
    assert carry_on() == {"listed": 1, "done": 1, "failed": 0}
    assert carry_on() == {"listed": 0, "done": 0, "failed": 0}

    eggs = lines_of(order)[1]
    assert (eggs.refunded_quantity, eggs.returned_cost_minor) == (2, eggs.cost_minor)
    report = report_of(recall)
    back = LineBack.objects.filter(why="recall").aggregate(n=Sum("payer_minor"))["n"]
    assert (report.refunded, report.minor, report.percent) == (1, back, 100)
    assert preview.waiting_minor == back
    (message,) = told()
    assert (message["payer_minor"], message["was_collected"]) == (back, False)
    recall.refresh_from_db()
    assert recall.status == "done"


@with_books
def test_what_was_taken_home_is_refunded_at_the_suppliers_cost_or_only_told():
    order = collected_order()
    supplier = f"supplier:{lines_of(order)[1].supplier_id}"
    before = balance("2201", party=supplier)

    started(batch_of(order))
    carry_on()
    assert balance("2201", party=supplier) - before == 7840

    started(batch_of(order, line=2), collected="tell")
    carry_on()
    assert lines_of(order)[2].refunded_quantity == 0
    assert [(each["payer_minor"], each["was_collected"]) for each in told()] == [
        (9800, True),
        (0, True),
    ]


def test_an_open_case_about_it_is_overtaken_by_the_recall():
    order = collected_order()
    case = complain(order, quantity=1)

    started(batch_of(order))
    carry_on()
    deliver_pending(100)

    assert again(case).status == "cancelled"
    assert not fresh(order).window_held


@with_books
def test_what_failed_is_named_and_tried_again():
    order = arrived_order()
    batch = batch_of(order)
    recall = started(batch)
    # A refund that nobody can promise: the payment's money is all committed already.
    payment = Payment.objects.get(payment_no=order.payment_no)
    Payment.objects.filter(pk=payment.pk).update(refund_committed_minor=payment.captured_minor)

    assert carry_on() == {"listed": 1, "done": 0, "failed": 1}
    assert "refund_exceeds_captured" in recall.lines.get().error
    Payment.objects.filter(pk=payment.pk).update(refund_committed_minor=0)
    recall.refresh_from_db()
    assert try_again(recall) == 1
    carry_on()
    assert report_of(recall).refunded == 1


def test_orders_noted_later_are_found_by_trying_again():
    first, second = arrived_order(), arrived_order(resident=make_person("李叔"))
    batch = batch_of(first)
    recall = started(batch)
    carry_on()
    note_batch(batch_id=batch.pk, item_id=lines_of(second)[1].item_id, by="depot")

    recall.refresh_from_db()
    try_again(recall)
    carry_on()

    assert report_of(recall).refunded == 2


def test_staff_without_the_right_cannot(client):
    batch = batch_of(arrived_order())
    client.force_login(make_staff("客服"))
    page = f"/admin/aftersales/recall/batch/{batch.pk}/"

    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": "x", "collected": "refund"}).status_code == 403
    assert Recall.objects.count() == 0
