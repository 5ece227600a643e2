"""Why a bank offer does not apply, each with the numbers a screen needs.

A reason's code is its class name in small letters ("below_threshold"); docs/offers.md lists them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from mall.promotions.rules import Period, Subject

CardPart = Literal["issuer", "kind", "mark", "bin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why not; ``saves_minor`` is what the offer would give (fen)."""

    saves_minor: int

    @property
    def code(self) -> str:
        """Return the reason's name for counting and for interfaces."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCard(Reason):
    """Another bank, kind, mark or number range; ``part`` says which."""

    part: CardPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TiedTooLongAgo(Reason):
    """Only for so many days after such a card was first tied; ``last_on`` was the last of them.

    None where we do not know when it was.
    """

    within_days: int
    last_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotANewCustomer(Reason):
    """Only for people who tied their first card of the bank since the offer began."""

    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet(Reason):
    """The offer begins later."""

    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Over(Reason):
    """The offer has ended, or no day of its calendar is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWeekday(Reason):
    """Only on some weekdays (1 is Monday)."""

    weekdays: frozenset[int]
    next_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMonthDay(Reason):
    """Only on some days of the month."""

    next_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherHour(Reason):
    """Only at some hours; the next ones begin at ``next_at``."""

    hours: tuple[tuple[time, time], ...]
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchGoods(Reason):
    """Nothing in the basket counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BelowThreshold(Reason):
    """A little more of the goods that count would do, or would give more than it does."""

    missing_minor: int
    threshold_minor: int = 0
    offer_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedUp(Reason):
    """The budget or the number of uses is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedUpToday(Reason):
    """Today's uses are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedUpThisMonth(Reason):
    """The uses of this month are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached(Reason):
    """The resident, the card or the device had it as often as the rule allows.

    ``again_on`` is the first day of the next period, if the offer still runs then.
    """

    subject: Subject
    period: Period
    most: int
    again_on: date | None = None
