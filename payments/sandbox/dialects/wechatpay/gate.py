"""The gate of APIv3: who asks is proven before anything is read; answers are signed."""

from __future__ import annotations

import re
import secrets
from typing import Final

from flask import Request, Response

from payments.sandbox.clock import real_ms
from payments.sandbox.dialects.wechatpay.keys import Keys
from payments.sandbox.refusals import Refusal
from payments.sandbox.signatures import is_signed, sign

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
FRESH_SECONDS: Final = 300
_PAIR: Final = re.compile(r'([a-z_]+)="([^"]*)"')


def admit(request: Request, keys: Keys, *, merchant_id: str, prefix: str) -> None:
    """Check the Authorization header over the path below our prefix; Refusal SIGN_ERROR (401)."""
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    given = dict(_PAIR.findall(said))
    stamp, nonce = given.get("timestamp", ""), given.get("nonce_str", "")
    is_fresh = stamp.isdecimal() and abs(real_ms() / 1000 - int(stamp)) <= FRESH_SECONDS
    is_known = (given.get("mchid"), given.get("serial_no")) == (merchant_id, keys.merchant_serial)
    head = f"{request.method}\n{_target(request, prefix)}\n{stamp}\n{nonce}\n".encode()
    message = head + request.get_data() + b"\n"
    is_good = is_signed(keys.merchant, message, given.get("signature", ""))
    if scheme != SCHEME or not (is_known and is_fresh and is_good):
        raise Refusal("SIGN_ERROR", "签名错误", status=401)


def _target(request: Request, prefix: str) -> str:
    query = request.query_string.decode("ascii", "replace")
    path = request.path.removeprefix(prefix)
    return f"{path}?{query}" if query else path


def seal_answer(request: Request, response: Response, keys: Keys) -> Response:
    """Sign an answer with the key its reader asked for; a 401 is not signed."""
    response.headers["Request-ID"] = secrets.token_hex(16).upper()
    if response.status_code != 401:
        wanted = request.headers.get("Wechatpay-Serial", "")
        headers = signature(response.get_data(), keys, wanted=wanted)
        response.headers.update(headers)
    return response


def signature(body: bytes, keys: Keys, *, wanted: str, seconds_ago: int = 0) -> dict[str, str]:
    """Sign an answer or a message: the headers that prove it."""
    serial, key = keys.speaking_to(wanted)
    stamp, nonce = str(real_ms() // 1000 - seconds_ago), secrets.token_hex(16)
    message = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
    return {
        "Wechatpay-Serial": serial,
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": sign(key, message),
        "Wechatpay-Signature-Type": SCHEME,
    }
