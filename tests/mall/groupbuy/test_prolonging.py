"""A sale ends by the clock, when it is full, or later than planned; who waits is told in turn."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from mall.groupbuy.baskets import basket_for, set_quantity
from mall.groupbuy.entries import add_entry
from mall.groupbuy.errors import NotReadyError, ProlongError, SaleFullError
from mall.groupbuy.jobs import close_due, close_full, form_due, remind_due
from mall.groupbuy.lifecycle import cut_off_now, open_now, schedule
from mall.groupbuy.models import GroupBuy, GroupBuyItem, LeaderGroup, State
from mall.groupbuy.prolonging import extend, prolong_by_leader
from mall.groupbuy.redating import move_pickup_day
from mall.groupbuy.shoppers import Shopper, new_token
from mall.pickup.errors import PointAwayError
from payments.api import now, transact
from payments.models import OutboxEvent
from tests.factories.groups import (
    item_of,
    make_draft,
    make_item_plan,
    make_open_group,
    make_person,
    make_point,
    make_product,
)

pytestmark = pytest.mark.django_db


def facts(name: str) -> list[dict]:
    return list(
        OutboxEvent.objects.filter(fact=name).order_by("pk").values_list("payload", flat=True)
    )


@transact()
def join(group: LeaderGroup, order_no: str, minor: int = 1000):
    return add_entry(
        group_id=group.pk,
        order_no=order_no,
        resident=make_person(),
        lines=[("糯玉米", 1)],
        amount_minor=minor,
    )


def test_ten_minutes_before_the_cut_off_it_is_told_once():
    group = make_open_group()
    closes_at = group.group_buy.closes_at

    with time_machine.travel(closes_at - timedelta(minutes=11), tick=False):
        assert remind_due(10)["reminded"] == 0
    with time_machine.travel(closes_at - timedelta(minutes=10), tick=False):
        assert remind_due(10)["reminded"] == 1
        assert remind_due(10)["reminded"] == 0

    (told,) = facts("groupbuy.closing")
    assert told["group_ids"] == [group.pk]
    assert told["closes_at"] == closes_at.isoformat()


def test_a_cut_off_that_passed_is_not_announced_and_a_new_one_is_told_again():
    group = make_open_group()
    closes_at = group.group_buy.closes_at
    with time_machine.travel(closes_at + timedelta(seconds=1), tick=False):
        assert remind_due(10)["reminded"] == 0
    with time_machine.travel(closes_at - timedelta(minutes=5), tick=False):
        remind_due(10)
        extend(group_buy_id=group.group_buy_id, closes_at=closes_at + timedelta(hours=1))
    with time_machine.travel(closes_at + timedelta(minutes=55), tick=False):
        assert remind_due(10)["reminded"] == 1

    assert len(facts("groupbuy.closing")) == 2


@pytest.mark.parametrize("most", [{"max_orders": 2}, {"max_amount_minor": 2000}])
def test_a_full_sale_closes_by_itself_and_says_sorry(most: dict[str, int]):
    group = make_open_group()
    GroupBuy.objects.update(**most)
    basket = basket_for(shopper=Shopper(token=new_token()), group_id=group.pk)
    join(group, "M1")
    assert close_full(10)["filled"] == 0
    join(group, "M2")

    with pytest.raises(SaleFullError):
        set_quantity(group_basket=basket, item_id=item_of(group).pk, quantity=1)
    assert close_full(10)["filled"] == 1
    assert close_full(10)["filled"] == 0
    with pytest.raises(SaleFullError):
        set_quantity(group_basket=basket, item_id=item_of(group).pk, quantity=1)

    sale = GroupBuy.objects.get()
    assert (sale.state, sale.filled_at is not None) == (State.CLOSED, True)
    assert sale.closes_at <= now()
    assert len(facts("groupbuy.full")) == 1


def test_a_full_sale_is_prolonged_only_after_it_may_take_more():
    group = make_open_group()
    GroupBuy.objects.update(max_orders=1)
    join(group, "M1")
    close_full(10)
    later = now() + timedelta(hours=30)

    with pytest.raises(NotReadyError):
        extend(group_buy_id=group.group_buy_id, closes_at=later)
    GroupBuy.objects.update(max_orders=5)
    sale = extend(group_buy_id=group.group_buy_id, closes_at=later)

    assert (sale.state, sale.filled_at) == (State.OPEN, None)
    assert len(facts("groupbuy.prolonged")) == 1


def test_the_leader_of_all_groups_prolongs_once_by_a_day_at_most():
    group = make_open_group()
    closes_at = group.group_buy.closes_at

    def prolong(by: timedelta, leader: int = group.leader_id):
        at = GroupBuy.objects.get().closes_at + by
        return prolong_by_leader(group_id=group.pk, leader_id=leader, closes_at=at)

    with pytest.raises(LeaderGroup.DoesNotExist):
        prolong(timedelta(hours=1), make_person().pk)
    with pytest.raises(ProlongError):
        prolong(timedelta(hours=25))
    prolong(timedelta(hours=2))
    with pytest.raises(ProlongError):
        prolong(timedelta(hours=2))

    assert GroupBuy.objects.get().closes_at == closes_at + timedelta(hours=2)


def test_a_refused_prolongation_does_not_use_up_her_one_time():
    group = make_open_group()
    too_late = group.group_buy.closes_at - timedelta(hours=1)
    with pytest.raises(NotReadyError):
        prolong_by_leader(group_id=group.pk, leader_id=group.leader_id, closes_at=too_late)

    group.refresh_from_db()
    assert group.prolonged_at is None


def test_where_other_leaders_take_part_only_the_mall_prolongs():
    sale = make_draft(points=[make_point("北门店"), make_point("南门店")])
    schedule(group_buy_id=sale.pk)
    open_now(group_buy_id=sale.pk)
    group = sale.groups.first()

    with pytest.raises(ProlongError):
        prolong_by_leader(
            group_id=group.pk,
            leader_id=group.leader_id,
            closes_at=sale.closes_at + timedelta(hours=1),
        )


def test_after_the_cut_off_and_before_the_decision_she_may_still_prolong():
    group = make_open_group()
    cut_off_now(group_buy_id=group.group_buy_id)

    prolong_by_leader(
        group_id=group.pk, leader_id=group.leader_id, closes_at=now() + timedelta(hours=2)
    )

    assert GroupBuy.objects.get().state == State.OPEN


def test_once_it_is_decided_she_may_not():
    group = make_open_group()
    cut_off_now(group_buy_id=group.group_buy_id)
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        form_due(10)
        with pytest.raises(ProlongError):
            prolong_by_leader(
                group_id=group.pk, leader_id=group.leader_id, closes_at=now() + timedelta(hours=2)
            )


@pytest.mark.parametrize(
    ("terms", "opens_again"),
    [({}, True), ({"tiers": [[20, 2000]]}, False), ({"case_size": 6}, False)],
)
def test_what_people_were_told_of_cases_and_prices_stands(terms: dict, *, opens_again: bool):
    group = make_open_group(items=[make_item_plan(make_product(), **terms)])
    cut_off_now(group_buy_id=group.group_buy_id)
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        form_due(10)
    GroupBuyItem.objects.update(final_price_minor=3000, final_quantity=4)
    GroupBuy.objects.update(cut_at=now())
    later = now() + timedelta(hours=30)

    if not opens_again:
        with pytest.raises(NotReadyError):
            extend(group_buy_id=group.group_buy_id, closes_at=later)
        return
    sale = extend(group_buy_id=group.group_buy_id, closes_at=later)

    item = GroupBuyItem.objects.get()
    assert (sale.state, sale.cut_at, item.final_price_minor, item.final_quantity) == (
        State.OPEN,
        None,
        None,
        None,
    )


def test_a_point_on_holiday_on_the_pickup_day_or_gone_by_then_takes_no_orders():
    group = make_open_group()
    day = group.group_buy.pickup_on
    basket = basket_for(shopper=Shopper(token=new_token()), group_id=group.pk)

    for change in (
        {"used_until": day - timedelta(days=1)},
        {"used_from": day + timedelta(days=1)},
    ):
        point = type(group.pickup_point).objects.filter(pk=group.pickup_point_id)
        point.update(**change)
        with pytest.raises(PointAwayError):
            set_quantity(group_basket=basket, item_id=item_of(group).pk, quantity=1)
        point.update(**dict.fromkeys(change))
    rest = group.pickup_point.breaks.create(first_day=day, last_day=day)
    with pytest.raises(PointAwayError):
        set_quantity(group_basket=basket, item_id=item_of(group).pk, quantity=1)
    rest.delete()

    assert set_quantity(group_basket=basket, item_id=item_of(group).pk, quantity=1).quantity == 1


def test_closing_late_is_closing():
    group = make_open_group()
    with time_machine.travel(group.group_buy.closes_at + timedelta(days=1), tick=False):
        assert close_due(10)["closed"] == 1
        assert remind_due(10)["reminded"] == 0


def test_the_pickup_day_moves_and_the_cut_off_stays():
    group = make_open_group()
    sale = group.group_buy
    later = sale.pickup_on + timedelta(days=1)

    moved = move_pickup_day(group_buy_id=sale.pk, day=later)
    move_pickup_day(group_buy_id=sale.pk, day=later)

    assert (moved.pickup_on, moved.closes_at) == (later, sale.closes_at)
    (told,) = facts("groupbuy.redated")
    assert (told["pickup_on"], told["was"]) == (later.isoformat(), sale.pickup_on.isoformat())
    with pytest.raises(NotReadyError):
        move_pickup_day(group_buy_id=sale.pk, day=sale.pickup_on - timedelta(days=9))
