"""However many want the same use of an offer at once: exactly as many get one as there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import F, Model

from mall.promotions import reservation
from mall.promotions.models import BankOffer, OfferDay, OfferMonth, OfferReservation, OfferSlot
from mall.promotions.offers import rule_of
from mall.promotions.quotas import left_of
from mall.promotions.quoting import card_facts
from mall.promotions.rules import OfferRule
from mall.promotions.usage import usage_of
from payments.api import business_date, transact
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person
from tests.mall.promotions.offers import make_offer, tied_card

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS, FEWER, USES = 50, 25, 10
# what is scarce -> the rule that says so, and what all buyers have in common
SCARCE = {
    "budget": ({"budget_minor": USES * 1600 + 1599}, ""),
    "total": ({"total_limit": USES}, ""),
    "day": ({"day_limit": USES}, ""),
    "month": ({"month_limit": USES}, ""),
    "resident": ({"resident_day_limit": USES}, "resident"),
    "card": ({"card_month_limit": USES}, "card"),
    "device": ({"device_total_limit": USES}, "device"),
}
# what a careless shop leaves to luck, and the database's own guard behind it
GUARDS = {
    "total": (BankOffer, "promotions_bankoffer_within_total"),
    "day": (OfferDay, "promotions_offerday_within_limit"),
    "month": (OfferMonth, "promotions_offermonth_within_limit"),
    "device": (OfferSlot, "promotions_offerslot_taken_once"),
}


class Buyer:
    """One resident who wants the offer for an order of her own."""

    def __init__(self, rule: OfferRule, resident_id: int, *, n: int, shared: str) -> None:
        self.rule = rule
        self.order_no = f"M{n}"
        self.resident_id = resident_id
        view = tied_card(fingerprint="the-card" if shared == "card" else f"card-{n}")
        self.card = card_facts(view)
        self.device = "the-phone" if shared == "device" else f"phone-{n}"

    @transact()
    def take(self) -> OfferReservation:
        use = self._reserve()
        reservation.take_budget(use, self.rule)
        return use

    def take_carelessly(self, all_have_looked: Barrier) -> bool:
        """Look, then write what was seen: what every shop without a guard does."""
        usage = usage_of(
            resident_id=self.resident_id,
            fingerprints=[self.card.fingerprint],
            device=self.device,
            day=business_date(),
        )
        left = left_of(self.rule, usage, self.card)
        all_have_looked.wait(timeout=60)
        if left.today == 0 or left.gone:
            return False
        self._write_without_a_condition()
        return True

    def _reserve(self) -> OfferReservation:
        return reservation.reserve(
            rule=self.rule,
            order_no=self.order_no,
            resident_id=self.resident_id,
            agreement_no="A1",
            card=self.card,
            discount_minor=1600,
            device=self.device,
        )

    @transact()
    def _write_without_a_condition(self) -> None:
        one_more = {"reserved_count": F("reserved_count") + 1}
        BankOffer.objects.update(reserved_minor=F("reserved_minor") + 1600, **one_more)
        OfferDay.objects.update(**one_more)
        OfferMonth.objects.update(**one_more)
        use = OfferReservation.objects.create(
            offer_id=self.rule.offer_id,
            order_no=self.order_no,
            resident_id=self.resident_id,
            agreement_no="A1",
            business_date=business_date(),
            estimated_minor=1600,
            discount_minor=1600,
            reserved_at=self.rule.starts_at,
        )
        for limit in self.rule.limits:
            OfferSlot.objects.create(
                offer_id=self.rule.offer_id,
                family=self.rule.family,
                subject=f"device:{self.device}",
                period="all",
                slot=0,
                limit=limit.most,
                reservation=use,
            )


def crowd(offer: BankOffer, *, shared: str, of: int) -> list[Buyer]:
    rule, wang = rule_of(offer), make_person("王阿姨").pk
    return [
        Buyer(
            rule,
            wang if shared == "resident" else make_person(f"居民{n}").pk,
            n=n,
            shared=shared,
        )
        for n in range(of)
    ]


def kinds(ends: list[object]) -> Counter[str]:
    return Counter(getattr(end, "code", type(end).__name__) for end in ends)


@pytest.mark.parametrize("what", SCARCE)
def test_of_all_who_want_ten_uses_ten_get_one(what):
    limits, shared = SCARCE[what]
    offer = make_offer(**limits)
    buyers = crowd(offer, shared=shared, of=BUYERS if what == "total" else FEWER)

    ends = all_at_once([buyer.take for buyer in buyers])

    assert kinds(ends) == {"OfferReservation": USES, "offer_used_up": len(buyers) - USES}
    offer.refresh_from_db()
    assert (offer.reserved_count, offer.reserved_minor) == (USES, USES * 1600)
    assert offer.days.get().reserved_count == OfferReservation.objects.count() == USES
    assert OfferSlot.objects.count() == (USES if shared else 0)


@pytest.mark.parametrize("what", GUARDS)
def test_who_looks_and_then_writes_gives_more_than_there_is(what):
    limits, shared = SCARCE[what]
    offer = make_offer(**limits)
    few = crowd(offer, shared=shared, of=USES + 6)
    for buyer in few[: USES - 1]:
        buyer.take()
    drop_guard(*GUARDS[what])
    late = few[USES - 1 :]
    gate = Barrier(len(late))

    ends = all_at_once([lambda buyer=buyer: buyer.take_carelessly(gate) for buyer in late])

    assert ends == [True] * len(late)
    assert OfferReservation.objects.count() > USES


def test_the_same_order_used_released_and_given_back_at_once_counts_once():
    offer = make_offer(total_limit=3)
    buyers = crowd(offer, shared="", of=3)
    for buyer in buyers:
        buyer.take()
    steps: list[Callable[[], object]] = []
    for _ in range(5):
        steps += [lambda: transact()(reservation.consume)("M0")]
        steps += [lambda: transact()(reservation.release)("M1")]

    all_at_once(steps)
    backs = all_at_once(
        [lambda: transact()(reservation.claw_back)(order_no="M0", amount_minor=1600)] * 5
    )

    assert sum(isinstance(back, OfferReservation) for back in backs) == 1
    offer.refresh_from_db()
    assert (offer.reserved_count, offer.used_count, offer.reserved_minor) == (1, 0, 1600)
    day = offer.days.get()
    assert (day.reserved_count, day.used_count) == (1, 0)


def drop_guard(model: type[Model], name: str) -> None:
    """Take a constraint off the copy of the database that this test throws away."""
    meta = model._meta
    constraints = meta.constraints
    (guard,) = (each for each in constraints if each.name == name)
    try:
        # SQLite rebuilds the table from the model; PostgreSQL drops the one that is named.
        meta.constraints = [each for each in constraints if each is not guard]
        with connection.schema_editor() as editor:
            editor.remove_constraint(model, guard)
    finally:
        meta.constraints = constraints
