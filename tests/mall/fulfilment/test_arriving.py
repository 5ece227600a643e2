"""Counted in: shown before, shared once, refunded, finished after a kill, set right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mall.api import (
    OrderGoneError,
    Receipt,
    collect_order,
    preview_arrival,
    receipt_of,
    record_arrival,
)
from mall.fulfilment import receiving
from mall.fulfilment.correcting import correct_count
from mall.fulfilment.errors import CountedTooLateError, NothingToCorrectError
from mall.fulfilment.invariants import check
from mall.fulfilment.models import Arrival, ArrivalLine, Shortage, ShortageShare
from mall.fulfilment.receiving import finish_due
from mall.fulfilment.shortages import apply_shortage, settle, settle_due
from mall.groupbuy.models import LeaderGroup, Sharing
from mall.ordering.models import LineBack, Status
from mall.promotions.models import BankOffer
from payments.api import refunds_of
from tests.factories.groups import item_of, make_person
from tests.mall.fulfilment.day import buy, form, pieces
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import make_worked_group
from tests.mall.promotions.offers import make_offer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def group(acquirer) -> Iterator[LeaderGroup]:
    """A group at her point; after each story the rules of the day hold."""
    yield make_worked_group()
    assert [result.violations for result in check() if result.violations] == []


def three_buy(group, acquirer):
    """Five, one and two pieces of the corn, in this order."""
    wishes = (("王阿姨", 5), ("李小娟", 1), ("赵大爷", 2))
    return [buy(group, acquirer, name=name, first=n) for name, n in wishes]


def count(group, n, **more):
    return record_arrival(
        group_id=group.pk, counts={item_of(group, 1).pk: n}, by=group.leader, **more
    )


def fresh(orders):
    for order in orders:
        order.refresh_from_db()
    return orders


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (Sharing.FIRST_COME, [5, 1, 0]),
        (Sharing.PROPORTIONAL, [4, 1, 1]),
        (Sharing.FAIR, [3, 1, 2]),
    ],
)
def test_what_came_is_shared_by_the_group_buys_rule_as_it_was_shown(group, acquirer, rule, left):
    orders = three_buy(group, acquirer)
    form(group, sharing=rule)
    shown = preview_arrival(group.leader_id, group.pk, {item_of(group, 1).pk: 6})

    count(group, 6)

    assert [pieces(order)[0] for order in fresh(orders)] == left
    assert shown.missing == 2
    backs = {each.order_no: each.back_minor for each in shown.residents}
    given = {
        order.order_no: sum(refund.amount.minor for refund in refunds_of(order.payment_no))
        for order in orders
    }
    assert {no: minor for no, minor in given.items() if minor} == backs
    assert shown.back_minor == 6000
    nothing = {each.order_no for each in shown.residents if each.nothing_left}
    waiting = {order.order_no for order in orders if order.status == Status.ARRIVED}
    assert waiting == {order.order_no for order in orders} - nothing
    assert set(LineBack.objects.values_list("why", flat=True)) == {"shortage"}


def test_the_preview_knows_what_a_forfeited_offer_takes(group, acquirer):
    make_offer(refund_policy=BankOffer.RefundPolicy.FORFEIT)
    order = buy(group, acquirer, first=4, third=1, payable=18400)
    form(group)
    counts = {item_of(group, 1).pk: 3, item_of(group, 3).pk: 1}

    shown = preview_arrival(group.leader_id, group.pk, counts)
    record_arrival(group_id=group.pk, counts=counts, by=group.leader)

    (refund,) = refunds_of(order.payment_no)
    payer = sum(t.amount.minor for t in refund.tenders if str(t.funder) == "payer")
    assert shown.residents[0].back_minor == payer == 1400


def test_more_than_expected_is_written_down_and_given_to_nobody(group, acquirer):
    order = buy(group, acquirer, first=2)
    form(group)
    receipt = Receipt(signer="王姐", note="多了一箱", damaged={item_of(group, 1).pk: 1})

    count(group, 5, receipt=receipt)

    line = ArrivalLine.objects.get()
    assert (line.expected, line.received, line.surplus, line.damaged) == (2, 2, 3, 1)
    assert pieces(order) == [2]
    shown = receipt_of(group.leader_id, group.pk)
    assert (shown.signer, shown.note, shown.is_finished) == ("王姐", "多了一箱", True)
    with pytest.raises(OrderGoneError):
        receipt_of(make_person().pk, group.pk)


def test_killed_between_two_refunds_it_goes_on_where_it_stopped(group, acquirer, monkeypatch):
    orders = three_buy(group, acquirer)
    form(group)
    killed = RuntimeError("killed")
    real = receiving.settle

    def one_and_die(*, source):
        real(source=source, limit=1)
        raise killed

    monkeypatch.setattr(receiving, "settle", one_and_die)
    with pytest.raises(RuntimeError):
        count(group, 2)
    assert Arrival.objects.get().finished_at is None
    assert {order.status for order in fresh(orders)} == {Status.IN_TRANSIT}
    monkeypatch.undo()

    assert finish_due(10) == {"finished": 1}
    count(group, 8)  # the form sent once more says nothing new

    assert [pieces(order)[0] for order in orders] == [1, 1, 0]
    assert (finish_due(10), settle_due(10)) == ({"finished": 0}, {"refunded": 0})
    assert sum(len(refunds_of(order.payment_no)) for order in orders) == 2
    assert Shortage.objects.get().settled_at is not None


def test_the_same_shortage_applied_again_pays_nothing_again(group, acquirer):
    orders = three_buy(group, acquirer)
    form(group)
    wish = {"source": "supplier:1", "item_id": item_of(group, 1).pk, "by": group.leader}

    first = apply_shortage(available=4, **wish)
    again = apply_shortage(available=1, **wish)

    assert first.pk == again.pk
    assert [pieces(order)[0] for order in orders] == [2, 1, 1]
    assert settle(source="supplier:1").refunded == 0
    assert {share.got for share in ShortageShare.objects.all()} == {1, 2}
    # What is left is what the leader counts.
    count(group, 4)
    assert ArrivalLine.objects.get().expected == 4


def test_staff_set_a_count_right_and_the_first_one_stays(group, acquirer):
    orders = three_buy(group, acquirer)
    form(group)
    count(group, 8)
    line, office = ArrivalLine.objects.get(), make_person("调度", is_staff=True)

    correct_count(line_id=line.pk, received=6, reason="漏数一筐", by=office)
    correct_count(line_id=line.pk, received=7, reason="又找到一个", by=office)

    line.refresh_from_db()
    assert (line.received, [c.received for c in line.corrections.all()]) == (8, [6, 7])
    assert [pieces(order)[0] for order in orders] == [3, 1, 2]
    assert line.corrections.last().surplus == 1
    for wrong in ({"received": 7, "reason": "一样"}, {"received": 5, "reason": " "}):
        with pytest.raises(NothingToCorrectError):
            correct_count(line_id=line.pk, by=office, **wrong)


def test_what_was_handed_over_is_not_counted_away(group, acquirer):
    first, second = (buy(group, acquirer, name=name, first=1) for name in ("王阿姨", "李小娟"))
    form(group)
    count(group, 2)
    collect_order(order_no=first.order_no, by=group.leader)
    line = ArrivalLine.objects.get()

    with pytest.raises(CountedTooLateError):
        correct_count(line_id=line.pk, received=0, reason="没有", by=group.leader)
    correct_count(line_id=line.pk, received=1, reason="少一个", by=group.leader)

    assert (pieces(first), pieces(second)) == ([1], [0])
