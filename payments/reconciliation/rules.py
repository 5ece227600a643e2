"""What an operator may set: how long to wait, how far back to look, what to let pass."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from django.conf import settings

from payments.kernel.clock import SHANGHAI, business_date, local, now

# An acquirer that says "not yet" is asked again ever later.
_FETCH_AFTER_MINUTES: Final = (5, 10, 20, 30, 60)
# A bill that is missing at noon of the next day is a person's business.
ALARM_AT: Final = time(12, 0)
# When an acquirer does not say when its bills are ready.
READY_AT: Final = time(10, 0)
# One worker reads a bill; after this long it has died.
LEASE: Final = timedelta(minutes=20)
# A statement is fetched once more a day later: acquirers correct themselves.
LOOK_AGAIN_AFTER: Final = timedelta(hours=24)
ASKS_MAX: Final = 4


def pool_days() -> int:
    """Return for how many later bills something missing is waited for (1 to 3 is usual)."""
    return int(settings.LINLI_RECON_POOL_DAYS)


def days_back() -> int:
    """Return how many days back bills are expected when they were never fetched."""
    return int(settings.LINLI_RECON_DAYS_BACK)


def fee_tolerance() -> int:
    """Return by how many minor units one line's fee may differ and still be booked by itself."""
    return int(settings.LINLI_RECON_FEE_TOLERANCE_MINOR)


def asks_per_minute() -> int:
    """Return how many questions one account is asked a minute about differences."""
    return int(settings.LINLI_RECON_ASKS_PER_MINUTE)


def bank_days() -> int:
    """Return after how many days a batch that is not on the bank account becomes a case."""
    return int(settings.LINLI_RECON_BANK_DAYS)


def next_fetch_at(attempts: int) -> datetime:
    """Return when to try again to fetch a bill after so many attempts."""
    index = min(attempts, len(_FETCH_AFTER_MINUTES)) - 1
    return now() + timedelta(minutes=_FETCH_AFTER_MINUTES[max(index, 0)])


def ready_at(day_after: datetime, ready: time | None) -> datetime:
    """Return the instant of a Shanghai morning at which a bill can be expected."""
    return datetime.combine(business_date(day_after), ready or READY_AT, tzinfo=SHANGHAI)


def is_past_noon() -> bool:
    """Tell whether it is afternoon in Shanghai."""
    return local(now()).time() >= ALARM_AT
