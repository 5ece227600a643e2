"""From which day to which: the period asked for, the one before, and the same a year ago."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from payments.api import business_date, day_bounds

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Some Shanghai days, both ends included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The half-open interval of instants [start, end)."""
        return day_bounds(self.since)[0], day_bounds(self.until)[1]

    @property
    def is_whole_months(self) -> bool:
        """Tell whether it is one or more calendar months."""
        return self.since.day == 1 and (self.until + _A_DAY).day == 1

    def before(self) -> Period:
        """Return the period before: as many whole months, else as many days."""
        until = self.since - _A_DAY
        if not self.is_whole_months:
            return Period(until - timedelta(days=self.days - 1), until)
        months = (self.until.year - self.since.year) * 12 + self.until.month - self.since.month
        return Period(_months_back(until.replace(day=1), months), until)

    def year_before(self) -> Period:
        """Return the same days of the year before; 29 February becomes 28."""
        return Period(_year_back(self.since), _year_back(self.until))


def _months_back(first: date, months: int) -> date:
    for _step in range(months):
        first = (first - _A_DAY).replace(day=1)
    return first


def _year_back(day: date) -> date:
    last = monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, last))


def this_month() -> Period:
    """Return the present month up to today."""
    today = business_date()
    return Period(today.replace(day=1), today)


def last_month() -> Period:
    """Return the whole month before the present one."""
    until = business_date().replace(day=1) - _A_DAY
    return Period(until.replace(day=1), until)


def last_days(days: int) -> Period:
    """Return so many days up to today."""
    today = business_date()
    return Period(today - timedelta(days=days - 1), today)
