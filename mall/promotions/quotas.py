"""How often an offer may still be had: by a resident, a card, a device, today, and by everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from mall.promotions.calendar import Moment, saves_minor
from mall.promotions.reasons import (
    LimitReached,
    Reason,
    UsedUp,
    UsedUpThisMonth,
    UsedUpToday,
)
from mall.promotions.rules import CardFacts, Limit, OfferRule, Period, Subject, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLeft:
    """What is left of one limit."""

    subject: Subject
    period: Period
    most: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLeft:
    """How often she may still have an offer; None where nothing limits it."""

    limits: tuple[LimitLeft, ...]
    # of everybody's uses: nothing is left today, this month, in all
    gone: Period | None = None

    @property
    def today(self) -> int | None:
        """Return how often still today, all limits together."""
        return self._least("day", "month", "total")

    @property
    def this_month(self) -> int | None:
        """Return how often still this month."""
        return self._least("month", "total")

    @property
    def in_all(self) -> int | None:
        """Return how often still at all."""
        return self._least("total")

    def _least(self, *periods: Period) -> int | None:
        if self.gone in periods:
            return 0
        return min((each.left for each in self.limits if each.period in periods), default=None)


def left_of(rule: OfferRule, usage: Usage, card: CardFacts | None = None) -> QuotaLeft:
    """Count what is left of an offer for this resident, her device and one of her cards."""
    return QuotaLeft(
        limits=tuple(
            LimitLeft(
                subject=limit.subject,
                period=limit.period,
                most=limit.most,
                left=max(limit.most - _taken(limit, rule, usage=usage, card=card), 0),
            )
            for limit in rule.limits
        ),
        gone=_gone(rule, usage),
    )


def quota_refusal(
    rule: OfferRule, *, card: CardFacts | None, usage: Usage, moment: Moment
) -> Reason | None:
    """Say which limit is reached; None while there is room.

    Where the bank decides, what everybody has had is the bank's to count.
    """
    gone = _gone(rule, usage)
    if gone:
        return _GONE[gone](saves_minor=saves_minor(rule))
    for limit in rule.limits:
        if _taken(limit, rule, usage=usage, card=card) >= limit.most:
            return LimitReached(
                saves_minor=saves_minor(rule),
                subject=limit.subject,
                period=limit.period,
                most=limit.most,
                again_on=_again(rule, limit.period, moment),
            )
    return None


def _gone(rule: OfferRule, usage: Usage) -> Period | None:
    if not rule.is_ours:
        return None
    if rule.offer_id in usage.used_up:
        return "total"
    if rule.offer_id in usage.used_up_this_month:
        return "month"
    return "day" if rule.offer_id in usage.used_up_today else None


_GONE: dict[Period, type[UsedUp | UsedUpToday | UsedUpThisMonth]] = {
    "total": UsedUp,
    "month": UsedUpThisMonth,
    "day": UsedUpToday,
}


def _taken(limit: Limit, rule: OfferRule, *, usage: Usage, card: CardFacts | None) -> int:
    subject = {
        "resident": usage.resident,
        "card": card.subject if card else "",
        "device": usage.device,
    }[limit.subject]
    return usage.taken.get((rule.family, subject, limit.period), 0) if subject else 0


def _again(rule: OfferRule, period: Period, moment: Moment) -> date | None:
    if period == "total":
        return None
    if period == "day":
        return moment.next_day(rule)
    in_next_month = moment.day.replace(day=1) + timedelta(days=32)
    return moment.next_day(rule, after=in_next_month.replace(day=1) - timedelta(days=1))
