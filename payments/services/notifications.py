"""Receiving an acquirer's messages: stored raw, then judged, then acted on, then answered.

The answer "received" leaves only after the effect is committed. What proves nothing changes
nothing: it is kept, refused with a constant answer, and makes us ask the acquirer ourselves.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db.models import F, Q

from payments.acquiring.contract import (
    AcquirerAdapter,
    ConfigError,
    HttpReply,
    NotificationRejectedError,
    NotifiedEvent,
    RawHttp,
    Verified,
)
from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.transact import transact
from payments.models import AcquirerAccount, ChannelFact, Notification, Payment
from payments.services.accounts import adapter_of_version
from payments.services.confirming import confirm_by_question
from payments.services.evidence import own_number
from payments.services.facts import apply_channel_fact
from payments.services.schedule import next_try_at
from payments.services.stale import ask_about_ended, ask_soon

logger = logging.getLogger(__name__)

BODY_BYTES_MAX: Final = 64 * 1024
# Of a flood of false messages the first ones are evidence enough; of the rest a row is kept.
FLOOD_MESSAGES: Final = 200
FLOOD_WITHIN: Final = timedelta(minutes=1)
PROBE_GAP: Final = timedelta(seconds=60)
PROBE_PAYMENTS_MAX: Final = 20
# Headers that identify a browser or a session are nobody's evidence.
_HEADERS_LEFT_OUT: Final = frozenset({"cookie", "authorization", "proxy-authorization"})
_HEADER_CHARACTERS_MAX: Final = 1000
Status = Notification.Status
ASKED: Final = Notification.ASKED


class UnknownAccountError(LinliError):
    """No acquirer account has this code."""

    code = "unknown_account"
    http_status = 404


def receive_notification(account_code: str, raw: RawHttp) -> HttpReply:
    """Take one message in and return the exact answer its sender wants.

    Not inside a transaction: the raw bytes are committed before anybody judges them. The same
    bytes again are counted, and acted on again only if they were not yet. UnknownAccountError.
    """
    accounts = _accounts(account_code)
    if not accounts:
        raise UnknownAccountError(account=account_code)
    notification = _store(account_code, raw)
    adapter = adapter_of_version(accounts[0])
    if notification.status == Status.RECEIVED:
        _judge(notification, raw, accounts)
    if notification.status == Status.VERIFIED:
        _act(notification, raw, accounts)
    is_accepted = notification.status == Status.APPLIED
    return adapter.ack(accepted=is_accepted, reason="" if is_accepted else "refused")


def reprocess_notification(pk: int) -> str:
    """Judge and act on a stored message again, after a crash or a failure; return its status.

    A genuine message that has grown too old to be judged anew is not needed either: what it was
    about is asked of the acquirer.
    """
    notification = Notification.objects.get(pk=pk)
    accounts = _accounts(notification.account_code)
    raw = _raw(notification)
    if notification.status == Status.RECEIVED:
        _judge(notification, raw, accounts)
    if notification.status == Status.VERIFIED:
        _act(notification, raw, accounts)
    if notification.error == ASKED:
        ask_about_ended(notification.subjects)
    return notification.status


def _accounts(code: str) -> list[AcquirerAccount]:
    """Return the account's versions, the active one first; older keys still verify."""
    rows = AcquirerAccount.objects.filter(code=code)
    return list(rows.exclude(status=AcquirerAccount.Status.DISABLED).order_by("status", "-version"))


def _kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value[:_HEADER_CHARACTERS_MAX]
        for name, value in headers.items()
        if name not in _HEADERS_LEFT_OUT
    }


def _digest(raw: RawHttp) -> str:
    headers = json.dumps(_kept_headers(raw.headers), sort_keys=True).encode()
    parts = (raw.method.encode(), raw.path.encode(), raw.query, headers, raw.body)
    return hashlib.sha256(b"".join(len(p).to_bytes(8, "big") + p for p in parts)).hexdigest()


@transact()
def _store(account_code: str, raw: RawHttp) -> Notification:
    """Keep the raw bytes, once; a repetition is counted."""
    at, digest = now(), _digest(raw)
    Notification.objects.bulk_create(
        [
            Notification(
                account_code=account_code,
                digest=digest,
                copies=0,
                method=raw.method[:10],
                path=raw.path[:200],
                query=raw.query,
                headers=_kept_headers(raw.headers),
                body=raw.body,
                received_at=at,
                last_received_at=at,
                next_action_at=next_try_at(2),
            )
        ],
        ignore_conflicts=True,
    )
    rows = Notification.objects.filter(account_code=account_code, digest=digest)
    rows.update(copies=F("copies") + 1, last_received_at=at)
    return rows.get()


def _raw(notification: Notification) -> RawHttp:
    return RawHttp(
        method=notification.method,
        path=notification.path,
        query=bytes(notification.query),
        headers=notification.headers,
        body=bytes(notification.body),
    )


def _verified(
    raw: RawHttp, accounts: list[AcquirerAccount]
) -> tuple[AcquirerAccount, AcquirerAdapter, Verified]:
    """Return who proves the message; NotificationRejectedError with the newest keys' reason."""
    refused: NotificationRejectedError | None = None
    for account in accounts:
        try:
            adapter = adapter_of_version(account)
            return account, adapter, adapter.verify_notification(raw)
        except NotificationRejectedError as error:
            refused = refused or error
        except ConfigError:
            logger.exception("notification.account_unusable account=%s", account)
    raise refused or NotificationRejectedError("no usable account", reason="serial")


def _judge(notification: Notification, raw: RawHttp, accounts: list[AcquirerAccount]) -> None:
    """Write down whether the message proves its sender, and what it is about."""
    try:
        account, adapter, verified = _verified(raw, accounts)
        events = adapter.parse_notification(verified)
    except NotificationRejectedError as error:
        _reject(notification, error.reason)
        return
    _update(
        notification,
        status=Status.VERIFIED,
        account_version=account.version,
        event_id=verified.event_id[:128],
        key_serial=verified.key_serial[:128],
        subjects=[_subject(event) for event in events],
        judged_at=now(),
        next_action_at=next_try_at(0),
    )


def _subject(event: NotifiedEvent) -> list[str]:
    number = "" if event.result is None else _number(event)
    return [str(event.kind), number[:64]]


def _number(event: NotifiedEvent) -> str:
    return own_number(event.result) if _is_ours_to_hear(event) else ""  # type: ignore[arg-type]


def _is_ours_to_hear(event: NotifiedEvent) -> bool:
    kinds = {"pay", "refund", "agreement", "transfer", "split"}
    return event.kind in kinds and event.result is not None


def _reject(notification: Notification, reason: str) -> None:
    """Keep it, refuse it, and ask the acquirer ourselves about what is open (#23)."""
    logger.warning("notification.rejected account=%s reason=%s", notification.account_code, reason)
    emptied = {"body": b"", "query": b"", "headers": {}} if _is_one_of_a_flood(notification) else {}
    _update(
        notification,
        **emptied,
        status=Status.REJECTED,
        reject_reason=reason[:20],
        judged_at=now(),
        next_action_at=None,
    )
    probe_open_payments(notification.account_code)


def _is_one_of_a_flood(notification: Notification) -> bool:
    """Tell whether most of the last messages prove nothing, within a minute: no disk is filled.

    Only so many rows are looked at, however long the flood has been going on.
    """
    last = Notification.objects.filter(
        pk__gte=notification.pk - FLOOD_MESSAGES,
        pk__lt=notification.pk,
        status=Status.REJECTED,
        received_at__gte=now() - FLOOD_WITHIN,
    )
    return last.count() * 2 >= FLOOD_MESSAGES


@transact()
def probe_open_payments(account_code: str) -> int:
    """Bring the next question about open payments forward; at most once a minute per account.

    A false message may be all that is left of a true one. Returns how many will be asked about.
    """
    at = now()
    free = Q(probed_at__isnull=True) | Q(probed_at__lte=at - PROBE_GAP)
    rows = AcquirerAccount.objects.filter(
        free, code=account_code, status=AcquirerAccount.Status.ACTIVE
    )
    if not rows.update(probed_at=at):
        return 0
    waiting = Payment.objects.filter(
        account__code=account_code,
        status__in=[Payment.Status.PENDING, Payment.Status.UNKNOWN],
        next_action_at__gt=at,
    )
    chosen = list(waiting.order_by("-pk").values_list("pk", flat=True)[:PROBE_PAYMENTS_MAX])
    return Payment.objects.filter(pk__in=chosen, next_action_at__gt=at).update(next_action_at=at)


def _act(notification: Notification, raw: RawHttp, accounts: list[AcquirerAccount]) -> None:
    """Do what a genuine message says, in one transaction with writing down that it was done."""
    try:
        account, adapter, verified = _verified(raw, accounts)
        events = adapter.parse_notification(verified)
        if adapter.caps.notifications_need_query:
            events = confirm_by_question(events, tries=notification.tries)
        _apply(notification, account, events, kept=adapter.kept_form(raw))
    except NotificationRejectedError:
        _ask_instead(notification)
    except Exception as error:
        logger.exception("notification.failed notification=%s", notification.pk)
        _update(
            notification,
            tries=notification.tries + 1,
            error=f"{type(error).__name__}: {error}"[:500],
            next_action_at=next_try_at(notification.tries),
        )


@transact()
def _apply(
    notification: Notification,
    account: AcquirerAccount,
    events: list[NotifiedEvent],
    *,
    kept: RawHttp,
) -> None:
    for event in events:
        if _is_ours_to_hear(event):
            apply_channel_fact(
                source=ChannelFact.Source.NOTIFY,
                account=account,
                result=event.result,  # type: ignore[arg-type]
                notification=notification,
            )
    _update(
        notification,
        status=Status.APPLIED,
        applied_at=now(),
        next_action_at=None,
        error="",
        query=kept.query,
        body=kept.body,
    )


@transact()
def _ask_instead(notification: Notification) -> None:
    """It was genuine when it came but is too old to be judged anew: a question is as good."""
    ask_soon(notification.subjects)
    _update(notification, status=Status.APPLIED, applied_at=now(), next_action_at=None, error=ASKED)


def _update(notification: Notification, **changes: object) -> None:
    Notification.objects.filter(pk=notification.pk).update(**changes)
    for name, value in changes.items():
        setattr(notification, name, value)
