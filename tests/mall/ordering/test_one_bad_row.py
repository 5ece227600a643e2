"""One order whose books are wrong stops no other order, no other sale and no other day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.ordering.cutoff import cut_due, is_cut
from mall.ordering.ending import expire_due
from mall.ordering.jobs import refund_due
from mall.ordering.models import OrderFulfilment, StockReservation
from payments.api import Troubles, remembering, travelling
from tests.mall.ordering.discounted import fresh
from tests.mall.ordering.selling import close_and_form, make_sale, order, paid_order, pays

pytestmark = pytest.mark.django_db
TIERS = [[2, 2500]]


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


def lose_payment(order: OrderFulfilment) -> None:
    """Nobody knows the order's payment: nothing can be given back."""
    OrderFulfilment.objects.filter(pk=order.pk).update(payment_no="P-lost")


def lose_stock(order: OrderFulfilment) -> None:
    """Somebody freed what the order holds by hand: its books do not add up."""
    for held in StockReservation.objects.filter(line__order=order):
        type(held.line.item).objects.filter(pk=held.line.item_id).update(held=0)


def test_an_order_that_cannot_be_settled_holds_up_its_own_sale_and_no_other():
    (bad,), (good,) = make_sale({"tiers": TIERS}), make_sale({"tiers": TIERS})
    lost, beside, other = paid_order(bad, 2), paid_order(bad, 1), paid_order(good, 2)
    close_and_form(bad)
    close_and_form(good)
    lose_payment(lost)

    counts = cut_due(10)

    assert (counts["settled"], counts["failed"]) == (2, 1)
    assert pays(beside) == [(1, 2500)]
    assert pays(other) == [(2, 5000)]
    assert [is_cut(group_buy_id=group.group_buy_id) for group in (bad, good)] == [False, True]


def test_orders_behind_one_that_keeps_failing_have_their_turn():
    (group,) = make_sale({"tiers": TIERS})
    orders = [paid_order(group, 1) for _ in range(3)]
    close_and_form(group)
    lose_payment(orders[0])
    kept = {}
    for _run in range(4):
        with remembering(Troubles.of(kept)) as troubles:
            cut_due(1)
        kept = troubles.as_json()

    assert [pays(each) for each in orders[1:]] == [[(1, 2500)]] * 2
    assert list(kept) == [f"settled {orders[0].order_no}"]


def test_everybody_else_of_a_group_that_failed_gets_the_money_back():
    (group,) = make_sale({})
    lost, other = paid_order(group, 1), paid_order(group, 1)
    GroupBuy.objects.update(state=State.FAILED)
    LeaderGroup.objects.update(state=State.FAILED)
    lose_payment(lost)

    assert refund_due(10) == {"refunded": 1, "failed": 1}

    assert fresh(other).cancel_requested_at is not None
    assert fresh(lost).cancel_requested_at is None


def test_an_unpaid_order_that_cannot_end_holds_nobody_elses_goods():
    (group,) = make_sale({}, {})
    lost, other = order(group, 1), order(group, 0, 1)
    OrderFulfilment.objects.filter(pk=lost.pk).update(expires_at=lost.placed_at)
    lose_payment_of_unpaid(lost)

    with travelling(other.expires_at + timedelta(minutes=5)):
        counts = expire_due(10)

    assert (counts["asked"], counts["failed"]) == (1, 1)
    assert fresh(other).cancel_requested_at is not None


def lose_payment_of_unpaid(order: OrderFulfilment) -> None:
    from payments.models import Payment  # noqa: PLC0415

    Payment.objects.filter(payment_no=order.payment_no).update(status="failed")
    lose_stock(order)


def test_a_sale_that_is_cut_is_asked_once(django_assert_num_queries):
    (group,) = make_sale({"tiers": TIERS})
    paid_order(group, 2)
    close_and_form(group)
    cut_due(10)
    from mall.ordering.cutoff import fix  # noqa: PLC0415

    # One, between the savepoint of the transaction it joins and its end.
    with django_assert_num_queries(3):
        assert fix(group_buy_id=group.group_buy_id)
