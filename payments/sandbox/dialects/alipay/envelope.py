"""Opening what a merchant sent, and sealing what it is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Request
from werkzeug.datastructures import MultiDict

from payments.sandbox.clock import real_ms
from payments.sandbox.dialects.alipay.keys import DoorKeys
from payments.sandbox.dialects.alipay.papers import GatewayError, instant_ms
from payments.sandbox.signatures import is_signed, sign

_FRESH_MS: Final = 900_000
_NEEDED: Final = ("app_id", "method", "charset", "sign_type", "sign", "timestamp", "version")


@dataclass(frozen=True, slots=True)
class Call:
    """A proven request: the method, its content, where to report, whether it named certificates."""

    method: str
    paper: Mapping[str, Any]
    notify_url: str
    return_url: str
    with_certificates: bool


def open_call(keys: DoorKeys, app_id: str, request: Request) -> Call:
    """Check a request's fields and signature; GatewayError as the gateway answers."""
    fields = _fields(request)
    for name in _NEEDED:
        if not fields.get(name):
            raise GatewayError("40001", f"isv.missing-{name.replace('_', '-')}")
    if fields["app_id"] != app_id:
        raise GatewayError("40002", "isv.invalid-app-id")
    if fields["sign_type"] != "RSA2":
        raise GatewayError("40002", "isv.invalid-signature-type")
    if fields["charset"].lower() != "utf-8":
        raise GatewayError("40002", "isv.invalid-charset")
    _check_certificates(keys, fields)
    told = [(name, value) for name, value in sorted(fields.items()) if name != "sign" and value]
    message = "&".join(f"{name}={value}" for name, value in told).encode()
    if not is_signed(keys.merchant, message, fields["sign"]):
        raise GatewayError("40002", "isv.invalid-signature")
    if abs(instant_ms(fields["timestamp"]) - real_ms()) > _FRESH_MS:
        raise GatewayError("40002", "isv.invalid-timestamp")
    return Call(
        method=fields["method"],
        paper=_paper(fields.get("biz_content", "{}")),
        notify_url=fields.get("notify_url", ""),
        return_url=fields.get("return_url", ""),
        with_certificates="app_cert_sn" in fields,
    )


def _fields(request: Request) -> dict[str, str]:
    """Read address and body together; the charset may stand in both."""
    found: dict[str, str] = {}
    sources: tuple[MultiDict[str, str], ...] = (request.args, request.form)
    for source in sources:
        for name, values in source.lists():
            if len(values) != 1 or found.setdefault(name, values[0]) != values[0]:
                raise GatewayError("40002", "isv.invalid-parameter", f"{name} stands twice")
    return found


def _check_certificates(keys: DoorKeys, fields: Mapping[str, str]) -> None:
    if "app_cert_sn" not in fields and "alipay_root_cert_sn" not in fields:
        return
    named = (fields.get("app_cert_sn"), fields.get("alipay_root_cert_sn"))
    if named != (keys.app_cert_sn, keys.root_cert_sn):
        raise GatewayError("40002", "isv.invalid-app-cert-sn")


def _paper(content: str) -> Mapping[str, Any]:
    try:
        paper = json.loads(content)
    except ValueError as error:
        raise GatewayError("40002", "isv.invalid-parameter", "biz_content is no JSON") from error
    if not isinstance(paper, dict):
        raise GatewayError("40002", "isv.invalid-parameter", "biz_content is no object")
    return paper


def written(data: Mapping[str, object]) -> bytes:
    """Write an answer's content."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def sealed(keys: DoorKeys, *, method: str, node: bytes, with_certificates: bool) -> bytes:
    """Put a node into its answer, signed over its exact characters."""
    name = f"{method.replace('.', '_')}_response" if method else "error_response"
    serial = f',"alipay_cert_sn":"{keys.alipay_cert_sn}"' if with_certificates else ""
    tail = f'{serial},"sign":"{sign(keys.alipay, node)}"}}'
    return b'{"' + name.encode() + b'":' + node + tail.encode()


def good(**said: object) -> dict[str, object]:
    """Say yes."""
    return {"code": "10000", "msg": "Success", **said}


def refusal(error: GatewayError) -> dict[str, object]:
    """Say no."""
    names = {"40004": "Business Failed", "20000": "Service Currently Unavailable"}
    return {
        "code": error.code,
        "msg": names.get(error.code, "Invalid Arguments"),
        "sub_code": error.sub_code,
        "sub_msg": error.sub_msg,
    }
