"""What each fact about an order does to commission, through the outbox and in the books."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from groupleader import handlers
from groupleader.models import CommissionAccrual, CommissionRule, CommissionTerms
from payments.api import balance, now
from tests.groupleader.making import (
    Order,
    amounts,
    line,
    make_leader,
    make_statement,
    order_208,
    settled_order,
)

pytestmark = pytest.mark.django_db(transaction=True)


def owed(leader) -> int:
    """What the books say the leader is owed."""
    return -balance("2301", party=leader.ref)


def test_an_order_of_208_yuan_goes_from_estimate_to_available():
    leader = make_leader()
    order = Order(leader, order_208()).becomes("placed")
    assert amounts(leader) == {}

    order.becomes("paid")
    assert (amounts(leader), owed(leader)) == ({"estimated": 2_080}, 0)

    order.becomes("collected")
    assert (amounts(leader), owed(leader)) == ({"frozen": 2_080}, 2_080)

    order.becomes("closed")
    assert (amounts(leader), owed(leader)) == ({"available": 2_080}, 2_080)


def test_rate_and_base_are_copied_when_the_order_is_placed():
    leader = make_leader()
    rule = CommissionRule.objects.create(
        scope="category", target="31", rate=Decimal("0.12"), valid_from=now()
    )
    order = Order(leader, [line("A", 3_000)]).becomes("placed")

    rule.rate = Decimal("0.5")
    rule.save()
    order.becomes("paid")

    terms = CommissionTerms.objects.get(line_id="A")
    assert (terms.rate, terms.base_minor, terms.scope) == (Decimal("0.12"), 3_000, "category")
    assert amounts(leader) == {"estimated": 360}


def test_the_newest_rule_in_force_decides_and_an_ended_one_does_not():
    leader = make_leader(tier="gold")
    at = now()
    for rate, start, end in (("0.3", -30, -1), ("0.06", -20, None), ("0.07", -10, None)):
        CommissionRule.objects.create(
            scope="tier",
            target="gold",
            rate=Decimal(rate),
            valid_from=at.replace(year=at.year - 1) if start == -30 else at.replace(day=1),
            valid_until=at.replace(day=2) if end else None,
        )

    Order(leader, [line("A", 10_000)]).becomes("placed", "paid")

    assert amounts(leader) == {"estimated": 700}


def test_an_undone_hand_over_is_an_estimate_again_and_the_next_one_earns():
    leader = make_leader()
    order = Order(leader, order_208()).becomes("placed", "paid", "collected")

    order.becomes("uncollected")
    assert (amounts(leader), owed(leader)) == ({"estimated": 2_080}, 0)

    order.refunds_line("A", 3_000, "R1")
    order.tell("order.collected", {}, key="collected again")
    assert (amounts(leader)["frozen"], owed(leader)) == (1_780, 1_780)


def test_a_fact_told_twice_changes_nothing():
    leader = make_leader()
    order = Order(leader, order_208())
    order.becomes("placed", "paid", "collected")

    for nth, fact in enumerate(["placed", "paid", "collected", "paid"]):
        order.tell(f"order.{fact}", {}, key=f"again:{nth}")

    assert (amounts(leader), owed(leader)) == ({"frozen": 2_080}, 2_080)


def test_paid_before_placed_was_heard_still_finds_its_terms():
    leader = make_leader()

    Order(leader, order_208()).becomes("paid", "placed")

    assert amounts(leader) == {"estimated": 2_080}


def test_without_a_leader_nobody_earns():
    leader = make_leader()
    leader.user_id += 1_000
    order = Order(leader, order_208())

    order.becomes("placed", "paid", "collected", "closed")

    assert not CommissionTerms.objects.exists()


def test_a_shortage_before_pickup_reduces_the_estimate_only():
    leader = make_leader()
    order = Order(leader, order_208()).becomes("placed", "paid")

    order.refunds_line("A", 3_000, "R1")
    assert amounts(leader) == {"estimated": 1_780, "cancelled": 0}
    assert owed(leader) == 0

    order.becomes("collected")
    assert (amounts(leader)["frozen"], owed(leader)) == (1_780, 1_780)


def test_weight_after_pickup_reduces_what_is_owed():
    leader = make_leader()
    order = Order(leader, order_208()).becomes("placed", "paid", "collected")

    order.refunds_line("C", 300, "R1")

    assert (amounts(leader), owed(leader)) == ({"frozen": 2_050}, 2_050)


def test_a_line_refunded_in_parts_leaves_nothing():
    leader = make_leader()
    order = Order(leader, [line("A", 9_999, quantity=3)]).becomes("placed", "paid", "collected")

    for nth, part in enumerate((3_333, 3_333, 3_333)):
        order.refunds_line("A", part, f"R{nth}")

    assert (amounts(leader), owed(leader)) == ({"cancelled": 0}, 0)


@pytest.mark.parametrize(
    "facts", [["paid"], ["paid", "collected"], ["paid", "collected", "closed"]]
)
def test_a_full_refund_before_settlement_leaves_nothing(facts):
    leader = make_leader()
    order = Order(leader, order_208()).becomes("placed", *facts)
    order.refunds_line("A", 1_000, "R1")

    order.becomes("refunded")

    assert (amounts(leader), owed(leader)) == ({"cancelled": 0}, 0)


def test_the_whole_order_told_before_its_lines_is_not_taken_back_twice():
    leader = make_leader()
    order = Order(leader, order_208()).becomes("placed", "paid", "collected")

    order.becomes("refunded")
    order.refunds_line("A", 3_000, "R1")

    assert (amounts(leader), owed(leader)) == ({"cancelled": 0}, 0)


def test_a_refund_after_settlement_is_a_negative_line_of_the_next_statement():
    leader = make_leader()
    statement = make_statement(leader, 100_000)
    order_line = statement.accruals.get().terms.line_id
    order = Order(leader, [], order_no=statement.accruals.get().terms.order_no)

    order.refunds_line(order_line, 4_900, "R9")

    statement.refresh_from_db()
    negative = CommissionAccrual.objects.get(statement=None)
    assert (negative.amount_minor, negative.status, negative.fulfilment) == (
        -490,
        "available",
        "refund:R9",
    )
    assert (statement.gross_minor, owed(leader)) == (10_000, 9_510)


def test_a_refund_of_a_line_that_is_not_ours_is_nothing_to_us():
    leader = make_leader()

    Order(leader, []).refunds_line("unknown", 100, "R1")

    assert amounts(leader) == {}


@pytest.mark.parametrize(("policy", "earned"), [("normal", {"estimated": 300}), ("none", {})])
def test_the_operator_decides_whether_a_leaders_own_order_earns(settings, policy, earned):
    settings.LINLI_COMMISSION_OWN_ORDERS = policy
    leader = make_leader()

    Order(leader, [line("A", 3_000)], resident_id=leader.user_id).becomes("placed", "paid")

    assert CommissionTerms.objects.get().is_own_order is True
    assert amounts(leader) == earned


def test_a_line_earns_once_per_fulfilment():
    leader = make_leader()
    Order(leader, [line("A", 3_000)]).becomes("placed", "paid")
    accrual = CommissionAccrual.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        CommissionAccrual.objects.create(
            terms=accrual.terms,
            leader=leader,
            fulfilment="whole",
            earned_minor=1,
            accrued_at=now(),
        )


def test_a_payload_without_a_time_is_refused_before_it_changes_anything():
    with pytest.raises(ValueError, match="is not an instant"):
        handlers.instant("yesterday")


def test_what_the_mall_gives_of_its_own_takes_nothing_from_the_leader():
    leader = make_leader()
    order = settled_order(leader, [line("L1", 4900)])
    refund = {"line_id": "L1", "value_minor": 900, "refund_no": "R1", "stage": "goodwill"}

    order.tell("line.refunded", refund, key="line.refunded:R1:L1")

    assert amounts(leader) == {"available": 490}
