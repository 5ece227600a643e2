"""The pickup point somebody has chosen: in a signed cookie, and in the profile of who signed in."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.core.signing import BadSignature, Signer
from django.db.models import prefetch_related_objects

from mall.accounts.models import User
from mall.accounts.profiles import existing_profile, remember_point
from mall.pickup.errors import LeaderOnHolidayError, PointAwayError, PointClosedError
from mall.pickup.models import PickupPoint
from mall.pickup.selectors import active_points
from payments.api import business_date

COOKIE: Final = "pickup"
COOKIE_SECONDS: Final = 180 * 24 * 3600
_signer = Signer(salt="mall.pickup.chosen")


def cookie_value(point: PickupPoint) -> str:
    """Return what the cookie of a chosen point holds."""
    return _signer.sign(str(point.pk))


def chosen_point(*, user: User | AnonymousUser, cookie: str = "") -> PickupPoint | None:
    """Return the point the cookie names, else the profile's; None where it is not in use."""
    point_id = _unsigned(cookie)
    if point_id is None and isinstance(user, User):
        profile = existing_profile(user)
        point_id = profile.pickup_point_id if profile else None
    if point_id is None:
        return None
    return active_points().filter(pk=point_id).first()


def choose_point(*, user: User | AnonymousUser, point_id: int) -> PickupPoint:
    """Choose a point in use and remember it for a signed-in person; PickupPoint.DoesNotExist else.

    The caller sets the cookie: COOKIE to cookie_value(point) for COOKIE_SECONDS.
    """
    point = active_points().get(pk=point_id)
    if isinstance(user, User):
        remember_point(user=user, pickup_point_id=point.pk)
    return point


def require_open(point: PickupPoint, *, pickup_on: date | None = None) -> None:
    """Raise where the point takes no new order today, or hands nothing out on the pickup day.

    PointClosedError, LeaderOnHolidayError, PointAwayError.
    """
    # Asked once, for today and for the pickup day.
    prefetch_related_objects([point], "breaks")
    if not point.has_sign_open:
        raise PointClosedError
    if rest := point.break_on(business_date()):
        raise LeaderOnHolidayError(until=rest.last_day)
    if pickup_on is None:
        return
    if not point.hands_out(pickup_on):
        raise PointAwayError(day=pickup_on.isoformat())


def _unsigned(cookie: str) -> int | None:
    try:
        return int(_signer.unsign(cookie))
    except (BadSignature, ValueError):
        return None
