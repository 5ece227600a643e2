"""The hours in which nobody's telephone should ring for something that can wait."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils.dateparse import parse_time

from payments.api import SHANGHAI, local


def next_waking(at: datetime) -> datetime:
    """Return the instant itself by day, in the quiet hours their end (Asia/Shanghai)."""
    begins, ends = (_time(text) for text in settings.LINLI_QUIET_HOURS)
    there = local(at)
    is_late, is_early = there.time() >= begins, there.time() < ends
    if begins > ends:
        if not (is_late or is_early):
            return at
        day = there.date() + timedelta(days=1 if is_late else 0)
    elif is_late and is_early:
        day = there.date()
    else:
        return at
    return datetime.combine(day, ends, tzinfo=SHANGHAI)


def _time(text: str) -> time:
    found = parse_time(text)
    if found is None:
        raise ValueError(f"{text!r} is no time of day")
    return found
