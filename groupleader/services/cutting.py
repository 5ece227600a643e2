"""When the next statement is cut: of a leader, after an instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from groupleader.models import Leader
from groupleader.services.periods import Period, kind_of, last_period
from payments.api import business_date, day_bounds

# No period is longer than a month.
_DAYS_MAX: Final = 32


def cut_after(leader: Leader, at: datetime) -> Period:
    """Return the period that takes in what became available at an instant."""
    return next_cut(kind_of(leader), at)


def next_cut(kind: str, at: datetime) -> Period:
    """Return the first period of a kind that ends after an instant; KeyError for no such kind."""
    day = business_date(at)
    for number in range(1, _DAYS_MAX):
        period = last_period(kind, day_bounds(day + timedelta(days=number))[0])
        if period.until > at:
            return period
    raise ValueError(f"a period of kind {kind} never ends")
