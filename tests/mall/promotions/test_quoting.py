"""What each way of paying costs, as the checkout shows it."""

from __future__ import annotations

import pytest
from oscar.apps.offer.models import Range
from oscar.test.factories import create_product

from mall.promotions.models import BankOffer
from mall.promotions.quoting import WayKind, quote
from mall.promotions.rules import LineFacts
from payments.api import Money, business_date
from tests.mall.promotions.offers import make_offer, tied_card

pytestmark = pytest.mark.django_db
BASKET = [
    LineFacts(product_id=1, value_minor=3000),
    LineFacts(product_id=2, value_minor=9800),
    LineFacts(product_id=3, value_minor=8000),
]


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


def test_the_card_that_saves_most_is_chosen():
    make_offer()
    cards = [tied_card("A1", issuer_code="PSBC", kind="debit"), tied_card("A2")]

    told = quote(lines=BASKET, cards=cards, resident_id=1)

    assert told.goods == Money(20800)
    assert told.best is told.way("A2")
    assert (told.best.payable, told.best.discount) == (Money(19200), Money(1600))
    assert told.best.shares == (231, 754, 615)
    assert told.hint == "Saves ¥16"
    assert [way.kind for way in told.ways] == [
        WayKind.AGREEMENT,
        WayKind.AGREEMENT,
        WayKind.NEW_CARD,
        WayKind.CASHIER,
    ]
    assert told.way("A1").hint == "Not for this card"
    assert told.way("A1").payable == Money(20800)
    assert told.way("cashier").payable == Money(20800)


def test_where_nothing_is_saved_the_first_card_is_chosen():
    told = quote(lines=BASKET, cards=[tied_card("A1"), tied_card("A2")], resident_id=1)

    assert told.best is told.way("A1")
    assert told.best.hint == told.hint == ""


def test_a_basket_a_little_too_small_says_what_is_missing():
    make_offer()

    told = quote(lines=[LineFacts(product_id=1, value_minor=17650)], cards=[tied_card()])

    assert told.hint == "Spend ¥23.50 more to save ¥16"
    assert told.best.payable == Money(17650)


def test_who_has_no_card_learns_what_one_would_save():
    make_offer()

    told = quote(lines=BASKET)
    too_little = quote(lines=BASKET[:1])

    assert told.best is told.way("cashier")
    assert told.way("new_card").hint == "Tie a card to save up to ¥16"
    assert too_little.hint == "Spend ¥170 more to save ¥16"


@pytest.mark.parametrize(
    "gone",
    [
        {"total_limit": 2, "used_count": 1, "reserved_count": 1},
        {"budget_minor": 3000, "used_minor": 1600},
        {"state": BankOffer.State.EXHAUSTED},
    ],
)
def test_a_used_up_offer_says_so(gone):
    make_offer(**gone)

    told = quote(lines=BASKET, cards=[tied_card()])

    assert (told.best.payable, told.best.hint) == (Money(20800), "Used up")


def test_a_full_day_says_so():
    offer = make_offer(day_limit=1)
    day = quote(lines=BASKET, cards=[tied_card()])
    assert day.best.discount == Money(1600)

    offer.days.create(day=business_date(), limit=1, used_count=1)

    assert quote(lines=BASKET, cards=[tied_card()]).best.hint == "Used up today"


@pytest.mark.parametrize("state", ["draft", "paused", "ended"])
def test_an_offer_that_does_not_run_is_not_there(state):
    make_offer(state=state)

    assert quote(lines=BASKET, cards=[tied_card()]).best.hint == ""


def test_goods_in_the_excluded_range_do_not_count():
    wine = create_product(price=100)
    without_wine = Range.objects.create(name="酒类")
    without_wine.add_product(wine)
    make_offer(excluded=without_wine)
    lines = [
        LineFacts(product_id=wine.pk, value_minor=20000),
        LineFacts(product_id=wine.pk + 1, value_minor=3000),
    ]

    assert quote(lines=lines, cards=[tied_card()]).best.hint == "Spend ¥170 more to save ¥16"


def test_a_changed_offer_is_seen_at_once():
    offer = make_offer()
    assert quote(lines=BASKET, cards=[tied_card()]).best.discount == Money(1600)

    offer.state = BankOffer.State.PAUSED
    offer.save()

    assert quote(lines=BASKET, cards=[tied_card()]).best.discount == Money(0)


def test_a_quote_asks_the_database_three_times(django_assert_num_queries):
    for n in range(30):
        make_offer(code=f"offer-{n}")
    cards = [tied_card(f"A{n}") for n in range(5)]
    quote(lines=BASKET, cards=cards, resident_id=1)

    with django_assert_num_queries(3):
        quote(lines=BASKET * 5, cards=cards, resident_id=1)
