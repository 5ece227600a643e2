"""What reconciliation does by itself: expect, fetch, read, compare, ask, close."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from django.db import connection
from django.db.models import Q

from payments.kernel.clock import now
from payments.kernel.jobs import Job
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
    due = Bill.objects.filter(next_try_at__lte=now()).order_by("next_try_at")
    counts.update(_each(list(due.values_list("pk", flat=True)[:limit]), fetch_bill))
    counts["missing"] = report_missing_bills()
    return dict(counts)


def read_bills(limit: int = 20) -> dict[str, int]:
    """Read statements that were fetched, and compare those that were read."""
    counts = Counter(_each(_in_state(limit, State.FETCHED), import_bill))
    counts.update(_each(_in_state(limit, State.IMPORTED, State.EMPTY), match_bill))
    return dict(counts)


def _in_state(limit: int, *states: str) -> list[int]:
    rows = Bill.objects.filter(state__in=states).filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=now())
    )
    return list(rows.order_by("day", "pk").values_list("pk", flat=True)[:limit])


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


JOBS: Final = [
    Job(
        name="payments.fetch_bills",
        every_seconds=60,
        function="payments.reconciliation.jobs.fetch_bills",
        limit=20,
    ),
    Job(
        name="payments.read_bills",
        every_seconds=10,
        function="payments.reconciliation.jobs.read_bills",
        limit=20,
    ),
]
