"""Money that comes late, by another attempt, or between two clicks: it pays or it goes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from mall.groupbuy.models import LeaderGroup, State
from mall.ordering import paying
from mall.ordering.ending import cancel_order, cancel_paid_order, expire_due
from mall.ordering.errors import NotCancellableError, StillCheckingError
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import change_way, pay_order
from mall.ordering.pricing import Wish
from mall.promotions.models import BankOffer
from payments import outbox
from payments.acquiring.contract import Outcome, PayResult
from payments.api import (
    Money,
    attempts,
    deliver_pending,
    now,
    payment_view,
    refunds_of,
    request_close,
    transact,
)
from payments.models import Payment
from payments.services.facts import apply_channel_fact
from tests.factories.groups import make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import fill_worked, make_worked_group, place
from tests.mall.ordering.tying import tie
from tests.mall.promotions.offers import make_offer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def wang():
    return make_person("王阿姨")


@pytest.fixture
def group() -> LeaderGroup:
    return make_worked_group()


def money_comes(payment_no: str) -> None:
    """The acquirer tells that an attempt was paid."""
    payment = Payment.objects.select_related("account").get(payment_no=payment_no)
    result = PayResult(
        Outcome.SUCCEEDED,
        payment_no,
        amount=payment.amount,
        merchant_id=payment.account.merchant_id,
        acquirer_no=f"A{payment_no[-8:]}",
        paid_at=timezone.now(),
    )
    apply_channel_fact(source="query", account=payment.account, result=result)


def test_late_money_of_the_way_before_pays_nothing_with_an_offer_given_back(acquirer, wang, group):
    make_offer(budget_minor=1600)
    order = place(fill_worked(group, wang), wang, way=tie(wang, acquirer), payable=19200)
    first = order.payment_no
    change_way(
        order_no=order.order_no,
        resident_id=wang.pk,
        wish=Wish(way="cashier"),
        expected_payable=Money(20800),
    )

    money_comes(first)

    assert payment_view(first).application == "surplus"
    assert [refund.amount for refund in refunds_of(first)] == [Money(19200)]
    order.refresh_from_db()
    assert (order.status, order.payable_minor) == (Status.PENDING_PAYMENT, 20800)
    offer = BankOffer.objects.get()
    assert (offer.reserved_count, offer.used_count) == (0, 0)


def test_late_money_of_a_closed_attempt_at_the_same_price_pays(acquirer, wang, group):
    make_offer(budget_minor=1600)
    order = place(fill_worked(group, wang), wang, way=tie(wang, acquirer), payable=19200)
    first = order.payment_no
    transact()(request_close)(first, reason="too slow")
    second = paying._attempt_to_send(order_no=order.order_no, resident_id=wang.pk)

    money_comes(first)

    order.refresh_from_db()
    assert (order.status, order.payment_no) == (Status.PAID, first)
    assert payment_view(second).status == "closed"
    assert BankOffer.objects.get().used_count == 1


def test_a_second_tab_that_pays_meanwhile_stops_the_change_of_way(
    acquirer, wang, group, monkeypatch
):
    make_offer(budget_minor=1600)
    order = place(fill_worked(group, wang), wang, way=tie(wang, acquirer), payable=19200)
    swap = paying._swap

    def after_the_other_tab(**wish):
        paying._attempt_to_send(order_no=order.order_no, resident_id=wang.pk)
        return swap(**wish)

    monkeypatch.setattr(paying, "_swap", after_the_other_tab)

    with pytest.raises(StillCheckingError):
        change_way(
            order_no=order.order_no,
            resident_id=wang.pk,
            wish=Wish(way="cashier"),
            expected_payable=Money(20800),
        )

    order.refresh_from_db()
    assert (order.payable_minor, order.discount_minor) == (19200, 1600)
    assert [attempt.amount for attempt in attempts(order.order_no)] == [Money(19200)] * 2


@pytest.fixture
def expiring(acquirer, wang, group) -> OrderFulfilment:
    """An order whose time is over and whose payment is being closed."""
    order = place(fill_worked(group, wang), wang)
    pay_order(order_no=order.order_no, resident_id=wang.pk)
    OrderFulfilment.objects.update(expires_at=now() - timedelta(minutes=2))
    expire_due(limit=10)
    return order


def test_her_cancelling_outweighs_the_clocks(expiring, wang):
    Payment.objects.update(queried_at=now())  # somebody has just asked: we do not ask again

    cancel_order(order_no=expiring.order_no, resident_id=wang.pk)
    money_comes(expiring.payment_no)

    expiring.refresh_from_db()
    assert (expiring.status, expiring.ended_because) == (Status.CANCELLED, "resident")
    assert payment_view(expiring.payment_no).application == "surplus"


def test_an_order_that_has_not_heard_of_its_money_gives_none_back(expiring, wang, monkeypatch):
    monkeypatch.setattr(outbox, "_deliver_aggregate", lambda _aggregate: None)
    money_comes(expiring.payment_no)

    with pytest.raises(NotCancellableError):
        cancel_paid_order(order_no=expiring.order_no, resident_id=wang.pk)

    assert refunds_of(expiring.payment_no) == []
    deliver_pending()
    expiring.refresh_from_db()
    assert expiring.status == Status.PAID


def test_an_order_that_hears_of_its_money_after_the_goods_came_gives_it_back(
    acquirer, wang, group, monkeypatch
):
    order = place(fill_worked(group, wang), wang)
    with monkeypatch.context() as held_up:
        held_up.setattr(outbox, "_deliver_aggregate", lambda _aggregate: None)
        pay_order(order_no=order.order_no, resident_id=wang.pk)
        money_comes(order.payment_no)
    LeaderGroup.objects.update(state=State.ARRIVED)

    deliver_pending()

    order.refresh_from_db()
    assert (order.status, order.ended_because) == (Status.PAID, "staff")
    assert [refund.amount for refund in refunds_of(order.payment_no)] == [Money(20800)]
