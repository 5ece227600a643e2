"""What happens to vouchers by the clock; every job is bounded and may run twice."""

from __future__ import annotations

from mall.vouchers.codes import forget_old_codes
from mall.vouchers.lifecycle import tend_due
from mall.vouchers.models import Voucher
from payments.api import now

__all__ = ["expire_due", "forget_old_codes", "tend_due"]

_FREE = (Voucher.State.HELD, Voucher.State.RETURNED)


def expire_due(limit: int) -> dict[str, int]:
    """Let vouchers expire whose time is over; one on an unpaid order stays with the order."""
    at = now()
    due = Voucher.objects.filter(state__in=_FREE, expires_at__lte=at).order_by("expires_at", "pk")
    keys = list(due.values_list("pk", flat=True)[:limit])
    expired = Voucher.objects.filter(pk__in=keys, state__in=_FREE, expires_at__lte=at).update(
        state=Voucher.State.EXPIRED, changed_at=at
    )
    return {"expired": expired}
