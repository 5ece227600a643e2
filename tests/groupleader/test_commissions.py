"""The arithmetic of commission: which rule decides, floor to the fen, refunds that telescope."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from groupleader.services.commissions import (
    LineFacts,
    Rule,
    RuleScope,
    choose_rule,
    compute_commission,
    reduction,
)

TEN_PERCENT = Decimal("0.1")
LINE = LineFacts(item="7", categories=["31", "3"], leader="2", tier="gold")
FIXED_ITEM = Rule(scope=RuleScope.ITEM, target="7", fixed_minor=150)
RATE_ITEM = Rule(scope=RuleScope.ITEM, target="7", rate=Decimal("0.2"))
NARROW = Rule(scope=RuleScope.CATEGORY, target="31", rate=Decimal("0.12"))
WIDE = Rule(scope=RuleScope.CATEGORY, target="3", rate=Decimal("0.11"))
HERS = Rule(scope=RuleScope.LEADER, target="2", rate=Decimal("0.09"))
TIER = Rule(scope=RuleScope.TIER, target="gold", rate=Decimal("0.08"))
DEFAULT = Rule(scope=RuleScope.DEFAULT, rate=Decimal("0.05"))
IN_ORDER = [FIXED_ITEM, RATE_ITEM, NARROW, WIDE, HERS, TIER, DEFAULT]


@pytest.mark.parametrize("first", range(len(IN_ORDER)))
def test_the_narrowest_rule_decides_whatever_the_order_they_are_given_in(first: int):
    rules = IN_ORDER[first:]
    Random(first).shuffle(rules)

    assert choose_rule(rules, LINE) is IN_ORDER[first]


def test_rules_about_others_do_not_decide():
    others = [
        Rule(scope=RuleScope.ITEM, target="8", rate=TEN_PERCENT),
        Rule(scope=RuleScope.CATEGORY, target="4", rate=TEN_PERCENT),
        Rule(scope=RuleScope.LEADER, target="3", rate=TEN_PERCENT),
        Rule(scope=RuleScope.TIER, target="silver", rate=TEN_PERCENT),
    ]

    assert choose_rule(others, LINE) is None
    assert choose_rule([TIER], LineFacts(item="7", categories=[], leader="2")) is None


def test_the_order_of_208_yuan_earns_20_80():
    lines = [(3_000, 1), (9_800, 2), (8_000, 1)]

    earned = [
        compute_commission(base_minor=base, quantity=n, rate=TEN_PERCENT, fixed_minor=None)
        for base, n in lines
    ]

    assert earned == [300, 980, 800]
    assert sum(earned) == 2_080


@pytest.mark.parametrize(
    ("base", "rate", "earned"),
    [(999, "0.1", 99), (1, "0.9999", 0), (333, "0.085", 28), (0, "1", 0)],
)
def test_commission_is_cut_down_to_the_fen(base, rate, earned):
    assert (
        compute_commission(base_minor=base, quantity=1, rate=Decimal(rate), fixed_minor=None)
        == earned
    )


def test_a_fixed_amount_is_per_piece_and_never_more_than_the_goods_are_worth():
    def fixed(base: int) -> int:
        return compute_commission(base_minor=base, quantity=3, rate=None, fixed_minor=150)

    assert fixed(9_000) == 450
    assert fixed(400) == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_minor": -1, "quantity": 1, "rate": TEN_PERCENT, "fixed_minor": None},
        {"base_minor": 1, "quantity": -1, "rate": TEN_PERCENT, "fixed_minor": None},
        {"base_minor": 1, "quantity": 1, "rate": None, "fixed_minor": None},
        {"base_minor": 1, "quantity": 1, "rate": TEN_PERCENT, "fixed_minor": 1},
    ],
)
def test_terms_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="either a rate or a fixed amount"):
        compute_commission(**wrong)


def test_the_worked_example_takes_30_fen_for_the_weight_and_4_90_for_the_bad_one():
    weight = reduction(commission_minor=800, base_minor=8_000, returned_minor=0, now_minor=300)
    bad = reduction(commission_minor=980, base_minor=9_800, returned_minor=0, now_minor=4_900)

    assert (weight, bad) == (30, 490)


def test_a_line_without_value_has_nothing_to_take_back():
    assert reduction(commission_minor=0, base_minor=0, returned_minor=0, now_minor=0) == 0


def test_whatever_the_steps_a_line_given_back_whole_leaves_exactly_nothing():
    seed = 20261122
    random = Random(seed)
    for _ in range(5_000):
        base = random.randint(1, 100_000)
        commission = random.randint(0, base)
        done = taken = 0
        while done < base:
            step = random.randint(1, base - done)
            now = reduction(
                commission_minor=commission, base_minor=base, returned_minor=done, now_minor=step
            )
            assert now >= 0
            taken += now
            done += step
            assert abs(taken - Fraction(commission * done, base)) <= Fraction(1, 2), seed
        assert taken == commission, seed


def test_more_than_the_line_is_refused():
    with pytest.raises(ValueError, match="cannot take"):
        reduction(commission_minor=10, base_minor=100, returned_minor=60, now_minor=41)
