"""Helpers at a pickup point: they receive, sort and hand over there, and see no money.

A leader invites a phone number; whoever signs in with it says yes or no. Facts: helper.invited
(helper_id, point, leader, phone) and helper.accepted (helper_id, point, leader_id, helper).
"""

from __future__ import annotations

from typing import Final

from django.db import IntegrityError
from django.db.models import QuerySet

from mall.accounts.models import User
from mall.accounts.phones import normalise_phone
from mall.pickup.errors import HelperError, HelperGoneError
from mall.pickup.models import PickupPoint, PointHelper
from payments.api import now, publish, transact

HELPERS_MAX: Final = 20


def helped_points(user_id: int) -> dict[int, str]:
    """Return the names of the points in use where somebody helps now, by their numbers."""
    rows = PointHelper.objects.filter(
        user=user_id, since__isnull=False, ended_at=None, point__active=True
    )
    return dict(rows.order_by("point").values_list("point", "point__name"))


def helps_at(point_id: int, user_id: int) -> bool:
    """Tell whether somebody helps at a point now."""
    rows = PointHelper.objects.filter(point=point_id, user=user_id, since__isnull=False)
    return rows.filter(ended_at=None, point__active=True).exists()


def helpers_of(point_id: int) -> QuerySet[PointHelper]:
    """Return who helps at a point or is invited to, those who said yes first."""
    rows = PointHelper.objects.filter(point=point_id, ended_at=None)
    return rows.order_by("since", "pk")


def invite_helper(*, point_id: int, phone: str, name: str, by: User) -> PointHelper:
    """Invite a phone number to help at a point of hers; the same again is the same invitation.

    InvalidPhoneError; HelperError for her own number, beyond twenty or at a point she does not
    keep.
    """
    number = normalise_phone(phone)
    try:
        return _invite(point_id=point_id, phone=number, name=name, by=by)
    except IntegrityError:
        return PointHelper.objects.get(point=point_id, phone=number, ended_at=None)


@transact()
def accept_invitation(*, helper_id: int, by: User) -> PointHelper:
    """Say yes: from now on she helps there. HelperGoneError for what is not hers or was ended."""
    row = _hers(helper_id, by)
    accepted = PointHelper.objects.filter(pk=row.pk, since=None, ended_at=None)
    if accepted.update(user=by, since=now(), name=row.name or by.display_name[:40]):
        publish(
            "helper.accepted",
            key=f"helper.accepted:{row.pk}",
            aggregate=f"point:{row.point_id}",
            payload={
                "helper_id": row.pk,
                "point_id": row.point_id,
                "point": row.point.name,
                "leader_id": row.invited_by_id,
                "helper": row.name or by.display_name[:40],
            },
        )
    row.refresh_from_db()
    return row


def decline(*, helper_id: int, by: User) -> bool:
    """Say no, or help no longer; say whether this call ended it. HelperGoneError for another's."""
    row = _hers(helper_id, by)
    return _end(PointHelper.objects.filter(pk=row.pk), by)


def end_helper(*, helper_id: int, by: User) -> bool:
    """End a helper at a point somebody keeps; say whether this call did.

    HelperGoneError for points of others.
    """
    rows = PointHelper.objects.filter(pk=helper_id, point__leader=by)
    if not rows.exists():
        raise HelperGoneError
    return _end(PointHelper.objects.filter(pk=helper_id), by)


def invitations_of(user: User) -> list[PointHelper]:
    """Return what a person is invited to, and where she helps, by the phone she signs in with."""
    if not user.phone:
        return []
    rows = PointHelper.objects.filter(phone=user.phone, ended_at=None, point__active=True)
    return list(rows.select_related("point", "invited_by").order_by("pk"))


@transact()
def _invite(*, point_id: int, phone: str, name: str, by: User) -> PointHelper:
    # Locked, so that two at once do not go beyond the number of helpers.
    points = PickupPoint.objects.select_for_update(no_key=True)
    point = points.filter(pk=point_id, leader=by, active=True).first()
    if point is None or phone == by.phone:
        raise HelperError
    present = PointHelper.objects.filter(point=point, ended_at=None)
    known = present.filter(phone=phone).first()
    if known is not None:
        return known
    if present.count() >= HELPERS_MAX:
        raise HelperError
    row = PointHelper.objects.create(
        point=point,
        phone=phone,
        name=" ".join(name.replace("\0", "").split())[:40],
        invited_by=by,
        invited_at=now(),
    )
    publish(
        "helper.invited",
        key=f"helper.invited:{row.pk}",
        aggregate=f"point:{point.pk}",
        payload={
            "helper_id": row.pk,
            "point_id": point.pk,
            "point": point.name,
            "leader": by.display_name,
            "phone": phone,
        },
    )
    return row


def _hers(helper_id: int, by: User) -> PointHelper:
    rows = PointHelper.objects.select_related("point").filter(pk=helper_id, ended_at=None)
    row = rows.filter(phone=by.phone or "-").first()
    if row is None:
        raise HelperGoneError
    return row


def _end(rows: QuerySet[PointHelper], by: User) -> bool:
    return bool(rows.filter(ended_at=None).update(ended_at=now(), ended_by=by))
