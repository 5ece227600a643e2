"""Complaints while the goods wait: what is left afterwards is booked, whoever bears the rest."""

from __future__ import annotations

import pytest

from mall.aftersales.deciding import approve, offer
from mall.aftersales.models import DecisionAllowance
from mall.aftersales.recall_job import carry_on
from mall.aftersales.worth import Claimed
from mall.fulfilment.closing import close_due
from mall.fulfilment.collecting import collect_order, collect_part
from mall.fulfilment.disposing import end_bag
from mall.fulfilment.models import OverdueBag, OverduePolicy
from mall.fulfilment.undoing import undo_collection
from mall.ordering.backs import Gone
from mall.ordering.models import LineBack, OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.returning import give_back as money_back
from payments.api import balance, deliver_pending, now, transact
from payments.models import JournalTransaction
from tests.mall.aftersales.complaining import (
    again,
    arrived_order,
    complain,
    fresh,
    lines_of,
    make_staff,
)
from tests.mall.aftersales.test_recalls import batch_of, started

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


def take(order: OrderFulfilment, *quantities: int) -> None:
    """She takes so many of her lines."""
    pieces = {line.pk: n for line, n in zip(lines_of(order), quantities, strict=True)}
    collect_part(order_no=order.order_no, pieces=pieces, by=order.leader, key=f"{quantities}")


def owed(order: OrderFulfilment) -> int:
    parties = {f"supplier:{line.supplier_id}" for line in lines_of(order)}
    return -sum(balance("2201", party=party) for party in parties)


def fulfilments() -> int:
    return JournalTransaction.objects.filter(kind="fulfil").count()


def test_what_she_took_is_booked_once_the_rest_went_back():
    order, staff = arrived_order(), make_staff("客服")
    take(order, 1, 2, 0)
    assert fulfilments() == 0

    case = complain(fresh(order), line=2, quantity=1)
    approve(case_no=case.case_no, by=staff, role="mall")

    done = fresh(order)
    assert (done.status, done.collected_at is not None) == (Status.COLLECTED, True)
    assert fulfilments() == 1
    assert balance("2101", reference=order.order_no) == 0
    assert collect_order(order_no=order.order_no, by=order.leader).is_last

    undo_collection(order_no=order.order_no, by=order.leader, reason="not hers")
    assert fresh(order).status == Status.ARRIVED
    collect_order(order_no=order.order_no, by=order.leader)
    assert (fresh(order).status, owed(order)) == (Status.COLLECTED, 2400 + 7840)


def test_a_recall_of_the_rest_completes_the_order_too():
    order = arrived_order()
    take(order, 1, 0, 1)

    started(batch_of(order))
    carry_on()
    carry_on()

    assert fresh(order).status == Status.COLLECTED
    assert owed(order) == 2400 + 6400


def test_parts_undone_and_refunded_in_turn_are_booked_each_time_anew():
    order, staff = arrived_order(), make_staff("客服")
    take(order, 1, 0, 0)
    take(order, 0, 2, 0)
    case = complain(fresh(order), line=2, quantity=1)
    approve(case_no=case.case_no, by=staff, role="mall")
    assert fresh(order).status == Status.COLLECTED

    undo_collection(order_no=order.order_no, by=order.leader, reason="dropped")
    case = complain(fresh(order), line=1, quantity=2)
    approve(case_no=case.case_no, by=staff, role="mall")

    assert (fresh(order).status, owed(order)) == (Status.COLLECTED, 2400)
    undo_collection(order_no=order.order_no, by=order.leader, reason="dropped too")
    assert (fresh(order).status, owed(order)) == (Status.ARRIVED, 0)


def test_what_the_mall_gives_back_at_the_point_the_supplier_is_owed():
    order, staff = arrived_order(), make_staff("客服")

    for line, quantity in ((0, 1), (1, 2), (2, 1)):
        case = complain(fresh(order), line=line, quantity=quantity, why="wrong-goods")
        approve(case_no=case.case_no, by=staff, role="mall")

    assert owed(order) == 2400 + 7840 + 6400
    assert fulfilments() == 1
    assert fresh(order).status == Status.ARRIVED  # the refund itself moves it


def test_goods_the_supplier_takes_back_at_the_point_cost_nothing():
    order, staff = arrived_order(), make_staff("客服")

    for line, quantity in ((0, 1), (1, 2), (2, 1)):
        case = complain(fresh(order), line=line, quantity=quantity)
        approve(case_no=case.case_no, by=staff, role="mall", bearer="supplier")

    assert (owed(order), fulfilments()) == (0, 0)


def test_a_bag_that_ends_waits_for_its_open_case():
    order = arrived_order()
    case = complain(order, line=1, quantity=1)
    policy = OverduePolicy.objects.create(
        storage_class="", outcome="nothing", text="当日", valid_from=now()
    )
    at = now()
    bag = OverdueBag.objects.create(
        order=order, storage_class="", policy=policy, until=at, next_at=at
    )

    _end(order, bag)

    ended = fresh(order)
    assert (ended.status, ended.window_held) == (Status.COLLECTED, True)
    assert close_due(10) == {"closed": 0}
    approve(case_no=case.case_no, by=make_staff("客服"), role="mall")
    assert close_due(10) == {"closed": 1}


@transact()
def _end(order: OrderFulfilment, bag: OverdueBag) -> None:
    pieces = {line.pk: line.quantity for line in lines_of(order)}
    end_bag(locked_order(order.order_no), bag, pieces)


def test_an_offer_overtaken_by_a_refund_frees_its_leaders_day():
    order = arrived_order()
    case = complain(order, line=0, quantity=1)
    half = Claimed(payer_minor=500)
    offer(case_no=case.case_no, by=order.leader, role="leader", claimed=half, text="小的")
    assert DecisionAllowance.objects.get().used_minor == 500

    _give_back_line(order)
    deliver_pending(100)

    assert (again(case).status, again(case).counted_on) == ("cancelled", None)
    assert DecisionAllowance.objects.get().used_minor == 0


@transact()
def _give_back_line(order: OrderFulfilment) -> None:
    gone = [Gone(line_id=lines_of(order)[0].pk, quantity=1)]
    money_back(locked_order(order.order_no), gone, key="x", why=LineBack.Why.STAFF)
