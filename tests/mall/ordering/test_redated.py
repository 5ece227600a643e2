"""A sale is collected on another day: every order says it, everybody is told, each time once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mall.groupbuy.errors import NotReadyError
from mall.groupbuy.lifecycle import cut_off_now
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.groupbuy.redating import move_pickup_day
from mall.messaging.models import Message
from mall.messaging.wording import words_of
from mall.ordering.models import OrderFulfilment
from mall.ordering.status import move
from payments.api import deliver_pending
from payments.models import OutboxEvent
from tests.mall.ordering.discounted import fresh
from tests.mall.ordering.selling import make_sale, order, paid_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


def move_by(group: LeaderGroup, days: int) -> str:
    sale = GroupBuy.objects.get(pk=group.group_buy_id)
    day = sale.pickup_on + timedelta(days=days)
    move_pickup_day(group_buy_id=sale.pk, day=day)
    deliver_pending(100)
    deliver_pending(100)
    return day.isoformat()


def day_of(order: OrderFulfilment) -> str:
    return str(fresh(order).pickup_snapshot["pickup_on"])


def told(kind: str) -> list[int | None]:
    return list(Message.objects.filter(kind=kind).order_by("pk").values_list("user_id", flat=True))


def test_her_order_says_the_new_day_and_she_and_the_leader_are_told():
    here, there = make_sale({}, points=2)
    mine, hers, waits = paid_order(here, 1), paid_order(there, 1), order(here, 1)
    gone = paid_order(here, 1)
    move(gone, "refunded")
    before = day_of(mine)
    cut_off_now(group_buy_id=here.group_buy_id)

    day = move_by(here, 1)

    assert [day_of(each) for each in (mine, hers, waits)] == [day] * 3
    assert day_of(gone) == before
    assert set(told("order.redated")) == {mine.resident_id, hers.resident_id, waits.resident_id}
    assert told("group.redated") == [here.leader_id, there.leader_id]
    message = Message.objects.filter(kind="order.redated").first()
    body = words_of(message.kind, message.values, language="en").body
    assert "the day has changed" in body
    assert GroupBuy.objects.get().pickup_on.strftime("%B %-d") in body


def test_there_and_back_and_there_again_is_told_three_times():
    (group,) = make_sale({})
    mine = paid_order(group, 1)
    cut_off_now(group_buy_id=group.group_buy_id)

    for days in (1, -1, 1):
        day = move_by(group, days)
        assert day_of(mine) == day

    assert told("order.redated") == [mine.resident_id] * 3


def test_a_fact_delivered_late_tells_nobody_of_a_day_that_passed_by():
    (group,) = make_sale({})
    paid_order(group, 1)
    cut_off_now(group_buy_id=group.group_buy_id)
    sale = GroupBuy.objects.get()
    for days in (1, 2):
        move_pickup_day(group_buy_id=sale.pk, day=sale.pickup_on + timedelta(days=days))
    deliver_pending(100)
    deliver_pending(100)

    last = (sale.pickup_on + timedelta(days=2)).isoformat()
    facts = OutboxEvent.objects.filter(fact="group.redated").order_by("pk")
    days = [fact.payload["pickup_on"] for fact in facts]
    assert (len(days), days[-1]) == (2, last)
    values = Message.objects.filter(kind="order.redated").values_list("values", flat=True)
    assert {each["pickup_at"][:10] for each in values} == {last}


def test_once_the_first_goods_are_there_the_day_stays():
    here, _there = make_sale({}, points=2)
    paid_order(here, 1)
    cut_off_now(group_buy_id=here.group_buy_id)
    GroupBuy.objects.update(state=State.ORDERED)
    LeaderGroup.objects.update(state=State.ORDERED)
    LeaderGroup.objects.filter(pk=here.pk).update(state=State.ARRIVED)

    with pytest.raises(NotReadyError):
        move_by(here, 1)
