"""A group buy opens, closes and forms by the clock, once, whoever else tries."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from mall.groupbuy.errors import NotReadyError
from mall.groupbuy.jobs import close_due, form_due, open_due
from mall.groupbuy.lifecycle import (
    cut_off_now,
    mark_arrived,
    mark_ordered,
    open_now,
    schedule,
    unschedule,
)
from mall.groupbuy.models import EDGES, GroupBuy, LeaderGroup, State
from mall.groupbuy.prolonging import extend
from payments.api import IllegalTransitionError, now
from payments.models import OutboxEvent
from tests.factories.groups import make_draft, make_open_group, make_point

pytestmark = pytest.mark.django_db
MS = timedelta(milliseconds=1)


def facts() -> list[str]:
    return list(OutboxEvent.objects.order_by("pk").values_list("fact", flat=True))


def state_of(group_buy: GroupBuy) -> str:
    return GroupBuy.objects.get(pk=group_buy.pk).state


def test_a_draft_without_items_or_points_says_what_is_missing():
    with pytest.raises(NotReadyError, match="group_buy_not_ready") as refused:
        schedule(group_buy_id=make_draft(items=[]).pk)
    assert "item" in str(refused.value.user_message) or "团品" in str(refused.value.user_message)
    with pytest.raises(NotReadyError):
        schedule(group_buy_id=make_draft(points=[]).pk)


def test_a_draft_whose_cut_off_passed_or_whose_pickup_comes_first_is_not_scheduled():
    late = make_draft(opens_at=now() - timedelta(days=2), closes_at=now() - timedelta(days=1))
    early = make_draft(pickup_on=(now() - timedelta(days=3)).date())

    for group_buy in (late, early):
        with pytest.raises(NotReadyError):
            schedule(group_buy_id=group_buy.pk)
        assert state_of(group_buy) == State.DRAFT


def test_it_opens_at_its_instant_and_not_a_millisecond_before():
    group_buy = schedule(group_buy_id=make_draft().pk)

    with time_machine.travel(group_buy.opens_at - MS, tick=False):
        assert open_due(10) == {"opened": 0}
    with time_machine.travel(group_buy.opens_at, tick=False):
        assert open_due(10) == {"opened": 1}
        assert open_due(10) == {"opened": 0}

    assert state_of(group_buy) == State.OPEN
    assert list(group_buy.groups.values_list("state", flat=True)) == [State.OPEN]
    assert facts() == ["groupbuy.opened"]


def test_it_closes_at_its_instant_and_the_job_may_come_late():
    group = make_open_group()
    closes_at = group.group_buy.closes_at

    with time_machine.travel(closes_at - MS, tick=False):
        assert close_due(10) == {"closed": 0}
    with time_machine.travel(closes_at + timedelta(hours=3), tick=False):
        assert close_due(10) == {"closed": 1}
        assert close_due(10) == {"closed": 0}

    assert facts() == ["groupbuy.opened", "groupbuy.closed"]


def test_it_forms_when_nothing_is_held_any_more():
    group = make_open_group()
    group.group_buy.items.update(held=1)
    cut_off_now(group_buy_id=group.group_buy_id)
    closes_at = GroupBuy.objects.get().closes_at

    with time_machine.travel(closes_at + timedelta(minutes=5), tick=False):
        assert form_due(10) == {"decided": 0}
        group.group_buy.items.update(held=0, sold=1)
        assert form_due(10) == {"decided": 1}
        assert form_due(10) == {"decided": 0}

    event = OutboxEvent.objects.get(fact="groupbuy.formed")
    assert event.payload["group_ids"] == [group.pk]
    assert state_of(group.group_buy) == State.FORMED


def test_it_forms_when_the_grace_has_run_out_whatever_is_held():
    group = make_open_group()
    group.group_buy.items.update(held=1)
    cut_off_now(group_buy_id=group.group_buy_id)
    group_buy = GroupBuy.objects.get()

    with time_machine.travel(group_buy.pay_until - MS, tick=False):
        assert form_due(10)["decided"] == 0
    with time_machine.travel(group_buy.pay_until, tick=False):
        assert form_due(10)["decided"] == 1


def test_an_order_being_placed_at_the_cut_off_has_time_to_commit():
    group = make_open_group()
    cut_off_now(group_buy_id=group.group_buy_id)
    closes_at = GroupBuy.objects.get().closes_at

    with time_machine.travel(closes_at + timedelta(seconds=29), tick=False):
        assert form_due(10)["decided"] == 0
    with time_machine.travel(closes_at + timedelta(seconds=30), tick=False):
        assert form_due(10)["decided"] == 1


def test_a_group_below_its_minimum_fails_and_the_others_form():
    group_buy = make_draft(points=[make_point("北门店"), make_point("南门店")])
    schedule(group_buy_id=group_buy.pk)
    open_now(group_buy_id=group_buy.pk)
    small, large = group_buy.groups.order_by("pk")
    LeaderGroup.objects.update(minimum_kind="people", minimum_value=3)
    LeaderGroup.objects.filter(pk=large.pk).update(joined_count=3)
    cut_off_now(group_buy_id=group_buy.pk)

    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        form_due(10)

    small.refresh_from_db()
    large.refresh_from_db()
    assert (small.state, large.state) == (State.FAILED, State.FORMED)
    assert state_of(group_buy) == State.FORMED
    assert OutboxEvent.objects.get(fact="groupbuy.failed").payload["group_ids"] == [small.pk]


def formed_group() -> LeaderGroup:
    group = make_open_group()
    cut_off_now(group_buy_id=group.group_buy_id)
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        form_due(10)
    return group


def test_goods_arrive_point_by_point_after_they_were_ordered():
    group = formed_group()
    with pytest.raises(IllegalTransitionError):
        mark_arrived(group_id=group.pk)

    mark_ordered(group_buy_id=group.group_buy_id)
    mark_arrived(group_id=group.pk)
    mark_arrived(group_id=group.pk)

    assert state_of(group.group_buy) == State.ARRIVED
    assert facts()[-1] == "groupbuy.ordered"


def test_a_closed_or_formed_group_buy_can_be_prolonged_until_it_is_ordered():
    group = formed_group()
    later = now() + timedelta(hours=30)

    extend(group_buy_id=group.group_buy_id, closes_at=later)

    group.refresh_from_db()
    assert (group.state, state_of(group.group_buy)) == (State.OPEN, State.OPEN)
    pickup_on = GroupBuy.objects.get().pickup_on
    assert pickup_on == group.group_buy.pickup_on


def test_an_ordered_group_buy_cannot_be_prolonged():
    group = formed_group()
    mark_ordered(group_buy_id=group.group_buy_id)

    with pytest.raises(IllegalTransitionError):
        extend(group_buy_id=group.group_buy_id, closes_at=now() + timedelta(hours=30))
    assert state_of(group.group_buy) == State.ORDERED


def test_prolonging_to_an_earlier_cut_off_or_past_the_pickup_day_is_refused():
    group = make_open_group()

    for closes_at in (now() + timedelta(hours=1), now() + timedelta(days=9)):
        with pytest.raises(NotReadyError):
            extend(group_buy_id=group.group_buy_id, closes_at=closes_at)


def test_a_scheduled_one_goes_back_to_draft_but_an_open_one_does_not():
    group_buy = schedule(group_buy_id=make_draft().pk)
    unschedule(group_buy_id=group_buy.pk)
    assert state_of(group_buy) == State.DRAFT

    group = make_open_group()
    with pytest.raises(IllegalTransitionError):
        unschedule(group_buy_id=group.group_buy_id)


def test_the_table_ends_where_it_should():
    assert {state for state, targets in EDGES.items() if not targets} == {
        State.FAILED,
        State.SETTLED,
    }
    assert set(EDGES) == set(State)
