"""When neighbours begin to collect a sale, and whether it is cut off before that."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from mall.groupbuy.errors import NotReadyError
from payments.api import day_bounds


def pickup_begins(day: date, hour: time) -> datetime:
    """Return the instant at which collection begins (Asia/Shanghai)."""
    return day_bounds(day)[0] + timedelta(hours=hour.hour, minutes=hour.minute)


def why_too_late(closes_at: datetime, *, pickup_on: date, pickup_from: time) -> str:
    """Say why a cut-off does not fit the pickup; empty where it does.

    What is ordered after the vans left cannot be on them.
    """
    if closes_at < pickup_begins(pickup_on, pickup_from):
        return ""
    if closes_at < day_bounds(pickup_on)[1]:
        return _("The cut-off is after the pickup has begun.")
    return _("The pickup day is before the cut-off.")


def require_before_pickup(closes_at: datetime, *, pickup_on: date, pickup_from: time) -> None:
    """Raise NotReadyError for a cut-off after the pickup has begun."""
    if why := why_too_late(closes_at, pickup_on=pickup_on, pickup_from=pickup_from):
        raise NotReadyError(why)
