"""Member day (会员日): the days of the month on which an order earns more points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mall.loyalty.models import PointsProgramme
from mall.loyalty.programme import percent_on, programme_on
from payments.api import business_date

# A day like the 31st is absent from some months; after this many days there is none at all.
_FAR: Final = 92


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDay:
    """A member day: when it is, and how many percent of the plain points it earns."""

    on: date
    percent: int
    # the one after it
    next_on: date | None

    @property
    def times(self) -> str:
        """Return how many times the points, as people say it: 2, 1.5."""
        return f"{self.percent / 100:g}"

    @property
    def title(self) -> str:
        """Name the day."""
        return _("Member day")

    @property
    def text(self) -> str:
        """Say what it brings."""
        return _("%(times)s × points on everything you pay for today") % {"times": self.times}


def today(at: datetime | None = None) -> MemberDay | None:
    """Return today's member day, if today is one. One query."""
    day = business_date(at)
    programme = programme_on(day)
    return _member_day(programme, day) if programme and day.day in programme.member_days else None


def coming(at: datetime | None = None) -> MemberDay | None:
    """Return the member day that is today or comes next. One query."""
    day = business_date(at)
    programme = programme_on(day)
    if programme is None:
        return None
    on = _first_from(programme, day)
    return _member_day(programme, on) if on else None


def day_text(day: date) -> str:
    """Write a day as people say it: 8 December, 12月8日."""
    return date_format(day, "MONTH_DAY_FORMAT")


def _member_day(programme: PointsProgramme, on: date) -> MemberDay:
    return MemberDay(
        on=on,
        percent=percent_on(programme, on),
        next_on=_first_from(programme, on + timedelta(days=1)),
    )


def _first_from(programme: PointsProgramme, day: date) -> date | None:
    days = (day + timedelta(days=n) for n in range(_FAR))
    return next((each for each in days if each.day in programme.member_days), None)
