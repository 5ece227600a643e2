"""Two phones at one delivery, one answer shared out by two people: each thing happens once."""

from __future__ import annotations

import itertools
import threading

import pytest
from django.db import IntegrityError

from mall.fulfilment.models import (
    Arrival,
    PackedBag,
    Shelf,
    Shortage,
    ShortageShare,
    SortedLine,
)
from mall.fulfilment.receiving import record_arrival
from mall.fulfilment.shelving import give_places
from mall.fulfilment.shortages import apply_shortage, decide
from mall.fulfilment.sorting import bag_done, tick_item
from mall.groupbuy.models import LeaderGroup
from mall.ordering.backs import Gone
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.returning import give_back
from payments.api import transact
from payments.models import OutboxEvent, Refund
from tests.factories.crowd import all_at_once
from tests.factories.groups import item_of
from tests.mall.fulfilment.day import buy, form
from tests.mall.ordering.shopping import make_worked_group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group(acquirer) -> LeaderGroup:
    group = make_worked_group()
    for name, n in (("王阿姨", 3), ("李小娟", 2), ("赵大爷", 1)):
        buy(group, acquirer, name=name, first=n)
    form(group)
    return group


def receive(group: LeaderGroup, n: int) -> Arrival:
    counts = {item_of(group, 1).pk: n}
    return record_arrival(group_id=group.pk, counts=counts, by=group.leader)


def test_two_phones_that_count_a_delivery_at_once_count_it_once(group):
    found = all_at_once([lambda n=n: receive(group, n) for n in (4, 4, 3, 3)])

    assert {each.pk for each in found} == {Arrival.objects.get().pk}
    counted = Arrival.objects.get().lines.get().received
    left = sum(line.quantity - line.refunded_quantity for line in LineFulfilment.objects.all())
    assert left == counted
    waiting = OrderFulfilment.objects.filter(status=Status.ARRIVED)
    assert OutboxEvent.objects.filter(fact="order.arrived").count() == waiting.count()
    assert len(set(waiting.values_list("pickup_code", flat=True))) == waiting.count()


def share_out(group: LeaderGroup, available: int) -> Shortage | None:
    return apply_shortage(
        source="supplier:7", item_id=item_of(group, 1).pk, available=available, by=group.leader
    )


def test_a_shortage_shared_out_by_four_at_once_is_paid_once(group):
    found = all_at_once([lambda: share_out(group, 2) for _ in range(4)])

    assert {each.pk for each in found} == {Shortage.objects.get().pk}
    assert sum(LineBack.objects.values_list("quantity", flat=True)) == 4
    assert Refund.objects.count() == 3
    left = sum(line.quantity - line.refunded_quantity for line in LineFulfilment.objects.all())
    assert left == 2


def test_looked_at_before_and_not_under_the_lock_it_would_be_paid_twice(group):
    """The negative control: who asks first what is to be paid and pays then, pays again."""
    wish = {"source": "supplier:7", "group_id": None, "by": group.leader}
    decide(available={item_of(group, 1).pk: 3}, **wish)
    everybody_looked = threading.Barrier(4)
    names = itertools.count(1)

    @transact()
    def pay(share: ShortageShare, name: int) -> None:
        order = locked_order(share.line.order.order_no)
        gone = [Gone(line_id=share.line_id, quantity=share.missing)]
        give_back(order, gone, key=f"careless:{name}", why=LineBack.Why.SHORTAGE)

    def look_then_pay() -> None:
        waiting = ShortageShare.objects.filter(settled_at=None).select_related("line__order")
        shares = list(waiting)
        everybody_looked.wait(timeout=30)
        for share in shares:
            pay(share, next(names))

    found = all_at_once([look_then_pay] * 4)

    refused = [each for each in found if isinstance(each, Exception)]
    assert refused or sum(LineBack.objects.values_list("quantity", flat=True)) > 3


def test_places_asked_for_by_six_at_once_are_given_once(group):
    wish = {"point_id": group.pickup_point_id, "day": group.group_buy.pickup_on}

    given = all_at_once([lambda: give_places(**wish) for _ in range(6)])

    assert sorted(given) == [0, 0, 0, 0, 0, 3]
    assert sorted(Shelf.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_the_database_itself_gives_a_place_once(group):
    """The negative control of the places: without the point's row held, the rows refuse."""
    first, second = OrderFulfilment.objects.order_by("pk")[:2]
    where = {"pickup_point": group.pickup_point, "pickup_on": group.group_buy.pickup_on}
    Shelf.objects.create(resident=first.resident, number=1, **where)
    with pytest.raises(IntegrityError):
        Shelf.objects.create(resident=second.resident, number=1, **where)


def test_two_phones_sort_at_once_and_every_tick_is_there(group):
    receive(group, 6)
    item, orders = item_of(group, 1), list(OrderFulfilment.objects.all())
    ticks = [
        lambda: tick_item(group_id=group.pk, item_id=item.pk, is_in=True, by=group.leader),
        *(
            lambda order=order: bag_done(order_no=order.order_no, is_done=True, by=group.leader)
            for order in orders
        ),
    ]

    found = all_at_once(ticks * 2)

    assert not [each for each in found if isinstance(each, Exception)]
    assert SortedLine.objects.filter(is_in=True).count() == 3
    assert PackedBag.objects.filter(is_done=True).count() == 3
