"""Points corrected by hand, with a reason; above the programme's limit by two people."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from mall.loyalty.errors import AdjustmentError
from mall.loyalty.models import PointsAdjustment, PointsEntry, PointsProgramme
from mall.loyalty.posting import Cause, account_of, give, take
from mall.loyalty.programme import expiry_of, programme_on
from payments.api import SecondPersonError, advance, business_date, day_bounds, now, transact

State = PointsAdjustment.State


@transact()
def propose(*, resident_id: int, points: int, reason: str, by: Any) -> PointsAdjustment:
    """Enter a correction; a small one is booked at once, a larger one waits for another person.

    What she gave (or took) alone today counts with it: many small ones are a large one.
    AdjustmentError without points, reason or a programme in force; NotEnoughPointsError when more
    would be taken than there is.
    """
    programme = programme_on()
    if not points or not reason.strip():
        raise AdjustmentError(_("Say how many points, and why."))
    if programme is None:
        raise AdjustmentError(_("No points programme is in force."))
    adjustment = PointsAdjustment.objects.create(
        resident_id=resident_id,
        points=points,
        reason=reason.strip()[:200],
        proposed_by=by,
        proposed_at=now(),
    )
    if abs(points) + _alone_today(by, points, programme) <= programme.alone_most:
        _book(adjustment)
    return adjustment


def _alone_today(by: Any, points: int, programme: PointsProgramme) -> int:
    """Count what a person has given, or taken, today without another; two tabs of hers queue."""
    PointsProgramme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    today = PointsAdjustment.objects.filter(
        proposed_by=by,
        state=State.BOOKED,
        decided_by=None,
        proposed_at__gte=day_bounds(business_date())[0],
    )
    same = today.filter(points__gt=0) if points > 0 else today.filter(points__lt=0)
    return abs(int(same.aggregate(sum=Coalesce(Sum("points"), 0))["sum"]))


@transact()
def approve(adjustment: PointsAdjustment, *, by: Any) -> None:
    """Book a correction that another person entered; SecondPersonError, AdjustmentError."""
    _require_another(adjustment, by)
    _book(adjustment, decided_by=by, decided_at=now())


@transact()
def refuse(adjustment: PointsAdjustment, *, by: Any) -> None:
    """Refuse a correction that another person entered; it stays in the list."""
    _require_another(adjustment, by)
    changes = {"decided_by": by, "decided_at": now()}
    if not advance(adjustment, PointsAdjustment.EDGES, State.REFUSED, field="state", **changes):
        raise AdjustmentError(_("This was decided already."))


def _require_another(adjustment: PointsAdjustment, by: Any) -> None:
    if adjustment.proposed_by_id == by.pk:
        raise SecondPersonError(adjustment=adjustment.pk)


def _book(adjustment: PointsAdjustment, **decided: Any) -> None:
    cause = Cause(
        kind=PointsEntry.Kind.ADJUST, key=f"adjust:{adjustment.pk}", note=adjustment.reason
    )
    if PointsEntry.objects.filter(key=cause.key).exists():
        raise AdjustmentError(_("This was decided already."))
    entry = _move(adjustment, cause)
    if not advance(
        adjustment, PointsAdjustment.EDGES, State.BOOKED, field="state", entry=entry, **decided
    ):
        raise AdjustmentError(_("This was decided already."))


def _move(adjustment: PointsAdjustment, cause: Cause) -> PointsEntry:
    account, programme = account_of(adjustment.resident_id), programme_on()
    if adjustment.points < 0:
        return take(account, cause, points=-adjustment.points)
    if programme is None:
        raise AdjustmentError(_("No points programme is in force."))
    today = business_date()
    give(account, cause, points=adjustment.points, expires_on=expiry_of(programme, today))
    return PointsEntry.objects.get(key=cause.key)
