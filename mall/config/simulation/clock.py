"""One clock for the mall and the bank: it stands still until the play moves it on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone

from payments.sandbox import clock as bank_clock


class VirtualClock:
    """An instant that only moves when it is told to."""

    def __init__(self, at: datetime) -> None:
        """Begin at an instant, aware."""
        self._at = at

    def now(self) -> datetime:
        """Return the instant it is in the play."""
        return self._at

    def nanoseconds(self) -> int:
        """Return it as the bank reads clocks: nanoseconds since 1970 UTC."""
        return round(self._at.timestamp() * 1_000_000) * 1000

    def forward(self, seconds: float) -> None:
        """Let so many seconds pass; time never runs back."""
        self._at += timedelta(seconds=max(seconds, 0))

    def until(self, at: datetime) -> None:
        """Let time pass until an instant; one that is over already changes nothing."""
        self._at = max(self._at, at)

    @contextmanager
    def shown_to_everybody(self) -> Iterator[None]:
        """Let the mall's, Django's and the bank's clocks show this one's time in the meantime."""
        real = timezone.now
        timezone.now = self.now  # type: ignore[assignment]
        bank_clock.take_real_time_from(self.nanoseconds)
        try:
            yield
        finally:
            timezone.now = real
            bank_clock.take_real_time_from(time.time_ns)
