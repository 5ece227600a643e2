"""Yuan, numbers and times out of a leader's forms, read without trusting what was typed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from payments.api import Money, day_bounds

_DIGITS_MAX: Final = 9
_YUAN_MAX: Final = Decimal(1_000_000)
# Beyond them the calendar ends somewhere, and nobody means them.
_YEARS: Final = range(2000, 2101)


def number_of(text: str | None) -> int | None:
    """Read a whole number from 0 on; anything else is as good as none."""
    text = (text or "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return int(text) if is_number else None


def fen_of(text: str | None) -> int | None:
    """Read an amount in yuan ("19.9") as fen; None where it is no amount above zero."""
    try:
        yuan = Decimal((text or "").strip().replace(",", "").replace("¥", "")[:16])
        if not 0 < yuan <= _YUAN_MAX:
            return None
        return Money.from_major(yuan).minor
    except (InvalidOperation, ValueError):
        return None


def moment_of(text: str | None) -> datetime | None:
    """Read what a field for day and time sends ("2026-11-23T22:00"), in Shanghai's time."""
    try:
        typed = datetime.fromisoformat((text or "")[:16])
    except ValueError:
        return None
    is_meant = not typed.tzinfo and typed.year in _YEARS
    return at_hour(typed.date(), typed.time()) if is_meant else None


def at_hour(day: date, hour: time) -> datetime:
    """Return the instant at which a Shanghai clock shows a time of a day."""
    return day_bounds(day)[0] + timedelta(hours=hour.hour, minutes=hour.minute)


def day_of(text: str | None) -> date | None:
    """Read a day ("2026-11-24")."""
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def time_of(text: str | None) -> time | None:
    """Read a time of day ("16:00")."""
    try:
        typed = time.fromisoformat((text or "")[:5])
    except ValueError:
        return None
    return None if typed.tzinfo else typed
