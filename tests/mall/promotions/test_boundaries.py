"""The last thousandth of a second, the last fen, the last day of the month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from mall.promotions import reasons
from mall.promotions.baskets import Basket
from mall.promotions.calendar import Moment, calendar_refusal
from mall.promotions.cards import card_refusal
from mall.promotions.evaluation import OfferBook, evaluate
from mall.promotions.rules import CardFacts, LineFacts, OfferRule, Usage
from mall.promotions.summary import summarize
from payments.api import SHANGHAI

CARD = CardFacts(
    issuer="CCB", kind="credit", scheme="unionpay_single", bin="625362", fingerprint="f1"
)
OFFER = OfferRule(
    offer_id=1,
    name="满200减16",
    threshold_minor=20000,
    discount_minor=1600,
    single_mark_only=True,
    excluded=frozenset({9}),
    starts_at=datetime(2026, 1, 1, tzinfo=SHANGHAI),
    ends_at=datetime(2027, 1, 1, tzinfo=SHANGHAI),
)
WEDNESDAY = datetime(2026, 11, 25, tzinfo=SHANGHAI)
A_THOUSANDTH = timedelta(milliseconds=1)


def saves(*lines: LineFacts, card: CardFacts = CARD, now: datetime = WEDNESDAY) -> int:
    (result,) = evaluate(OfferBook([OFFER]), card=card, lines=lines, usage=Usage(), now=now)
    return result.discount_minor


def is_given(now: datetime, **calendar) -> bool:
    return calendar_refusal(replace(OFFER, **calendar), now) is None


def test_199_99_saves_nothing_and_200_saves_16():
    assert saves(LineFacts(product_id=1, value_minor=19999)) == 0
    assert saves(LineFacts(product_id=1, value_minor=20000)) == 1600


def test_a_fen_of_excluded_goods_does_not_lift_it_over():
    almost = LineFacts(product_id=1, value_minor=19999)

    assert saves(almost, LineFacts(product_id=9, value_minor=50000)) == 0
    assert saves(almost, LineFacts(product_id=2, value_minor=1)) == 1600


def test_a_card_with_a_second_mark_is_another_card():
    basket = LineFacts(product_id=1, value_minor=20000)

    assert saves(basket, card=replace(CARD, scheme="unionpay_dual")) == 0


def test_tuesdays_last_thousandth_is_not_yet_wednesday():
    wednesdays = {"weekdays": frozenset({3})}

    assert not is_given(WEDNESDAY - A_THOUSANDTH, **wednesdays)
    assert is_given(WEDNESDAY, **wednesdays)
    assert is_given(WEDNESDAY + timedelta(days=1) - A_THOUSANDTH, **wednesdays)
    assert not is_given(WEDNESDAY + timedelta(days=1), **wednesdays)


def test_the_start_is_in_and_the_end_is_out():
    span = {"starts_at": WEDNESDAY, "ends_at": WEDNESDAY + timedelta(days=1)}

    given = [
        is_given(at, **span)
        for at in (
            WEDNESDAY - A_THOUSANDTH,
            WEDNESDAY,
            span["ends_at"] - A_THOUSANDTH,
            span["ends_at"],
        )
    ]
    assert given == [False, True, True, False]


@pytest.mark.parametrize(
    ("days", "at", "next_on"),
    [
        ({29, 30, 31}, date(2026, 2, 28), date(2026, 3, 29)),  # no 29th in that February
        ({29}, date(2028, 2, 28), date(2028, 2, 29)),
        ({31}, date(2026, 8, 31) + timedelta(days=1), date(2026, 10, 31)),
        ({8, 18, 28}, date(2026, 12, 28) + timedelta(days=1), date(2027, 1, 8)),
    ],
)
def test_the_last_days_of_short_months(days, at, next_on):
    rule = replace(OFFER, month_days=frozenset(days), ends_at=datetime(2030, 1, 1, tzinfo=SHANGHAI))
    noon = datetime.combine(at, time(12), SHANGHAI)

    assert calendar_refusal(rule, noon) == reasons.OtherMonthDay(saves_minor=1600, next_on=next_on)


def test_no_day_left_before_the_end_is_over():
    rule = replace(
        OFFER, month_days=frozenset({31}), ends_at=datetime(2026, 12, 31, tzinfo=SHANGHAI)
    )

    assert calendar_refusal(rule, WEDNESDAY) == reasons.Over(saves_minor=1600)


def test_a_night_belongs_to_the_day_it_began_on():
    night = {"weekdays": frozenset({3}), "hours": ((time(22), time(2)),)}
    thursday = WEDNESDAY + timedelta(days=1)

    assert not is_given(WEDNESDAY + timedelta(hours=1), **night)  # Tuesday's night
    assert is_given(WEDNESDAY + timedelta(hours=22), **night)
    assert is_given(thursday + timedelta(hours=2) - A_THOUSANDTH, **night)
    assert not is_given(thursday + timedelta(hours=2), **night)
    assert not is_given(thursday + timedelta(hours=22), **night)


def test_it_says_when_the_hours_come_again():
    rule = replace(OFFER, hours=((time(10), time(12)), (time(20), time(22))))

    def next_at(hour: int) -> datetime:
        refusal = calendar_refusal(rule, WEDNESDAY + timedelta(hours=hour))
        return refusal.next_at

    assert next_at(9) == WEDNESDAY + timedelta(hours=10)
    assert next_at(12) == WEDNESDAY + timedelta(hours=20)
    assert next_at(23) == WEDNESDAY + timedelta(days=1, hours=10)


def test_days_after_the_first_tie_end_at_midnight():
    rule = replace(OFFER, first_tied_within_days=7)
    card = replace(CARD, first_tied_at=WEDNESDAY + timedelta(hours=23))
    last = WEDNESDAY + timedelta(days=8) - A_THOUSANDTH

    assert card_refusal(rule, card, last) is None
    refusal = card_refusal(rule, card, last + A_THOUSANDTH)
    assert refusal == reasons.TiedTooLongAgo(
        saves_minor=1600, within_days=7, last_on=date(2026, 12, 2)
    )
    assert card_refusal(rule, CARD, last).last_on is None


def test_a_new_customer_tied_her_first_card_of_the_bank_after_the_offer_began():
    rule = replace(OFFER, new_to_bank=True)

    def refusal(tied: datetime | None) -> reasons.Reason | None:
        return card_refusal(rule, replace(CARD, bank_first_tied_at=tied), WEDNESDAY)

    assert refusal(OFFER.starts_at) is None
    assert refusal(OFFER.starts_at - A_THOUSANDTH) == reasons.NotANewCustomer(
        saves_minor=1600, since=OFFER.starts_at
    )
    assert refusal(None).code == "not_a_new_customer"


def test_the_book_does_not_remember_yesterday():
    book = OfferBook([replace(OFFER, weekdays=frozenset({3}))])
    lines = [LineFacts(product_id=1, value_minor=20000)]

    given = [
        len(
            summarize(
                book, card=CARD, basket=Basket(lines), usage=Usage(), moment=Moment.of(at)
            ).given
        )
        for at in (WEDNESDAY - A_THOUSANDTH, WEDNESDAY, WEDNESDAY + timedelta(days=1))
    ]

    assert given == [0, 1, 0]
