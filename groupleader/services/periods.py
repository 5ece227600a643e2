"""Which settlement period ended last: day, week, half month or month of Shanghai's calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings

from payments.api import business_date, day_bounds, local


@dataclass(frozen=True, slots=True)
class Period:
    """A settlement period: its label, and the instant up to which it takes commission in."""

    label: str
    until: datetime


def _day(today: date) -> tuple[date, str]:
    return today, f"{today - timedelta(days=1):%Y-%m-%d}"


def _week(today: date) -> tuple[date, str]:
    monday = today - timedelta(days=today.weekday())
    return monday, f"{monday - timedelta(days=1):%G-W%V}"


def _half_month(today: date) -> tuple[date, str]:
    start = today.replace(day=16 if today.day >= 16 else 1)
    last = start - timedelta(days=1)
    return start, f"{last:%Y-%m}-{'B' if last.day > 15 else 'A'}"


def _month(today: date) -> tuple[date, str]:
    first = today.replace(day=1)
    return first, f"{first - timedelta(days=1):%Y-%m}"


_CALENDARS: Final[dict[str, Callable[[date], tuple[date, str]]]] = {
    "day": _day,
    "week": _week,
    "half_month": _half_month,
    "month": _month,
}


def last_period(kind: str, at: datetime) -> Period:
    """Return the last period that was over at an instant; KeyError for an unknown kind."""
    start, label = _CALENDARS[kind](business_date(at))
    return Period(label, day_bounds(start)[0])


def kind_of(party: Any) -> str:
    """Return how often a party is settled: as was agreed with it, else as the settings say."""
    if party.settlement_period:
        return str(party.settlement_period)
    if party.user_id is None:
        return str(settings.LINLI_SUPPLIER_SETTLEMENT_PERIOD)
    return str(settings.LINLI_SETTLEMENT_PERIOD)


def period_now(at: datetime) -> Period:
    """Return a period that ends at this very instant: a statement cut by hand."""
    return Period(f"{local(at):%Y-%m-%d %H:%M:%S.%f}"[:23], at)
