"""WeChat Pay's messages: who sent them, what is sealed in them, what they report. Pure.

The kind is told by what the sealed content is about (`original_type`), for a share that moved comes
under the same name as a payment that succeeded. What is not about our payments, refunds or
transfers is received and does nothing; so is the probe of WeChat's own end-to-end test
(SECURITY_ECHO.SUCCESS).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from payments.acquiring.contract import (
    Evidence,
    NotificationRejectedError,
    NotifiedEvent,
    NotifyKind,
    OutcomeUnknownError,
    PayResult,
    RawHttp,
    RefundResult,
    TransferResult,
)
from payments.acquiring.signing import SealBrokenError, open_seal
from payments.adapters.wechatpay.keys import Keys
from payments.adapters.wechatpay.messages import UNREADABLE, at_of, read_payment
from payments.adapters.wechatpay.profile import Profile
from payments.adapters.wechatpay.refunds import read_refund
from payments.adapters.wechatpay.transfers import read_transfer
from payments.adapters.wechatpay.wire import check_message

SEAL_ALGORITHM: Final = "AEAD_AES_256_GCM"
ECHO: Final = "SECURITY_ECHO.SUCCESS"


def open_notification(keys: Keys, raw: RawHttp, now: datetime) -> Evidence:
    """Check serial, freshness (±300 s) and signature, unseal, and check whom it is for.

    NotificationRejectedError with the reason.
    """
    serial, signed_at = check_message(keys, raw, now)
    try:
        envelope = json.loads(raw.body)
        kept = {name: envelope[name] for name in ("id", "create_time", "event_type")}
        sealed = envelope["resource"]
        content = json.loads(_unsealed(keys, sealed))
        about = str(sealed.get("original_type", ""))
        if not all(isinstance(text, str) and text for text in kept.values()):
            raise ValueError("a message without a name")
        merchant = content.get("mchid") or content.get("mch_id") or keys.merchant_id
    except SealBrokenError as error:
        raise NotificationRejectedError("the seal is broken", reason="cipher") from error
    except (*UNREADABLE, binascii.Error, RecursionError) as error:
        raise NotificationRejectedError("not a notification", reason="format") from error
    if merchant != keys.merchant_id:
        raise NotificationRejectedError("meant for another merchant", reason="merchant")
    facts = {**kept, "original_type": about, "resource": content}
    return Evidence(
        event_id=kept["id"],
        key_serial=serial,
        content=json.dumps(facts, ensure_ascii=False, sort_keys=True).encode(),
        signed_at=signed_at,
    )


def _unsealed(keys: Keys, sealed: Mapping[str, Any]) -> bytes:
    if sealed["algorithm"] != SEAL_ALGORITHM:
        raise NotificationRejectedError("sealed in a way we do not open", reason="cipher")
    return open_seal(
        keys.seal,
        base64.b64decode(sealed["ciphertext"], validate=True),
        nonce=sealed["nonce"].encode(),
        associated=(sealed.get("associated_data") or "").encode(),
    )


def read_event(facts: Mapping[str, Any], profile: Profile) -> NotifiedEvent:
    """Read a proven message. KeyError, ValueError or OutcomeUnknownError for an unreadable one."""
    occurred_at = at_of(facts["create_time"])
    if occurred_at is None:
        raise ValueError("a message without its time")
    kind, result = NotifyKind.ECHO, None
    reader = _READERS.get(_about(facts))
    if reader is not None and facts["event_type"] != ECHO:
        kind, read = reader
        result = read(facts["resource"], profile)
    return NotifiedEvent(kind, facts["id"], occurred_at, result)


def _about(facts: Mapping[str, Any]) -> str:
    """Name what a message is about: payment, refund, transfer, or something else."""
    first = facts["event_type"].partition(".")[0]
    if first == "TRANSACTION":
        is_payment = "trade_state" in facts["resource"] and "combine_mchid" not in facts["resource"]
        return "payment" if is_payment else ""
    return {"REFUND": "refund", "MCHTRANSFER": "transfer"}.get(first, "")


Result = PayResult | RefundResult | TransferResult
_Reader = Callable[[Mapping[str, Any], Profile], Result]
_READERS: Final[Mapping[str, tuple[NotifyKind, _Reader]]] = {
    "payment": (NotifyKind.PAY, read_payment),
    "refund": (NotifyKind.REFUND, read_refund),
    "transfer": (NotifyKind.TRANSFER, read_transfer),
}
UNREADABLE_EVENT: Final = (OutcomeUnknownError, *UNREADABLE)
