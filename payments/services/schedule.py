"""When to try or ask again: soon at first, then ever later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from payments.kernel.clock import now

# Seconds between questions to an acquirer about the same number; afterwards hourly.
_ASK_AFTER: Final = (5, 10, 20, 40, 60, 120, 300, 600, 1800)
_HOURLY: Final = 3600

# A request has a total time limit of 15 s; after twice that its sender has died.
IN_FLIGHT: Final = timedelta(seconds=30)
# Only after this long does "we do not know that number" count as an answer: a request may be
# slower than the question about it.
VISIBILITY_WINDOW: Final = timedelta(seconds=60)
# An acquirer's clock and ours may differ, and a payer may be typing her code at the last second.
EXPIRY_GRACE: Final = timedelta(seconds=60)
# A question about the same payment, whoever asks.
ASK_GAP: Final = timedelta(milliseconds=1500)
ASK_GAP_WHEN_OVER: Final = timedelta(seconds=60)
SENDS_MAX: Final = 5
WAIT_AFTER_CONFIG_ERROR: Final = timedelta(minutes=5)


def next_try_at(tries: int) -> datetime:
    """Return when to ask again after so many tries."""
    seconds = _ASK_AFTER[tries] if tries < len(_ASK_AFTER) else _HOURLY
    return now() + timedelta(seconds=seconds)
