"""Telling the floors above what became true: at least once on the wire, once in effect.

A fact is a row written by the transaction that made it true, and one delivery row per listener.
The process that committed it delivers at once; what fails or was cut off, the runner delivers.
Each delivery is one transaction: the row is claimed, the listener acts, the row is done, or none
of it. Facts of one aggregate reach a listener in the order they became true.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef

from payments.incidents import report_incident
from payments.kernel.clock import now
from payments.kernel.errors import NotInTransactionError
from payments.kernel.transact import transact
from payments.models import Incident, OutboxDelivery, OutboxEvent

logger = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any]], None]

TRIES_MAX: Final = 12
_BACKOFF_FIRST_SECONDS: Final = 2
_BACKOFF_MAX_SECONDS: Final = 3600
_listeners: dict[str, dict[str, Handler]] = {}


class _TooEarlyError(Exception):
    """An earlier fact of the same aggregate has not reached this listener yet."""


def subscribe(fact: str, consumer: str, handler: Handler) -> None:
    """Let `handler(payload)` hear every fact of this name; called from AppConfig.ready.

    `consumer` is a stable name ("ordering.mark_paid"): the delivery rows carry it. ValueError when
    another handler already listens under that name.
    """
    known = _listeners.setdefault(fact, {}).setdefault(consumer, handler)
    if known is not handler:
        raise ValueError(f"{consumer} already listens to {fact} with another handler")


def publish(fact: str, *, key: str, aggregate: str, payload: Mapping[str, Any]) -> None:
    """Write down a fact with the change that makes it true, for everyone who subscribed.

    `key` names this one occurrence ("payment.succeeded:P26…"); `aggregate` is the thing whose
    facts keep their order (an order number). NotInTransactionError outside a transaction: it would
    announce what may not happen. IntegrityError when the key was published before.
    """
    if not connection.in_atomic_block:
        raise NotInTransactionError(f"{fact} must be published with the change that makes it true")
    at = now()
    event = OutboxEvent.objects.create(
        key=key, fact=fact, aggregate=aggregate, payload=dict(payload), published_at=at
    )
    consumers = _listeners.get(fact, {})
    if not consumers:
        return
    OutboxDelivery.objects.bulk_create(
        OutboxDelivery(event=event, consumer=consumer, aggregate=aggregate, available_at=at)
        for consumer in consumers
    )
    transaction.on_commit(partial(_deliver_aggregate, aggregate), robust=True)


def deliver_pending(limit: int = 100) -> dict[str, int]:
    """Deliver what is due, earliest first, until nothing is due or `limit` rows were touched.

    Returns how many deliveries ended as done, failed (to be tried again), dead or skipped.
    """
    counts: Counter[str] = Counter()
    touched: set[int] = set()
    while len(touched) < limit:
        due = _due().exclude(_waits_for_another()).exclude(pk__in=touched)
        batch = list(due.values_list("pk", flat=True)[: limit - len(touched)])
        if not batch:
            break
        for pk in batch:
            counts[_deliver(pk)] += 1
        touched.update(batch)
    return dict(counts)


def _due() -> Any:
    pending = OutboxDelivery.objects.filter(
        status=OutboxDelivery.Status.PENDING, available_at__lte=now()
    )
    return pending.order_by("event_id", "pk")


def _waits_for_another() -> Exists:
    """Leave out what an earlier fact holds back: many of those must not crowd out the rest."""
    earlier = OutboxDelivery.objects.filter(
        aggregate=OuterRef("aggregate"),
        consumer=OuterRef("consumer"),
        status=OutboxDelivery.Status.PENDING,
        event_id__lt=OuterRef("event_id"),
    )
    return Exists(earlier)


def _deliver_aggregate(aggregate: str) -> None:
    for pk in list(_due().filter(aggregate=aggregate).values_list("pk", flat=True)):
        _deliver(pk)


def _deliver(pk: int) -> str:
    """Try one delivery; say what became of it."""
    try:
        return "done" if _perform(pk) else "skipped"
    except _TooEarlyError:
        return "skipped"
    except Exception as error:  # a listener's failure is not ours
        logger.warning("outbox.delivery_failed delivery=%s", pk, exc_info=True)
        return _put_off(pk, f"{type(error).__name__}: {error}"[:500])


@transact()
def _perform(pk: int) -> bool:
    """Claim, act and finish in one transaction; False where somebody else did or does."""
    delivery = OutboxDelivery.objects.select_related("event").get(pk=pk)
    event = delivery.event
    rows = OutboxDelivery.objects.filter(pk=pk, status=OutboxDelivery.Status.PENDING)
    if not rows.update(status=OutboxDelivery.Status.DONE, done_at=now(), tries=F("tries") + 1):
        return False
    waiting = OutboxDelivery.objects.filter(
        aggregate=delivery.aggregate,
        consumer=delivery.consumer,
        status=OutboxDelivery.Status.PENDING,
        event_id__lt=delivery.event_id,
    )
    if waiting.exists():
        raise _TooEarlyError
    _listeners[event.fact][delivery.consumer](event.payload)
    return True


@transact()
def _put_off(pk: int, error: str) -> str:
    """Try again later, ever later; after TRIES_MAX give up and call a person."""
    delivery = OutboxDelivery.objects.select_related("event").get(pk=pk)
    tries = delivery.tries + 1
    seconds = min(_BACKOFF_FIRST_SECONDS * 2**tries, _BACKOFF_MAX_SECONDS)
    is_over = tries >= TRIES_MAX
    status = OutboxDelivery.Status.DEAD if is_over else OutboxDelivery.Status.PENDING
    moved = OutboxDelivery.objects.filter(
        pk=pk, status=OutboxDelivery.Status.PENDING, tries=delivery.tries
    ).update(
        status=status, tries=tries, available_at=now() + timedelta(seconds=seconds), error=error
    )
    if not moved:
        return "skipped"
    if is_over:
        key = f"{delivery.event.key}:{delivery.consumer}"
        report_incident(
            Incident.Kind.DEAD_LETTER, key=key, subject_no=delivery.aggregate, error=error
        )
    return "dead" if is_over else "failed"
