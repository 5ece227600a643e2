"""The clock on the wall: instants in UTC, business days in Shanghai."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


_ahead: ContextVar[timedelta] = ContextVar("ahead", default=timedelta(0))


def now() -> datetime:
    """Return this instant, aware. Every decision about time asks here, never the database."""
    return timezone.now() + _ahead.get()


def wall_now() -> datetime:
    """Return the real instant, for what strangers compare with their own clocks: signatures."""
    return timezone.now()


@contextmanager
def travelling(to: datetime) -> Iterator[None]:
    """Let this thread's clock start again at another instant: for demo data and rehearsals."""
    token = _ahead.set(to - timezone.now())
    try:
        yield
    finally:
        _ahead.reset(token)


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
