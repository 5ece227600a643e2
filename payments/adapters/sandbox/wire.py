"""Signing, checking and unsealing for the sandbox protocol: bytes in, proof out, no I/O."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from payments.acquiring.contract import (
    ConfigError,
    Evidence,
    NotificationRejectedError,
    OutcomeUnknownError,
    RawHttp,
)
from payments.acquiring.registry import Account
from payments.acquiring.signing import (
    SealBrokenError,
    is_signed_rsa_sha256,
    load_private_key,
    load_public_key,
    open_seal,
    read_key_file,
    sign_rsa_sha256,
)
from payments.acquiring.transport import HttpAnswer, HttpCall, HttpFile

FRESH_SECONDS: Final = 300
SEAL_ALGORITHM: Final = "AEAD_AES_256_GCM"


@dataclass(frozen=True, slots=True)
class Keys:
    """Our half of the keys, from the files the sandbox laid out in its keys folder."""

    merchant_id: str
    merchant_serial: str
    merchant: RSAPrivateKey
    sandbox_serial: str
    sandbox: RSAPublicKey
    seal: bytes

    @classmethod
    def from_account(cls, account: Account) -> Keys:
        """Read the key files an account names; ConfigError when something is missing."""
        facts, files = account.settings, account.keys
        try:
            return cls(
                merchant_id=str(facts["merchant_id"]),
                merchant_serial=str(facts["merchant_serial"]),
                merchant=load_private_key(read_key_file(files["merchant_private_key"])),
                sandbox_serial=str(facts["sandbox_serial"]),
                sandbox=load_public_key(read_key_file(files["sandbox_public_key"])),
                seal=bytes.fromhex(read_key_file(files["aead_key"]).decode().strip()),
            )
        except (ValueError, KeyError) as error:
            raise ConfigError(f"account {account.code} lacks a key or a setting") from error


def text_to_sign(*lines: str, body: bytes) -> bytes:
    """Join the lines and the body's SHA-256 in hex, each followed by a line feed."""
    return _lines(*lines, hashlib.sha256(body).hexdigest())


def _lines(*parts: str) -> bytes:
    return "".join(f"{part}\n" for part in parts).encode()


def as_json(data: Mapping[str, object]) -> bytes:
    """Write a request body."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def signed_call(
    keys: Keys, *, method: str, path: str, body: bytes, stamp: int, nonce: str
) -> HttpCall:
    """Build a signed request; `stamp` is seconds since 1970 UTC."""
    message = text_to_sign(method, path, str(stamp), nonce, body=body)
    headers = {
        "Content-Type": "application/json",
        "Sandbox-Merchant": keys.merchant_id,
        "Sandbox-Serial": keys.merchant_serial,
        "Sandbox-Accept-Serial": keys.sandbox_serial,
        "Sandbox-Timestamp": str(stamp),
        "Sandbox-Nonce": nonce,
        "Sandbox-Signature": sign_rsa_sha256(keys.merchant, message),
    }
    return HttpCall(method, path, headers, body)


def read_answer(keys: Keys, call: HttpCall, answer: HttpAnswer) -> dict[str, Any]:
    """Return the JSON of an answer that is signed and belongs to this call.

    Raises OutcomeUnknownError for any other: an answer nobody signed tells nothing.
    """
    check_answer(keys, call, answer, sha256=hashlib.sha256(answer.body).hexdigest())
    try:
        data = json.loads(answer.body)
    except ValueError as error:
        raise OutcomeUnknownError("the sandbox's answer is not JSON") from error
    if not isinstance(data, dict):
        raise OutcomeUnknownError("the sandbox's answer is not an object")
    return data


def check_answer(keys: Keys, call: HttpCall, answer: HttpAnswer | HttpFile, *, sha256: str) -> None:
    """Check that an answer with a body of this digest (hex) is signed and belongs to this call.

    Raises OutcomeUnknownError for any other.
    """
    nonce, status = call.headers["Sandbox-Nonce"], str(answer.status)
    stamp = answer.headers.get("sandbox-timestamp", "")
    message = _lines(status, call.path, stamp, nonce, sha256)
    is_theirs = answer.headers.get("sandbox-serial") == keys.sandbox_serial
    signature = answer.headers.get("sandbox-signature", "")
    if not is_theirs or not is_signed_rsa_sha256(keys.sandbox, message, signature):
        raise OutcomeUnknownError("the sandbox's answer is not signed by it", acquirer_code=status)


def open_notification(keys: Keys, raw: RawHttp, now: datetime) -> Evidence:
    """Check serial, freshness (±300 s) and signature, unseal, and check whom it is for.

    Raises NotificationRejectedError with the reason.
    """
    if raw.headers.get("sandbox-serial") != keys.sandbox_serial:
        raise NotificationRejectedError("signed with a key we do not know", reason="serial")
    stamp, nonce = raw.headers.get("sandbox-timestamp", ""), raw.headers.get("sandbox-nonce", "")
    is_time = stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12
    if not is_time or abs(now.timestamp() - int(stamp)) > FRESH_SECONDS:
        raise NotificationRejectedError("the message is not of now", reason="stale")
    signature = raw.headers.get("sandbox-signature", "")
    message = text_to_sign(stamp, nonce, body=raw.body)
    if not is_signed_rsa_sha256(keys.sandbox, message, signature):
        raise NotificationRejectedError("the signature does not fit", reason="signature")
    event_id, content = _unsealed(keys, raw.body)
    _refuse_foreign(keys, event_id, content)
    return Evidence(
        event_id=event_id,
        key_serial=keys.sandbox_serial,
        content=content,
        signed_at=datetime.fromtimestamp(int(stamp), UTC),
    )


def _unsealed(keys: Keys, body: bytes) -> tuple[str, bytes]:
    try:
        envelope = json.loads(body)
        event_id, resource = str(envelope["event_id"]), envelope["resource"]
        if resource["algorithm"] != SEAL_ALGORITHM or resource["associated_data"] != event_id:
            raise NotificationRejectedError("sealed in a way we do not open", reason="cipher")
        content = open_seal(
            keys.seal,
            base64.b64decode(resource["ciphertext"], validate=True),
            nonce=base64.b64decode(resource["nonce"], validate=True),
            associated=event_id.encode(),
        )
    except SealBrokenError as error:
        raise NotificationRejectedError("the seal is broken", reason="cipher") from error
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise NotificationRejectedError("not a notification", reason="format") from error
    return event_id, content


def _refuse_foreign(keys: Keys, event_id: str, content: bytes) -> None:
    try:
        data = json.loads(content)
        is_ours = data["merchant_id"] == keys.merchant_id and data["event_id"] == event_id
    except (ValueError, KeyError, TypeError) as error:
        raise NotificationRejectedError("not a notification", reason="format") from error
    if not is_ours:
        raise NotificationRejectedError("meant for another merchant", reason="merchant")
