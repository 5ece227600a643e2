"""Calling a person: one row per thing that is not as it should be, however often it is noticed."""

from __future__ import annotations

import logging

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
