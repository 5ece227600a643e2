"""A leader's own sign: open or closed, hours, phone, and the days she is away."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from mall.accounts.models import User
from mall.accounts.phones import normalise_phone
from mall.pickup.errors import BreakError, HoursError
from mall.pickup.models import PickupPoint, PointBreak
from payments.api import business_date

BREAK_MAX: Final = timedelta(days=366)
_BREAKS_MAX: Final = 24


def points_kept(user: User) -> QuerySet[PickupPoint]:
    """Return the points in use that somebody keeps, with community, bank and breaks at hand."""
    points = PickupPoint.objects.filter(leader=user, active=True)
    return points.select_related("community", "bank_unit").prefetch_related("breaks").order_by("pk")


def set_sign(*, point_id: int, is_open: bool, by: User) -> bool:
    """Turn the shop sign; say whether there is such a point of hers. Old orders go on."""
    return bool(_own(point_id, by).update(is_open=is_open))


def set_hours(
    *, point_id: int, hours_from: time, hours_until: time, note: str, phone: str, by: User
) -> bool:
    """Change opening hours, the note and the number residents call.

    Says whether there is such a point of hers. HoursError, InvalidPhoneError.
    """
    if hours_until <= hours_from:
        raise HoursError
    number = normalise_phone(phone) if phone.strip() else ""
    return bool(
        _own(point_id, by).update(
            hours_from=hours_from,
            hours_until=hours_until,
            hours_note=" ".join(note.replace("\0", "").split())[:100],
            phone=number,
        )
    )


def add_break(*, point_id: int, first_day: date, last_day: date, by: User) -> PointBreak | None:
    """Write down days on which nothing is handed out; the same days again are the same break.

    Nothing where the point is not hers. BreakError for days that are none. What neighbours have
    ordered for these days stays as it is: the page says how much.
    """
    today = business_date()
    if not today <= last_day or last_day < first_day or last_day - first_day > BREAK_MAX:
        raise BreakError
    if first_day > today + 2 * BREAK_MAX:
        raise BreakError
    with transaction.atomic():
        # Locked, so that two taps at once do not go beyond the number of breaks.
        point = _own(point_id, by).select_for_update(no_key=True).first()
        if point is None:
            return None
        days = {"first_day": first_day, "last_day": last_day}
        coming = PointBreak.objects.filter(point=point, last_day__gte=today)
        if not coming.filter(**days).exists() and coming.count() >= _BREAKS_MAX:
            raise BreakError
        PointBreak.objects.bulk_create([PointBreak(point=point, **days)], ignore_conflicts=True)
        return PointBreak.objects.get(point=point, **days)


def drop_break(*, break_id: int, by: User) -> bool:
    """Take a break back; say whether there was one of hers."""
    rows = PointBreak.objects.filter(pk=break_id, point__leader=by)
    return bool(rows.delete()[0])


def _own(point_id: int, by: User) -> QuerySet[PickupPoint]:
    return PickupPoint.objects.filter(pk=point_id, leader=by, active=True)
