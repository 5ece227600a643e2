"""The runner that brings messages to telephones: one at a time, tried again when it failed."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db.models import F, Q, QuerySet

from mall.messaging.channels import Letter, NotSentError, carrier_of
from mall.messaging.kinds import KINDS
from mall.messaging.models import Delivery
from mall.messaging.wording import words_of
from payments.api import business_date, day_bounds, local, now

log = structlog.get_logger(__name__)
State = Delivery.State
_WAITS: Final = tuple(timedelta(minutes=n) for n in (1, 5, 30, 120, 360))
# Longer than any carrier is waited for: whoever holds it longer was killed.
_LEASE: Final = timedelta(minutes=2)
# A run gives way to the other jobs after this time.
_PATIENCE: Final = timedelta(seconds=30)


def send_due(limit: int) -> dict[str, int]:
    """Send up to ``limit`` messages that are due; a job. Network: no transaction.

    A message is sent at least once: if the process dies between the carrier's answer and our note
    of it, it goes out again after two minutes.
    """
    at = now()
    due = Delivery.objects.filter(state__in=(State.WAITING, State.SENDING), next_at__lte=at)
    counts: Counter[str] = Counter(sent=0, again=0, given_up=0, left_out=0)
    rows = due.order_by("next_at", "pk").select_related("message")[:limit]
    for delivery in rows:
        if now() - at > _PATIENCE:
            break
        counts[_handle(delivery, now())] += 1
    counts.pop("taken", None)
    return dict(counts)


def send_again(delivery_ids: list[int]) -> int:
    """Let messages that were given up be tried anew; by hand. Return how many."""
    rows = Delivery.objects.filter(pk__in=delivery_ids, state=State.FAILED)
    return rows.update(state=State.WAITING, tries=0, next_at=now(), why="")


def _handle(delivery: Delivery, at: datetime) -> str:
    kind = KINDS.get(delivery.message.kind)
    is_urgent = kind is None or kind.is_urgent
    if delivery.state == State.WAITING and not is_urgent and _has_had_enough(delivery.address, at):
        return _leave_out(delivery)
    tries = _claim(delivery, at)
    if not tries:
        return "taken"
    words = words_of(
        delivery.message.kind, delivery.message.values, language=settings.LANGUAGE_CODE
    )
    letter = Letter(
        address=delivery.address,
        title=words.title,
        body=words.body,
        link=delivery.message.link,
    )
    try:
        carrier_of(delivery.channel).send(letter)
    except (NotSentError, ValueError) as error:
        why = getattr(error, "code", type(error).__name__)
        return _try_later(delivery, at, tries=tries, why=why)
    _held(delivery, tries).update(state=State.SENT, sent_at=now(), why="")
    return "sent"


def _claim(delivery: Delivery, at: datetime) -> int:
    """Take the message for this process and say which try it is; 0 where somebody else has it."""
    rows = Delivery.objects.filter(
        Q(state=State.WAITING) | Q(state=State.SENDING, next_at__lte=at),
        pk=delivery.pk,
        tries=delivery.tries,
    )
    taken = rows.update(state=State.SENDING, tries=F("tries") + 1, next_at=at + _LEASE)
    return delivery.tries + 1 if taken else 0


def _held(delivery: Delivery, tries: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, tries=tries)


def _try_later(delivery: Delivery, at: datetime, *, tries: int, why: str) -> str:
    if tries > len(_WAITS):
        _held(delivery, tries).update(state=State.FAILED, why=why)
        log.error("message.given_up", kind=delivery.message.kind, why=why)
        return "given_up"
    _held(delivery, tries).update(state=State.WAITING, next_at=at + _WAITS[tries - 1], why=why)
    return "again"


def _has_had_enough(address: str, at: datetime) -> bool:
    """Tell whether a telephone rang as often today as we allow ourselves."""
    begin, end = day_bounds(business_date(local(at)))
    today = Delivery.objects.filter(address=address, sent_at__gte=begin, sent_at__lt=end)
    return today.count() >= settings.LINLI_MESSAGES_A_DAY


def _leave_out(delivery: Delivery) -> str:
    left = Delivery.objects.filter(pk=delivery.pk, state=State.WAITING)
    left.update(state=State.LEFT_OUT, why="enough_for_today")
    return "left_out"
