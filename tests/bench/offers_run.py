"""A thousand bank offers weighed for a card and a basket, beside slower ways to do the same."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from oscar.apps.offer.applicator import Applicator
from oscar.apps.offer.models import Benefit, Condition, ConditionalOffer, Range
from oscar.apps.partner.strategy import Default
from oscar.test.factories import create_basket, create_product

from mall.promotions.baskets import Basket
from mall.promotions.book import OfferBook
from mall.promotions.calendar import Moment
from mall.promotions.evaluation import evaluate
from mall.promotions.models import BankOffer
from mall.promotions.models.figures import settle
from mall.promotions.offers import rule_of
from mall.promotions.quoting import prepare
from mall.promotions.rules import CardFacts, LineFacts, OfferRule, Usage
from mall.promotions.summary import summarize
from payments.api import AgreementView, now

BANKS = 20
CARD = CardFacts(
    issuer="B0", kind="credit", scheme="unionpay_single", bin="625362", fingerprint="f1"
)
LINES = [LineFacts(product_id=n, value_minor=2080) for n in range(1, 11)]


class LinearBook(OfferBook):
    """Every offer is asked in turn, whichever bank's it is: the obvious way."""

    def for_card(self, card: CardFacts | None) -> tuple[OfferRule, ...]:
        """Return all."""
        return self.rules


def main(offers: str) -> None:
    """Print what so many offers cost, as JSON."""
    call_command("migrate", verbosity=0)
    print(json.dumps(run(int(offers))))


def run(offers: int) -> dict[str, float]:
    """Make the offers, then measure; CPU milliseconds and queries."""
    rows = _make(offers)
    rules = [rule_of(row) for row in rows]
    mine = [rule for rule in rules if "B0" in rule.issuers]
    found: dict[str, float] = {"offers": offers, "of_the_card": len(mine)}
    found |= _weighing(rules)
    found |= _quoting()
    return found | _oscars(min(offers, 1000))


def _weighing(rules: list[OfferRule]) -> dict[str, float]:
    moment, usage = Moment.of(now()), Usage(resident="resident:7")
    book, linear = OfferBook(rules), LinearBook(rules)
    one_bank = OfferBook([_of_one_bank(rule) for rule in rules])

    def weigh(book: OfferBook, card: CardFacts | None) -> Any:
        basket = Basket(LINES)
        return summarize(book, card=card, basket=basket, usage=usage, moment=moment)

    def judge_all() -> Any:
        return evaluate(linear, card=CARD, lines=LINES, usage=usage, now=moment.at)

    same = {each.offer.offer_id for each in judge_all() if each.discount_minor}
    assert {each.offer.offer_id for each in weigh(book, CARD).given} == same
    return {
        "card_ms": _cpu_ms(lambda: weigh(book, CARD)),
        "new_card_ms": _cpu_ms(lambda: weigh(book, None)),
        "one_bank_ms": _cpu_ms(lambda: weigh(one_bank, CARD)),
        "linear_ms": _cpu_ms(judge_all, times=50),
    }


def _of_one_bank(rule: OfferRule) -> OfferRule:
    return replace(rule, issuers=frozenset({"B0"}))


def _quoting() -> dict[str, float]:
    resident = get_user_model().objects.create(username="bench", phone="+8613800000001")
    cards = [_tied(n) for n in range(5)]
    prepare(cards=cards, resident_id=resident.pk).quote(LINES)
    with CaptureQueriesContext(connection) as asked:
        prepare(cards=cards, resident_id=resident.pk).quote(LINES)
    quote_ms = _cpu_ms(
        lambda: prepare(cards=cards, resident_id=resident.pk).quote(LINES), times=100
    )
    return {"quote_ms": quote_ms, "quote_queries": len(asked)}


def _oscars(offers: int) -> dict[str, float]:
    """Let Oscar's own conditional offers (spend so much, save so much) do it to ten lines."""
    everything = Range.objects.create(name="bench", includes_all_products=True)
    for n in range(offers):
        ConditionalOffer.objects.create(
            name=f"bench {n}",
            slug=f"bench-{n}",
            condition=Condition.objects.create(range=everything, type="Value", value=5 + n % 200),
            benefit=Benefit.objects.create(range=everything, type="Absolute", value=1 + n % 20),
        )
    basket = create_basket(empty=True)
    basket.strategy = Default()
    for n in range(10):
        basket.add_product(create_product(price=20.8, num_in_stock=100, title=f"goods {n}"))
    with CaptureQueriesContext(connection) as asked:
        oscar_ms = _cpu_ms(lambda: _apply(basket), times=1)
    return {"oscar_offers": offers, "oscar_ms": oscar_ms, "oscar_queries": len(asked)}


def _apply(basket: Any) -> None:
    basket.reset_offer_applications()
    Applicator().apply(basket)


def _cpu_ms(act: Callable[[], Any], times: int = 300) -> float:
    """Return milliseconds of this process on a processor, the median of so many; once to warm."""
    if times > 1:
        act()
    took = []
    for _ in range(times):
        start = time.process_time_ns()
        act()
        took.append(time.process_time_ns() - start)
    return sorted(took)[len(took) // 2] / 1e6


def _make(offers: int) -> list[BankOffer]:
    luck = random.Random(offers)
    ranges = [Range.objects.create(name=f"range {n}") for n in range(10)]
    for goods in ranges:
        goods.add_product(create_product(price=10))
    rows = [_offer(n, luck, ranges) for n in range(offers)]
    return list(BankOffer.objects.bulk_create(rows, batch_size=100))


def _offer(n: int, luck: random.Random, ranges: list[Range]) -> BankOffer:
    threshold = luck.randrange(2000, 60000)
    offer = BankOffer(
        code=f"bench-{n}",
        name=f"bench {n}",
        state=BankOffer.State.ACTIVE,
        funder_ref=f"B{n % BANKS}",
        issuers=[f"B{n % BANKS}"],
        kinds=luck.choice([[], ["credit"], ["debit"]]),
        benefit_kind=luck.choice(["fixed", "fixed", "steps", "percent"]),
        threshold_minor=threshold,
        discount_minor=luck.randrange(100, threshold - 1),
        steps=[[threshold, 100], [threshold + 10000, 1600]],
        percent_bp=luck.randrange(100, 2000),
        cap_minor=3000,
        excluded=luck.choice(ranges),
        weekdays=luck.choice([[], [], [], [3], [6, 7]]),
        hours=luck.choice([[], [], [["00:00", "23:59"]]]),
        resident_day_limit=1,
        card_month_limit=4,
        budget_minor=10_000_000,
        starts_at=now() - timedelta(days=1),
        ends_at=now() + timedelta(days=30),
    )
    settle(offer)
    return offer


def _tied(n: int) -> AgreementView:
    values: dict[str, Any] = dict.fromkeys(AgreementView.__dataclass_fields__)
    values |= {
        "agreement_no": f"A{n}",
        "issuer_code": f"B{n}",
        "issuer_name": f"B{n}",
        "kind": "credit",
        "scheme": "unionpay_single",
        "bin": "625362",
        "fingerprint": f"f{n}",
        "is_default": n == 0,
    }
    return AgreementView(**values)
