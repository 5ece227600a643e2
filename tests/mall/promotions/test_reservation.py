"""Uses of an offer: taken, used, released and given back exactly once."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from mall.promotions import lifecycle, reservation
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


def take(offer, resident, *, order_no="M1", card=None, device="") -> OfferReservation:
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
            device=device,
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


def test_a_new_version_does_not_forget_who_had_the_offer(wang, li):
    first = make_offer(resident_total_limit=1)
    take(first, wang)
    draft = lifecycle.new_version(first)
    lifecycle.launch(draft)
    draft.refresh_from_db()

    with pytest.raises(OfferUsedUpError) as refused:
        take(draft, wang, order_no="M2")

    assert refused.value.data["scope"] == "resident"
    take(draft, li, order_no="M3")


def test_a_version_with_fewer_places_counts_those_beyond_them_too(wang):
    first = make_offer(resident_total_limit=3)
    take(first, wang, order_no="M1", card=tied_card("A1"))
    take(first, wang, order_no="M2", card=tied_card("A2"))
    reservation.release("M1")  # her place 1 is taken, place 0 is free
    draft = lifecycle.new_version(first)
    BankOffer.objects.filter(pk=draft.pk).update(resident_total_limit=1)
    draft.refresh_from_db()
    lifecycle.launch(draft)

    with pytest.raises(OfferUsedUpError):
        take(draft, wang, order_no="M3")


@pytest.mark.parametrize("period", ["day", "month", "total"])
def test_one_device_is_one_device_whoever_uses_it(wang, li, period):
    offer = make_offer(**{f"device_{period}_limit": 1})
    take(offer, wang, device="the-phone")

    with pytest.raises(OfferUsedUpError) as refused:
        take(offer, li, order_no="M2", device="the-phone")

    assert refused.value.data == {"offer": offer.pk, "scope": "device", "period": period}
    take(offer, li, order_no="M2", device="another")
    take(offer, li, order_no="M3")  # a browser without a name is counted by person and card


def test_the_months_number_is_counted_and_given_back(wang, li):
    offer = make_offer(month_limit=1)
    take(offer, wang)

    with pytest.raises(OfferUsedUpError) as refused:
        take(offer, li, order_no="M2")
    assert refused.value.data["scope"] == "month"

    reservation.release("M1")
    take(offer, li, order_no="M2")
    reservation.consume("M2")
    month = offer.months.get()
    assert (month.month.day, month.reserved_count, month.used_count) == (1, 0, 1)
    reservation.claw_back(order_no="M2", amount_minor=1600)
    month.refresh_from_db()
    assert (month.reserved_count, month.used_count) == (0, 0)


def test_what_the_bank_decides_is_counted_and_never_refused(wang, li):
    offer = make_offer(
        decided_by="bank",
        budget_minor=1600,
        total_limit=1,
        day_limit=1,
        month_limit=1,
        resident_total_limit=1,
    )
    take(offer, wang)
    take(offer, wang, order_no="M2")
    BankOffer.objects.update(state=BankOffer.State.PAUSED)
    take(offer, li, order_no="M3")

    assert counters(offer) == (3, 4800, 0, 0)
    assert OfferSlot.objects.count() == 2
    reservation.consume("M1", actual_minor=1600)
    reservation.consume("M2", actual_minor=2000)
    assert counters(offer) == (1, 1600, 2, 3600)
    use = OfferReservation.objects.get(order_no="M2")
    assert (use.estimated_minor, use.discount_minor) == (1600, 2000)
    reservation.claw_back(order_no="M2", amount_minor=2000)
    assert counters(offer) == (1, 1600, 1, 1600)


def test_a_bank_that_gave_nothing_gave_no_use(wang):
    offer = make_offer(decided_by="bank", resident_day_limit=1)
    take(offer, wang)

    assert reservation.consume("M1", actual_minor=0).state == OfferReservation.State.RELEASED
    assert reservation.consume("M1", actual_minor=0) is None

    assert counters(offer) == (0, 0, 0, 0)
    assert OfferSlot.objects.count() == 0


def test_of_our_own_offer_no_more_is_booked_than_we_said(wang):
    offer = make_offer(budget_minor=1600)
    take(offer, wang)

    reservation.consume("M1", actual_minor=2000)

    assert counters(offer) == (0, 0, 1, 1600)


def test_a_smaller_actual_discount_leaves_the_rest_in_the_budget(wang):
    offer = make_offer(budget_minor=1600)
    take(offer, wang)

    reservation.consume("M1", actual_minor=1500)

    assert counters(offer) == (0, 0, 1, 1500)
