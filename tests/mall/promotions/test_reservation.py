"""Uses of an offer: taken, used, released and given back exactly once."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from mall.promotions import reservation
from mall.promotions.errors import OfferUsedUpError
from mall.promotions.models import BankOffer, OfferReservation, OfferSlot
from mall.promotions.offers import rule_of
from mall.promotions.quoting import card_facts
from payments.api import business_date
from tests.mall.promotions.offers import make_offer, tied_card

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(django_user_model):
    return django_user_model.objects.create(username="wang", phone="+8613800000001")


@pytest.fixture
def li(django_user_model):
    return django_user_model.objects.create(username="li", phone="+8613800000002")


def take(offer, resident, *, order_no="M1", card=None) -> OfferReservation:
    """Reserve as an order does: all of it or nothing."""
    card = card or tied_card(f"A{resident.pk}")
    with transaction.atomic():
        use = reservation.reserve(
            rule=rule_of(offer),
            order_no=order_no,
            resident_id=resident.pk,
            agreement_no=card.agreement_no,
            card=card_facts(card),
            discount_minor=offer.discount_minor,
        )
        reservation.take_budget(use, rule_of(offer))
    return use


def counters(offer) -> tuple[int, int, int, int]:
    offer.refresh_from_db()
    return offer.reserved_count, offer.reserved_minor, offer.used_count, offer.used_minor


def day_counters(offer) -> tuple[int, int]:
    day = offer.days.get(day=business_date())
    return day.reserved_count, day.used_count


def test_a_use_is_reserved_then_used(wang):
    offer = make_offer()

    use = take(offer, wang)
    assert counters(offer) == (1, 1600, 0, 0)
    assert use.business_date == business_date()

    with transaction.atomic():
        reservation.consume("M1")
        reservation.consume("M1")

    assert counters(offer) == (0, 0, 1, 1600)
    assert day_counters(offer) == (0, 1)
    use.refresh_from_db()
    assert use.state == OfferReservation.State.CONSUMED


def test_a_released_use_leaves_no_trace_in_any_limit(wang):
    offer = make_offer(resident_day_limit=1, card_day_limit=1, day_limit=1, total_limit=1)
    take(offer, wang)

    assert reservation.release("M1") is True
    assert reservation.release("M1") is False

    assert counters(offer) == (0, 0, 0, 0)
    assert day_counters(offer) == (0, 0)
    assert OfferSlot.objects.count() == 0
    take(offer, wang, order_no="M2")
    assert counters(offer) == (1, 1600, 0, 0)


def test_the_budget_is_never_overdrawn(wang, li):
    offer = make_offer(budget_minor=3199)
    take(offer, wang)

    with pytest.raises(OfferUsedUpError):
        take(offer, li, order_no="M2")

    assert counters(offer) == (1, 1600, 0, 0)
    assert OfferReservation.objects.filter(order_no="M2").exists() is False


@pytest.mark.parametrize("limit", ["total_limit", "day_limit"])
def test_the_last_use_is_given_once(wang, li, limit):
    offer = make_offer(**{limit: 1})
    take(offer, wang)

    with pytest.raises(OfferUsedUpError):
        take(offer, li, order_no="M2")

    assert counters(offer) == (1, 1600, 0, 0)


@pytest.mark.parametrize("period", ["day", "month", "total"])
def test_a_resident_has_no_more_uses_than_her_limit(wang, li, period):
    offer = make_offer(**{f"resident_{period}_limit": 2})
    take(offer, wang, order_no="M1", card=tied_card("A1"))
    take(offer, wang, order_no="M2", card=tied_card("A2"))

    with pytest.raises(OfferUsedUpError) as refused:
        take(offer, wang, order_no="M3", card=tied_card("A3"))

    assert refused.value.data == {"offer": offer.pk, "scope": "resident", "period": period}
    take(offer, li, order_no="M4")


def test_one_card_tied_by_two_residents_is_one_card(wang, li):
    offer = make_offer(card_day_limit=1)
    take(offer, wang, card=tied_card("A1", fingerprint="the-card"))

    with pytest.raises(OfferUsedUpError) as refused:
        take(offer, li, order_no="M2", card=tied_card("A2", fingerprint="the-card"))

    assert refused.value.data["scope"] == "card"


def test_a_paused_offer_is_not_given_whatever_a_page_still_says(wang):
    offer = make_offer()
    BankOffer.objects.update(state=BankOffer.State.PAUSED)

    with pytest.raises(OfferUsedUpError):
        take(offer, wang)


def test_an_order_has_one_bank_offer_at_a_time(wang):
    take(make_offer(), wang)

    with pytest.raises(IntegrityError):
        take(make_offer(code="another"), wang)


def test_the_whole_discount_given_back_gives_the_use_back(wang):
    offer = make_offer(resident_day_limit=1)
    take(offer, wang)
    reservation.consume("M1")

    reservation.claw_back(order_no="M1", amount_minor=231)
    assert counters(offer) == (0, 0, 1, 1369)
    assert OfferSlot.objects.count() == 1

    reservation.claw_back(order_no="M1", amount_minor=1369)

    assert counters(offer) == (0, 0, 0, 0)
    assert day_counters(offer) == (0, 0)
    assert OfferSlot.objects.count() == 0
    assert OfferReservation.objects.get().state == OfferReservation.State.CLAWED_BACK


def test_no_more_than_the_discount_is_given_back(wang):
    offer = make_offer()
    take(offer, wang)
    reservation.consume("M1")

    with pytest.raises(ValueError, match="more than the offer gave"):
        reservation.claw_back(order_no="M1", amount_minor=1601)

    assert counters(offer) == (0, 0, 1, 1600)


def test_the_database_refuses_what_the_code_should_not_ask(wang):
    offer = make_offer(budget_minor=1600, total_limit=1)

    for wrong in ({"reserved_minor": 1601}, {"used_count": 2}, {"reserved_count": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            BankOffer.objects.filter(pk=offer.pk).update(**wrong)
