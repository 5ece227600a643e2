"""What the small bank does by itself: send, ask, close, give back, pay out, deliver.

Each job takes a bounded batch of rows that are due, does one step per row under that row's own
claim, and may run in many processes at once. Rows are the queue: a lost run loses nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from payments.api import drive_close, refresh_payment, send_payment
from payments.kernel.clock import now
from payments.kernel.jobs import Job
from payments.kernel.transact import transact
from payments.ledger.sealing import seal_due
from payments.models import (
    CardAgreement,
    Notification,
    Payment,
    Refund,
    Split,
    SplitReturn,
    Transfer,
)
from payments.outbox import deliver_pending
from payments.services.agreements import finish_binding, review_tied_cards
from payments.services.notifications import reprocess_notification
from payments.services.payments import request_close
from payments.services.probing import due_probes, probe_account
from payments.services.refunds import send_refund
from payments.services.schedule import EXPIRY_GRACE
from payments.services.share_sending import send_split_return
from payments.services.splits import send_split
from payments.services.transfers import refresh_transfer, send_transfer
from payments.services.tying_limits import forget_allowances

logger = logging.getLogger(__name__)

P = Payment.Status


def send_queued(limit: int = 100) -> dict[str, int]:
    """Send payments again that provably reached nobody, or that the acquirer never saw."""
    rows = Payment.objects.filter(status=P.CREATED, next_action_at__lte=now())
    numbers = _numbers(rows, "payment_no", limit)
    return _each(numbers, lambda no: send_payment(no).view.status)


def ask_about_payments(limit: int = 100) -> dict[str, int]:
    """Ask what became of payments that were sent and are not over."""
    rows = Payment.objects.filter(
        status__in=[P.SENT, P.PENDING, P.UNKNOWN], next_action_at__lte=now()
    )
    return _each(_numbers(rows, "payment_no", limit), lambda no: refresh_payment(no).status)


def drive_closings(limit: int = 100) -> dict[str, int]:
    """Do a round of closing for each payment that is being closed."""
    rows = Payment.objects.filter(status=P.CLOSING, next_action_at__lte=now())
    return _each(_numbers(rows, "payment_no", limit), lambda no: drive_close(no).status)


def expire_payments(limit: int = 100) -> dict[str, int]:
    """Start to close payments whose time has passed."""
    rows = Payment.objects.filter(
        status__in=[P.CREATED, P.SENT, P.PENDING, P.UNKNOWN],
        expires_at__lte=now() - EXPIRY_GRACE,
    ).order_by("expires_at")
    return _each(list(rows.values_list("payment_no", flat=True)[:limit]), _expire)


@transact()
def _expire(payment_no: str) -> str:
    return request_close(payment_no, reason="expired").status


def run_refunds(limit: int = 100) -> dict[str, int]:
    """Send refunds that were promised, and ask about those that were sent."""
    rows = Refund.objects.filter(next_action_at__lte=now())
    return _each(_numbers(rows, "refund_no", limit), lambda no: send_refund(no).status)


def run_transfers(limit: int = 100) -> dict[str, int]:
    """Send transfers that were created, and ask about those that were sent."""
    rows = Transfer.objects.filter(next_action_at__lte=now())
    return _each(_numbers(rows, "transfer_no", limit), _run_transfer)


def _run_transfer(transfer_no: str) -> str:
    before = Transfer.objects.get(transfer_no=transfer_no).status
    if before == Transfer.Status.APPROVED:
        return send_transfer(transfer_no).status
    return refresh_transfer(transfer_no).status


def run_splits(limit: int = 100) -> dict[str, int]:
    """Send splits that were promised, ask about those that were sent, release what is left."""
    rows = Split.objects.filter(next_action_at__lte=now())
    return _each(_numbers(rows, "split_no", limit), lambda no: send_split(no).status)


def run_split_returns(limit: int = 100) -> dict[str, int]:
    """Ask for shares back, and what became of those asked for."""
    rows = SplitReturn.objects.filter(next_action_at__lte=now())
    return _each(_numbers(rows, "return_no", limit), lambda no: send_split_return(no).status)


def run_agreements(limit: int = 100) -> dict[str, int]:
    """Ask how signings stand, and finish untying at the acquirer."""
    rows = CardAgreement.objects.filter(next_action_at__lte=now())
    return _each(_numbers(rows, "agreement_no", limit), lambda no: finish_binding(no).status)


def review_cards(limit: int = 100) -> dict[str, int]:
    """Have cards asked about that are past their time or long in doubt; forget old counters."""
    return {"asked_about": review_tied_cards(limit), "forgotten": forget_allowances(limit)}


def process_notifications(limit: int = 100) -> dict[str, int]:
    """Judge and act on stored messages that a crash or a failure left behind."""
    rows = Notification.objects.filter(next_action_at__lte=now()).order_by("next_action_at")
    return _each(list(rows.values_list("pk", flat=True)[:limit]), reprocess_notification)


def probe_acquirers(limit: int = 20) -> dict[str, int]:
    """Ask accounts that are out of order whether they answer again."""
    return _each(due_probes(limit), probe_account)


def deliver_outbox(limit: int = 100) -> dict[str, int]:
    """Tell the floors above what they have not heard yet."""
    return deliver_pending(limit)


def seal_days(limit: int = 31) -> dict[str, int]:
    """Close the days of the books that are over."""
    return seal_due(limit)


def _numbers(rows: QuerySet[Any], column: str, limit: int) -> list[str]:
    return list(rows.order_by("next_action_at").values_list(column, flat=True)[:limit])


def _each(numbers: list[str] | list[int], step: Callable[..., str]) -> dict[str, int]:
    """Do one step per row; a row that goes wrong does not stop the others."""
    counts: Counter[str] = Counter()
    for number in numbers:
        try:
            counts[step(number)] += 1
        except Exception:
            logger.exception("job.step_failed number=%s", number)
            counts["error"] += 1
            connection.close_if_unusable_or_obsolete()
    return dict(counts)


JOBS: Final = [
    Job(name="payments.deliver_outbox", every_seconds=2, function="payments.jobs.deliver_outbox"),
    Job(name="payments.run_refunds", every_seconds=2, function="payments.jobs.run_refunds"),
    Job(name="payments.run_splits", every_seconds=3, function="payments.jobs.run_splits"),
    Job(
        name="payments.run_split_returns",
        every_seconds=3,
        function="payments.jobs.run_split_returns",
    ),
    Job(name="payments.run_transfers", every_seconds=3, function="payments.jobs.run_transfers"),
    Job(name="payments.send_queued", every_seconds=3, function="payments.jobs.send_queued"),
    Job(
        name="payments.ask_about_payments",
        every_seconds=3,
        function="payments.jobs.ask_about_payments",
    ),
    Job(name="payments.drive_closings", every_seconds=3, function="payments.jobs.drive_closings"),
    Job(
        name="payments.process_notifications",
        every_seconds=5,
        function="payments.jobs.process_notifications",
    ),
    Job(name="payments.probe_acquirers", every_seconds=5, function="payments.jobs.probe_acquirers"),
    Job(name="payments.seal_days", every_seconds=600, function="payments.jobs.seal_days", limit=31),
    Job(name="payments.run_agreements", every_seconds=10, function="payments.jobs.run_agreements"),
    Job(name="payments.review_cards", every_seconds=300, function="payments.jobs.review_cards"),
    Job(
        name="payments.expire_payments", every_seconds=15, function="payments.jobs.expire_payments"
    ),
]
