"""Which bank offers a card may have on a basket, and if not, why: pure, whole fen, no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mall.promotions.reasons import (
    BelowThreshold,
    LimitReached,
    NoSuchGoods,
    NotYet,
    OtherHour,
    OtherMonthDay,
    OtherWeekday,
    Over,
    Reason,
    UsedUp,
    UsedUpToday,
    WrongCard,
)
from mall.promotions.rules import CardFacts, LineFacts, OfferRule, Usage
from payments.api import local, spread

# Two months hold every day of the month at least once.
_DAYS_AHEAD = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferResult:
    """What one offer gives (fen), or nothing and the reason."""

    offer: OfferRule
    discount_minor: int = 0
    reason: Reason | None = None


class OfferBook:
    """The offers in force, arranged by issuer so that a card only meets those it may have."""

    def __init__(self, rules: Iterable[OfferRule]) -> None:
        """Arrange the rules once; looking up is for every page."""
        self.rules = tuple(rules)
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


@dataclass(frozen=True, slots=True)
class _Moment:
    """One instant on a Shanghai clock, taken apart once."""

    at: datetime
    day: date
    weekday: int
    time: time


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
    at = local(now)
    moment = _Moment(now, at.date(), at.isoweekday(), at.time())
    basket = _Basket(lines)
    return [
        _judge(rule, card=card, basket=basket, usage=usage, moment=moment)
        for rule in offers.for_card(card)
    ]


def best_of(results: Iterable[OfferResult]) -> OfferResult | None:
    """Return the result that saves most (the older offer of two alike), or None if none applies."""
    given = [result for result in results if result.discount_minor]
    return max(given, key=lambda r: (r.discount_minor, -r.offer.offer_id), default=None)


def benefit_minor(rule: OfferRule, eligible_minor: int) -> int:
    """Count what the rule gives on an eligible amount (fen): nothing below the threshold."""
    return rule.discount_minor if eligible_minor >= rule.threshold_minor else 0


def eligible_values(rule: OfferRule, lines: Sequence[LineFacts]) -> list[int]:
    """Return what each line counts for under the rule (fen), 0 where it does not count."""
    return [line.value_minor if _counts(rule, line) else 0 for line in lines]


def shares_of(rule: OfferRule, lines: Sequence[LineFacts], discount_minor: int) -> list[int]:
    """Spread a discount over the lines that count, to the fen; the parts sum to the discount."""
    return spread(discount_minor, eligible_values(rule, lines))


def _counts(rule: OfferRule, line: LineFacts) -> bool:
    if rule.physical_only and not line.is_physical:
        return False
    if line.product_id in rule.excluded:
        return False
    return rule.included is None or line.product_id in rule.included


def _judge(
    rule: OfferRule, *, card: CardFacts | None, basket: _Basket, usage: Usage, moment: _Moment
) -> OfferResult:
    reason = (
        _card_refusal(rule, card)
        or _calendar_refusal(rule, moment)
        or _quota_refusal(rule, card, usage)
        or _goods_refusal(rule, basket)
    )
    if reason:
        return OfferResult(offer=rule, reason=reason)
    eligible = basket.eligible_minor(rule)
    return OfferResult(offer=rule, discount_minor=benefit_minor(rule, eligible))


def _card_refusal(rule: OfferRule, card: CardFacts | None) -> Reason | None:
    if card is None or (
        (not rule.issuers or card.issuer in rule.issuers)
        and (not rule.kinds or card.kind in rule.kinds)
        and (not rule.single_mark_only or card.scheme == "unionpay_single")
        and (not rule.bins or card.bin.startswith(rule.bins))
    ):
        return None
    return WrongCard(saves_minor=rule.discount_minor)


def _calendar_refusal(rule: OfferRule, moment: _Moment) -> Reason | None:
    saves = rule.discount_minor
    if moment.at < rule.starts_at:
        return NotYet(saves_minor=saves, starts_at=rule.starts_at)
    if moment.at >= rule.ends_at:
        return Over(saves_minor=saves)
    if rule.weekdays and moment.weekday not in rule.weekdays:
        return OtherWeekday(saves_minor=saves, weekdays=rule.weekdays)
    if rule.month_days and moment.day.day not in rule.month_days:
        return OtherMonthDay(saves_minor=saves, next_on=_next_day(rule.month_days, moment.day))
    return _hour_refusal(rule, moment)


def _hour_refusal(rule: OfferRule, moment: _Moment) -> Reason | None:
    if rule.from_time is None or rule.until_time is None:
        return None
    if rule.from_time <= moment.time < rule.until_time:
        return None
    return OtherHour(
        saves_minor=rule.discount_minor, from_time=rule.from_time, until_time=rule.until_time
    )


def _next_day(month_days: frozenset[int], after: date) -> date:
    days = (after + timedelta(days=n) for n in range(1, _DAYS_AHEAD))
    return next(day for day in days if day.day in month_days)


def _quota_refusal(rule: OfferRule, card: CardFacts | None, usage: Usage) -> Reason | None:
    if rule.offer_id in usage.used_up:
        return UsedUp(saves_minor=rule.discount_minor)
    if rule.offer_id in usage.used_up_today:
        return UsedUpToday(saves_minor=rule.discount_minor)
    subjects = {"resident": usage.resident, "card": card.subject if card else ""}
    for limit in rule.limits:
        key = (rule.offer_id, subjects[limit.subject], limit.period)
        if usage.taken.get(key, 0) >= limit.most:
            return LimitReached(
                saves_minor=rule.discount_minor,
                subject=limit.subject,
                period=limit.period,
                most=limit.most,
            )
    return None


def _goods_refusal(rule: OfferRule, basket: _Basket) -> Reason | None:
    eligible = basket.eligible_minor(rule)
    if eligible >= rule.threshold_minor:
        return None
    if not eligible:
        return NoSuchGoods(saves_minor=rule.discount_minor)
    return BelowThreshold(
        saves_minor=rule.discount_minor, missing_minor=rule.threshold_minor - eligible
    )
