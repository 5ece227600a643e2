"""Whatever the figures: journals balance, what is spread adds up, what goes back telescopes."""

from __future__ import annotations

import itertools
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.kernel.money import EXPONENTS, Money, part_of_share, spread
from payments.ledger.accounts import CHART
from payments.ledger.balances import trial_balance
from payments.ledger.posting import JournalConflictError, Leg, UnbalancedJournalError, post
from payments.models import JournalEntry, JournalTransaction

amounts = st.integers(min_value=0, max_value=10**12)


@st.composite
def legs(draw):
    """Legs on any accounts of the chart with the labels these ask for."""
    account = draw(st.sampled_from(sorted(CHART.values(), key=lambda a: a.code)))
    return Leg(
        account,
        Money(draw(amounts), draw(st.sampled_from(["CNY", "USD"]))),
        party=draw(st.sampled_from(["a", "b"])) if account.party else "",
        reference=draw(st.sampled_from(["x", "y"])) if account.reference else "",
    )


class AnyJournal(TestCase):
    """Hypothesis's TestCase, so that each example starts with empty books."""

    @settings(max_examples=150, deadline=None)
    @given(debits=st.lists(legs(), max_size=4), credits_=st.lists(legs(), max_size=4))
    def test_only_what_balances_is_posted_and_the_books_always_sum_to_nothing(
        self, debits, credits_
    ):
        sums = {"CNY": 0, "USD": 0}
        for side, group in ((1, debits), (-1, credits_)):
            for leg in group:
                sums[leg.amount.currency] += side * leg.amount.minor
        written = [leg for leg in [*debits, *credits_] if leg.amount]

        def write():
            return post(ref="any:1", kind="any", debits=debits, credits_=credits_)

        if any(sums.values()) or not written:
            with pytest.raises(UnbalancedJournalError):
                write()
            assert JournalTransaction.objects.exists() is False
        else:
            assert write().entries.count() == len(written)
            assert write() == write()
            assert JournalEntry.objects.count() == len(written)
        assert sum(row.balance.minor for row in trial_balance()) == 0

    @settings(max_examples=50, deadline=None)
    @given(first=st.integers(1, 10**9), second=st.integers(1, 10**9))
    def test_an_event_keeps_its_first_figures(self, first, second):
        bank, capital = CHART["1001"], CHART["3001"]

        def write(minor):
            return post(
                ref="funding:1",
                kind="funding",
                debits=[Leg(bank, Money(minor), party="main")],
                credits_=[Leg(capital, Money(minor))],
            )

        journal = write(first)
        if first == second:
            assert write(second) == journal
        else:
            with pytest.raises(JournalConflictError), transaction.atomic():
                write(second)
        assert JournalEntry.objects.get(account="1001").amount_minor == first


weights = st.lists(st.integers(0, 10**7), min_size=1, max_size=30)


@settings(max_examples=2000, deadline=None)
@given(total=st.integers(0, 10**9), over=weights)
def test_what_is_spread_adds_up_and_is_fair(total, over):
    if sum(over) == 0 and total:
        with pytest.raises(ValueError, match="nothing to spread over"):
            spread(total, over)
        return
    parts = spread(total, over)

    assert sum(parts) == total
    for part, weight in zip(parts, over, strict=True):
        exact = Fraction(total * weight, sum(over) or 1)
        assert floor(exact) <= part <= floor(exact) + 1
        if total <= sum(over):
            assert 0 <= part <= weight
        if exact.denominator == 1:
            assert part == exact
    for i in range(len(over)):  # ties go to the earlier line
        for j in range(i + 1, len(over)):
            if over[i] == over[j]:
                assert parts[i] >= parts[j]


def test_spreading_at_the_edges():
    assert spread(1600, [3000, 9800, 8000]) == [231, 754, 615]
    assert spread(0, []) == []
    assert spread(0, [0, 0]) == [0, 0]
    assert spread(1, [1, 1, 1]) == [1, 0, 0]
    assert spread(2, [1, 1, 1]) == [1, 1, 0]
    assert spread(5, [0, 5, 0]) == [0, 5, 0]
    assert spread(1, [0, 1]) == [0, 1]
    for wrong in ((-1, [1]), (1, [1, -1]), (1, []), (1, [0])):
        with pytest.raises(ValueError, match="spread"):
            spread(*wrong)


@settings(max_examples=2000, deadline=None)
@given(
    share=st.integers(0, 10**7),
    whole=st.integers(1, 10**6),
    cuts=st.lists(st.integers(0, 10**6), max_size=12),
)
def test_what_goes_back_telescopes_whatever_the_steps(share, whole, cuts):
    marks = sorted({0, whole, *(cut % (whole + 1) for cut in cuts)})
    returned = 0
    for done, upto in itertools.pairwise(marks):
        back = part_of_share(share, done=done, now=upto - done, whole=whole)
        assert back >= 0
        returned += back
        exact = Fraction(share * upto, whole)
        assert returned == floor(exact + Fraction(1, 2))
    assert returned == share


def test_going_back_at_the_edges():
    assert part_of_share(615, done=0, now=300, whole=8000) == 23
    assert part_of_share(754, done=0, now=1, whole=2) == 377
    assert part_of_share(1, done=0, now=1, whole=2) == 1  # half up
    assert part_of_share(1, done=1, now=1, whole=2) == 0
    assert part_of_share(7, done=3, now=0, whole=3) == 0
    for wrong in ((0, 3, 2), (2, 1, 2), (-1, 1, 2), (0, -1, 2), (0, 0, 0)):
        done, now, whole = wrong
        with pytest.raises(ValueError, match="cannot take"):
            part_of_share(10, done=done, now=now, whole=whole)


@settings(max_examples=500, deadline=None)
@given(minor=st.integers(0, 10**15), currency=st.sampled_from(sorted(EXPONENTS)))
def test_money_survives_being_written_down(minor, currency):
    money = Money(minor, currency)

    assert Money.from_major_str(money.to_major_str(), currency) == money
    assert Money.from_major(money.major, currency) == money
    assert str(money) == f"{currency} {money.to_major_str()}"


@settings(max_examples=500, deadline=None)
@given(minor=st.integers(0, 10**9), basis_points=st.integers(0, 10_000))
def test_a_rate_is_exact_before_it_is_rounded(minor, basis_points):
    rate = Decimal(basis_points) / 10_000
    exact = Fraction(minor * basis_points, 10_000)

    assert Money(minor).at_rate(rate).minor == floor(exact + Fraction(1, 2))
    assert Money(minor).floor_rate(rate).minor == floor(exact)
    assert Money(minor).at_rate(rate, ROUND_DOWN) == Money(minor).floor_rate(rate)
    assert Money(minor).at_rate(rate, ROUND_HALF_UP) == Money(minor).at_rate(rate)
