"""An order's way with a real acquirer: paid, cancelled, expired, refunded, paid another way."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from oscar.apps.order.models import Order
from oscar.apps.payment.models import Source

from mall.groupbuy.lifecycle import cut_off_now
from mall.groupbuy.models import Entry, GroupBuy, LeaderGroup, State
from mall.ordering.cutoff import cut_due
from mall.ordering.ending import cancel_order, cancel_paid_order, expire_due
from mall.ordering.errors import NotCancellableError, NotPayableError, PriceChangedError
from mall.ordering.models import ItemAllowance, OrderFulfilment, Status, StockReservation
from mall.ordering.paying import change_way, pay_order
from mall.ordering.pricing import Wish
from mall.ordering.settling import confirm_batch, refund_failed
from mall.promotions.models import BankOffer, OfferReservation
from payments.api import (
    Money,
    attempts,
    now,
    payment_view,
    refresh_payment,
    refunds_of,
    send_refund,
)
from payments.models import Payment
from tests.acquirer import CCB_CREDIT_DECLINED, PSBC_DEBIT
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import fill_worked, make_worked_group, place
from tests.mall.ordering.tying import tie
from tests.mall.promotions.offers import make_offer
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def wang():
    return make_person("王阿姨")


@pytest.fixture
def group():
    return make_worked_group()


def fresh(order) -> OrderFulfilment:
    return OrderFulfilment.objects.get(pk=order.pk)


def stock_line(group, position=2) -> tuple[int, int, int, int]:
    item = item_of(group, position)
    item.stockrecord.refresh_from_db()
    record = item.stockrecord
    return record.num_in_stock, record.num_allocated or 0, item.held, item.sold


def settle_refund(order) -> None:
    (refund,) = refunds_of(order.payment_no)
    until(lambda: send_refund(refund.refund_no).status == "succeeded", what="the refund")


def test_a_tied_card_pays_the_order_at_once(acquirer, wang, group):
    make_offer()
    order = place(fill_worked(group, wang), wang, way=tie(wang, acquirer), payable=19200)

    step = pay_order(order_no=order.order_no, resident_id=wang.pk)

    assert step.kind == "done"
    paid = fresh(order)
    assert (paid.status, paid.paid_at is not None) == (Status.PAID, True)
    assert Order.objects.get().status == "paid"
    entry = Entry.objects.get()
    assert (entry.order_no, entry.number, entry.amount_minor) == (order.order_no, 1, 20800)
    progress = LeaderGroup.objects.get()
    assert (progress.joined_count, progress.quantity, progress.amount_minor) == (1, 4, 20800)
    assert stock_line(group) == (100, 2, 0, 2)
    offer = BankOffer.objects.get()
    assert (offer.reserved_count, offer.used_count, offer.used_minor) == (0, 1, 1600)
    shown = Source.objects.order_by("pk").values_list("source_type__name", "amount_debited")
    assert [(name, str(amount)) for name, amount in shown] == [
        ("Paid online", "192.00"),
        ("Bank offer", "16.00"),
    ]


def test_paying_twice_charges_once(acquirer, wang, group):
    order = place(fill_worked(group, wang), wang, way=tie(wang, acquirer))

    pay_order(order_no=order.order_no, resident_id=wang.pk)
    again = pay_order(order_no=order.order_no, resident_id=wang.pk)

    assert again.kind == "done"
    assert Payment.objects.count() == 1


def test_somebody_else_cannot_pay_or_cancel_it(acquirer, wang, group):
    order = place(fill_worked(group, wang), wang)
    li = make_person("李小娟")

    for attempt in (pay_order, cancel_order, cancel_paid_order):
        with pytest.raises(Exception, match="no_such_order"):
            attempt(order_no=order.order_no, resident_id=li.pk)


def test_a_declined_card_leaves_the_order_to_be_paid_again(acquirer, wang, group):
    bad, good = tie(wang, acquirer, CCB_CREDIT_DECLINED), tie(wang, acquirer, PSBC_DEBIT)
    order = place(fill_worked(group, wang), wang, way=bad)

    refused = pay_order(order_no=order.order_no, resident_id=wang.pk)
    assert refused.kind == "failed"
    assert fresh(order).status == Status.PENDING_PAYMENT
    assert stock_line(group) == (100, 2, 2, 0)

    step = change_way(
        order_no=order.order_no,
        resident_id=wang.pk,
        wish=Wish(way=good),
        expected_payable=Money(20800),
    )

    assert step.kind == "done"
    paid = fresh(order)
    assert (paid.status, paid.agreement_no) == (Status.PAID, good)
    assert [attempt.status for attempt in attempts(order.order_no)] == ["succeeded", "failed"]


def test_another_way_swaps_the_offer_and_the_amount(acquirer, wang, group):
    make_offer(resident_day_limit=1)
    card = tie(wang, acquirer)
    order = place(fill_worked(group, wang), wang, way="cashier")
    first = pay_order(order_no=order.order_no, resident_id=wang.pk)
    assert first.kind == "redirect"

    with pytest.raises(PriceChangedError):
        change_way(
            order_no=order.order_no,
            resident_id=wang.pk,
            wish=Wish(way=card),
            expected_payable=Money(20800),
        )
    change_way(
        order_no=order.order_no,
        resident_id=wang.pk,
        wish=Wish(way=card),
        expected_payable=Money(19200),
    )

    paid = fresh(order)
    assert (paid.status, paid.payable_minor, paid.discount_minor) == (Status.PAID, 19200, 1600)
    assert list(paid.lines.values_list("offer_share_minor", flat=True)) == [231, 754, 615]
    assert payment_view(first.view.payment_no).status == "closed"
    assert BankOffer.objects.get().used_count == 1


def test_going_from_the_card_to_the_cashier_gives_the_offer_back(acquirer, wang, group):
    make_offer(budget_minor=1600)
    order = place(fill_worked(group, wang), wang, way=tie(wang, acquirer), payable=19200)

    change_way(
        order_no=order.order_no,
        resident_id=wang.pk,
        wish=Wish(way="cashier"),
        expected_payable=Money(20800),
    )

    waiting = fresh(order)
    assert (waiting.payable_minor, waiting.discount_minor) == (20800, 0)
    offer = BankOffer.objects.get()
    assert (offer.reserved_count, offer.reserved_minor) == (0, 0)


def test_an_unpaid_order_is_cancelled_and_everything_is_free_again(acquirer, wang, group):
    make_offer(resident_total_limit=1)
    order = place(fill_worked(group, wang), wang, way=tie(wang, acquirer), payable=19200)

    ended = cancel_order(order_no=order.order_no, resident_id=wang.pk)

    assert (ended.status, ended.ended_because) == (Status.CANCELLED, "resident")
    assert stock_line(group) == (100, 0, 0, 0)
    assert set(StockReservation.objects.values_list("state", flat=True)) == {"released"}
    assert set(ItemAllowance.objects.values_list("taken", flat=True)) == {0}
    assert OfferReservation.objects.get().state == "released"
    assert payment_view(order.payment_no).status == "closed"
    with pytest.raises(NotPayableError):
        pay_order(order_no=order.order_no, resident_id=wang.pk)
    assert (
        place(fill_worked(group, wang), wang, way=order.agreement_no, payable=19200).discount_minor
        == 1600
    )


def test_a_payment_under_way_is_closed_at_the_acquirer_before_anything_is_released(
    acquirer, wang, group
):
    order = place(fill_worked(group, wang), wang)
    step = pay_order(order_no=order.order_no, resident_id=wang.pk)

    ended = cancel_order(order_no=order.order_no, resident_id=wang.pk)

    assert ended.status == Status.CANCELLED
    assert payment_view(order.payment_no).status == "closed"
    assert stock_line(group) == (100, 0, 0, 0)
    assert step.kind == "redirect"


def test_money_that_came_before_the_close_goes_back_and_revives_nothing(acquirer, wang, group):
    order = place(fill_worked(group, wang), wang)
    pay_order(order_no=order.order_no, resident_id=wang.pk)
    acquirer.sim_pay(order.payment_no)  # she paid, and we have not heard

    ended = cancel_order(order_no=order.order_no, resident_id=wang.pk)

    assert ended.status == Status.CANCELLED
    assert payment_view(order.payment_no).application == "surplus"
    settle_refund(order)
    assert fresh(order).status == Status.CANCELLED
    assert stock_line(group) == (100, 0, 0, 0)
    assert not Entry.objects.exists()


def test_an_order_expires_a_minute_after_its_time(acquirer, wang, group):
    order = place(fill_worked(group, wang), wang)

    with time_machine.travel(order.expires_at + timedelta(seconds=59), tick=False):
        assert expire_due(limit=10) == {"asked": 0, "paid_meanwhile": 0}
    with time_machine.travel(order.expires_at + timedelta(seconds=61), tick=False):
        assert expire_due(limit=10)["asked"] == 1
        assert expire_due(limit=10)["asked"] == 0

    ended = fresh(order)
    assert (ended.status, ended.ended_because) == (Status.CANCELLED, "expired")
    assert set(StockReservation.objects.values_list("state", flat=True)) == {"expired"}
    assert stock_line(group) == (100, 0, 0, 0)


def test_a_paid_order_is_cancelled_before_the_cut_off_with_all_its_money(acquirer, wang, group):
    make_offer(resident_total_limit=1)
    card = tie(wang, acquirer)
    order = place(fill_worked(group, wang), wang, way=card, payable=19200)
    pay_order(order_no=order.order_no, resident_id=wang.pk)

    refund = cancel_paid_order(order_no=order.order_no, resident_id=wang.pk)
    again = cancel_paid_order(order_no=order.order_no, resident_id=wang.pk)

    assert refund.refund_no == again.refund_no
    assert refund.amount == Money(19200)
    assert stock_line(group) == (100, 0, 0, 0)
    offer = BankOffer.objects.get()
    assert (offer.used_count, offer.used_minor) == (0, 0)
    assert LeaderGroup.objects.get().order_count == 0
    settle_refund(order)
    back = fresh(order)
    assert (back.status, back.refunded_minor) == (Status.REFUNDED, 19200)
    next_order = place(fill_worked(group, wang), wang, way=card, payable=19200)
    assert next_order.discount_minor == 1600


def test_after_the_cut_off_nothing_is_cancelled(acquirer, wang, group):
    order = place(fill_worked(group, wang), wang, way=tie(wang, acquirer))
    pay_order(order_no=order.order_no, resident_id=wang.pk)
    cut_off_now(group_buy_id=group.group_buy_id)

    with pytest.raises(NotCancellableError):
        cancel_paid_order(order_no=order.order_no, resident_id=wang.pk)

    assert refunds_of(order.payment_no) == []


def test_a_formed_group_confirms_its_orders_once(acquirer, wang, group):
    order = place(fill_worked(group, wang), wang, way=tie(wang, acquirer))
    pay_order(order_no=order.order_no, resident_id=wang.pk)
    LeaderGroup.objects.update(state=State.FORMED)
    GroupBuy.objects.update(state=State.FORMED, formed_at=now())

    assert confirm_batch(10) == 0  # its result is not fixed yet
    assert cut_due(10) == {"cut": 1, "settled": 0}
    assert (confirm_batch(10), confirm_batch(10)) == (1, 0)
    assert fresh(order).status == Status.CONFIRMED


def test_a_group_that_did_not_form_gives_everything_back(acquirer, wang, group):
    order = place(fill_worked(group, wang), wang, way=tie(wang, acquirer))
    pay_order(order_no=order.order_no, resident_id=wang.pk)
    LeaderGroup.objects.update(state=State.FAILED)

    assert [refund_failed(10)["refunded"] for _twice in range(2)] == [1, 0]
    settle_refund(order)

    back = fresh(order)
    assert (back.status, back.ended_because) == (Status.REFUNDED, "not_formed")
    assert stock_line(group) == (100, 0, 0, 0)


def test_a_payment_found_after_expiry_but_before_release_still_counts(acquirer, wang, group):
    order = place(fill_worked(group, wang), wang)
    pay_order(order_no=order.order_no, resident_id=wang.pk)
    acquirer.sim_pay(order.payment_no)
    OrderFulfilment.objects.update(expires_at=now() - timedelta(minutes=2))

    expire_due(limit=10)  # asks for the close; the goods are still held
    refresh_payment(order.payment_no)

    paid = fresh(order)
    assert (paid.status, paid.cancel_requested_at, paid.ended_because) == (Status.PAID, None, "")
    assert stock_line(group) == (100, 2, 0, 2)
