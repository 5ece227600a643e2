"""Points whose day is over go by themselves; what goes next is said before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from mall.loyalty.models import PointsAccount, PointsLot
from mall.loyalty.posting import sweep
from payments.api import business_date, transact


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """So many points are good only until a day (including it)."""

    points: int
    on: date


def expire_due(limit: int) -> dict[str, int]:
    """Take points that expired, of up to ``limit`` accounts; a job."""
    due = PointsLot.objects.filter(left__gt=0, expires_on__lt=business_date()).order_by()
    accounts = list(due.values_list("account_id", flat=True).distinct()[:limit])
    return {"expired": sum(_sweep(account_id) for account_id in accounts)}


def next_to_expire(resident_id: int, at: datetime | None = None) -> Expiring | None:
    """Return what expires first of a resident's points, if anything does."""
    lots = PointsLot.objects.filter(
        account__resident_id=resident_id, left__gt=0, expires_on__gte=business_date(at)
    )
    first = lots.order_by("expires_on").values("expires_on").annotate(points=Sum("left")).first()
    return Expiring(points=first["points"], on=first["expires_on"]) if first else None


@transact()
def _sweep(account_id: int) -> int:
    return sweep(PointsAccount.objects.get(pk=account_id))
