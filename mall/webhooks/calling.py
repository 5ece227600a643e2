"""The runner that calls partners: each fact until they take it, ever less often, then no more."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db.models import F, Q, QuerySet

from mall.webhooks.models import Webhook, WebhookCall, new_secret
from mall.webhooks.signing import headers_of
from payments.api import LinliError, call_partner, now, transact

log = structlog.get_logger(__name__)
State = WebhookCall.State
# As Standard Webhooks recommends: quick at first, over a day in all.
_WAITS: Final = tuple(
    timedelta(seconds=n) for n in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000)
)
_LEASE: Final = timedelta(seconds=30)
# A run gives way to the other jobs after this time.
_PATIENCE: Final = timedelta(seconds=20)
_TAKEN: Final = range(200, 300)
_GONE: Final = 410


def call_due(limit: int) -> dict[str, int]:
    """Make up to ``limit`` calls that are due; a job. Network: no transaction.

    A partner hears every fact at least once; the number in webhook-id is the same every time.
    """
    at = now()
    due = WebhookCall.objects.filter(
        state__in=(State.WAITING, State.CALLING), next_at__lte=at, webhook__is_on=True
    )
    counts: Counter[str] = Counter(taken=0, again=0, given_up=0)
    silent: set[int] = set()
    for call in due.select_related("webhook").order_by("next_at", "pk")[:limit]:
        if call.webhook_id in silent:
            continue
        if now() - at > _PATIENCE:
            break
        ended = _handle(call, now())
        if ended != "taken":
            # One that does not answer would keep all others waiting.
            silent.add(call.webhook_id)
        counts[ended] += 1
    counts.pop("elsewhere", None)
    return dict(counts)


def call_again(call_ids: list[int]) -> int:
    """Let calls that were given up be made anew; by hand. Return how many."""
    rows = WebhookCall.objects.filter(pk__in=call_ids, state=State.GIVEN_UP)
    return rows.update(state=State.WAITING, tries=0, next_at=now(), why="")


@transact()
def change_secret(*, webhook_id: int) -> str:
    """Give a partner a new secret and return it; calls carry both signatures from now on."""
    secret = new_secret()
    Webhook.objects.filter(pk=webhook_id).update(old_secret=F("secret"), secret=secret)
    return secret


def forget_old_secret(*, webhook_id: int) -> None:
    """Sign with the new secret alone: the partner has changed over."""
    Webhook.objects.filter(pk=webhook_id).update(old_secret="")


def _handle(call: WebhookCall, at: datetime) -> str:
    tries = _claim(call, at)
    if not tries:
        return "elsewhere"
    hook, body = call.webhook, call.body.encode()
    secrets = [secret for secret in (hook.secret, hook.old_secret) if secret]
    headers = headers_of(call_no=call.call_no, at=at, body=body, secrets=secrets)
    try:
        status = call_partner(url=hook.url, headers=headers, body=body)
    except LinliError as error:
        return _try_later(call, at, tries=tries, why=error.code)
    if status in _TAKEN:
        _held(call, tries).update(state=State.TAKEN, status=status, taken_at=now(), why="")
        Webhook.objects.filter(pk=hook.pk).update(failing_since=None)
        return "taken"
    if status == _GONE:
        _turn_off(hook, because="gone")
    return _try_later(call, at, tries=tries, status=status)


def _claim(call: WebhookCall, at: datetime) -> int:
    """Take the call for this process and say which try it is; 0 where somebody else has it."""
    rows = WebhookCall.objects.filter(
        Q(state=State.WAITING) | Q(state=State.CALLING, next_at__lte=at),
        pk=call.pk,
        tries=call.tries,
    )
    taken = rows.update(state=State.CALLING, tries=F("tries") + 1, next_at=at + _LEASE)
    return call.tries + 1 if taken else 0


def _held(call: WebhookCall, tries: int) -> QuerySet[WebhookCall]:
    return WebhookCall.objects.filter(pk=call.pk, state=State.CALLING, tries=tries)


def _try_later(
    call: WebhookCall, at: datetime, *, tries: int, status: int | None = None, why: str = "answer"
) -> str:
    _note_failing(call.webhook, at)
    if tries > len(_WAITS):
        _held(call, tries).update(state=State.GIVEN_UP, status=status, why=why)
        log.error("webhook.given_up", call_no=call.call_no, why=why, status=status)
        return "given_up"
    next_at = at + _WAITS[tries - 1]
    _held(call, tries).update(state=State.WAITING, status=status, next_at=next_at, why=why)
    return "again"


def _note_failing(hook: Webhook, at: datetime) -> None:
    """Remember since when nothing gets through; after too long the partner is called no more."""
    Webhook.objects.filter(pk=hook.pk, failing_since=None).update(failing_since=at)
    hook.refresh_from_db(fields=["failing_since"])
    patience = timedelta(days=settings.LINLI_WEBHOOK_DAYS)
    if hook.failing_since and at - hook.failing_since >= patience:
        _turn_off(hook, because="silent")


def _turn_off(hook: Webhook, *, because: str) -> None:
    if Webhook.objects.filter(pk=hook.pk, is_on=True).update(is_on=False, off_because=because):
        log.error("webhook.turned_off", webhook_id=hook.pk, because=because)
