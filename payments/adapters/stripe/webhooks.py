"""Stripe's messages: who signed them, when, and what they report. Pure.

`Stripe-Signature: t=…,v1=…[,v1=…]`, each v1 an HMAC-SHA256 over `t.body` with one of the endpoint's
secrets (docs.stripe.com/webhooks#verify-manually); while a secret is rotated there are two. Nothing
in a message names our account: a secret belongs to one endpoint of one account, so the secret is
what proves the merchant; beside it, the message's mode (live or test) must be our key's.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from payments.acquiring.contract import (
    AgreementResult,
    Evidence,
    NotificationRejectedError,
    NotifiedEvent,
    NotifyKind,
    Outcome,
    PayResult,
    RawHttp,
    RefundResult,
)
from payments.adapters.stripe.cards import read_card
from payments.adapters.stripe.codes import failure_of
from payments.adapters.stripe.messages import number_of, read_intent, read_refund
from payments.adapters.stripe.pages import read_page
from payments.adapters.stripe.wire import Keys, Profile

FRESH_SECONDS: Final = 300
_SIGNATURES_MAX: Final = 20

Result = PayResult | RefundResult | AgreementResult
# The events that move money or cards. All others are received, kept and do nothing.
PAY_EVENTS: Final = frozenset(
    f"payment_intent.{what}"
    for what in ("succeeded", "payment_failed", "canceled", "processing", "requires_action")
)
PAGE_EVENTS: Final = frozenset(
    f"checkout.session.{what}"
    for what in ("completed", "expired", "async_payment_succeeded", "async_payment_failed")
)
REFUND_EVENTS: Final = frozenset(
    {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}
)
CARD_EVENTS: Final = frozenset(
    f"payment_method.{what}" for what in ("detached", "updated", "automatically_updated")
)


def open_notification(keys: Keys, raw: RawHttp, now: datetime) -> Evidence:
    """Check freshness (±300 s) and signature; NotificationRejectedError with the reason."""
    stamp, signatures = _read_header(raw.headers.get("stripe-signature", ""))
    if abs(now.timestamp() - int(stamp)) > FRESH_SECONDS:
        raise NotificationRejectedError("the message is not of now", reason="stale")
    signed_with = _who_signed(keys, stamp, raw.body, signatures=signatures)
    if signed_with is None:
        raise NotificationRejectedError("the signature does not fit", reason="signature")
    return Evidence(
        event_id=_event_id(raw.body, is_live=keys.is_live),
        key_serial=fingerprint_of(signed_with),
        content=raw.body,
        signed_at=datetime.fromtimestamp(int(stamp), UTC),
    )


def sample(keys: Keys, now: datetime) -> RawHttp | None:
    """Sign a message to ourselves, about nothing; None where no secret is known."""
    if not keys.webhook_secrets:
        return None
    stamp = int(now.timestamp())
    about = {"id": "evt_linli_check", "object": "event", "type": "linli.check", "created": stamp}
    body = json.dumps(about | {"livemode": keys.is_live, "data": {"object": {}}}).encode()
    signature = sign(keys.webhook_secrets[0], stamp, body)
    headers = {"stripe-signature": f"t={stamp},v1={signature}"}
    return RawHttp("POST", "/", b"", headers, body)


def sign(secret: str, stamp: int | str, body: bytes) -> str:
    """Sign as Stripe does: HMAC-SHA256 over `t.body`, in hex."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def fingerprint_of(secret: str) -> str:
    """Name a secret without telling it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def _read_header(header: str) -> tuple[str, list[str]]:
    """Return the time and the v1 signatures; schemes other than v1 prove nothing."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _is, value in parts if name == "t"]
    signatures = [value for name, _is, value in parts if name == "v1"]
    stamp = stamps[0] if len(stamps) == 1 else ""
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        raise NotificationRejectedError("nobody says when it was signed", reason="format")
    return stamp, signatures[:_SIGNATURES_MAX]


def _who_signed(keys: Keys, stamp: str, body: bytes, *, signatures: list[str]) -> str | None:
    """Compare every signature with every secret, in constant time."""
    found = None
    for secret in keys.webhook_secrets:
        expected = sign(secret, stamp, body)
        for signature in signatures:
            if hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
                found = secret
    return found


def _event_id(body: bytes, *, is_live: bool) -> str:
    try:
        event = json.loads(body)
        event_id, mode = event["id"], event.get("livemode", False)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotificationRejectedError("not an event", reason="format") from error
    if not isinstance(event_id, str) or event.get("object") != "event":
        raise NotificationRejectedError("not an event", reason="format")
    if mode is not is_live:
        raise NotificationRejectedError("of another mode than our key", reason="merchant")
    return event_id


def read_event(event: Mapping[str, Any], profile: Profile) -> NotifiedEvent:
    """Read a proven event. What is about a connected account, or not ours, is an echo.

    KeyError, TypeError, ValueError or OutcomeUnknownError for an event that cannot be read.
    """
    occurred_at = datetime.fromtimestamp(event["created"], UTC)
    kind: NotifyKind = NotifyKind.ECHO
    result: Result | None = None
    if event.get("account") in {None, "", profile.merchant_id}:
        name, data = str(event["type"]), event["data"]["object"]
        if name in _READERS and _is_ours(name, data):
            kind, reader = _READERS[name]
            result = reader(data, profile, occurred_at)
    return NotifiedEvent(kind, str(event["id"]), occurred_at, result)


def _read_paid(data: Mapping[str, Any], profile: Profile, at: datetime) -> PayResult:
    return _dated(read_intent(data, profile), at)


def _dated(result: PayResult, at: datetime) -> PayResult:
    """A success that does not say when it was is as old as the message about it."""
    is_undated = result.paid_at is None and result.outcome is Outcome.SUCCEEDED
    return replace(result, paid_at=at) if is_undated else result


def _read_page(data: Mapping[str, Any], profile: Profile, at: datetime) -> PayResult:
    return _dated(read_page(data, profile), at)


def _read_failed_page(data: Mapping[str, Any], profile: Profile, _at: datetime) -> PayResult:
    """The page is closed and the money did not come: the last word on this payment."""
    failure = failure_of({"code": "declined"})
    return replace(read_page(data, profile), outcome=Outcome.FAILED, failure=failure)


def _read_refund(data: Mapping[str, Any], profile: Profile, _at: datetime) -> RefundResult:
    return read_refund(data, profile)


def _read_tied(data: Mapping[str, Any], profile: Profile, _at: datetime) -> AgreementResult:
    return read_card(data, number_of(data), profile)


def _is_ours(name: str, data: Mapping[str, Any]) -> bool:
    """Tell whether we made the object; a page must be one that takes money."""
    if name in PAGE_EVENTS and data.get("mode") != "payment":
        return False
    return bool(number_of(data))


_Reader = Callable[[Mapping[str, Any], Profile, datetime], Result]
_READERS: Final[Mapping[str, tuple[NotifyKind, _Reader]]] = {
    **dict.fromkeys(PAY_EVENTS, (NotifyKind.PAY, _read_paid)),
    **dict.fromkeys(PAGE_EVENTS, (NotifyKind.PAY, _read_page)),
    "checkout.session.async_payment_failed": (NotifyKind.PAY, _read_failed_page),
    **dict.fromkeys(REFUND_EVENTS, (NotifyKind.REFUND, _read_refund)),
    **dict.fromkeys(CARD_EVENTS, (NotifyKind.AGREEMENT, _read_tied)),
}
