"""What she may choose, what a little more would save, lots, banks that decide, and what is left."""

from __future__ import annotations

import pytest
from oscar.apps.offer.models import Range

from mall.promotions import reservation
from mall.promotions.models import BankOffer
from mall.promotions.offers import rule_of
from mall.promotions.quotas import left_of
from mall.promotions.quoting import NO_OFFER, card_facts, prepare, quote
from mall.promotions.rules import LineFacts
from mall.promotions.usage import usage_of
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


def test_she_may_take_another_offer_or_none():
    make_offer()
    make_offer(code="small", name="满100减8", threshold_minor=10000, discount_minor=800)

    best = quote(lines=BASKET, cards=[tied_card()]).best
    other = quote(lines=BASKET, cards=[tied_card()], offer_code="small").best
    none = quote(lines=BASKET, cards=[tied_card()], offer_code=NO_OFFER).best
    gone = quote(lines=BASKET, cards=[tied_card()], offer_code="long-over").best

    assert [(c.offer.code, c.discount_minor) for c in best.choices] == [
        ("ccb-200-16", 1600),
        ("small", 800),
    ]
    assert (best.discount, other.discount, none.discount) == (Money(1600), Money(800), Money(0))
    assert sum(other.shares) == 800
    assert (none.offer, none.hint, none.payable) == (None, "", Money(20800))
    assert other.choices == none.choices == best.choices
    assert gone.offer.code == "ccb-200-16"


def test_what_the_bank_decides_is_asked_in_full_and_expected_back():
    make_offer(decided_by="bank")

    way = quote(lines=BASKET, cards=[tied_card()]).best

    assert (way.discount, way.expected, way.saving) == (Money(0), Money(1600), Money(1600))
    assert (way.payable, way.offer.code, way.hint) == (Money(20800), "ccb-200-16", "Saves ¥16")
    assert way.shares == (231, 754, 615)
    (choice,) = way.choices
    assert (choice.discount_minor, choice.expected_minor) == (0, 1600)


def test_of_two_that_save_the_same_the_certain_one_is_taken():
    make_offer(code="banks", decided_by="bank")
    make_offer(code="ours", funding=[{"funder": "platform", "percent": 100}])
    make_offer(code="theirs")

    way = quote(lines=BASKET, cards=[tied_card()]).best

    assert [choice.offer.code for choice in way.choices] == ["theirs", "ours", "banks"]


def test_a_higher_step_is_told_while_a_lower_one_applies():
    make_offer(benefit_kind="steps", steps=[[10000, 500], [20000, 1600], [50000, 5000]])

    way = quote(lines=BASKET, cards=[tied_card()]).best

    assert way.discount == Money(1600)
    assert (way.next_step.missing_minor, way.next_step.saves_minor) == (29200, 5000)


def test_another_offer_a_little_further_is_told_too():
    make_offer(code="small", threshold_minor=10000, discount_minor=500)
    make_offer(threshold_minor=21000)

    way = quote(lines=BASKET, cards=[tied_card()]).best

    assert (way.offer.code, way.next_step.offer_code) == ("small", "ccb-200-16")
    assert (way.next_step.missing_minor, way.next_step.saves_minor) == (200, 1600)


def test_a_percentage_is_rounded_half_up_and_capped():
    make_offer(benefit_kind="percent", percent_bp=850, cap_minor=3000, threshold_minor=100)

    def saves(minor: int) -> int:
        lines = [LineFacts(product_id=1, value_minor=minor)]
        return quote(lines=lines, cards=[tied_card()]).best.discount.minor

    assert (saves(99), saves(100), saves(10006), saves(35294), saves(99999)) == (
        0,
        9,
        851,
        3000,
        3000,
    )


def test_a_lot_stays_the_same_until_she_uses_it(django_user_model):
    wang = django_user_model.objects.create(username="wang", phone="+8613800000001")
    offer = make_offer(
        benefit_kind="random",
        random_from_minor=100,
        random_to_minor=9999,
        budget_minor=1_000_000,
        resident_day_limit=2,
    )
    cards = [tied_card("A1"), tied_card("A2")]

    def lot(**asked) -> int:
        return quote(lines=BASKET, cards=cards, resident_id=wang.pk, **asked).best.discount.minor

    first = lot()
    other_basket = [LineFacts(product_id=9, value_minor=40000)]
    again = quote(lines=other_basket, cards=cards[1:], resident_id=wang.pk).best.discount.minor
    assert 100 <= first == again <= 9999

    use = reservation.reserve(
        rule=rule_of(offer),
        order_no="M1",
        resident_id=wang.pk,
        agreement_no="A1",
        card=card_facts(cards[0]),
        discount_minor=first,
    )
    assert lot(except_order="M1") == first
    second = lot()
    assert second != first
    reservation.take_budget(use, rule_of(offer))
    reservation.release("M1")
    assert lot() == first


def test_a_lot_that_comes_back_is_drawn_before_any_she_had_later(django_user_model):
    wang = django_user_model.objects.create(username="wang", phone="+8613800000001")
    offer = make_offer(
        benefit_kind="random", random_from_minor=1, random_to_minor=9999, budget_minor=1_000_000
    )
    card = tied_card("A1")

    def lot() -> int:
        return quote(lines=BASKET, cards=[card], resident_id=wang.pk).best.discount.minor

    def take(order_no: str) -> int:
        minor = lot()
        use = reservation.reserve(
            rule=rule_of(offer),
            order_no=order_no,
            resident_id=wang.pk,
            agreement_no="A1",
            card=card_facts(card),
            discount_minor=minor,
        )
        reservation.take_budget(use, rule_of(offer))
        return minor

    first, second, third = take("M1"), take("M2"), take("M3")
    assert len({first, second, third}) == 3
    reservation.release("M1")
    reservation.release("M2")
    assert take("M4") == first
    assert take("M5") == second
    assert lot() not in {first, second, third}


def test_a_lot_larger_than_what_is_left_is_not_promised():
    make_offer(
        benefit_kind="random",
        random_from_minor=1600,
        random_to_minor=1700,
        budget_minor=5000,
        used_minor=3400,
        used_count=2,
    )

    way = quote(lines=BASKET, cards=[tied_card()], resident_id=7).best

    assert way.discount.minor in {0, 1600}
    assert way.discount.minor == 1600 or way.hint == "Used up"


def test_a_percentage_beyond_the_rest_of_the_budget_is_not_promised():
    make_offer(benefit_kind="percent", percent_bp=1000, budget_minor=5000, used_minor=3000)

    small = quote(lines=[LineFacts(product_id=1, value_minor=20000)], cards=[tied_card()]).best
    large = quote(lines=BASKET, cards=[tied_card()]).best

    assert small.discount == Money(2000)
    assert (large.discount, large.hint) == (Money(0), "Used up")


def test_a_device_that_had_it_is_told(django_user_model):
    wang = django_user_model.objects.create(username="wang", phone="+8613800000001")
    offer = make_offer(device_day_limit=1)
    reservation.reserve(
        rule=rule_of(offer),
        order_no="M1",
        resident_id=wang.pk,
        agreement_no="A1",
        card=card_facts(tied_card()),
        discount_minor=1600,
        device="the-phone",
    )

    told = quote(lines=BASKET, cards=[tied_card("A2")], resident_id=2, device="the-phone")

    assert told.best.hint == "This device has had the offer today"
    assert quote(lines=BASKET, cards=[tied_card("A2")], resident_id=2).best.discount.minor == 1600


def test_a_full_month_says_so():
    offer = make_offer(month_limit=1)
    offer.months.create(month=business_date().replace(day=1), limit=1, used_count=1)

    assert quote(lines=BASKET, cards=[tied_card()]).best.hint == "Used up this month"


def test_what_is_left_of_her_quota_is_counted(django_user_model):
    wang = django_user_model.objects.create(username="wang", phone="+8613800000001")
    offer = make_offer(resident_day_limit=2, resident_month_limit=3, card_total_limit=9)
    card = card_facts(tied_card())
    for order_no in ("M1", "M2"):
        reservation.reserve(
            rule=rule_of(offer),
            order_no=order_no,
            resident_id=wang.pk,
            agreement_no="A1",
            card=card,
            discount_minor=1600,
        )
    usage = usage_of(resident_id=wang.pk, fingerprints=[card.fingerprint], day=business_date())

    left = left_of(rule_of(offer), usage, card)

    assert (left.today, left.this_month, left.in_all) == (0, 1, 7)


def test_a_thousand_offers_cost_no_query_more(django_assert_num_queries):
    goods = [Range.objects.create(name=f"范围{n}") for n in range(20)]
    one = make_offer()
    rows = BankOffer.objects.bulk_create(
        [_another(one, n, goods[n % 20]) for n in range(1000)], batch_size=200
    )
    assert len(rows) == 1000
    cards = [tied_card(f"A{n}", issuer_code=f"B{n}") for n in range(4)] + [tied_card()]

    with django_assert_num_queries(12):  # the book is read anew: one query, and eight for goods
        quote(lines=BASKET, cards=cards, resident_id=1)
    with django_assert_num_queries(3):
        quoter = prepare(cards=cards, resident_id=1)
    with django_assert_num_queries(0):
        assert quoter.quote(BASKET).best.discount == Money(1600)
        assert quoter.quote(BASKET[:1]).best.discount == Money(0)


def _another(offer: BankOffer, n: int, goods: Range) -> BankOffer:
    copy = BankOffer.objects.get(pk=offer.pk)
    copy.pk, copy.code, copy.excluded = None, f"offer-{n}", goods
    copy.issuers, copy.discount_minor, copy.most_minor = [f"B{n % 20}"], 100 + n, 100 + n
    return copy


def test_cards_without_a_fingerprint_are_not_one_card(django_user_model):
    people = [
        django_user_model.objects.create(username=name, phone=f"+861380000000{n}")
        for n, name in enumerate(("wang", "li"))
    ]
    offer = make_offer(card_day_limit=1)
    cards = [tied_card("A1", fingerprint=""), tied_card("A2", fingerprint="")]
    use = reservation.reserve(
        rule=rule_of(offer),
        order_no="M1",
        resident_id=people[0].pk,
        agreement_no="A1",
        card=card_facts(cards[0]),
        discount_minor=1600,
    )
    reservation.take_budget(use, rule_of(offer))

    def saves(person: int) -> int:
        way = quote(lines=BASKET, cards=[cards[person]], resident_id=people[person].pk).best
        return way.discount.minor

    assert (saves(0), saves(1)) == (0, 1600)
