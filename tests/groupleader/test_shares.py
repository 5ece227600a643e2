"""Parts of a line's commission: the keeper's out of the leader's, who brought her in, her own."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from groupleader.commission_checks import commission_checks
from groupleader.models import CommissionAccrual, CommissionTerms, KeeperShare, Leader
from groupleader.services.accruals import follow_leader
from groupleader.settlement_checks import commission_owed
from payments.api import balance, now
from tests.groupleader.making import Order, amounts, line, make_leader, settled_order

pytestmark = pytest.mark.django_db(transaction=True)
POINT = {"pickup_point_id": 12}


def owed(leader) -> int:
    """What the books say she is owed."""
    return -balance("2301", party=leader.ref)


def keep(keeper: Leader, share: str = "0.1", **fields) -> KeeperShare:
    """Point 12 is kept by somebody since yesterday."""
    fields.setdefault("since", now() - timedelta(days=1))
    return KeeperShare.objects.create(point_ref="12", keeper=keeper, share=Decimal(share), **fields)


def order_at_12(leader: Leader, *lines, **order) -> Order:
    """An order to be collected at point 12."""
    made = Order(leader, list(lines) or [line("A", 10_000)], **order)
    made._payload |= POINT
    return made


def all_true() -> None:
    """Commission is as agreed, and the books owe leaders what their lines say."""
    results = [*commission_checks(), commission_owed()]
    assert [result.name for result in results if result.violations] == []


def test_the_keeper_gets_a_tenth_of_ten_yuan_out_of_the_leaders():
    leader, keeper = make_leader("王姐"), make_leader("老周")
    keep(keeper)

    order_at_12(leader).becomes("placed", "paid", "collected", "closed")

    assert amounts(leader) == {"available": 900}
    assert amounts(keeper) == {"available": 100}
    assert (owed(leader), owed(keeper)) == (900, 100)
    all_true()


def test_a_refund_takes_from_both_and_all_of_it_leaves_nothing():
    leader, keeper = make_leader("王姐"), make_leader("老周")
    keep(keeper, "0.3333")
    order = order_at_12(leader, line("A", 9_999)).becomes("placed", "paid", "collected")

    order.refunds_line("A", 3_333, "R1")
    all_true()
    order.becomes("refunded")

    assert (owed(leader), owed(keeper)) == (0, 0)
    assert {**amounts(leader), **amounts(keeper)} == {"cancelled": 0}
    all_true()


@pytest.mark.parametrize("when", ["ended", "later", "suspended", "own"])
def test_nobody_keeps_it_who_did_not_then(when):
    leader = make_leader("王姐")
    keeper = leader if when == "own" else make_leader("老周")
    at = now()
    if when == "ended":
        keep(keeper, since=at - timedelta(days=9), until=at - timedelta(days=1))
    elif when == "later":
        keep(keeper, since=at + timedelta(days=1))
    else:
        keep(keeper)
    if when == "suspended":
        Leader.objects.filter(pk=keeper.pk).update(status=Leader.Status.SUSPENDED)

    order_at_12(leader).becomes("placed", "paid")

    assert amounts(leader) == {"estimated": 1_000}
    assert CommissionTerms.objects.count() == 1


def test_a_moved_order_leaves_the_keeper_nothing_and_finds_the_new_ones():
    leader, keeper, other = make_leader("王姐"), make_leader("老周"), make_leader("小陈")
    keep(keeper)
    order = order_at_12(leader).becomes("placed", "paid")

    order.tell("order.moved", {"leader_id": other.user_id, "pickup_point_id": 13}, key="moved")
    order._payload |= {"leader_id": other.user_id, "pickup_point_id": 13}
    order.becomes("collected")

    assert amounts(other) == {"frozen": 1_000}
    assert (owed(leader), owed(keeper), owed(other)) == (0, 0, 1_000)
    all_true()

    order.becomes("uncollected")
    order.tell("order.moved", {"leader_id": leader.user_id, "pickup_point_id": 12}, key="back")
    assert amounts(leader) == {"estimated": 900}


def test_by_default_nobody_is_paid_for_bringing_somebody_in():
    inviter = make_leader("王姐")
    settled_order(make_leader("李哥", invited_by=inviter), [line("A", 10_000)])

    assert amounts(inviter) == {}


def test_two_levels_are_paid_by_the_mall_beside_her_commission(settings):
    settings.LINLI_REFERRAL_SHARES = (Decimal("0.1"), Decimal("0.02"))
    top = make_leader("赵姐")
    inviter = make_leader("王姐", invited_by=top)
    leader = make_leader("李哥", invited_by=inviter)

    order = settled_order(leader, [line("A", 10_000)])

    assert [amounts(each)["available"] for each in (leader, inviter, top)] == [1_000, 100, 20]
    order.becomes("refunded")
    assert [owed(each) for each in (leader, inviter, top)] == [0, 0, 0]
    all_true()


def test_nobody_earns_on_herself_over_two_levels_or_after_her_days(settings):
    settings.LINLI_REFERRAL_SHARES = (Decimal("0.1"), Decimal("0.02"))
    settings.LINLI_REFERRAL_DAYS = 30
    leader, other = make_leader("李哥"), make_leader("王姐")
    Leader.objects.filter(pk=leader.pk).update(invited_by=other)
    Leader.objects.filter(pk=other.pk).update(invited_by=leader)

    settled_order(leader, [line("A", 10_000)])
    assert (amounts(leader)["available"], amounts(other)["available"]) == (1_000, 100)

    Leader.objects.update(created_at=now() - timedelta(days=31))
    settled_order(leader, [line("B", 10_000)])
    assert amounts(other)["available"] == 100


def test_the_award_comes_once_after_so_many_orders_that_are_not_her_own(settings):
    settings.LINLI_REFERRAL_AWARD_MINOR, settings.LINLI_REFERRAL_AWARD_ORDERS = 5_000, 2
    inviter = make_leader("王姐")
    leader = make_leader("李哥", invited_by=inviter)

    settled_order(leader, [line("A", 1_000)], resident_id=leader.user_id)
    settled_order(leader, [line("B", 1_000), line("C", 1_000)])
    assert amounts(inviter) == {}

    settled_order(leader, [line("D", 1_000)])
    settled_order(leader, [line("E", 1_000)])

    assert amounts(inviter) == {"available": 5_000}
    assert owed(inviter) == 5_000
    all_true()


@pytest.mark.parametrize(("policy", "earned"), [("normal", {"estimated": 300}), ("none", {})])
def test_the_policy_of_the_day_it_was_placed_holds(settings, policy, earned):
    settings.LINLI_COMMISSION_OWN_ORDERS = policy
    leader = make_leader()
    order = Order(leader, [line("A", 3_000)], resident_id=leader.user_id).becomes("placed")

    settings.LINLI_COMMISSION_OWN_ORDERS = "none" if policy == "normal" else "normal"
    order.becomes("paid")

    terms = CommissionTerms.objects.get()
    assert (terms.own_signs, terms.is_own_order) == ("self", True)
    assert amounts(leader) == earned
    all_true()


def test_a_handed_over_points_estimates_go_to_the_new_leader_and_what_was_earned_stays():
    old, new = make_leader("王姐", tier="gold"), make_leader("李哥")
    done = order_at_12(old, line("A", 10_000)).becomes("placed", "paid", "collected")
    waiting = order_at_12(old, line("B", 10_000)).becomes("placed", "paid")
    unpaid = order_at_12(old, line("C", 10_000)).becomes("placed")
    numbers = [done.order_no, waiting.order_no, unpaid.order_no]

    told = {"order_nos": numbers, "to_leader_id": new.user_id, "point_id": 12}
    done.tell("point.handed_over", told, key="handed over")
    again = follow_leader(order_nos=numbers, to_user_id=new.user_id, point_ref="12")

    assert amounts(old) == {"frozen": 1_000}
    assert amounts(new) == {"estimated": 1_000}
    assert again["orders"] == 0
    unpaid._payload["leader_id"] = new.user_id
    unpaid.becomes("paid")
    assert amounts(new) == {"estimated": 2_000}
    all_true()


def test_whoever_hands_it_out_earns_also_when_the_handover_is_heard_late():
    old, new = make_leader("王姐"), make_leader("李哥")
    order = order_at_12(old).becomes("placed", "paid")

    order._payload["leader_id"] = new.user_id
    order.becomes("collected")
    follow_leader(order_nos=[order.order_no], to_user_id=new.user_id, point_ref="12")

    assert (amounts(old), amounts(new)) == ({}, {"frozen": 1_000})
    all_true()


def test_without_a_leader_an_order_that_moved_earns_nobody_anything_until_it_moves_back():
    leader = make_leader()
    order = Order(leader, [line("A", 3_000)]).becomes("placed", "paid")

    order.tell("order.moved", {"leader_id": leader.user_id + 999}, key="away")
    assert CommissionAccrual.objects.get().earned_minor == 0

    order.tell("order.moved", {}, key="back")
    assert amounts(leader) == {"estimated": 300}
    all_true()


def test_an_outlet_that_earns_no_commission_earns_none_and_nobody_shares_in_it():
    outlet, keeper = make_leader("网点", earns_commission=False), make_leader("老周")
    keep(keeper)

    order_at_12(outlet).becomes("placed", "paid", "collected")

    assert {*CommissionTerms.objects.values_list("withheld", flat=True)} == {"outlet"}
    assert not CommissionAccrual.objects.exists()
