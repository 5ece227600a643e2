"""When an offer is given: days, weekdays, days of the month and hours on a Shanghai clock; pure.

Hours that run over midnight belong to the day they began on: a Wednesday's 22:00-02:00 is still
Wednesday's at one o'clock on Thursday. What is counted per day is counted by the calendar's day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from mall.promotions.benefits import most_minor
from mall.promotions.reasons import NotYet, OtherHour, OtherMonthDay, OtherWeekday, Over, Reason
from mall.promotions.rules import OfferRule
from payments.api import SHANGHAI, local

_DAY = timedelta(days=1)
# A 29th of February on a given weekday is at most 40 years away, but no offer runs that long.
_DAYS_AHEAD = 800


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on a Shanghai clock, taken apart once; it remembers which days come next."""

    at: datetime
    day: date
    time: time
    _next: dict[tuple[object, ...], date | None] = field(default_factory=dict)

    @classmethod
    def of(cls, at: datetime) -> Moment:
        """Take an instant apart."""
        there = local(at)
        return cls(at, there.date(), there.time())

    def next_day(self, rule: OfferRule, *, after: date | None = None) -> date | None:
        """Return the next day after this (or another) one that the rule names before its end."""
        after = after or self.day
        key = (rule.weekdays, rule.month_days, after)
        if key not in self._next:
            days = (after + n * _DAY for n in range(1, _DAYS_AHEAD))
            self._next[key] = next((day for day in days if is_day(rule, day)), None)
        found = self._next[key]
        return found if found and _midnight(found) < rule.ends_at else None


def is_day(rule: OfferRule, day: date) -> bool:
    """Tell whether the rule's weekdays and days of the month name a day."""
    return (not rule.weekdays or day.isoweekday() in rule.weekdays) and (
        not rule.month_days or day.day in rule.month_days
    )


def calendar_refusal(rule: OfferRule, at: datetime | Moment) -> Reason | None:
    """Say why the rule is not given at an instant, and when it is again; None where it is."""
    moment = at if isinstance(at, Moment) else Moment.of(at)
    if moment.at < rule.starts_at:
        return NotYet(saves_minor=saves_minor(rule), starts_at=rule.starts_at)
    if moment.at >= rule.ends_at:
        return Over(saves_minor=saves_minor(rule))
    if any(is_day(rule, day) for day in _days_at(rule, moment)):
        return None
    if not is_day(rule, moment.day):
        return _another_day(rule, moment)
    return OtherHour(
        saves_minor=saves_minor(rule), hours=rule.hours, next_at=_next_opening(rule, moment)
    )


def saves_minor(rule: OfferRule) -> int:
    """Return what a screen says the rule gives (fen): at most, or else at least."""
    return most_minor(rule) or rule.discount_minor


def _days_at(rule: OfferRule, moment: Moment) -> Iterator[date]:
    """Name the days whose hours this instant lies in: today, and yesterday's over midnight."""
    if not rule.hours:
        yield moment.day
    for start, until in rule.hours:
        if start <= moment.time and (moment.time < until or until < start):
            yield moment.day
        if until < start and moment.time < until:
            yield moment.day - _DAY


def _another_day(rule: OfferRule, moment: Moment) -> Reason:
    next_on = moment.next_day(rule)
    if next_on is None:
        return Over(saves_minor=saves_minor(rule))
    if rule.month_days:
        return OtherMonthDay(saves_minor=saves_minor(rule), next_on=next_on)
    return OtherWeekday(saves_minor=saves_minor(rule), weekdays=rule.weekdays, next_on=next_on)


def _next_opening(rule: OfferRule, moment: Moment) -> datetime | None:
    later = [start for start, _until in rule.hours if start > moment.time]
    day = moment.day if later else moment.next_day(rule)
    if day is None:
        return None
    opens = datetime.combine(day, min(later or [s for s, _until in rule.hours]), SHANGHAI)
    return opens if opens < rule.ends_at else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
