"""Which bank offers a card may have on a basket, and if not, why: pure, whole fen, no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mall.promotions.baskets import Basket, eligible_values, goods_rule, shares_of
from mall.promotions.benefits import benefit_minor, draw, from_minor, next_step
from mall.promotions.book import OfferBook
from mall.promotions.calendar import Moment, calendar_refusal, saves_minor
from mall.promotions.cards import card_refusal
from mall.promotions.funding import own_minor
from mall.promotions.quotas import quota_refusal
from mall.promotions.reasons import BelowThreshold, NoSuchGoods, Reason, UsedUp
from mall.promotions.rules import CardFacts, LineFacts, OfferRule, Usage

__all__ = [
    "OfferBook",
    "OfferResult",
    "best_first",
    "best_of",
    "card_refusal",
    "eligible_values",
    "evaluate",
    "judge_open",
    "shares_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferResult:
    """What one offer gives (fen), or nothing and the reason."""

    offer: OfferRule
    discount_minor: int = 0
    reason: Reason | None = None
    # a little more would give more
    next_step: BelowThreshold | None = None

    @property
    def expected_minor(self) -> int:
        """Return what of it the bank is expected to take off by itself (fen)."""
        return 0 if self.offer.is_ours else self.discount_minor


def evaluate(
    offers: OfferBook,
    *,
    card: CardFacts | None,
    lines: Sequence[LineFacts],
    usage: Usage,
    now: datetime,
) -> list[OfferResult]:
    """Judge every offer that the card's bank takes part in, each with its reason.

    Without a card the card's rules are passed over: what some card could give here. Where only the
    best and the nearest are wanted, `summary.summarize` says the same sooner.
    """
    moment = Moment.of(now)
    basket = Basket(lines)
    return [
        _judge(rule, card=card, basket=basket, usage=usage, moment=moment)
        for rule in offers.for_card(card)
    ]


def judge_open(
    rule: OfferRule, *, card: CardFacts | None, eligible_minor: int, usage: Usage, moment: Moment
) -> OfferResult:
    """Judge an offer that card and calendar allow, on so much of goods that count (fen)."""
    reason = quota_refusal(rule, card=card, usage=usage, moment=moment)
    if reason is None and eligible_minor < from_minor(rule):
        reason = _goods_refusal(rule, eligible_minor)
    if reason:
        return OfferResult(offer=rule, reason=reason)
    discount = benefit_minor(rule, eligible_minor, _chance(rule, usage))
    if rule.is_ours and usage.budget_left.get(rule.offer_id, discount) < discount:
        return OfferResult(offer=rule, reason=UsedUp(saves_minor=discount))
    step = next_step(rule, eligible_minor)
    return OfferResult(
        offer=rule,
        discount_minor=discount,
        next_step=below(rule, eligible_minor, threshold=step[0], saves=step[1]) if step else None,
    )


def best_first(results: Iterable[OfferResult]) -> list[OfferResult]:
    """Return the offers that apply, the best for the resident first.

    Of two that save the same the one that is certain (the mall takes it off itself), then the one
    that costs the mall and its suppliers less, then the one that ends earlier, then the older.
    """
    return sorted((result for result in results if result.discount_minor), key=_preference)


def best_of(results: Iterable[OfferResult]) -> OfferResult | None:
    """Return the best result that applies, or None; see best_first."""
    given = (result for result in results if result.discount_minor)
    return min(given, key=_preference, default=None)


def below(rule: OfferRule, eligible_minor: int, *, threshold: int, saves: int) -> BelowThreshold:
    """Say how much more of the goods that count (fen) would save how much."""
    return BelowThreshold(
        saves_minor=saves,
        missing_minor=threshold - eligible_minor,
        threshold_minor=threshold,
        offer_code=rule.code,
    )


def _judge(
    rule: OfferRule, *, card: CardFacts | None, basket: Basket, usage: Usage, moment: Moment
) -> OfferResult:
    reason = card_refusal(rule, card, moment.at) or calendar_refusal(rule, moment)
    if reason:
        return OfferResult(offer=rule, reason=reason)
    eligible = basket.eligible_minor(goods_rule(rule))
    return judge_open(rule, card=card, eligible_minor=eligible, usage=usage, moment=moment)


def _preference(result: OfferResult) -> tuple[int, bool, int, datetime, int]:
    rule = result.offer
    return (
        -result.discount_minor,
        not rule.is_ours,
        own_minor(rule.funding, result.discount_minor),
        rule.ends_at,
        rule.offer_id,
    )


def _goods_refusal(rule: OfferRule, eligible_minor: int) -> Reason:
    if not eligible_minor:
        return NoSuchGoods(saves_minor=saves_minor(rule))
    first = from_minor(rule)
    return below(rule, eligible_minor, threshold=first, saves=benefit_minor(rule, first))


def _chance(rule: OfferRule, usage: Usage) -> int:
    """Draw her lot: the first of hers in this offer that she does not hold already.

    Whatever the basket and the card; and a lot that came back is the next again, before any other.
    Who is not known gets the least that can be drawn.
    """
    if rule.benefit_kind != "random" or not usage.resident or not usage.draw_key:
        return 0

    def lot(number: int) -> int:
        return draw(usage.draw_key, f"{rule.family}|{usage.resident}|{number}")

    held = Counter(usage.drawn.get(rule.family, ()))
    number, chance = 0, lot(0)
    while held[minor := benefit_minor(rule, rule.threshold_minor, chance)]:
        held[minor] -= 1
        number += 1
        chance = lot(number)
    return chance
