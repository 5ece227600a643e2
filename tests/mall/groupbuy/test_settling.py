"""A group buy is over when none of its orders is open any more."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
import time_machine

from mall.fulfilment.closing import settle_due
from mall.groupbuy.lifecycle import mark_arrived
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.groupbuy.sale_rules import check_terms
from mall.ordering.models import OrderFulfilment, Status
from payments.api import SHANGHAI
from tests.mall.ordering.selling import make_sale, order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


def test_an_arrived_sale_is_settled_with_its_last_order_and_once():
    (group,) = make_sale({})
    order(group, 1)
    GroupBuy.objects.update(state=State.ARRIVED)
    LeaderGroup.objects.update(state=State.ARRIVED)
    assert settle_due(10) == {"emptied": 0, "settled": 0}

    OrderFulfilment.objects.update(status=Status.CANCELLED)
    assert settle_due(10) == {"emptied": 0, "settled": 1}
    assert settle_due(10) == {"emptied": 0, "settled": 0}

    assert GroupBuy.objects.get().state == State.SETTLED
    assert LeaderGroup.objects.get().state == State.SETTLED


def test_a_group_nobody_ordered_in_holds_no_sale_back():
    busy, quiet = make_sale({}, points=2)
    LeaderGroup.objects.filter(pk=busy.pk).update(order_count=1)
    GroupBuy.objects.update(state=State.ORDERED)
    LeaderGroup.objects.update(state=State.ORDERED)

    mark_arrived(group_id=busy.pk)

    assert GroupBuy.objects.get().state == State.ARRIVED
    assert set(LeaderGroup.objects.values_list("state", flat=True)) == {State.ARRIVED}
    assert mark_arrived(group_id=quiet.pk).state == State.ARRIVED


@pytest.mark.parametrize("state", [State.FORMED, State.ORDERED])
def test_a_sale_of_which_nothing_is_left_ends_after_its_pickup_day(state):
    (group,) = make_sale({})
    order(group, 1)
    GroupBuy.objects.update(state=state)
    LeaderGroup.objects.update(state=state)
    OrderFulfilment.objects.update(status=Status.CANCELLED)
    day = GroupBuy.objects.get().pickup_on

    with time_machine.travel(datetime.combine(day, time(23), tzinfo=SHANGHAI), tick=False):
        assert settle_due(10) == {"emptied": 0, "settled": 0}
    with time_machine.travel(datetime.combine(day, time(23), tzinfo=SHANGHAI) + timedelta(hours=2)):
        assert settle_due(10) == {"emptied": 1, "settled": 1}
        assert settle_due(10) == {"emptied": 0, "settled": 0}

    assert GroupBuy.objects.get().state == State.SETTLED
    assert LeaderGroup.objects.get().state == State.SETTLED
    broken = [each for result in check_terms() for each in result.violations]
    assert broken == []
