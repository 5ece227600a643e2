"""UnionPay's bytes on the bank's side: forms read, answers and forms written, signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from payments.sandbox.dialects.unionpay.authority import Holder
from payments.sandbox.refusals import Refusal

Fields = dict[str, str]


def read_form(body: bytes) -> Fields:
    """Read a request; Refusal 10 for anything that is no form, or names a field twice."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=120,
        )
    except ValueError as error:
        raise Refusal("10", "报文格式错误") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Refusal("10", "报文格式错误")
    return fields


def _hex_digest(fields: Mapping[str, str]) -> bytes:
    lines = [f"{name}={fields[name]}" for name in sorted(fields) if name != "signature"]
    return hashlib.sha256("&".join(lines).encode()).hexdigest().encode("ascii")


def is_signed(fields: Mapping[str, str], key: RSAPublicKey) -> bool:
    """Tell whether a merchant signed these fields; blank ones do not count."""
    kept = {name: value for name, value in fields.items() if value}
    try:
        signature = base64.b64decode(kept.get("signature", ""), validate=True)
        key.verify(signature, _hex_digest(kept), PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def signed(fields: Mapping[str, str], holder: Holder) -> Fields:
    """Add certificate and signature."""
    kept = {name: value for name, value in fields.items() if value}
    kept["signPubKeyCert"] = holder.pem.replace("\n", "\r\n").strip()
    raw = holder.key.sign(_hex_digest(kept), PKCS1v15(), hashes.SHA256())
    return {**kept, "signature": base64.b64encode(raw).decode()}


def answer_body(fields: Mapping[str, str]) -> bytes:
    """Write an answer: k=v&k=v, nothing escaped."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields)).encode()


def form_body(fields: Mapping[str, str]) -> bytes:
    """Write a notice: a form."""
    return urlencode(fields).encode()


def draft(fields: Mapping[str, str]) -> bytes:
    """Write an answer that is not signed yet, so that faults may change it."""
    return json.dumps(fields, ensure_ascii=False).encode()


def read_draft(body: bytes) -> Fields | None:
    """Read it back; None where a fault has put other bytes in its place."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def token_data(text: str) -> Fields:
    """Read {token=…&trId=…}."""
    inner = text.removeprefix("{").removesuffix("}")
    return dict(part.partition("=")[::2] for part in inner.split("&") if part)


def sealed(text: str, key: RSAPublicKey) -> str:
    """Seal a secret for the merchant."""
    return base64.b64encode(key.encrypt(text.encode(), PKCS1v15())).decode()
