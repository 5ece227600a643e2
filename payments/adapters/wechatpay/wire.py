"""Signing, checking, opening and encrypting for APIv3: bytes in, proof out, no network.

What is signed: a request's method, path with query, time, nonce and body; an answer's or message's
time, nonce and body; each part followed by a line feed. WeChat Pay signs an answer only to a
request whose own signature was good, and does not bind it to the question: whoever reads one must
check that it speaks of the number asked about.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Never, Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP

from payments.acquiring.contract import (
    ConfigError,
    NotificationRejectedError,
    OutcomeUnknownError,
    RawHttp,
)
from payments.acquiring.signing import is_signed_rsa_sha256, sign_rsa_sha256
from payments.acquiring.transport import HttpAnswer, HttpCall
from payments.adapters.wechatpay.keys import PUBLIC_KEY_PREFIX, Keys


class Signed(Protocol):
    """An answer or a message: header names in lower case, raw bytes."""

    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """When something is signed (seconds since 1970 UTC), and a word used once."""

    stamp: int
    nonce: str


SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
FRESH_SECONDS: Final = 300
# Answers and messages signed so are WeChat Pay trying whether we look at signatures at all.
PROBE: Final = "WECHATPAY/SIGNTEST/"


def lines(*parts: str | bytes) -> bytes:
    """Join what is signed: each part followed by a line feed."""
    return b"".join((p.encode() if isinstance(p, str) else p) + b"\n" for p in parts)


def as_json(data: Mapping[str, object]) -> bytes:
    """Write a request body."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def signed_call(
    keys: Keys, *, method: str, path: str, body: bytes, mark: Mark, accept: str = ""
) -> HttpCall:
    """Build a signed request; `accept` is whose answer is wanted.

    In public-key mode the id of that key goes along (it picks the key of the answer); a sensitive
    field names the key it was encrypted with by the same header.
    """
    message = lines(method, path, str(mark.stamp), mark.nonce, body)
    signature = sign_rsa_sha256(keys.merchant, message)
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": "linli-wechatpay",
        "Authorization": (
            f'{SCHEME} mchid="{keys.merchant_id}",nonce_str="{mark.nonce}",signature="{signature}",'
            f'timestamp="{mark.stamp}",serial_no="{keys.merchant_serial}"'
        ),
    }
    if wanted := accept or keys.preferred:
        headers["Wechatpay-Serial"] = wanted
    return HttpCall(method, path, headers, body)


def page_signature(keys: Keys, *parts: str) -> str:
    """Sign what a page or app hands to WeChat: application, time, nonce and prepay id."""
    return sign_rsa_sha256(keys.merchant, lines(*parts))


def encrypted(keys: Keys, text: str) -> str:
    """Encrypt a sensitive field (a name) for WeChat Pay: RSA-OAEP with SHA-1, base64."""
    padding = OAEP(mgf=MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)  # noqa: S303
    return base64.b64encode(keys.sealing[1].encrypt(text.encode(), padding)).decode()


def read_answer(keys: Keys, answer: HttpAnswer, now: datetime) -> dict[str, Any]:
    """Return the JSON of an answer that WeChat Pay signed just now; {} for an empty one (204).

    Raises OutcomeUnknownError for an answer nobody signed, except a 401: the signature of our own
    request was not good, and that is ConfigError.
    """
    if "wechatpay-signature" not in answer.headers and answer.status == 401:
        _refuse_unsigned(answer)
    problem = flaw_of(keys, answer, now)
    if problem:
        raise OutcomeUnknownError(
            f"WeChat Pay's answer proves nothing ({problem})", acquirer_code=str(answer.status)
        )
    if answer.status == 204 and not answer.body:
        return {}
    return _object_of(answer.body)


def _refuse_unsigned(answer: HttpAnswer) -> Never:
    try:
        code = str(_object_of(answer.body).get("code", ""))
    except OutcomeUnknownError:
        code = ""
    raise ConfigError("WeChat Pay does not accept our signature", acquirer_code=code or "401")


def _object_of(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise OutcomeUnknownError("WeChat Pay's answer is not JSON") from error
    if not isinstance(data, dict):
        raise OutcomeUnknownError("WeChat Pay's answer is not an object")
    return data


def flaw_of(keys: Keys, said: Signed, now: datetime) -> str:
    """Say what is wrong with a signature: serial, stale or signature; "" when it is genuine."""
    headers = said.headers
    serial = headers.get("wechatpay-serial", "")
    key = keys.named(serial)
    if key is None:
        return "serial"
    stamp, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
    is_time = stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12
    if not is_time or abs(now.timestamp() - int(stamp)) > FRESH_SECONDS:
        return "stale"
    signature = headers.get("wechatpay-signature", "")
    scheme = headers.get("wechatpay-signature-type", SCHEME)
    if signature.startswith(PROBE) or scheme != SCHEME:
        return "signature"
    is_good = is_signed_rsa_sha256(key, lines(stamp, nonce, said.body), signature)
    return "" if is_good else "signature"


def check_message(keys: Keys, raw: RawHttp, now: datetime) -> tuple[str, datetime]:
    """Return who signed a message and when; NotificationRejectedError with the reason."""
    problem = flaw_of(keys, raw, now)
    if problem:
        raise NotificationRejectedError(f"the message proves nothing ({problem})", reason=problem)
    serial = raw.headers["wechatpay-serial"]
    name = serial if serial.startswith(PUBLIC_KEY_PREFIX) else serial.upper()
    return name, datetime.fromtimestamp(int(raw.headers["wechatpay-timestamp"]), UTC)
