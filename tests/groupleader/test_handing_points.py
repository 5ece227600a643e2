"""A point goes to another leader: groups, orders and what they will earn follow, to the fen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from groupleader import invariants as leader_rules
from groupleader.models import CommissionAccrual, Leader
from groupleader.services.standing import suspend
from mall.fulfilment import handing_points, keeper_rules
from mall.fulfilment.collecting import collect_order
from mall.fulfilment.handing_points import carry_out, carry_out_due, hand_over_point
from mall.fulfilment.undoing import undo_collection
from mall.messaging.models import Message
from mall.ordering.models import OrderFulfilment, Status
from mall.pickup.errors import HandoverError, HandoverOpenError
from mall.pickup.helping import accept_invitation, invite_helper
from mall.pickup.keepers import call_off
from mall.pickup.models import PointHandover, PointHelper, PointTenure
from payments.api import business_date, deliver_pending
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person
from tests.mall.fulfilment.counter import all_arrived, bought, form, fresh
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import make_worked_group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group(acquirer):
    """A group whose leader earns the usual rate."""
    found = make_worked_group()
    Leader.objects.create(user=found.leader, name="王姐", status=Leader.Status.ACTIVE)
    return found


@pytest.fixture
def liu():
    """The leader who takes over."""
    return leading("刘大哥")


def leading(name: str) -> Leader:
    """Another active leader."""
    return Leader.objects.create(user=make_person(name), name=name, status="active")


def hand_over(group: Any, to: Leader, **plan: Any) -> PointHandover:
    by = make_person("办公室", is_staff=True, phone=None)
    return hand_over_point(point_id=group.pickup_point_id, to_user_id=to.user_id, by=by, **plan)


def earned(leader: Leader) -> dict[str, int]:
    """What a leader has in each state (fen)."""
    sums: dict[str, int] = {}
    for accrual in CommissionAccrual.objects.filter(leader=leader):
        sums[accrual.status] = sums.get(accrual.status, 0) + accrual.amount_minor
    return {state: amount for state, amount in sums.items() if amount}


def rules_hold() -> None:
    results = [*leader_rules.check(), *keeper_rules.check()]
    wrong = [violation for result in results for violation in result.violations]
    assert wrong == [], wrong


@pytest.mark.usefixtures("books_agree")
def test_what_waits_goes_with_the_point_and_what_was_collected_stays(group, liu, acquirer):
    wang = group.leader.leader
    first = bought(group, acquirer, name="李小娟", payable=6000, first=2)
    second = bought(group, acquirer, name="赵阿姨", payable=3000, first=1)
    all_arrived(group)
    collect_order(order_no=first.order_no, by=group.leader)
    deliver_pending()
    assert earned(wang) == {"frozen": 600, "estimated": 300}

    plan = hand_over(group, liu, keys="两把钥匙")
    deliver_pending()

    group.refresh_from_db()
    assert (plan.status, plan.groups_moved, plan.orders_moved) == ("moving", 1, 1)
    assert group.leader_id == group.pickup_point.leader_id == liu.user_id
    assert (fresh(first).leader_id, fresh(second).leader_id) == (wang.user_id, liu.user_id)
    assert fresh(second).pickup_snapshot["phone"] == liu.user.phone
    assert earned(wang) == {"frozen": 600}
    assert earned(liu) == {"estimated": 300}
    collect_order(order_no=second.order_no, by=liu.user)
    deliver_pending()
    assert earned(liu) == {"frozen": 300}
    assert carry_out_due(10)["orders"] == 0
    assert PointHandover.objects.get().status == "done"
    rules_hold()
    told = {row.user_id: row.kind for row in Message.objects.filter(kind__startswith="point.")}
    assert told == {wang.user_id: "point.given", liu.user_id: "point.taken_over"}


def test_the_same_wish_again_changes_nothing_and_tenures_say_who_had_the_key(group, liu):
    plan = hand_over(group, liu)
    wang = group.leader
    group.refresh_from_db()

    with pytest.raises(HandoverError):
        hand_over(group, liu)
    carry_out(plan.pk)
    carry_out_due(10)

    assert PointHandover.objects.count() == 1
    kept = list(PointTenure.objects.order_by("since").values_list("leader", flat=True))
    assert kept == [wang.pk, liu.user_id]
    assert PointTenure.objects.filter(until=None).get().leader_id == liu.user_id
    with pytest.raises(IntegrityError), transaction.atomic():
        PointTenure.objects.create(point=group.pickup_point, leader=wang, since=plan.planned_at)


def test_on_a_day_to_come_nothing_moves_before_and_all_of_it_then(group, liu, acquirer):
    order = bought(group, acquirer, payable=3000, first=1)
    day = business_date() + timedelta(days=2)
    plan = hand_over(group, liu, on_day=day)
    assert plan.status == "planned"
    assert hand_over(group, liu, on_day=day).pk == plan.pk
    with pytest.raises(HandoverOpenError):
        hand_over(group, leading("别人"))
    assert carry_out_due(10) == {"handovers": 0, "orders": 0}
    assert fresh(order).leader_id == group.leader_id

    with time_machine.travel(plan.planned_at + timedelta(days=2), tick=False):
        assert carry_out_due(10) == {"handovers": 1, "orders": 1}

    assert fresh(order).leader_id == liu.user_id


def test_called_off_it_stays_where_it_is(group, liu):
    day = business_date() + timedelta(days=1)
    plan = hand_over(group, liu, on_day=day)

    assert [call_off(handover_id=plan.pk) for _twice in range(2)] == [True, False]
    with time_machine.travel(plan.planned_at + timedelta(days=1), tick=False):
        carry_out_due(10)

    group.refresh_from_db()
    assert group.leader_id == group.pickup_point.leader_id != liu.user_id


def test_what_was_to_go_to_a_suspended_leader_stays(group, liu, admin_user):
    plan = hand_over(group, liu, on_day=business_date() + timedelta(days=1))

    suspend(leader=liu, reason="own_wish", note="", by=admin_user)

    plan.refresh_from_db()
    assert plan.status == "called_off"


def test_a_day_that_is_over_and_the_keeper_herself_are_refused(group, liu):
    with pytest.raises(HandoverError):
        hand_over(group, liu, on_day=business_date() - timedelta(days=1))
    with pytest.raises(HandoverError):
        hand_over(group, group.leader.leader)


def test_many_orders_follow_in_batches_and_a_stop_half_way_goes_on(
    group, liu, acquirer, monkeypatch
):
    orders = [bought(group, acquirer, name=f"邻居{n}", payable=3000, first=1) for n in range(3)]
    monkeypatch.setattr(handing_points, "BATCH", 1)
    plan = PointHandover.objects.create(
        point=group.pickup_point,
        from_leader=group.leader,
        to_leader=liu.user,
        on_day=business_date(),
        by=liu.user,
        planned_at=group.group_buy.opens_at,
    )

    assert carry_out(plan.pk, batches=2) == 2
    assert sum(fresh(order).leader_id == liu.user_id for order in orders) == 2
    assert carry_out_due(10)["orders"] == 1

    assert {fresh(order).leader_id for order in orders} == {liu.user_id}
    deliver_pending()
    assert earned(liu) == {"estimated": 900}
    assert Message.objects.filter(kind="point.taken_over").count() == 1
    rules_hold()


def test_a_hand_over_undone_later_follows_the_point(group, liu, acquirer):
    order = bought(group, acquirer, payable=3000, first=1)
    all_arrived(group)
    collect_order(order_no=order.order_no, by=group.leader)
    hand_over(group, liu)
    undo_collection(order_no=order.order_no, by=group.leader, reason="错了")
    assert fresh(order).leader_id == group.leader_id

    carry_out_due(10)

    assert fresh(order).leader_id == liu.user_id
    deliver_pending()
    assert earned(liu) == {"estimated": 300}
    rules_hold()


def test_each_sees_her_own_rows_only_afterwards(client, group, liu, acquirer):
    order = bought(group, acquirer, payable=3000, first=1)
    all_arrived(group)
    old, bag = group.leader, reverse("groupleader:bag", args=[order.order_no])
    hand_over(group, liu)

    for user, status in ((old, 404), (liu.user, 200)):
        client.force_login(user)
        assert client.get(bag).status_code == status
        assert client.get(reverse("groupleader:group", args=[group.pk])).status_code == status


def test_helpers_of_the_leader_before_end_with_her(group, liu):
    helper = make_person("小妹")
    row = invite_helper(
        point_id=group.pickup_point_id, phone=helper.phone, name="小妹", by=group.leader
    )
    accept_invitation(helper_id=row.pk, by=helper)

    hand_over(group, liu)

    assert PointHelper.objects.get().ended_at is not None


@pytest.mark.usefixtures("books_agree")
def test_handed_over_and_collected_at_once_the_commission_is_whose_hand_it_was(
    group, liu, acquirer
):
    orders = [bought(group, acquirer, name=f"邻居{n}", payable=3000, first=1) for n in range(3)]
    all_arrived(group)
    deliver_pending()
    wang, staff = group.leader, make_person("办公室", is_staff=True, phone=None)

    def collect(order_no: str) -> Any:
        return collect_order(order_no=order_no, by=wang)

    ends = all_at_once(
        [
            lambda: hand_over_point(
                point_id=group.pickup_point_id, to_user_id=liu.user_id, by=staff
            ),
            *[lambda no=order.order_no: collect(no) for order in orders],
        ]
    )
    carry_out_due(10)
    deliver_pending()

    assert isinstance(ends[0], PointHandover)
    for order in orders:
        now_there = fresh(order)
        if now_there.status == Status.COLLECTED:
            assert now_there.collections.get().handed_over_by_id == wang.pk
        else:
            assert now_there.leader_id == liu.user_id
    kept = {order.order_no: order.leader_id for order in OrderFulfilment.objects.all()}
    for accrual in CommissionAccrual.objects.select_related("terms", "leader"):
        assert accrual.leader.user_id == kept[accrual.terms.order_no]
        assert accrual.amount_minor == 300
    rules_hold()


def test_staff_see_what_follows_and_hand_over_on_the_page(admin_client, group, liu, acquirer):
    bought(group, acquirer, payable=3000, first=1)
    form(group)
    deliver_pending()
    wang = group.leader.leader
    page = reverse("admin:groupleader_leader_handover", args=[wang.pk, group.pickup_point_id])

    seen = admin_client.get(page).content.decode()
    assert "3.00" in seen
    empty = admin_client.post(page, {"to_leader": ""})
    assert empty.status_code == 200
    done = admin_client.post(page, {"to_leader": liu.pk, "keys": "一把"})

    assert done.status_code == 302
    group.refresh_from_db()
    assert group.leader_id == liu.user_id
    standing = reverse("admin:groupleader_leader_standing", args=[liu.pk])
    assert group.pickup_point.name in admin_client.get(standing).content.decode()


def test_an_order_left_behind_is_found_by_the_rule(group, liu, acquirer):
    order = bought(group, acquirer, payable=3000, first=1)
    plan = hand_over(group, liu)
    carry_out_due(10)
    OrderFulfilment.objects.filter(pk=order.pk).update(leader=plan.from_leader_id)
    PointTenure.objects.filter(until=None).update(leader=plan.from_leader_id)

    with time_machine.travel(plan.planned_at + timedelta(hours=2), tick=False):
        found = [violation for result in keeper_rules.check() for violation in result.violations]

    assert len(found) == 2
