"""Calling a person: one row per thing that is not as it should be, however often it is noticed."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from payments.kernel.clock import now
from payments.models import Incident

logger = logging.getLogger(__name__)


def report_incident(
    kind: Incident.Kind, *, key: str, subject_no: str = "", **figures: object
) -> None:
    """Write an incident once per key, as part of whatever transaction noticed it."""
    Incident.objects.bulk_create(
        [
            Incident(
                kind=kind,
                key=f"{kind}:{key}",
                subject_no=subject_no,
                data=figures,
                created_at=now(),
            )
        ],
        ignore_conflicts=True,
    )
    logger.warning("incident kind=%s key=%s number=%s", kind, key, subject_no)


def settle_incident(key: str, *, by: str, note: str = "") -> bool:
    """Say that a person took care of an incident; False where somebody already did."""
    open_ones = Incident.objects.filter(key=key, resolved_at__isnull=True)
    settled = open_ones.update(resolved_at=now(), resolved_by=by[:64], note=note) == 1
    if settled:
        logger.info("incident.settled key=%s by=%s", key, by)
    return settled


def settle_incidents_of(
    subject_no: str, *, kinds: Iterable[Incident.Kind], by: str, note: str = ""
) -> int:
    """Say that a person took care of every open incident of these kinds; return how many."""
    open_ones = Incident.objects.filter(
        subject_no=subject_no, kind__in=list(kinds), resolved_at__isnull=True
    )
    return open_ones.update(resolved_at=now(), resolved_by=by[:64], note=note)
