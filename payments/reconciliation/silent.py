"""Payments nobody could tell anything about: no bill has them, so no money came (#26)."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from payments.acquiring.contract import AcquirerError, Outcome, PayResult
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import business_date, day_bounds
from payments.models import ChannelFact, Payment
from payments.reconciliation.models import Bill, BillLine, RecordKind
from payments.reconciliation.questions import question_about
from payments.services.facts import apply_channel_fact

logger = logging.getLogger(__name__)

_SILENT: Final = (Payment.Status.UNKNOWN, Payment.Status.PENDING, Payment.Status.CLOSING)


def settle_silent_payments(limit: int = 50) -> dict[str, int]:
    """End payments without an answer that no bill of their day and the next has. Network.

    They are asked about once more; only silence leaves the word to the bill.
    """
    refuse_inside_transaction()
    counts = {"answered": 0, "ended": 0}
    for bill in _recent_bills():
        for payment in _silent_of(bill)[:limit]:
            counts["answered" if _was_answered(payment) else "ended"] += 1
    return counts


def _recent_bills() -> list[Bill]:
    """The newest trade bill of each merchant that was compared."""
    rows = Bill.objects.filter(is_current=True, kind=Bill.Kind.TRADE, matched_at__isnull=False)
    newest: dict[str, Bill] = {}
    for bill in rows.select_related("account").order_by("-day")[:50]:
        newest.setdefault(bill.merchant, bill)
    return list(newest.values())


def _silent_of(bill: Bill) -> list[Payment]:
    """Payments that ran out before this bill's day began, and are in no bill since they were sent.

    One bill that is missing may be the one that has it: then nothing is said yet.
    """
    start, _end = day_bounds(bill.day)
    first = Bill.objects.filter(merchant=bill.merchant, kind=bill.kind, is_current=True)
    since, _ = day_bounds(first.order_by("day").values_list("day", flat=True)[0])
    lines = BillLine.objects.filter(
        own_no=OuterRef("payment_no"), kind=RecordKind.PAY, bill__is_current=True
    )
    rows = Payment.objects.select_related("account").filter(
        merchant=bill.merchant,
        status__in=_SILENT,
        sent_at__gte=since,
        expires_at__lt=start,
    )
    silent = rows.exclude(Exists(lines)).order_by("pk")
    read = set(first.filter(matched_at__isnull=False).values_list("day", flat=True))
    return [payment for payment in silent if _days_of(payment, bill.day) <= read]


def _days_of(payment: Payment, last: date) -> set[date]:
    """The days on which it may have been paid, and those after, up to the newest bill's."""
    begun = business_date(payment.sent_at or payment.created_at)
    return {begun + timedelta(days=count) for count in range((last - begun).days + 1)}


def _was_answered(payment: Payment) -> bool:
    question = question_about(RecordKind.PAY, payment.payment_no)
    if question is None:
        return True
    try:
        answer = question.ask()
    except AcquirerError:
        answer = None
    if answer is not None and answer.outcome not in {Outcome.UNKNOWN, Outcome.PENDING}:
        apply_channel_fact(source=ChannelFact.Source.QUERY, account=payment.account, result=answer)
        return True
    said = PayResult(
        Outcome.FAILED, payment.payment_no, merchant_id=payment.account.merchant_id, raw={}
    )
    apply_channel_fact(source=ChannelFact.Source.BILL, account=payment.account, result=said)
    logger.warning("payment.in_no_bill payment=%s", payment.payment_no)
    return False
