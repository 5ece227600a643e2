"""Work of paying out that runs by itself: transfers started, banks' answers carried out."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Q, QuerySet

from groupleader.models import SettlementStatement
from groupleader.services.batch_results import apply_answers, close_decided
from groupleader.services.payouts import pay_statement
from groupleader.services.split_payouts import ask_planned, share_due
from payments.api import Job, LinliError, each, now

log = structlog.get_logger(__name__)


def pay_approved(limit: int) -> Counter[str]:
    """Start the transfer of approved statements whose party has an account that has cooled.

    Each is read as it stands in its turn: the bank's answers to those before take their time. Where
    the operator pays by the bank's batch files (LINLI_PAYOUT_METHOD), a person makes them.
    """
    if settings.LINLI_FUNDS_MODE == "SPLIT" or settings.LINLI_PAYOUT_METHOD != "transfer":
        return Counter(started=0, refused=0)
    keys = payable_now().values_list("pk", flat=True)
    counts = each(keys, _start, limit=limit, done="started")
    counts["refused"] += 0
    return counts


def _start(key: int) -> str:
    statement = SettlementStatement.objects.select_related("leader", "supplier").get(pk=key)
    try:
        pay_statement(statement=statement)
    except LinliError as refusal:
        log.warning("payout.not_started", statement_no=statement.statement_no, code=refusal.code)
        return "refused"
    return "started"


def payable_now() -> QuerySet[SettlementStatement]:
    """Return approved statements that nothing keeps from being paid, oldest approval first."""
    cooled = now() - timedelta(hours=settings.LINLI_PAYEE_COOLING_HOURS)
    rows = SettlementStatement.objects.filter(
        status=SettlementStatement.Status.APPROVED, net_minor__gt=0
    )
    return (
        rows.filter(_has_account("leader", cooled) | _has_account("supplier", cooled))
        .select_related("leader", "supplier")
        .order_by("approved_at", "pk")
    )


def _has_account(party: str, cooled: datetime) -> Q:
    is_cool = Q(**{f"{party}__payee_changed_at__isnull": True}) | Q(
        **{f"{party}__payee_changed_at__lte": cooled}
    )
    has_one = Q(**{f"{party}__isnull": False}) & ~Q(**{f"{party}__payee_account_sealed": ""})
    return has_one & is_cool & Q(**{f"{party}__payee_frozen_at__isnull": True})


def carry_out_answers(limit: int) -> dict[str, int]:
    """Carry out what banks answered in result files, and close batches that are decided."""
    return {**apply_answers(limit), **close_decided(limit)}


def share_out(limit: int) -> dict[str, int]:
    """In split mode: begin the shares of approved statements and ask the acquirer for them."""
    return {**share_due(limit), **ask_planned(limit)}


JOBS = [
    Job(
        name="groupleader.share_out",
        every_seconds=30,
        function="groupleader.payout_jobs.share_out",
        limit=200,
    ),
    Job(
        name="groupleader.pay_approved",
        every_seconds=30,
        function="groupleader.payout_jobs.pay_approved",
        limit=50,
    ),
    Job(
        name="groupleader.carry_out_runs",
        every_seconds=2,
        function="groupleader.services.desk_runs.carry_out_runs",
        limit=20,
    ),
    Job(
        name="groupleader.carry_out_answers",
        every_seconds=5,
        function="groupleader.payout_jobs.carry_out_answers",
        limit=200,
    ),
]
