"""After the storm: time passes, everything comes to rest, and both sides' books are compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from django.db import DatabaseError
from django.db.models import F, Sum

from mall.config import runner
from mall.ordering.models import OrderFulfilment, Status
from payments.api import balance, now
from payments.ledger.balances import balances_by_label
from payments.models import JournalTransaction, Notification, OutboxDelivery, Payment, Refund
from tests.waiting import until

OPEN_PAYMENT = ("created", "sent", "pending", "unknown", "closing")
OPEN_REFUND = ("created", "sent", "processing", "unknown")
_HOURS = timedelta(hours=1)


def come_to_rest(seconds: float) -> None:
    """Let an hour pass again and again until nothing is under way any more.

    Times in rows are set back instead of waiting: who asks when, and which silence counts as an
    answer, is for the jobs to find out; the worker does them, and so do we beside it.
    """
    until(_is_at_rest, seconds, "rest", every=1)


def _is_at_rest() -> bool:
    try:
        _let_an_hour_pass()
        runner.run_once()
        return not any(_unrest().values())
    except DatabaseError:
        return False


def _let_an_hour_pass() -> None:
    due = {"next_action_at": now()}
    payments = Payment.objects.filter(status__in=OPEN_PAYMENT)
    payments.filter(sent_at__isnull=False).update(sent_at=F("sent_at") - _HOURS)
    payments.filter(queried_at__isnull=False).update(queried_at=F("queried_at") - _HOURS)
    payments.update(expires_at=F("expires_at") - _HOURS, **due)
    refunds = Refund.objects.filter(status__in=OPEN_REFUND)
    refunds.filter(sent_at__isnull=False).update(sent_at=F("sent_at") - _HOURS)
    refunds.update(updated_at=F("updated_at") - _HOURS, **due)
    OutboxDelivery.objects.filter(status="pending").update(available_at=now())
    Notification.objects.filter(status__in=["received", "verified"]).update(**due)
    unpaid = OrderFulfilment.objects.filter(status=Status.PENDING_PAYMENT)
    unpaid.update(expires_at=F("expires_at") - _HOURS)


def _unrest() -> dict[str, int]:
    return {
        "payments": Payment.objects.filter(status__in=OPEN_PAYMENT).count(),
        "refunds": Refund.objects.filter(status__in=OPEN_REFUND).count(),
        "facts": OutboxDelivery.objects.filter(status="pending").count(),
        "messages": Notification.objects.filter(status__in=["received", "verified"]).count(),
        "orders": OrderFulfilment.objects.filter(status=Status.PENDING_PAYMENT).count(),
    }


def differences(acquirers_books: Path) -> Iterator[str]:
    """Compare the acquirer's own books with ours, number by number, and name what differs."""
    theirs = _orders_at(acquirers_books)
    ours = {row.payment_no: row for row in Payment.objects.all()}
    given_back = dict(
        Refund.objects.filter(status="succeeded")
        .order_by()
        .values_list("payment__payment_no")
        .annotate(back=Sum("resident_minor"))
    )
    for number, (received, refunded) in theirs.items():
        payment = ours.get(number)
        if payment is None:
            yield f"{number}: the acquirer has {received}, we have no such payment"
        elif payment.captured_minor != received:
            yield f"{number}: the acquirer got {received}, we booked {payment.captured_minor}"
        elif payment.application not in {"applied", "surplus"} and received:
            yield f"{number}: {received} came and is {payment.application}"
        elif given_back.get(number, 0) != refunded:
            yield f"{number}: refunded {refunded} there, {given_back.get(number, 0)} here"
    for number, payment in ours.items():
        if payment.captured_minor and number not in theirs:
            yield f"{number}: we booked {payment.captured_minor}, the acquirer knows nothing"
    yield from _paid_orders_are_paid(ours)
    yield from _clearing(acquirers_books)


def _orders_at(books: Path) -> dict[str, tuple[int, int]]:
    with closing(sqlite3.connect(f"file:{books}?mode=ro", uri=True)) as read:
        rows = read.execute("SELECT our_no, received_minor, refunded_minor FROM orders")
        return {number: (received, refunded) for number, received, refunded in rows}


def _paid_orders_are_paid(ours: dict[str, Payment]) -> Iterator[str]:
    """Each order with money applied is an order that is kept, or was given back whole."""
    orders = {order.order_no: order for order in OrderFulfilment.objects.all()}
    applied = [p for p in ours.values() if p.application == "applied"]
    if len({p.reference for p in applied}) != len(applied):
        yield "an order was paid for twice"
    prepaid = {reference: -minor for (_, reference), minor in balances_by_label("2101").items()}
    for payment in applied:
        order = orders[payment.reference]
        is_kept = order.status in {Status.PAID, Status.CONFIRMED}
        is_whole_back = payment.refund_committed_minor == payment.captured_minor
        if is_kept == is_whole_back:
            yield f"{order}: {order.status}, {payment.refund_committed_minor} given back"
        owed = prepaid.get(order.order_no, 0)
        if owed != (order.goods_minor if is_kept else 0):
            yield f"{order}: {order.status}, the books owe {owed}"
    captures = JournalTransaction.objects.filter(ref__startswith="capture:").count()
    if captures != len(applied):
        yield f"{captures} captures in the books for {len(applied)} payments"


def _clearing(books: Path) -> Iterator[str]:
    """What the acquirer says it keeps for us is what our clearing account says."""
    with closing(sqlite3.connect(f"file:{books}?mode=ro", uri=True)) as read:
        (pending,) = read.execute("SELECT SUM(pending_minor) FROM merchants").fetchone()
    if pending != balance("1101"):
        yield f"the acquirer keeps {pending}, our clearing says {balance('1101')}"
