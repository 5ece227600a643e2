"""How often somebody may ask within a minute: counted in the database, so no race gets one more."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import F
from django.utils.crypto import salted_hmac

from mall.fulfilment.errors import AskedTooOftenError
from mall.fulfilment.models import AskedOften
from payments.api import now, transact

_WINDOW: Final = timedelta(minutes=1)


@transact()
def count_asking(subject: str, *, most: int) -> None:
    """Count one request of a subject; AskedTooOftenError (data: wait_seconds) beyond the most."""
    at = now()
    rows = AskedOften.objects.filter(pk=_digest(subject))
    fresh = rows.filter(started_at__gt=at - _WINDOW)
    if fresh.filter(count__lt=most).update(count=F("count") + 1):
        return
    if rows.filter(started_at__lte=at - _WINDOW).update(started_at=at, count=1):
        return
    first = AskedOften(subject=_digest(subject), started_at=at, count=0)
    AskedOften.objects.bulk_create([first], ignore_conflicts=True)
    if not fresh.filter(count__lt=most).update(count=F("count") + 1):
        raise AskedTooOftenError(wait_seconds=round(_WINDOW.total_seconds()))


def require_seldom(subject: str, *, most: int) -> None:
    """Raise AskedTooOftenError where a subject was counted too often; counts nothing itself."""
    rows = AskedOften.objects.filter(
        pk=_digest(subject), started_at__gt=now() - _WINDOW, count__gte=most
    )
    if rows.exists():
        raise AskedTooOftenError(wait_seconds=round(_WINDOW.total_seconds()))


def forget_asking(limit: int) -> dict[str, int]:
    """Delete counts whose minute is long over; a job."""
    old = AskedOften.objects.filter(started_at__lt=now() - timedelta(hours=1))
    keys = list(old.values_list("pk", flat=True)[:limit])
    return {"forgotten": AskedOften.objects.filter(pk__in=keys).delete()[0]}


def _digest(subject: str) -> str:
    """Name who asks without writing an address down."""
    return salted_hmac("fulfilment.asking", subject, algorithm="sha256").hexdigest()
