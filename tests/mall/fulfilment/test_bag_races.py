"""Two phones, one bag; two weights, one refund; the clock against the neighbour at the counter."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine

from mall.fulfilment import invariants
from mall.fulfilment.at_point import left_of
from mall.fulfilment.collecting import collect_order, collect_part
from mall.fulfilment.models import Collection, LineAtPoint, OverdueBag, OverduePolicy, Weighing
from mall.fulfilment.overdue_jobs import take_step, tend_due
from mall.fulfilment.weighing import Weigher, Weight, record_weighing
from mall.ordering.backs import Gone
from mall.ordering.models import LineBack, Status
from mall.ordering.returning import give_back
from payments.api import now, refunds_of, transact
from tests.factories.crowd import all_at_once
from tests.mall.fulfilment.counter import all_arrived, bought, by_weight, fresh, line
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import make_worked_group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group(acquirer):
    found = make_worked_group()
    by_weight(found)
    return found


@pytest.fixture
def order(group, acquirer):
    """Two pieces of corn, by weight, at the point."""
    found = bought(group, acquirer, payable=6000, first=2)
    all_arrived(group)
    return fresh(found)


def at_once(*actions):
    return all_at_once(list(actions))


def rules_hold():
    wrong = [violation for result in invariants.check() for violation in result.violations]
    assert wrong == [], wrong


@pytest.mark.usefixtures("books_agree")
def test_six_phones_hand_two_pieces_over_twice_in_all(group, order):
    corn = line(order).pk

    def phone(n):
        return collect_part(
            order_no=order.order_no, pieces={corn: 1}, by=group.leader, key=f"phone-{n}"
        )

    ends = at_once(*[lambda n=n: phone(n) for n in range(6)])

    assert sum(isinstance(end, Collection) for end in ends) == 2
    assert LineAtPoint.objects.get().collected == 2
    assert fresh(order).status == Status.COLLECTED
    rules_hold()


@pytest.mark.usefixtures("books_agree")
def test_the_whole_bag_and_one_form_sent_six_times_are_one_visit(group, order):
    ends = at_once(*[lambda: collect_order(order_no=order.order_no, by=group.leader)] * 6)

    assert {end.pk for end in ends} == {Collection.objects.get().pk}
    rules_hold()


def test_a_counter_that_reads_and_then_writes_hands_out_too_much(group, order):
    """The control: without the lock and the guarded update two phones both give the last piece."""
    gate = threading.Barrier(2)

    def careless():
        pieces = left_of(fresh(order))
        gate.wait(timeout=30)
        LineAtPoint.objects.update_or_create(
            line_id=line(order).pk, defaults={"received": 2, "collected": 2}
        )
        return sum(pieces.values())

    assert sum(at_once(careless, careless)) == 4


@pytest.mark.usefixtures("books_agree")
def test_six_weights_at_once_give_back_once(group, order):
    def scale(n):
        weight = Weight(line_id=line(order).pk, grams=1800)
        return record_weighing(weight, weigher=Weigher(user=group.leader), key=f"scale-{n % 3}")

    ends = at_once(*[lambda n=n: scale(n) for n in range(6)])

    assert len({end.pk for end in ends}) == 3
    assert [each.off_minor for each in Weighing.objects.order_by("pk")] == [600, 0, 0]
    assert [refund.amount.minor for refund in refunds_of(order.payment_no)] == [600]
    rules_hold()


def test_scales_that_look_first_and_pay_later_pay_twice(order):
    """The control: what goes back is worked out before the order is locked."""
    gate = threading.Barrier(2)

    def careless(key):
        paid_before = line(order).refunded_minor
        gate.wait(timeout=30)
        gone = [Gone(line_id=line(order).pk, off_minor=600 - paid_before, cost_minor=0)]
        pay = transact()(give_back)
        return pay(fresh(order), gone, key=key, why=LineBack.Why.WEIGHT)

    at_once(lambda: careless("a"), lambda: careless("b"))

    assert sum(refund.amount.minor for refund in refunds_of(order.payment_no)) > 600


@pytest.mark.usefixtures("books_agree")
def test_the_clock_and_the_neighbour_come_at_the_same_moment(group, acquirer):
    OverduePolicy.objects.update(valid_from=now() - timedelta(days=1))
    orders = [bought(group, acquirer, payable=3000, first=1) for _ in range(3)]
    all_arrived(group)
    tend_due(10)
    bags = {bag.order_id: bag for bag in OverdueBag.objects.all()}

    with time_machine.travel(max(bag.until for bag in bags.values()), tick=False):
        for order in orders:
            bag = bags[order.pk]
            at_once(
                lambda o=order: collect_order(order_no=o.order_no, by=group.leader),
                lambda b=bag, o=order: take_step(b.pk, order_no=o.order_no),
                lambda b=bag, o=order: take_step(b.pk, order_no=o.order_no),
            )

    for order in orders:
        row = LineAtPoint.objects.get(line__order=order)
        assert (row.collected, row.disposed) in {(1, 0), (0, 1)}
        refunded = sum(refund.amount.minor for refund in refunds_of(order.payment_no))
        assert refunded == (0 if row.collected else 3000)
    rules_hold()
