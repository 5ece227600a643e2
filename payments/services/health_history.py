"""How an account did in the last hours, read from the steps of its payments."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from payments.kernel.clock import local, now
from payments.models import PaymentTransition

HOURS: Final = 24
# A page shows the last day at most, and no more than this many steps of it: they are read by key.
_STEPS_MAX: Final = 20_000
# What follows a request: an answer (#3, #4, #5), no way there (#6), no trustworthy answer (#7).
_ANSWERED: Final = frozenset({"3", "4", "5"})
_FAILED: Final = frozenset({"6", "7"})


@dataclass(frozen=True, slots=True)
class Hour:
    """How many requests to open a payment were answered and failed within an hour of the clock."""

    label: str
    answered: int
    failed: int


def last_hours(code: str) -> list[Hour]:
    """Return the last 24 hours of an account, the oldest first; one bounded query."""
    at = now()
    newest = PaymentTransition.objects.order_by("-pk").values_list(
        "at", "edge", "payment__account__code"
    )
    counts: Counter[tuple[int, bool]] = Counter()
    for step_at, edge, account_code in newest[:_STEPS_MAX]:
        age = int((at - step_at) / timedelta(hours=1))
        if age >= HOURS:
            break
        if account_code == code and edge in _ANSWERED | _FAILED:
            counts[age, edge in _FAILED] += 1
    return [
        Hour(
            label=f"{local(at - timedelta(hours=age)):%H}:00",
            answered=counts[age, False],
            failed=counts[age, True],
        )
        for age in reversed(range(HOURS))
    ]
