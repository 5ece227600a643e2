"""Codes that show a voucher at a counter: short-lived, renewed by the page, good at one counter."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F

from mall.vouchers.errors import NotRedeemableError, ScreenLockedError, VoucherGoneError
from mall.vouchers.models import CounterLock, RedemptionCode, Voucher, VoucherBatch
from payments.api import now, transact

TRIES: Final = 5
# How long a code is shown before the page asks for the next, and how long it can be typed in.
RENEW_AFTER: Final = timedelta(seconds=60)
GOOD_FOR: Final = timedelta(seconds=120)
_LOCK: Final = timedelta(minutes=1)
_KEPT: Final = timedelta(days=1)


def code_for(*, voucher_no: str, resident_id: int) -> RedemptionCode:
    """Return the code her page shows now; a new one once the last is a minute old.

    VoucherGoneError for a voucher that is not in her wallet; NotRedeemableError for one that is
    good in the mall only.
    """
    at = now()
    voucher = (
        Voucher.objects.filter(
            voucher_no=voucher_no,
            resident_id=resident_id,
            state__in=[Voucher.State.HELD, Voucher.State.RETURNED],
            valid_from__lte=at,
            expires_at__gt=at,
        )
        .select_related("batch")
        .first()
    )
    if voucher is None:
        raise VoucherGoneError(voucher_no=voucher_no)
    if voucher.batch.place == VoucherBatch.Place.MALL:
        raise NotRedeemableError(voucher_no=voucher_no)
    shown = voucher.codes.filter(
        made_at__gt=at - RENEW_AFTER, expires_at__gt=at, opened_at=None
    ).order_by("-pk")
    return shown.first() or _new_code(voucher)


def require_unlocked(merchant_id: int) -> None:
    """Raise ScreenLockedError while the counter's screen is locked."""
    lock = CounterLock.objects.filter(pk=merchant_id, locked_until__gt=now()).first()
    if lock is not None:
        raise ScreenLockedError(until=lock.locked_until)


@transact()
def count_wrong(merchant_id: int) -> int:
    """Count a wrong code; the fifth in a row locks the screen. Return how many tries are left."""
    CounterLock.objects.bulk_create([CounterLock(merchant_id=merchant_id)], ignore_conflicts=True)
    lock = CounterLock.objects.filter(pk=merchant_id)
    last = lock.filter(wrong_tries__gte=TRIES - 1)
    if last.update(wrong_tries=0, locked_until=now() + _LOCK):
        return 0
    lock.update(wrong_tries=F("wrong_tries") + 1)
    return TRIES - lock.values_list("wrong_tries", flat=True).get()


def forget_wrong(merchant_id: int) -> None:
    """A right code ends the row of wrong ones."""
    CounterLock.objects.filter(pk=merchant_id, wrong_tries__gt=0).update(wrong_tries=0)


def forget_old_codes(limit: int) -> dict[str, int]:
    """Forget codes that nobody can use any more; a job."""
    old = RedemptionCode.objects.filter(expires_at__lt=now() - _KEPT).order_by("pk")
    keys = list(old.values_list("pk", flat=True)[:limit])
    RedemptionCode.objects.filter(pk__in=keys).delete()
    return {"forgotten": len(keys)}


def _new_code(voucher: Voucher) -> RedemptionCode:
    while True:
        at = now()
        try:
            with transaction.atomic():
                return RedemptionCode.objects.create(
                    voucher=voucher,
                    code=f"{secrets.randbelow(10**8):08d}",
                    token=secrets.token_urlsafe(24),
                    made_at=at,
                    expires_at=at + GOOD_FOR,
                )
        except IntegrityError:
            continue  # another voucher shows this code at the moment
