"""How market pay writes and signs: values of sorted names joined, whatever list they stand in."""

from __future__ import annotations

import json
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from flask import Response

from payments.sandbox.refusals import Refusal
from payments.sandbox.signatures import is_signed, sign

_UNSIGNED: Final = ("Sign_Inf", "Svc_Rsp_St", "Svc_Rsp_Cd", "Rsp_Inf")
# What our core refuses, as the platform would say it. The real codes are not public.
_CODES: Final = {
    "NUMBER_REUSED": "SBX1ORDERUSED",
    "EXPIRES_AT_PASSED": "SBX1ORDEROVER",
    "ORDER_NOT_FOUND": "SBX1NOORDER",
    "ORDER_NOT_PAID": "SBX1NOTPAID",
    "REFUND_TOO_MUCH": "SBX1TOOMUCH",
    "BALANCE_TOO_LOW": "SBX1BALANCE",
    "PARAM_ERROR": "SBX1PARAM",
}


def joined(value: Any, name: str = "") -> str:
    """Join a paper's values for signing; "" for what says nothing."""
    if isinstance(value, dict):
        parts = [joined(value[key], key) for key in sorted(value)]
    elif isinstance(value, list):
        parts = [joined(item, name) for item in value]
    elif value is None or not str(value).strip():
        return ""
    else:
        return f"{name}={value}"
    return "&".join(part for part in parts if part)


def _text(data: dict[str, Any], *left_out: str) -> bytes:
    return joined({k: v for k, v in data.items() if k not in left_out}).encode()


def read(body: bytes, merchant_key: RSAPublicKey) -> dict[str, Any]:
    """Read a merchant's signed paper; Refusal SBX1SIGN or SBX1PARAM."""
    try:
        data = json.loads(body)
    except ValueError as error:
        raise Refusal("SBX1PARAM", "no JSON") from error
    if not isinstance(data, dict):
        raise Refusal("SBX1PARAM", "no object")
    if not is_signed(merchant_key, _text(data, *_UNSIGNED), str(data.get("Sign_Inf", ""))):
        raise Refusal("SBX1SIGN", "the signature does not fit")
    return data


def answer(data: dict[str, Any], key: RSAPrivateKey) -> Response:
    """Answer, signed."""
    said = {"Svc_Rsp_St": "00", **data}
    return written(said, key)


def refusal(no: Refusal, key: RSAPrivateKey) -> Response:
    """Say no, in the platform's words."""
    code = _CODES.get(no.code, no.code)
    return written({"Svc_Rsp_St": "01", "Svc_Rsp_Cd": code, "Rsp_Inf": no.message}, key)


def written(said: dict[str, Any], key: RSAPrivateKey) -> Response:
    """Write and sign any answer anew."""
    said = {**said, "Sign_Inf": sign(key, _text(said, *_UNSIGNED))}
    return Response(json.dumps(said, ensure_ascii=False), content_type="application/json")


def message(data: dict[str, Any], key: RSAPrivateKey) -> bytes:
    """Write a message: there only the signature itself is not signed."""
    said = {**data, "Sign_Inf": sign(key, _text(data, "Sign_Inf"))}
    return json.dumps(said, ensure_ascii=False).encode()
