"""Which bank offers a card may have on a basket, and if not, why: pure, whole fen, no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mall.promotions.benefits import benefit_minor, draw, from_minor, most_minor, next_step
from mall.promotions.calendar import Moment, calendar_refusal, saves_minor
from mall.promotions.funding import own_minor
from mall.promotions.quotas import quota_refusal
from mall.promotions.reasons import (
    BelowThreshold,
    CardPart,
    NoSuchGoods,
    NotANewCustomer,
    Reason,
    TiedTooLongAgo,
    UsedUp,
    WrongCard,
)
from mall.promotions.rules import CardFacts, LineFacts, OfferRule, Usage
from payments.api import business_date, spread


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


class OfferBook:
    """The offers in force, arranged by issuer so that a card only meets those it may have."""

    def __init__(self, rules: Iterable[OfferRule]) -> None:
        """Arrange the rules once; looking up is for every page."""
        self.rules = tuple(rules)
        self.has_draws = any(rule.benefit_kind == "random" for rule in self.rules)
        self._of_any_bank = tuple(rule for rule in self.rules if not rule.issuers)
        by_issuer: defaultdict[str, list[OfferRule]] = defaultdict(list)
        for rule in self.rules:
            for issuer in rule.issuers:
                by_issuer[issuer].append(rule)
        self._by_issuer = {issuer: (*own, *self._of_any_bank) for issuer, own in by_issuer.items()}

    def for_card(self, card: CardFacts | None) -> tuple[OfferRule, ...]:
        """Return the rules a card's bank takes part in; all of them for a card not yet known."""
        if card is None:
            return self.rules
        return self._by_issuer.get(card.issuer, self._of_any_bank)


class _Basket:
    """The lines of a basket; sums are made once per goods rule, which most offers share."""

    def __init__(self, lines: Sequence[LineFacts]) -> None:
        self._lines = lines
        self._sums: dict[tuple[object, ...], int] = {}

    def eligible_minor(self, rule: OfferRule) -> int:
        key = (rule.included, rule.excluded, rule.physical_only)
        if key not in self._sums:
            self._sums[key] = sum(eligible_values(rule, self._lines))
        return self._sums[key]


def evaluate(
    offers: OfferBook,
    *,
    card: CardFacts | None,
    lines: Sequence[LineFacts],
    usage: Usage,
    now: datetime,
) -> list[OfferResult]:
    """Judge every offer that the card's bank takes part in.

    Without a card the card's rules are passed over: what some card could give here.
    """
    moment = Moment.of(now)
    basket = _Basket(lines)
    return [
        _judge(rule, card=card, basket=basket, usage=usage, moment=moment)
        for rule in offers.for_card(card)
    ]


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


def eligible_values(rule: OfferRule, lines: Sequence[LineFacts]) -> list[int]:
    """Return what each line counts for under the rule (fen), 0 where it does not count."""
    return [line.value_minor if _counts(rule, line) else 0 for line in lines]


def shares_of(rule: OfferRule, lines: Sequence[LineFacts], discount_minor: int) -> list[int]:
    """Spread a discount over the lines that count, to the fen; the parts sum to the discount."""
    return spread(discount_minor, eligible_values(rule, lines))


def card_refusal(rule: OfferRule, card: CardFacts | None, now: datetime) -> Reason | None:
    """Say what of the card the rule does not take; None for one it takes, or not yet known."""
    if card is None:
        return None
    part = _wrong_part(rule, card)
    if part:
        return WrongCard(saves_minor=saves_minor(rule), part=part)
    return _tied_too_long_ago(rule, card, now)


def _counts(rule: OfferRule, line: LineFacts) -> bool:
    if rule.physical_only and not line.is_physical:
        return False
    if line.product_id in rule.excluded:
        return False
    return rule.included is None or line.product_id in rule.included


def _judge(
    rule: OfferRule, *, card: CardFacts | None, basket: _Basket, usage: Usage, moment: Moment
) -> OfferResult:
    reason = (
        card_refusal(rule, card, moment.at)
        or calendar_refusal(rule, moment)
        or quota_refusal(rule, card=card, usage=usage, moment=moment)
    )
    if reason:
        return OfferResult(offer=rule, reason=reason)
    eligible = basket.eligible_minor(rule)
    if eligible < from_minor(rule):
        return OfferResult(offer=rule, reason=_goods_refusal(rule, eligible))
    discount = benefit_minor(rule, eligible, _chance(rule, usage))
    if rule.is_ours and usage.budget_left.get(rule.offer_id, discount) < discount:
        return OfferResult(offer=rule, reason=UsedUp(saves_minor=discount))
    return OfferResult(offer=rule, discount_minor=discount, next_step=_next_step(rule, eligible))


def _preference(result: OfferResult) -> tuple[int, bool, int, datetime, int]:
    rule = result.offer
    return (
        -result.discount_minor,
        not rule.is_ours,
        own_minor(rule.funding, result.discount_minor),
        rule.ends_at,
        rule.offer_id,
    )


def _wrong_part(rule: OfferRule, card: CardFacts) -> CardPart | None:
    if rule.issuers and card.issuer not in rule.issuers:
        return "issuer"
    if rule.kinds and card.kind not in rule.kinds:
        return "kind"
    if rule.single_mark_only and card.scheme != "unionpay_single":
        return "mark"
    return "bin" if rule.bins and not card.bin.startswith(rule.bins) else None


def _tied_too_long_ago(rule: OfferRule, card: CardFacts, now: datetime) -> Reason | None:
    since = card.bank_first_tied_at if rule.new_to_bank else card.first_tied_at
    if rule.new_to_bank and (since is None or since < rule.starts_at):
        return NotANewCustomer(saves_minor=saves_minor(rule), since=rule.starts_at)
    days = rule.first_tied_within_days
    if days is None:
        return None
    last_on = business_date(since) + timedelta(days=days) if since else None
    if last_on and business_date(now) <= last_on:
        return None
    return TiedTooLongAgo(saves_minor=saves_minor(rule), within_days=days, last_on=last_on)


def _goods_refusal(rule: OfferRule, eligible_minor: int) -> Reason:
    if not eligible_minor:
        return NoSuchGoods(saves_minor=saves_minor(rule))
    first = from_minor(rule)
    return BelowThreshold(
        saves_minor=benefit_minor(rule, first),
        missing_minor=first - eligible_minor,
        threshold_minor=first,
        offer_code=rule.code,
    )


def _next_step(rule: OfferRule, eligible_minor: int) -> BelowThreshold | None:
    step = next_step(rule, eligible_minor)
    if step is None:
        return None
    return BelowThreshold(
        saves_minor=step[1],
        missing_minor=step[0] - eligible_minor,
        threshold_minor=step[0],
        offer_code=rule.code,
    )


def _chance(rule: OfferRule, usage: Usage) -> int:
    """Draw her lot: the next of hers in this offer, whatever the basket and the card.

    Who is not known gets the least that can be drawn.
    """
    if most_minor(rule) == rule.discount_minor or rule.benefit_kind != "random":
        return 0
    if not usage.resident or not usage.draw_key:
        return 0
    return draw(usage.draw_key, f"{rule.family}|{usage.resident}|{usage.drawn.get(rule.family, 0)}")
