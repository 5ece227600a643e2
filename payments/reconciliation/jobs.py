"""What reconciliation does by itself: expect, fetch, read, compare, ask, close."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from payments.kernel.clock import now
from payments.kernel.jobs import Job
from payments.reconciliation import asking, silent
from payments.reconciliation.closing import close_settled_bills
from payments.reconciliation.expecting import expect_bills, report_missing_bills
from payments.reconciliation.fetching import fetch_bill
from payments.reconciliation.importing import import_bill
from payments.reconciliation.matching import match_bill
from payments.reconciliation.models import Bill

logger = logging.getLogger(__name__)

State = Bill.State


def fetch_bills(limit: int = 20) -> dict[str, int]:
    """Expect what should be there by now, fetch what is due, and call for what is missing."""
    counts = Counter({"expected": expect_bills()})
    due = _nobody_works_on().filter(next_try_at__lte=now()).order_by("next_try_at")
    counts.update(_each(list(due.values_list("pk", flat=True)[:limit]), fetch_bill))
    counts["missing"] = report_missing_bills()
    return dict(counts)


def read_bills(limit: int = 20) -> dict[str, int]:
    """Read statements that were fetched, and compare those that were read."""
    counts = Counter(_each(_in_state(limit, State.FETCHED), import_bill))
    counts.update(_each(_in_state(limit, State.IMPORTED, State.EMPTY), match_bill))
    return dict(counts)


def ask_about_differences(limit: int = 60) -> dict[str, int]:
    """Ask acquirers about differences, and send what stays on its way."""
    return asking.ask_about_differences(limit)


def settle_silent_payments(limit: int = 50) -> dict[str, int]:
    """End payments nobody answered about and no bill has."""
    return silent.settle_silent_payments(limit)


def close_bills(limit: int = 20) -> dict[str, int]:
    """Close statements that need nobody any more."""
    return close_settled_bills(limit)


def _in_state(limit: int, *states: str) -> list[int]:
    rows = _nobody_works_on().filter(state__in=states)
    return list(rows.order_by("day", "pk").values_list("pk", flat=True)[:limit])


def _nobody_works_on() -> QuerySet[Bill]:
    return Bill.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now()))


def _each(numbers: Iterable[int], step: Callable[[int], Bill]) -> dict[str, int]:
    """Do one step per statement; one that goes wrong does not stop the others."""
    counts: Counter[str] = Counter()
    for number in numbers:
        try:
            counts[step(number).state] += 1
        except Exception:
            logger.exception("reconciliation.step_failed bill=%s", number)
            counts["error"] += 1
            connection.close_if_unusable_or_obsolete()
    return dict(counts)


_HERE: Final = "payments.reconciliation.jobs"
JOBS: Final = [
    Job(name="payments.fetch_bills", every_seconds=60, function=f"{_HERE}.fetch_bills", limit=20),
    Job(name="payments.read_bills", every_seconds=10, function=f"{_HERE}.read_bills", limit=20),
    Job(
        name="payments.ask_about_differences",
        every_seconds=5,
        function=f"{_HERE}.ask_about_differences",
        limit=60,
    ),
    Job(
        name="payments.settle_silent_payments",
        every_seconds=600,
        function=f"{_HERE}.settle_silent_payments",
        limit=50,
    ),
    Job(name="payments.close_bills", every_seconds=30, function=f"{_HERE}.close_bills", limit=20),
]
