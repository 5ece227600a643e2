"""Who gets a bank offer and who does not, to the fen."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from datetime import time as clock_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mall.promotions import reasons
from mall.promotions.evaluation import OfferBook, best_of, evaluate, shares_of
from mall.promotions.rules import CardFacts, Limit, LineFacts, OfferRule, Usage
from mall.promotions.wording import describe

# A Sunday, ten in the morning in Shanghai.
SUNDAY = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CCB_CREDIT = CardFacts(
    issuer="CCB", kind="credit", scheme="unionpay_single", bin="625362", fingerprint="f1"
)
SPEND_200_SAVE_16 = OfferRule(
    offer_id=1,
    name="满200减16",
    funder_ref="CCB",
    issuers=frozenset({"CCB"}),
    kinds=frozenset({"credit"}),
    single_mark_only=True,
    threshold_minor=20000,
    discount_minor=1600,
    starts_at=datetime(2026, 11, 1, tzinfo=UTC),
    ends_at=datetime(2026, 12, 1, tzinfo=UTC),
)


def judge(rule=SPEND_200_SAVE_16, *, card=CCB_CREDIT, lines=None, usage=None, now=SUNDAY):
    """Evaluate one offer on one basket."""
    lines = [LineFacts(product_id=1, value_minor=20800)] if lines is None else lines
    (result,) = evaluate(OfferBook([rule]), card=card, lines=lines, usage=usage or Usage(), now=now)
    return result


def basket(*values):
    return [LineFacts(product_id=n, value_minor=value) for n, value in enumerate(values, start=1)]


@pytest.mark.parametrize(("amount", "discount"), [(19999, 0), (20000, 1600), (20001, 1600)])
def test_the_threshold_is_reached_at_exactly_200(amount, discount):
    assert judge(lines=basket(amount)).discount_minor == discount


def test_a_fen_below_the_threshold_says_how_much_is_missing():
    result = judge(lines=basket(10000, 7650))

    assert result.reason == reasons.BelowThreshold(
        saves_minor=1600, missing_minor=2350, threshold_minor=20000
    )


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "ICBC"},
        {"kind": "debit"},
        {"scheme": "unionpay_dual"},
        {"scheme": "visa"},
    ],
)
def test_another_card_gets_nothing(change):
    rule = replace(SPEND_200_SAVE_16, issuers=frozenset({"CCB", "ICBC"}) - {change.get("issuer")})
    card = replace(CCB_CREDIT, **change)

    results = evaluate(
        OfferBook([replace(rule, offer_id=2), replace(rule, offer_id=3, issuers=frozenset())]),
        card=card,
        lines=basket(20800),
        usage=Usage(),
        now=SUNDAY,
    )

    if "issuer" in change:
        assert [r.offer.offer_id for r in results] == [3]  # any bank's credit card may have it
        assert results[0].discount_minor == 1600
    else:
        part = "kind" if "kind" in change else "mark"
        assert [r.reason for r in results] == [reasons.WrongCard(saves_minor=1600, part=part)] * 2


def test_a_list_of_first_digits_lets_only_those_in():
    rule = replace(SPEND_200_SAVE_16, bins=("625362", "436742"))

    assert judge(rule).discount_minor == 1600
    other = judge(rule, card=replace(CCB_CREDIT, bin="622280"))
    assert other.reason == reasons.WrongCard(saves_minor=1600, part="bin")


def test_goods_that_do_not_count_do_not_help_to_the_threshold():
    rule = replace(SPEND_200_SAVE_16, excluded=frozenset({2}))

    assert judge(rule, lines=basket(19000, 5000)).reason == reasons.BelowThreshold(
        saves_minor=1600, missing_minor=1000, threshold_minor=20000
    )
    assert judge(rule, lines=basket(20000, 5000)).discount_minor == 1600


def test_an_offer_on_some_goods_ignores_all_others():
    rule = replace(SPEND_200_SAVE_16, included=frozenset({2}))

    assert judge(rule, lines=basket(30000)).reason == reasons.NoSuchGoods(saves_minor=1600)
    assert judge(rule, lines=basket(30000, 20000)).discount_minor == 1600


def test_a_voucher_is_not_a_physical_good():
    lines = [LineFacts(product_id=1, value_minor=25000, is_physical=False)]

    assert judge(lines=lines).reason == reasons.NoSuchGoods(saves_minor=1600)


def test_an_offer_lives_from_its_start_until_just_before_its_end():
    begins, ends = SPEND_200_SAVE_16.starts_at, SPEND_200_SAVE_16.ends_at
    just_before = begins.replace(year=2026, month=10, day=31, hour=23, minute=59)

    early = judge(now=just_before)
    assert early.reason == reasons.NotYet(saves_minor=1600, starts_at=begins)
    assert judge(now=begins).discount_minor == 1600
    assert judge(now=ends).reason == reasons.Over(saves_minor=1600)


def test_a_wednesday_is_counted_in_shanghai():
    rule = replace(SPEND_200_SAVE_16, weekdays=frozenset({3}))
    tuesday_evening_in_london = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)

    assert judge(rule).reason == reasons.OtherWeekday(
        saves_minor=1600, weekdays=frozenset({3}), next_on=date(2026, 11, 25)
    )
    assert judge(rule, now=tuesday_evening_in_london).discount_minor == 1600
    almost = tuesday_evening_in_london.replace(hour=15, minute=59)
    assert judge(rule, now=almost).discount_minor == 0


def test_a_member_day_says_when_it_comes_again():
    rule = replace(SPEND_200_SAVE_16, month_days=frozenset({8, 18, 28}))

    assert judge(rule).reason == reasons.OtherMonthDay(saves_minor=1600, next_on=date(2026, 11, 28))


def test_an_evening_offer_is_over_at_ten():
    hours = ((clock_time(20), clock_time(22)),)
    rule = replace(SPEND_200_SAVE_16, hours=hours)

    assert judge(rule).reason == reasons.OtherHour(
        saves_minor=1600, hours=hours, next_at=SUNDAY.replace(hour=12)
    )
    assert judge(rule, now=SUNDAY.replace(hour=12)).discount_minor == 1600
    assert judge(rule, now=SUNDAY.replace(hour=14)).discount_minor == 0


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (Usage(used_up=frozenset({1})), reasons.UsedUp(saves_minor=1600)),
        (Usage(used_up_today=frozenset({1})), reasons.UsedUpToday(saves_minor=1600)),
        (
            Usage(resident="resident:7", taken={("offer-1", "resident:7", "day"): 1}),
            reasons.LimitReached(
                saves_minor=1600,
                subject="resident",
                period="day",
                most=1,
                again_on=date(2026, 11, 23),
            ),
        ),
        (
            Usage(resident="resident:7", taken={("offer-1", "card:f1", "month"): 3}),
            reasons.LimitReached(
                saves_minor=1600,
                subject="card",
                period="month",
                most=3,
                again_on=date(2026, 12, 1),
            ),
        ),
    ],
)
def test_what_is_gone_is_not_given(usage, reason):
    rule = replace(
        SPEND_200_SAVE_16,
        limits=(
            Limit(subject="resident", period="day", most=1),
            Limit(subject="card", period="month", most=3),
        ),
    )

    assert judge(rule, usage=usage).reason == reason


def test_somebody_elses_use_does_not_count():
    rule = replace(SPEND_200_SAVE_16, limits=(Limit(subject="resident", period="day", most=1),))
    usage = Usage(resident="resident:7", taken={("offer-1", "resident:8", "day"): 1})

    assert judge(rule, usage=usage).discount_minor == 1600


def test_the_best_of_several_is_the_largest_saving():
    offers = OfferBook(
        [
            replace(SPEND_200_SAVE_16, offer_id=1, discount_minor=500, threshold_minor=10000),
            replace(SPEND_200_SAVE_16, offer_id=2),
            replace(SPEND_200_SAVE_16, offer_id=3, discount_minor=5000, threshold_minor=50000),
        ]
    )

    best = best_of(
        evaluate(offers, card=CCB_CREDIT, lines=basket(20800), usage=Usage(), now=SUNDAY)
    )

    assert (best.offer.offer_id, best.discount_minor) == (2, 1600)


def test_the_worked_example_is_spread_to_the_fen():
    lines = basket(3000, 9800, 8000)

    assert shares_of(SPEND_200_SAVE_16, lines, 1600) == [231, 754, 615]


@given(
    values=st.lists(st.integers(0, 5_000_00), min_size=1, max_size=12).filter(
        lambda values: sum(values) >= 20000
    )
)
def test_shares_sum_to_the_discount_and_no_line_gets_more_than_it_costs(values):
    shares = shares_of(SPEND_200_SAVE_16, basket(*values), 1600)

    assert sum(shares) == 1600
    for share, value in zip(shares, values, strict=True):
        assert 0 <= share <= value
        assert abs(share * sum(values) - 1600 * value) < sum(values)


@given(amount=st.integers(1, 100_000))
def test_a_discount_is_given_from_the_threshold_on_and_never_below(amount):
    result = judge(lines=basket(amount))

    assert result.discount_minor == (1600 if amount >= 20000 else 0)
    assert (result.reason is None) == (amount >= 20000)


def test_a_thousand_offers_are_judged_within_a_millisecond():
    banks = [f"BANK{n}" for n in range(19)] + ["CCB"]
    offers = OfferBook(
        replace(SPEND_200_SAVE_16, offer_id=n, issuers=frozenset({banks[n % 20]}))
        for n in range(1000)
    )
    lines = basket(*[2080] * 10)

    def seconds() -> float:
        start = time.perf_counter()
        evaluate(offers, card=CCB_CREDIT, lines=lines, usage=Usage(), now=SUNDAY)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(20)) < 0.001


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (
            reasons.BelowThreshold(saves_minor=1600, missing_minor=2350),
            "Spend ¥23.50 more to save ¥16",
        ),
        (reasons.WrongCard(saves_minor=1600), "Not for this card"),
        (reasons.UsedUpToday(saves_minor=1600), "Used up today"),
        (reasons.UsedUp(saves_minor=1600), "Used up"),
        (reasons.OtherWeekday(saves_minor=1600, weekdays=frozenset({3})), "On Wednesdays"),
        (
            reasons.OtherWeekday(saves_minor=1600, weekdays=frozenset({6, 3})),
            "On Wednesdays, Saturdays",
        ),
        (
            reasons.OtherMonthDay(saves_minor=1600, next_on=date(2026, 11, 28)),
            "Again on November 28",
        ),
        (
            reasons.OtherHour(saves_minor=1600, hours=((clock_time(20), clock_time(22)),)),
            "From 20:00 to 22:00",
        ),
        (
            reasons.NotYet(saves_minor=1600, starts_at=datetime(2026, 11, 30, 16, tzinfo=UTC)),
            "From December 1",
        ),
        (reasons.NoSuchGoods(saves_minor=1600), "Not for these goods"),
        (reasons.Over(saves_minor=1600), "This offer is over"),
        (
            reasons.LimitReached(saves_minor=1600, subject="resident", period="day", most=1),
            "You have had this offer today",
        ),
    ],
)
def test_every_reason_is_a_sentence(reason, sentence, settings):
    settings.LANGUAGE_CODE = "en"

    assert describe(reason) == sentence
