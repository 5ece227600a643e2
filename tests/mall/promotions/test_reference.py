"""The quick evaluation says what a slow and obvious one says, whatever the offer and the basket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mall.promotions.baskets import Basket
from mall.promotions.benefits import benefit_minor, from_minor, least_minor, most_minor
from mall.promotions.book import OfferBook
from mall.promotions.calendar import Moment, calendar_refusal
from mall.promotions.cards import card_refusal
from mall.promotions.evaluation import best_first, evaluate
from mall.promotions.reasons import BelowThreshold
from mall.promotions.rules import CardFacts, OfferRule
from mall.promotions.summary import summarize
from tests.mall.promotions import slow
from tests.mall.promotions.made_up import calendars, cards, lines, moments, rules, usages

RANDOM = OfferRule(
    offer_id=1,
    name="随机立减",
    benefit_kind="random",
    threshold_minor=10000,
    random_from_minor=100,
    random_to_minor=199,
    starts_at=datetime(2026, 11, 1, tzinfo=UTC),
    ends_at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=60),
)
CARD = CardFacts(
    issuer="CCB", kind="credit", scheme="unionpay_single", bin="625362", fingerprint="f1"
)
LOOSE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def agree(rule, card, basket, usage, now) -> None:
    expected = slow.judge(rule, card=card, lines=basket, usage=usage, now=now)
    results = evaluate(OfferBook([rule]), card=card, lines=basket, usage=usage, now=now)
    if not results:  # another bank's offer is not even looked at
        assert expected.code == "wrong_card"
        return
    (result,) = results
    told = result.reason or result.next_step
    assert (result.discount_minor, result.reason.code if result.reason else "") == (
        expected.saves,
        expected.code,
    )
    assert expected.missing == (told.missing_minor if isinstance(told, BelowThreshold) else None)


@settings(max_examples=250, deadline=None, suppress_health_check=LOOSE)
@given(rules(), cards, lines, usages(), moments)
def test_every_offer_is_judged_as_by_hand(rule, card, basket, usage, now):
    agree(rule, card, basket, usage, now)


@pytest.mark.nightly
@settings(max_examples=20_000, deadline=None, suppress_health_check=LOOSE)
@given(rules(), cards, lines, usages(), moments)
def test_every_offer_is_judged_as_by_hand_many_times(rule, card, basket, usage, now):
    agree(rule, card, basket, usage, now)


@settings(max_examples=300, deadline=None, suppress_health_check=LOOSE)
@given(calendars, moments)
def test_days_and_hours_are_those_of_the_clock_in_shanghai(rule, now):
    refusal = calendar_refusal(rule, now)

    assert (refusal.code if refusal else "") == slow.wrong_time(rule, now)


@settings(max_examples=300, deadline=None, suppress_health_check=LOOSE)
@given(st.sampled_from([0, 1, 7]), st.integers(-9, 1), moments, st.sampled_from([-1, 0, 1]))
def test_days_since_a_card_was_tied_end_at_midnight_in_shanghai(within, days, at, millis):
    rule = replace(RANDOM, first_tied_within_days=within)
    tied = at + timedelta(days=days, milliseconds=millis)
    card = replace(CARD, first_tied_at=tied)

    refusal = card_refusal(rule, card, at)

    assert (refusal.code if refusal else "") == slow.tied_wrongly(rule, card, at)


def agree_in_short(book, card, basket, usage, now) -> None:
    full = evaluate(book, card=card, lines=basket, usage=usage, now=now)
    short = summarize(book, card=card, basket=Basket(basket), usage=usage, moment=Moment.of(now))

    given = best_first(full)
    if card is None:  # only the best is looked for
        assert [r.discount_minor for r in short.given[:1]] == [r.discount_minor for r in given[:1]]
    else:
        assert list(short.given) == given
    saving = given[0].discount_minor if given else 0
    near = [step for r in full if isinstance(step := r.next_step or r.reason, BelowThreshold)]
    better = [(s.missing_minor, -s.saves_minor) for s in near if s.saves_minor > saving]
    step = short.next_step(saving)
    found = (step.missing_minor, -step.saves_minor) if step else None
    assert found == min(better, default=None)
    refusals = {r.reason for r in full if r.reason}
    if not given and short.reason and short.reason.saves_minor:
        assert short.reason in refusals
        if near:
            assert isinstance(short.reason, BelowThreshold)


many = st.lists(st.integers(1, 8), min_size=1, max_size=8, unique=True).flatmap(
    lambda ids: st.tuples(*(rules(offer_id=n) for n in sorted(ids)))
)


@settings(max_examples=100, deadline=None, suppress_health_check=LOOSE)
@given(many, st.none() | cards, lines, usages(offers=8), st.lists(moments, min_size=1, max_size=3))
def test_the_short_answer_is_the_long_one_in_short(offers, card, basket, usage, clock):
    book = OfferBook(offers)
    for now in clock:  # what the book remembers of one moment must not be told at another
        agree_in_short(book, card, basket, usage, now)


@given(rules(), st.integers(0, 40000))
def test_a_benefit_is_whole_fen_below_the_amount_and_within_what_is_promised(rule, eligible):
    gives = benefit_minor(rule, eligible)

    assert gives == slow.gives(rule, eligible)
    assert (gives > 0) == (eligible >= from_minor(rule))
    assert gives == 0 or least_minor(rule) <= gives <= (most_minor(rule) or eligible)
    assert gives < max(eligible, 1)


@given(st.integers(0, 2**64 - 1), st.integers(0, 30000))
def test_what_is_drawn_lies_within_the_bounds(chance, eligible):
    gives = benefit_minor(RANDOM, eligible, chance)

    assert (100 <= gives <= 199) if eligible >= 10000 else gives == 0
