"""When an offer runs, for the eye: a strip of the coming days, and a clock for its hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mall.promotions.calendar import Moment, is_day
from mall.promotions.rules import OfferRule
from payments.api import SHANGHAI

_DAYS_SHOWN: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the strip."""

    name: str
    number: int
    text: str
    is_on: bool
    is_today: bool


def days_of(rule: OfferRule, today: date) -> Iterator[Day]:
    """Walk the coming seven days and say on which the offer runs."""
    for ahead in range(_DAYS_SHOWN):
        day = today + timedelta(days=ahead)
        is_on = is_day(rule, day) and _runs_on(rule, day)
        yield Day(
            name=_("today") if ahead == 0 else date_format(day, "D"),
            number=day.day,
            text=date_format(day, "MONTH_DAY_FORMAT"),
            is_on=is_on,
            is_today=ahead == 0,
        )


def _runs_on(rule: OfferRule, day: date) -> bool:
    begins = datetime.combine(day, time(), SHANGHAI)
    return rule.starts_at < begins + timedelta(days=1) and begins < rule.ends_at


def clock_of(rule: OfferRule, moment: Moment) -> tuple[datetime | None, str]:
    """Return when today's hours end or begin, for a clock that runs down; None without hours."""
    for start, until in rule.hours:
        opens, closes = (datetime.combine(moment.day, each, SHANGHAI) for each in (start, until))
        if closes <= opens:
            closes += timedelta(days=1)
        if is_day(rule, moment.day) and opens <= moment.at < closes:
            return closes, _("Ends in")
        if is_day(rule, moment.day) and moment.at < opens:
            return opens, _("Begins in")
    return None, ""
