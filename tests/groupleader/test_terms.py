"""Design 08, "Commission", sentence by sentence: what is agreed at placement and what it gives."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st

from groupleader.commission_checks import commission_checks
from groupleader.models import CommissionAccrual, CommissionRule, CommissionTerms, TakenBack
from groupleader.services.commissions import compute_commission, reduction, share_of
from groupleader.settlement_checks import commission_owed
from payments.api import balance, now
from tests.groupleader.making import Order, amounts, line, make_leader, make_statement

pytestmark = pytest.mark.django_db(transaction=True)

# Each rule decides as long as none before it speaks about the line; the last is the settings'.
PRECEDENCE = [
    ("item", "7", {"fixed_minor": 150}, 450),
    ("item", "7", {"rate": "0.2"}, 2_000),
    ("category", "31", {"rate": "0.12"}, 1_200),
    ("category", "3", {"rate": "0.11"}, 1_100),
    ("leader", "", {"rate": "0.09"}, 900),
    ("tier", "gold", {"rate": "0.08"}, 800),
    ("default", "", {"rate": "0.05"}, 500),
    (None, "", {}, 1_000),
]


def make_rule(scope: str, target: str = "", **fields) -> CommissionRule:
    """A rule in force since yesterday."""
    fields.setdefault("valid_from", now() - timedelta(days=1))
    return CommissionRule.objects.create(scope=scope, target=target, **fields)


def owed(leader) -> int:
    """What the books say she is owed."""
    return -balance("2301", party=leader.ref)


def all_true() -> None:
    """Commission is as agreed, and the books owe leaders what their lines say."""
    results = [*commission_checks(), commission_owed()]
    assert [result.name for result in results if result.violations] == []


@pytest.mark.parametrize("first", range(len(PRECEDENCE)))
def test_fixed_per_item_then_item_category_leader_tier_default(first):
    leader = make_leader(tier="gold")
    for scope, target, gives, _earned in reversed(PRECEDENCE[first:]):
        if scope is not None:
            make_rule(scope, str(leader.pk) if scope == "leader" else target, **gives)

    Order(leader, [line("A", 10_000, quantity=3)]).becomes("placed", "paid")

    assert amounts(leader) == {"estimated": PRECEDENCE[first][3]}


def test_terms_keep_what_the_rules_looked_at_and_a_later_rule_changes_nothing():
    leader = make_leader()
    order = Order(leader, [line("A", 10_000)]).becomes("placed")

    make_rule("item", "7", rate="0.9")
    order.becomes("paid", "collected", "closed")

    terms = CommissionTerms.objects.get()
    assert (terms.item_ref, terms.category_refs, terms.scope) == ("7", ["31", "3"], "default")
    assert amounts(leader) == {"available": 1_000}


@pytest.mark.parametrize("status", ["waiting", "refused"])
def test_only_agreed_rules_decide(status):
    leader = make_leader()
    make_rule("item", "7", rate="0.9", status=status)

    Order(leader, [line("A", 10_000)]).becomes("placed", "paid")

    assert amounts(leader) == {"estimated": 1_000}


def test_the_clock_starts_at_collection_and_an_open_case_holds_the_line():
    """The mall closes an order once its window is over and no case is open: then it is free."""
    leader = make_leader()
    order = Order(leader, [line("A", 10_000)]).becomes("placed", "paid")
    assert CommissionAccrual.objects.get().free_at is None

    until = now() + timedelta(days=7)
    order.tell("order.collected", {"window_ends_at": until.isoformat()}, key="collected")

    accrual = CommissionAccrual.objects.get()
    assert (accrual.status, accrual.free_at) == ("frozen", until)
    assert accrual.frozen_at is not None


def test_a_refund_is_kept_with_its_day_and_counts_once():
    leader = make_leader()
    order = Order(leader, [line("A", 9_999, quantity=3)]).becomes("placed", "paid", "collected")

    order.refunds_line("A", 3_333, "R1")
    order.tell(
        "line.refunded",
        {"line_id": "A", "value_minor": 3_333, "refund_no": "R1"},
        key="the same refund told under another key",
    )

    assert list(TakenBack.objects.values_list("refund_no", "value_minor")) == [("R1", 3_333)]
    assert amounts(leader) == {"frozen": 666}
    assert owed(leader) == 666


def test_an_order_that_came_to_nothing_before_it_was_paid_earns_nothing():
    leader = make_leader()

    Order(leader, [line("A", 9_999)]).becomes("placed", "cancelled")

    assert amounts(leader) == {}
    assert TakenBack.objects.get().value_minor == 9_999


def test_a_settled_line_given_back_in_steps_leaves_nothing_over_both_statements():
    leader = make_leader()
    statement = make_statement(leader, 9_999)
    terms = statement.accruals.get().terms
    order = Order(leader, [], order_no=terms.order_no)

    for nth, part in enumerate((1, 4_999, 4_999)):
        order.refunds_line(terms.line_id, part, f"R{nth}")

    assert sum(amounts(leader).values()) == 0
    all_true()


@run(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.integers(1, 9_999), max_size=8),
    rate=st.decimals(0, 1, places=4),
    shared=st.decimals(0, 1, places=4),
)
def test_whatever_the_refunds_each_part_ends_at_nothing_and_never_below(steps, rate, shared):
    base, done = 9_999, 0
    whole = compute_commission(base_minor=base, quantity=3, rate=rate, fixed_minor=None)
    parts = [whole - share_of(whole, shared), share_of(whole, shared)]
    taken = [0, 0]
    for value in [*steps, base]:
        now_minor = min(value, base - done)
        for nth, part in enumerate(parts):
            taken[nth] += reduction(
                commission_minor=part, base_minor=base, returned_minor=done, now_minor=now_minor
            )
            assert 0 <= taken[nth] <= part
        done += now_minor
    assert taken == parts


@pytest.mark.parametrize(
    "seed", [1, 7, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(20, 60))]
)
def test_whatever_happens_to_an_order_the_books_and_the_lines_agree(seed):
    """A random life: partial refunds between moves, hand-overs, undone ones, closing."""
    dice = Random(seed)
    leaders = [make_leader(name, tier=tier) for name, tier in (("王姐", "gold"), ("李哥", ""))]
    make_rule("tier", "gold", rate="0.13")
    order = Order(leaders[0], [line("A", 9_999, quantity=3), line("B", 101)])
    order.becomes("placed", "paid")
    collected = False
    for nth in range(14):
        what = dice.choice(["refund", "refund", "move", "collect", "undo"])
        if what == "refund":
            order.refunds_line(dice.choice("AB"), dice.randint(1, 2_500), f"R{nth}")
        elif what == "move" and not collected:
            order.tell("order.moved", {"leader_id": dice.choice(leaders).user_id}, key=f"m{nth}")
            order._payload["leader_id"] = CommissionTerms.objects.first().leader.user_id
        elif what == "collect" and not collected:
            order.tell("order.collected", {}, key=f"c{nth}")
            collected = True
        elif what == "undo" and collected:
            order.tell("order.uncollected", {}, key=f"u{nth}")
            collected = False
        all_true()
    order.becomes("refunded")
    assert [sum(amounts(leader).values()) for leader in leaders] == [0, 0]
    assert [owed(leader) for leader in leaders] == [0, 0]
