"""The clock on the wall: instants in UTC, business days in Shanghai."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return this instant, aware. Every decision about time asks here, never the database."""
    return timezone.now()


def local(at: datetime) -> datetime:
    """Return the instant as a Shanghai clock shows it."""
    return at.astimezone(SHANGHAI)


def business_date(at: datetime | None = None) -> date:
    """Return the Shanghai calendar day of an instant (of now by default)."""
    return local(at or now()).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the half-open interval [start, end) of a Shanghai day."""
    start = datetime.combine(day, time.min, tzinfo=SHANGHAI)
    return start, datetime.combine(day + timedelta(days=1), time.min, tzinfo=SHANGHAI)
