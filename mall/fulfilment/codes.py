"""Pickup codes: six digits that open one bag at one point, and the lock against guessing them."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.db.models import F

from mall.fulfilment.errors import ScreenLockedError
from mall.fulfilment.models import CodeLock
from mall.ordering.models import OrderFulfilment, Status
from payments.api import now, transact

TRIES: Final = 5
_LOCK: Final = timedelta(minutes=1)


def new_codes(point_id: int, count: int) -> list[str]:
    """Return codes that open no other bag waiting at the point."""
    waiting = OrderFulfilment.objects.filter(pickup_point=point_id, status=Status.ARRIVED)
    taken = set(waiting.values_list("pickup_code", flat=True))
    codes: list[str] = []
    while len(codes) < count:
        code = f"{secrets.randbelow(1_000_000):06d}"
        if code not in taken:
            taken.add(code)
            codes.append(code)
    return codes


def new_token() -> str:
    """Return what the QR carries: long, random, good for one order."""
    return secrets.token_urlsafe(32)


def require_unlocked(point_id: int) -> None:
    """Raise ScreenLockedError while the point's screen is locked."""
    lock = CodeLock.objects.filter(pk=point_id, locked_until__gt=now()).first()
    if lock is not None:
        raise ScreenLockedError(until=lock.locked_until)


@transact()
def count_wrong(point_id: int) -> int:
    """Count a wrong code; the fifth in a row locks the screen. Return how many tries are left."""
    CodeLock.objects.bulk_create([CodeLock(pickup_point_id=point_id)], ignore_conflicts=True)
    lock = CodeLock.objects.filter(pk=point_id)
    last = lock.filter(wrong_tries__gte=TRIES - 1)
    if last.update(wrong_tries=0, locked_until=now() + _LOCK):
        return 0
    lock.update(wrong_tries=F("wrong_tries") + 1)
    return TRIES - lock.values_list("wrong_tries", flat=True).get()


def forget_wrong(point_id: int) -> None:
    """A right code ends the row of wrong ones."""
    CodeLock.objects.filter(pk=point_id, wrong_tries__gt=0).update(wrong_tries=0)
