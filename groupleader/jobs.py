"""Work of the leaders' floor that runs by itself: cut statements, take silence as yes, pay."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import structlog
from django.conf import settings

from groupleader import payout_jobs
from groupleader.models import SettlementStatement
from groupleader.payout_jobs import pay_approved
from groupleader.services.settling import cut_due
from groupleader.services.statements import confirm_statement
from payments.api import Job, LinliError, each, now

log = structlog.get_logger(__name__)
Status = SettlementStatement.Status

__all__ = ["JOBS", "confirm_silent", "cut_statements", "pay_approved"]


def cut_statements(limit: int) -> Counter[str]:
    """Make the statements of periods that are over, leaders' and suppliers'; a rerun makes none."""
    return cut_due(limit)


def confirm_silent(limit: int) -> Counter[str]:
    """Take silence for LINLI_SETTLEMENT_SILENCE_DAYS days as the leader's yes."""
    since = now() - timedelta(days=settings.LINLI_SETTLEMENT_SILENCE_DAYS)
    due = SettlementStatement.objects.filter(
        status__in=SettlementStatement.ASKED, asked_at__lte=since
    )
    keys = due.order_by("asked_at", "pk").values_list("pk", flat=True)
    counts = each(keys, _take_silence, limit=limit, done="confirmed")
    counts["answered_meanwhile"] += 0
    return counts


def _take_silence(key: int) -> str:
    try:
        confirm_statement(statement=SettlementStatement.objects.get(pk=key))
    except LinliError:
        return "answered_meanwhile"
    return "confirmed"


JOBS = [
    Job(
        name="groupleader.preview_rules",
        every_seconds=5,
        function="groupleader.services.previews.run_due",
        limit=1,
    ),
    Job(
        name="groupleader.cut_statements",
        every_seconds=60,
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
