"""How often a code may be asked for: counted in the database, so that no race gets one more.

A window begins with the first request in it, so "one a minute" means sixty seconds apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from mall.accounts.errors import TooManyCodesError
from mall.accounts.models import SendingAllowance

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86_400

# (window in seconds, most in it). An address may be a whole compound behind one router.
LIMITS: Final = {
    "phone": ((MINUTE, 1), (HOUR, 5), (DAY, 10)),
    "ip": ((MINUTE, 30), (HOUR, 300)),
    "device": ((HOUR, 10), (DAY, 30)),
    "mall": ((HOUR, 5000),),
}


def take_allowances(*, phone: str, ip: str, device: str, at: datetime) -> None:
    """Count one request against every limit, inside the caller's transaction.

    TooManyCodesError with wait_seconds when one is used up: the transaction must then be rolled
    back, so that a refused request counts nowhere. An unknown address or device is not counted.
    """
    for kind, subject in _subjects(phone=phone, ip=ip, device=device):
        for window_seconds, most in LIMITS[kind]:
            _take(subject=subject, window_seconds=window_seconds, most=most, at=at)


def count_within(*, subject: str, limits: Iterable[tuple[int, int]], at: datetime) -> int:
    """Count one try of a subject; return 0, or the seconds to wait where it was one too many.

    For other doors than codes: ``limits`` are (window in seconds, most in it). A try too many
    counts in none of the windows. Names and addresses are not written down a second time.
    """
    digest = salted_hmac("accounts.allowance", subject, algorithm="sha256").hexdigest()
    try:
        with transaction.atomic():
            for window_seconds, most in limits:
                _take(
                    subject=f"door:{digest[:48]}", window_seconds=window_seconds, most=most, at=at
                )
    except TooManyCodesError as refusal:
        return int(refusal.data["wait_seconds"])
    return 0


def _subjects(*, phone: str, ip: str, device: str) -> Iterable[tuple[str, str]]:
    """Name what is counted, without writing phones and addresses down a second time."""
    named = {"phone": phone, "ip": ip, "device": device, "mall": "all"}
    for kind, value in named.items():
        if value:
            digest = salted_hmac("accounts.allowance", value, algorithm="sha256").hexdigest()
            yield kind, f"{kind}:{digest[:48]}"


def _take(*, subject: str, window_seconds: int, most: int, at: datetime) -> None:
    rows = SendingAllowance.objects.filter(subject=subject, window_seconds=window_seconds)
    fresh = at - timedelta(seconds=window_seconds)
    if rows.filter(started_at__gt=fresh, count__lt=most).update(count=F("count") + 1):
        return
    if rows.filter(started_at__lte=fresh).update(started_at=at, count=1):
        return
    new = SendingAllowance(subject=subject, window_seconds=window_seconds, started_at=at, count=0)
    SendingAllowance.objects.bulk_create([new], ignore_conflicts=True)
    if rows.filter(started_at__gt=fresh, count__lt=most).update(count=F("count") + 1):
        return
    started_at = rows.values_list("started_at", flat=True).first() or at
    ends_at = started_at + timedelta(seconds=window_seconds)
    raise TooManyCodesError(wait_seconds=max(1, round((ends_at - at).total_seconds())))


def forget_before(*, at: datetime, limit: int) -> int:
    """Delete counters whose window ended long ago; return how many."""
    old = SendingAllowance.objects.filter(started_at__lt=at - timedelta(days=2))
    keys = list(old.values_list("pk", flat=True)[:limit])
    return SendingAllowance.objects.filter(pk__in=keys).delete()[0]
