"""Why a bank offer does not apply, each with the numbers a screen needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from mall.promotions.rules import Period, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why not; ``saves_minor`` is what the offer would give."""

    saves_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCard(Reason):
    """Another bank, kind, mark or number range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet(Reason):
    """The offer begins later."""

    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Over(Reason):
    """The offer has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWeekday(Reason):
    """Only on some weekdays (1 is Monday)."""

    weekdays: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMonthDay(Reason):
    """Only on some days of the month."""

    next_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherHour(Reason):
    """Only at some hours."""

    from_time: time
    until_time: time


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchGoods(Reason):
    """Nothing in the basket counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BelowThreshold(Reason):
    """A little more of the goods that count would do."""

    missing_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedUp(Reason):
    """The budget or the number of uses is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedUpToday(Reason):
    """Today's uses are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached(Reason):
    """The resident or the card had it as often as the rule allows."""

    subject: Subject
    period: Period
    most: int
