"""Months as claims count them: the first and the last business day."""

from __future__ import annotations

from datetime import date, timedelta

from payments.api import business_date

_A_MONTH_AND_A_BIT = timedelta(days=32)
_A_DAY = timedelta(days=1)


def first_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return first_of(first_of(month) + _A_MONTH_AND_A_BIT)


def last_of(month: date) -> date:
    """Return the last day of a month."""
    return next_month(month) - _A_DAY


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return first_of(first_of(month) - _A_DAY)


def last_month() -> date:
    """Return the first day of the month before the present one, in Shanghai."""
    return month_before(business_date())
