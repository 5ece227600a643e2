"""Work of the leaders' floor that runs by itself: cut statements, take silence as yes, pay."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import Q, Sum

from groupleader.errors import NothingToSettleError
from groupleader.models import CommissionAccrual, Leader, SettlementStatement
from groupleader.services.payouts import pay_statement
from groupleader.services.periods import last_period
from groupleader.services.statements import confirm_statement, cut_statement
from payments.api import Job, LinliError, now

log = structlog.get_logger(__name__)
Status = SettlementStatement.Status


def cut_statements(limit: int) -> dict[str, int]:
    """Cut last period's statement of every leader with something to settle; a rerun cuts none."""
    period = last_period(settings.LINLI_SETTLEMENT_PERIOD, now())
    due = (
        Leader.objects.filter(
            accruals__status=CommissionAccrual.Status.AVAILABLE,
            accruals__available_at__lt=period.until,
        )
        .exclude(statements__period=period.label)
        .annotate(open_minor=Sum("accruals__amount_minor"))
        .filter(open_minor__gt=0)
        .order_by("pk")[:limit]
    )
    counts = {"cut": 0, "carried_over": 0}
    for leader in due:
        try:
            cut_statement(leader=leader, period=period)
            counts["cut"] += 1
        except NothingToSettleError:
            counts["carried_over"] += 1
    return counts


def confirm_silent(limit: int) -> dict[str, int]:
    """Take silence for LINLI_SETTLEMENT_SILENCE_DAYS days as the leader's yes."""
    since = now() - timedelta(days=settings.LINLI_SETTLEMENT_SILENCE_DAYS)
    due = SettlementStatement.objects.filter(status__in=SettlementStatement.ASKED, asked_at__lte=since)
    counts = {"confirmed": 0, "answered_meanwhile": 0}
    for statement in due.order_by("asked_at", "pk")[:limit]:
        try:
            confirm_statement(statement=statement)
            counts["confirmed"] += 1
        except LinliError:
            counts["answered_meanwhile"] += 1
    return counts


def pay_approved(limit: int) -> dict[str, int]:
    """Start the payout of approved statements whose leader has an account that has cooled."""
    cooled = now() - timedelta(hours=settings.LINLI_PAYEE_COOLING_HOURS)
    counts = {"started": 0, "refused": 0}
    if settings.LINLI_FUNDS_MODE == "SPLIT":
        return counts
    due = (
        SettlementStatement.objects.filter(status=Status.APPROVED)
        .exclude(leader__payee_account_sealed="")
        .filter(Q(leader__payee_changed_at__isnull=True) | Q(leader__payee_changed_at__lte=cooled))
        .select_related("leader")
        .order_by("approved_at", "pk")
    )
    for statement in due[:limit]:
        try:
            pay_statement(statement=statement)
            counts["started"] += 1
        except LinliError as refusal:
            log.warning(
                "payout.not_started", statement_no=statement.statement_no, code=refusal.code
            )
            counts["refused"] += 1
    return counts


JOBS = [
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
    Job(
        name="groupleader.pay_approved",
        every_seconds=30,
        function="groupleader.jobs.pay_approved",
        limit=50,
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
