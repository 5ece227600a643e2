"""Collected in parts: several visits, one wish once, undone exactly, two orders in one go."""

from __future__ import annotations

import pytest

from mall.fulfilment import invariants
from mall.fulfilment.collecting import collect_order, collect_part, collect_together
from mall.fulfilment.counter import bag_of, just_collected
from mall.fulfilment.errors import NotCollectableError, NotUndoableError, PartError
from mall.fulfilment.finding import find_by_code, find_by_tail
from mall.fulfilment.models import Collection, LineAtPoint
from mall.fulfilment.undoing import undo_collection
from mall.ordering.errors import OrderGoneError
from mall.ordering.models import Status
from payments.api import balance
from payments.models import JournalTransaction, OutboxEvent
from tests.factories.groups import make_person
from tests.mall.fulfilment.counter import all_arrived, bought, by_weight, fresh, keep, line
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import make_worked_group

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def group(acquirer):
    return make_worked_group()


@pytest.fixture(autouse=True)
def point_agrees(db):
    yield
    wrong = [violation for result in invariants.check() for violation in result.violations]
    assert wrong == [], wrong


def take(order, by, *, key="", **pieces):
    """Take pieces of her lines: first=1, second=1."""
    names = ("first", "second", "third")
    lines = {line(order, names.index(name)).pk: n for name, n in pieces.items()}
    return collect_part(order_no=order.order_no, pieces=lines, by=by, key=key)


def test_parts_are_taken_over_several_visits_and_booked_once(group, acquirer):
    order = bought(group, acquirer, payable=20800, first=1, second=2, third=1)
    all_arrived(group)
    code = fresh(order).pickup_code

    first = take(order, group.leader, key="a", first=1, second=1)
    again = take(order, group.leader, key="a", third=1)

    assert (first.pk, first.is_last) == (again.pk, False)
    assert fresh(order).status == Status.ARRIVED
    assert not JournalTransaction.objects.filter(kind="fulfil").exists()
    bag = bag_of(order.order_no, by=group.leader)
    assert [(each.quantity, each.done) for each in bag.lines] == [(0, 1), (1, 1), (1, 0)]
    for wrong in ({"first": 1}, {"second": 2}, {}):
        with pytest.raises(PartError):
            take(order, group.leader, key="b", **wrong)
    told = OutboxEvent.objects.get(fact="order.part_collected").payload
    assert (told["pieces"], told["left"]) == (2, 2)

    found = find_by_code(point_id=group.pickup_point_id, code=code, by=group.leader)
    last = take(found, group.leader, key="c", second=1, third=1)

    assert last.is_last
    assert fresh(order).status == Status.COLLECTED
    assert balance("2101", reference=order.order_no) == 0
    assert -balance("2201") == 16640
    assert collect_order(order_no=order.order_no, by=group.leader).pk == last.pk
    with pytest.raises(NotCollectableError):
        take(order, group.leader, key="d", first=1)
    assert OutboxEvent.objects.filter(fact="order.collected").count() == 1


def test_the_last_visit_is_undone_first_and_exactly(group, acquirer):
    order = bought(group, acquirer, payable=9800, second=2)
    all_arrived(group)
    part = take(order, group.leader, key="a", first=1)
    code = fresh(order).pickup_code
    rest = collect_order(order_no=order.order_no, by=group.leader)

    with pytest.raises(NotUndoableError):
        undo_collection(order_no=order.order_no, by=group.leader, reason="x", collection_id=part.pk)
    for _twice in range(2):
        undo_collection(
            order_no=order.order_no, by=group.leader, reason="not hers", collection_id=rest.pk
        )

    back = fresh(order)
    assert (back.status, back.pickup_code != code) == (Status.ARRIVED, True)
    assert LineAtPoint.objects.get().collected == 1
    assert -balance("2101", reference=order.order_no) == 9800
    undo_collection(order_no=order.order_no, by=group.leader, reason="x", collection_id=part.pk)
    assert LineAtPoint.objects.get().collected == 0
    with pytest.raises(NotUndoableError):
        undo_collection(order_no=order.order_no, by=group.leader, reason="nothing left")
    collect_order(order_no=order.order_no, by=group.leader)
    assert balance("2101", reference=order.order_no) == 0
    assert Collection.objects.filter(undone_at=None).count() == 1


def test_the_counter_knows_what_else_waits_for_her(group, acquirer):
    keep(group, storage="chilled", position=3)
    by_weight(group)
    resident = make_person("王阿姨")
    one = bought(group, acquirer, resident=resident, payable=11000, first=1, third=1)
    two = bought(group, acquirer, resident=resident, payable=4900, second=1)
    stranger = bought(group, acquirer, name="李小娟", payable=4900, second=1)
    all_arrived(group)

    bag = bag_of(one.order_no, by=group.leader)
    assert [(label.n, label.m, label.is_cold) for label in bag.labels] == [
        (1, 2, False),
        (2, 2, True),
    ]
    assert (bag.is_cold, bag.needs_weight) == (True, True)
    assert [other.order_no for other in bag.others] == [two.order_no]
    tail = fresh(one).receiver_phone[-4:]
    found = find_by_tail(point_id=group.pickup_point_id, tail=tail)
    assert len(found) == 3  # all three gave the same phone
    assert find_by_tail(point_id=group.pickup_point_id, tail="12") == []
    with pytest.raises(OrderGoneError):
        collect_together(order_nos=[one.order_no, stranger.order_no], by=group.leader, means="list")
    assert fresh(one).status == Status.ARRIVED

    collect_together(order_nos=[one.order_no, two.order_no], by=group.leader, means="list")

    assert [fresh(each).status for each in (one, two)] == [Status.COLLECTED] * 2
    assert {visit.order_no for visit in just_collected(group.leader_id)} == {
        one.order_no,
        two.order_no,
    }
