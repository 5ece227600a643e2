"""Edits, moves and the cut-off at the same moment: exact to the piece and the fen."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import transaction

from mall.groupbuy.models import GroupBuy, LeaderGroup
from mall.ordering import invariants
from mall.ordering.backs import Gone
from mall.ordering.changing import change_order
from mall.ordering.cutoff import cut_due
from mall.ordering.ending import cancel_paid_order
from mall.ordering.models import LineBack, OrderFulfilment
from mall.ordering.moving import move_order
from mall.ordering.paying import locked_order
from mall.ordering.reducing import reduce_order
from payments import invariants as money
from payments.api import LinliError, now, refunds_of
from tests.factories.crowd import all_at_once
from tests.factories.groups import item_of
from tests.mall.ordering.discounted import back, fresh
from tests.mall.ordering.selling import close_and_form, lines_of, make_sale, order, paid_order, pays

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


def wrongs() -> list[object]:
    found = [*invariants.check(), *money.check()]
    return [violation for result in found for violation in result.violations]


def change(an_order: OrderFulfilment, left: int) -> object:
    (line, *_others) = lines_of(an_order)
    return change_order(
        order_no=an_order.order_no, resident_id=an_order.resident_id, quantities={line.pk: left}
    )


def broken(ends: list[object]) -> list[object]:
    return [end for end in ends if isinstance(end, Exception) and not isinstance(end, LinliError)]


def test_eight_tabs_that_take_the_same_off_give_it_back_once():
    (group,) = make_sale({}, {})
    one = paid_order(group, 5, 1)

    ends = all_at_once([partial(change, one, 3) for _ in range(8)])

    assert broken(ends) == []
    assert pays(one)[0] == (3, 9000)
    assert sum(back(one).values()) == 6000
    assert wrongs() == []


def test_tabs_that_take_different_amounts_off_leave_the_least_and_pay_back_the_rest():
    (group,) = make_sale({}, {})
    one = paid_order(group, 6, 1)

    ends = all_at_once([partial(change, one, left) for left in (5, 4, 3, 2, 1)])

    assert broken(ends) == []
    assert pays(one)[0] == (1, 3000)
    assert sum(back(one).values()) == 15000
    assert wrongs() == []


def test_a_cancellation_and_edits_at_once_give_back_everything_once():
    (group,) = make_sale({}, {})
    one = paid_order(group, 5, 1)
    cancel = partial(cancel_paid_order, order_no=one.order_no, resident_id=one.resident_id)

    ends = all_at_once([*(partial(change, one, left) for left in (4, 2, 1)), cancel, cancel])

    assert broken(ends) == []
    assert sum(back(one).values()) == 18000
    assert wrongs() == []


def test_an_edit_against_the_cut_off_is_before_it_or_refused():
    (group,) = make_sale({"tiers": [[5, 2500], [8, 2000]], "case_size": 2})
    orders = [paid_order(group, 3) for _ in range(3)]

    def decide() -> None:
        GroupBuy.objects.filter(pk=group.group_buy_id).update(state="closed")
        LeaderGroup.objects.filter(pk=group.pk).update(state="closed")
        close_by_hand(group)
        cut_due(100)

    ends = all_at_once([decide, *(partial(change, each, 1) for each in orders)])
    cut_due(100)

    assert broken(ends) == []
    assert GroupBuy.objects.get().cut_at is not None
    assert sum(pieces for each in orders for pieces, _minor in pays(each)) % 2 == 0
    assert wrongs() == []


def close_by_hand(group: LeaderGroup) -> None:
    """Form without waiting for the grace: what an edit in its way does to the cut is looked at."""
    with transaction.atomic():
        LeaderGroup.objects.filter(pk=group.pk).update(state="formed")
        GroupBuy.objects.filter(pk=group.group_buy_id).update(state="formed", formed_at=now())


def test_four_copies_of_the_job_give_back_once():
    (group,) = make_sale({"tiers": [[5, 2500]], "case_size": 2})
    orders = [paid_order(group, 3) for _ in range(3)]
    close_and_form(group)

    ends = all_at_once([partial(cut_due, 100) for _ in range(4)])
    cut_due(100)

    assert broken(ends) == []
    assert all(len(refunds_of(each.payment_no)) == 1 for each in orders)
    assert wrongs() == []


def test_the_last_pieces_freed_by_an_edit_are_sold_exactly():
    (group,) = make_sale({"quota": 6}, {})
    one = paid_order(group, 6, 1)

    ends = all_at_once([partial(change, one, 2), *(partial(order, group, 1) for _ in range(7))])
    late = []
    while not isinstance(last := all_at_once([partial(order, group, 1)])[0], Exception):
        late.append(last)

    placed = [end for end in [*ends[1:], *late] if isinstance(end, OrderFulfilment)]
    item = item_of(group)
    assert broken(ends) == []
    assert (len(placed), item.held, item.sold) == (4, 4, 2)
    assert wrongs() == []


def test_two_moves_at_once_go_to_one_place_with_everything():
    here, left, right = make_sale({}, points=3)
    one = paid_order(here, 2)
    moves = [
        partial(move_order, order_no=one.order_no, to_group_id=each.pk, by=one.resident)
        for each in (left, right, left, right)
    ]

    ends = all_at_once(moves)

    assert broken(ends) == []
    assert fresh(one).group_id in {left.pk, right.pk}
    assert sorted(LeaderGroup.objects.values_list("quantity", flat=True)) == [0, 0, 2]
    assert wrongs() == []


def test_an_edit_that_looks_first_and_locks_then_gives_back_too_much():
    """The negative control: what each tab saw is not what is left when its turn comes."""
    (group,) = make_sale({}, {})
    one = paid_order(group, 6, 1)
    tabs = (5, 4, 3)
    seen = threading.Barrier(len(tabs))

    def careless(left: int) -> None:
        (line, *_others) = lines_of(one)
        gone = [Gone(line_id=line.pk, quantity=line.quantity - line.refunded_quantity - left)]
        seen.wait(timeout=30)
        with transaction.atomic():
            order = locked_order(one.order_no)
            reduce_order(order, gone, key=f"careless:{left}", why=LineBack.Why.RESIDENT)

    all_at_once([partial(careless, left) for left in tabs])

    assert pays(one)[0] != (min(tabs), 9000)
