"""The tester: every condition by itself, with the shop's own words and figures."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mall.banks.roles import Role
from mall.offerdesk.trying import Trial, shown_in_shop, try_offers
from mall.promotions.rules import CardFacts
from payments.api import SHANGHAI, now
from tests.mall.banks.making import make_bank, make_clerk
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db
WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)


def _card(**changes: object) -> CardFacts:
    facts = {"issuer": "CCB", "kind": "credit", "scheme": "unionpay_single", "bin": "625362"}
    return CardFacts(**{**facts, "fingerprint": "trial", **changes})


def _trial(**changes: object) -> Trial:
    return Trial(**{"card": _card(), "at": WEDNESDAY, "amount_minor": 20800, **changes})


def _offer(**changes: object):
    times = {"starts_at": WEDNESDAY - timedelta(days=9), "ends_at": WEDNESDAY + timedelta(days=9)}
    return make_offer(**{**times, "weekdays": [3], "resident_day_limit": 1, **changes})


def _failing(trial: Trial, **offer: object) -> list[str]:
    (verdict,) = try_offers([_offer(**offer)], trial)
    return [condition.name for condition in verdict.conditions if not condition.holds]


def test_a_card_and_a_basket_that_fulfil_all_get_it():
    offer = _offer()

    (verdict,) = try_offers([offer], _trial())

    assert all(condition.holds for condition in verdict.conditions)
    assert (verdict.discount_minor, verdict.is_best) == (1600, True)
    assert shown_in_shop([offer], _trial()).ways[0].payable.minor == 19200


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"card": _card(issuer="PSBC")}, 1),
        ({"card": _card(kind="debit", scheme="unionpay_dual")}, 2),
        ({"at": WEDNESDAY + timedelta(days=1)}, 1),
        ({"amount_minor": 19999}, 1),
        ({"had": (1, 1, 1)}, 1),
        ({"at": WEDNESDAY + timedelta(days=30)}, 2),
        ({"amount_minor": 1, "had": (1, 1, 1), "card": _card(kind="debit")}, 3),
    ],
)
def test_each_condition_that_fails_is_named_by_itself(changes, failing):
    trial = _trial(**changes)
    (verdict,) = try_offers([_offer()], trial)

    assert len([c for c in verdict.conditions if not c.holds]) == failing
    assert verdict.discount_minor == 0
    assert verdict.words


def test_of_all_offers_the_best_for_the_resident_comes_first():
    small = _offer(code="small", discount_minor=500)
    large = _offer(code="large", discount_minor=2500)
    other = _offer(code="other", issuers=["PSBC"])

    verdicts = try_offers([small, large, other], _trial())

    assert [verdict.offer for verdict in verdicts] == [large, small, other]
    assert [verdict.is_best for verdict in verdicts] == [True, False, False]


def test_the_page_tries_a_card_by_its_first_digits():
    bank = make_bank()
    offer = make_offer(owner=bank)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(make_clerk(bank, Role.VIEWER))
    said = {
        "card_bin": "625362",
        "issuer": "PSBC",
        "kind": "credit",
        "scheme": "unionpay_single",
        "amount": "208",
        "tied_days_ago": "0",
        "at": f"{now():%Y-%m-%dT%H:%M}",
        "had_today": "0",
        "had_this_month": "0",
        "had_in_all": "0",
    }

    answer = client.get(reverse("admin:promotions_bankoffer_tester", args=[offer.pk]), said)

    assert answer.context["form"].errors == {}
    assert answer.context["shop_payable"] == "¥192"
