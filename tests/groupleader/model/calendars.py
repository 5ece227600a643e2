"""When periods end, counted on Shanghai's calendar day by day: a second opinion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))


def local(at: datetime) -> datetime:
    """Show an instant as a clock in Shanghai does."""
    return at.astimezone(SHANGHAI)


def last_end(period: str, at: datetime) -> datetime:
    """Go back midnight by midnight until one ends a period."""
    midnight = local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    while not _ends(period, midnight):
        midnight -= timedelta(days=1)
    return midnight.astimezone(UTC)


def _ends(period: str, midnight: datetime) -> bool:
    if period == "week":
        return midnight.isoweekday() == 1
    return period == "day" or midnight.day in {"half_month": (1, 16), "month": (1,)}[period]
