"""Work of the leaders' floor that runs by itself: cut statements, take silence as yes, pay."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings

from groupleader import payout_jobs
from groupleader.models import SettlementStatement
from groupleader.payout_jobs import pay_approved
from groupleader.services.settling import cut_due
from groupleader.services.statements import confirm_statement
from payments.api import Job, LinliError, now

log = structlog.get_logger(__name__)
Status = SettlementStatement.Status

__all__ = ["JOBS", "confirm_silent", "cut_statements", "pay_approved"]


def cut_statements(limit: int) -> dict[str, int]:
    """Make the statements of periods that are over, leaders' and suppliers'; a rerun makes none."""
    return cut_due(limit)


def confirm_silent(limit: int) -> dict[str, int]:
    """Take silence for LINLI_SETTLEMENT_SILENCE_DAYS days as the leader's yes."""
    since = now() - timedelta(days=settings.LINLI_SETTLEMENT_SILENCE_DAYS)
    due = SettlementStatement.objects.filter(
        status__in=SettlementStatement.ASKED, asked_at__lte=since
    )
    counts = {"confirmed": 0, "answered_meanwhile": 0}
    for statement in due.order_by("asked_at", "pk")[:limit]:
        try:
            confirm_statement(statement=statement)
            counts["confirmed"] += 1
        except LinliError:
            counts["answered_meanwhile"] += 1
    return counts


JOBS = [
    Job(
        name="groupleader.preview_rules",
        every_seconds=5,
        function="groupleader.services.previews.run_due",
        limit=1,
    ),
    Job(
        name="groupleader.cut_statements",
        every_seconds=600,
        function="groupleader.jobs.cut_statements",
        limit=200,
    ),
    Job(
        name="groupleader.confirm_silent",
        every_seconds=600,
        function="groupleader.jobs.confirm_silent",
        limit=500,
    ),
    *payout_jobs.JOBS,
    Job(
        name="groupleader.finish_acts",
        every_seconds=60,
        function="groupleader.services.acts.finish_due",
        limit=100,
    ),
    Job(
        name="groupleader.send_broadcasts",
        every_seconds=5,
        function="groupleader.services.broadcasts.send_broadcasts",
        limit=1000,
    ),
    Job(
        name="groupleader.forget_residents",
        every_seconds=3600,
        function="groupleader.services.neighbours.forget_residents",
        limit=1000,
    ),
]
