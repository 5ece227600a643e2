"""Alipay's messages: forms it signs field by field. Proven first, then read. Pure.

One address hears of payments, refunds (the same message with `refund_fee`), agreements signed and
ended, transfers. A name that stands twice proves nothing: two readers could read two messages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from payments.acquiring.contract import (
    AgreementResult,
    Evidence,
    NotificationRejectedError,
    NotifiedEvent,
    NotifyKind,
    Outcome,
    OutcomeUnknownError,
    PayResult,
    RawHttp,
    RefundResult,
    TransferResult,
)
from payments.adapters.alipay import wire
from payments.adapters.alipay.messages import read_trade
from payments.adapters.alipay.profile import Profile
from payments.adapters.alipay.transferring import read_transfer
from payments.adapters.alipay.tying import read_agreement
from payments.adapters.alipay.wire import Keys

_FIELDS_MAX: Final = 200
_UNSIGNED: Final = frozenset({"sign", "sign_type"})
TRADE: Final = "trade_status_sync"
SIGNED: Final = "dut_user_sign"
UNSIGNED: Final = "dut_user_unsign"
TRANSFER: Final = "alipay.fund.trans.order.changed"

Result = PayResult | RefundResult | AgreementResult | TransferResult
Events = list[tuple[NotifyKind, Result | None]]


def open_notification(keys: Keys, profile: Profile, raw: RawHttp, *, now: datetime) -> Evidence:
    """Check form, signature, age and whom it is for; NotificationRejectedError with the reason."""
    fields = read_form(raw.body)
    if fields.get("sign_type") != wire.SIGN_TYPE:
        raise NotificationRejectedError("signed in a way we do not take", reason="signature")
    if fields.get("charset", wire.CHARSET).lower() not in {"utf-8", "utf8"}:
        raise NotificationRejectedError("written in another charset", reason="format")
    told = {name: value for name, value in fields.items() if name not in _UNSIGNED}
    serial = fields.get("alipay_cert_sn", "")
    if serial and serial not in keys.theirs:
        raise NotificationRejectedError("signed with a key we do not know", reason="serial")
    message = wire.text_to_sign(told.items())
    signer = wire.who_signed(keys, message, signature=fields.get("sign", ""), serial=serial)
    if signer is None:
        raise NotificationRejectedError("the signature does not fit", reason="signature")
    _refuse_foreign(told, profile)
    return Evidence(
        event_id=_event_id(told),
        key_serial=signer,
        content=json.dumps(told, ensure_ascii=False, sort_keys=True).encode(),
        signed_at=_fresh_time(told, profile, now),
    )


def read_form(body: bytes) -> dict[str, str]:
    """Read a form's fields; NotificationRejectedError for what is none, or names one twice."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=True,
            encoding=wire.CHARSET,
            errors="strict",
            max_num_fields=_FIELDS_MAX,
        )
    except ValueError as error:
        raise NotificationRejectedError("not a form in UTF-8", reason="format") from error
    fields = dict(pairs)
    if not fields or len(fields) != len(pairs):
        raise NotificationRejectedError("no field, or one that stands twice", reason="format")
    return fields


def _refuse_foreign(told: Mapping[str, str], profile: Profile) -> None:
    """Refuse what is for another app, or about another merchant's money."""
    is_ours = told.get("app_id") == profile.app_id
    if told.get("notify_type") == TRADE:
        is_ours = is_ours and told.get("seller_id") == profile.seller_id
    if not is_ours:
        raise NotificationRejectedError("meant for another merchant", reason="merchant")


def _event_id(told: Mapping[str, str]) -> str:
    event_id = told.get("notify_id", "")
    if not 8 <= len(event_id) <= 128:
        raise NotificationRejectedError("a message without a number", reason="format")
    return event_id


def _fresh_time(told: Mapping[str, str], profile: Profile, now: datetime) -> datetime:
    try:
        if "notify_time" in told:
            at = wire.read_instant(told["notify_time"])
        else:
            at = datetime.fromtimestamp(int(told["utc_timestamp"][:16]) / 1000, tz=now.tzinfo)
    except (KeyError, ValueError, OverflowError, OSError) as error:
        raise NotificationRejectedError("nobody says when it was sent", reason="format") from error
    if abs(now - at) > timedelta(seconds=profile.notice_fresh_seconds):
        raise NotificationRejectedError("the message is not of now", reason="stale")
    return at


def read_events(content: bytes, profile: Profile) -> list[NotifiedEvent]:
    """Read a proven message; what is about none of our business is an echo.

    NotificationRejectedError for what cannot be read.
    """
    told = json.loads(content)
    event_id = _event_id(told)
    try:
        reader = _READERS.get(told.get("notify_type") or told.get("msg_method") or "")
        found: Events = reader(told, profile) if reader else [(NotifyKind.ECHO, None)]
        at = _occurred_at(told)
    except (OutcomeUnknownError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise NotificationRejectedError("cannot be read", reason="format") from error
    return [NotifiedEvent(kind, event_id, at, result) for kind, result in found]


def _occurred_at(told: Mapping[str, str]) -> datetime:
    if "notify_time" in told:
        return wire.read_instant(told["notify_time"])
    return datetime.fromtimestamp(int(told["utc_timestamp"][:16]) / 1000, tz=wire.BEIJING)


def _read_trade(told: Mapping[str, Any], profile: Profile) -> Events:
    """Read a payment, and the refund that changed it.

    The message about a refund says what went back in all, not what this one gave, so the refund is
    told as one under way: our own question brings the rest.
    """
    events: Events = [(NotifyKind.PAY, read_trade(told, profile))]
    if told.get("out_biz_no") and (told.get("refund_fee") or told.get("gmt_refund")):
        number = told["out_biz_no"]
        told_refund = RefundResult(
            outcome=Outcome.PENDING,
            refund_no=number,
            payment_no=told["out_trade_no"],
            acquirer_refund_no=number,
            merchant_id=profile.seller_id,
        )
        events.append((NotifyKind.REFUND, told_refund))
    return events


def _read_agreement(told: Mapping[str, Any], profile: Profile) -> Events:
    return [(NotifyKind.AGREEMENT, read_agreement(told, profile))]


def _read_transfer(told: Mapping[str, Any], profile: Profile) -> Events:
    content = json.loads(told["biz_content"], parse_float=str)
    return [(NotifyKind.TRANSFER, read_transfer(content, profile))]


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any], Profile], Events]]] = {
    TRADE: _read_trade,
    SIGNED: _read_agreement,
    UNSIGNED: _read_agreement,
    TRANSFER: _read_transfer,
}
