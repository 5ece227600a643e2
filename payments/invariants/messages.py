"""Rules of messages: what became true is told, once to each; what was heard is judged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from payments.kernel.checking import CheckResult, result_of
from payments.kernel.clock import now
from payments.models import Notification, OutboxDelivery, OutboxEvent, Payment, Refund, Transfer

LATE: Final = timedelta(hours=1)


def _told(fact: str, rows: QuerySet[Any], number: str) -> CheckResult:
    event = OutboxEvent.objects.filter(key=Concat(Value(f"{fact}:"), OuterRef(number)))
    silent = rows.exclude(Exists(event)).values_list(number, flat=True)
    return result_of(
        f"I1 {fact} is told",
        rows=rows.count(),
        wrong=((found, "became true and was not told") for found in silent.iterator()),
    )


def changes_are_told() -> list[CheckResult]:
    """I1: a change of state and its fact were committed together; held money is nobody's fact."""
    refunds = Refund.objects.exclude(stage=Refund.Stage.HELD)
    return [
        _told("payment.succeeded", Payment.objects.filter(status="succeeded"), "payment_no"),
        _told("payment.failed", Payment.objects.filter(status="failed"), "payment_no"),
        _told("payment.closed", Payment.objects.filter(status="closed"), "payment_no"),
        _told("refund.succeeded", refunds.filter(status="succeeded"), "refund_no"),
        _told("transfer.succeeded", Transfer.objects.filter(status="succeeded"), "transfer_no"),
    ]


def facts_arrive() -> CheckResult:
    """I1: no fact waits longer than an hour for a listener."""
    waiting = OutboxDelivery.objects.filter(status=OutboxDelivery.Status.PENDING)
    late = waiting.filter(event__published_at__lt=now() - LATE).select_related("event")
    return result_of(
        "I1 facts arrive within an hour",
        rows=OutboxDelivery.objects.count(),
        wrong=((d.event.key, f"{d.consumer} waits: {d.error}") for d in late.iterator()),
    )


def no_fact_is_given_up() -> CheckResult:
    """I1: a fact given up needs a person."""
    dead = OutboxDelivery.objects.filter(status=OutboxDelivery.Status.DEAD).select_related("event")
    return result_of(
        "I1 no fact is given up",
        rows=OutboxDelivery.objects.count(),
        wrong=((d.event.key, f"{d.consumer} gave up: {d.error}") for d in dead.iterator()),
    )


def effects_once() -> CheckResult:
    """I2: what is delivered says when; what is not, does not."""
    is_done = Q(status=OutboxDelivery.Status.DONE)
    fits = (is_done & Q(done_at__isnull=False)) | (~is_done & Q(done_at__isnull=True))
    torn = OutboxDelivery.objects.exclude(fits)
    return result_of(
        "I2 a delivery is done once",
        rows=OutboxDelivery.objects.filter(is_done).count(),
        wrong=((str(d.pk), f"{d.consumer} is {d.status}, done at {d.done_at}") for d in torn),
    )


def notifications_are_judged() -> CheckResult:
    """I4: what an acquirer sent is judged and acted on within an hour."""
    open_ones = Notification.objects.filter(status__in=["received", "verified"])
    late = open_ones.filter(received_at__lt=now() - LATE)
    return result_of(
        "I4 notifications are acted on within an hour",
        rows=Notification.objects.count(),
        wrong=((str(n), f"{n.status} since {n.received_at:%Y-%m-%d %H:%M}") for n in late),
    )


def applied_notifications_left_evidence() -> CheckResult:
    """I4: a notification acted on shows what it said, unless the acquirer was asked instead."""
    applied = Notification.objects.filter(status="applied").exclude(error=Notification.ASKED)
    bare = applied.filter(facts__isnull=True)
    return result_of(
        "I4 a notification acted on left evidence",
        rows=applied.count(),
        wrong=((str(n), "acted on without a trace") for n in bare.iterator()),
    )


MESSAGE_RULES = (
    changes_are_told,
    facts_arrive,
    no_fact_is_given_up,
    effects_once,
    notifications_are_judged,
    applied_notifications_left_evidence,
)
