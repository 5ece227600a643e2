"""UnionPay's messages as bytes: fields of a form, and the double digest they are signed by. Pure.

Signing: the fields that are not blank, without `signature`, sorted by name and joined as k=v&k=v;
the SHA-256 of that as lower-case hex; RSA with SHA-256 over the hex text; base64.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes, urlencode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from payments.acquiring.signing import is_signed_rsa_sha256, sign_rsa_sha256

VERSION: Final = "5.1.0"
SIGN_METHOD: Final = "01"
ENCODING: Final = "utf-8"
SIGNATURE: Final = "signature"
CERTIFICATE: Final = "signPubKeyCert"
FIELDS_MAX: Final = 120
FORM_TYPE: Final = "application/x-www-form-urlencoded;charset=utf-8"

Fields = dict[str, str]


class UnreadableError(ValueError):
    """The bytes are no message of UnionPay's."""


def signed_fields(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a signature covers, in its order."""
    kept = ((name, value) for name, value in fields.items() if value.strip() and name != SIGNATURE)
    return sorted(kept)


def digest_to_sign(fields: Mapping[str, str]) -> bytes:
    """Return the hex digest that is signed, as bytes."""
    text = "&".join(f"{name}={value}" for name, value in signed_fields(fields))
    return hashlib.sha256(text.encode()).hexdigest().encode()


def sign(fields: Mapping[str, str], key: RSAPrivateKey) -> Fields:
    """Return the fields that are not blank, and their signature."""
    kept = dict(signed_fields(fields))
    return {**kept, SIGNATURE: sign_rsa_sha256(key, digest_to_sign(kept))}


def is_signed(fields: Mapping[str, str], key: RSAPublicKey) -> bool:
    """Tell whether the fields were signed with this key's private half."""
    return is_signed_rsa_sha256(key, digest_to_sign(fields), fields.get(SIGNATURE, ""))


def form_body(fields: Mapping[str, str]) -> bytes:
    """Write a request's body."""
    return urlencode(fields).encode()


def read_form(body: bytes) -> Fields:
    """Read a form as UnionPay posts it to us; UnreadableError for anything else.

    A name that is there twice is refused: what was proven would not be what is read.
    """
    return _collected(_decoded(pair) for pair in body.split(b"&"))


def _decoded(pair: bytes) -> tuple[str, str]:
    name, is_there, value = pair.partition(b"=")
    if not is_there:
        raise UnreadableError("a field without a value")
    try:
        return _unquoted(name), _unquoted(value)
    except UnicodeDecodeError as error:
        raise UnreadableError("not UTF-8") from error


def _unquoted(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode()


def read_answer(body: bytes) -> Fields:
    """Read an answer: k=v&k=v as plain text, values in braces whole; UnreadableError."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise UnreadableError("not UTF-8") from error
    return _collected(pairs_of(text))


def pairs_of(text: str) -> Iterator[tuple[str, str]]:
    """Take k=v&k={a=b&c=d} apart; UnreadableError where a brace stays open or a name is alone."""
    start = 0
    while start <= len(text):
        equals = text.find("=", start)
        end = text.find("&", start)
        if equals < 0 or 0 <= end < equals:
            raise UnreadableError("a field without a value")
        end = _end_of_value(text, equals + 1)
        yield text[start:equals], text[equals + 1 : end]
        start = end + 1


def _end_of_value(text: str, start: int) -> int:
    if text[start : start + 1] == "{":
        close = text.find("}", start)
        if close < 0 or text[close + 1 : close + 2] not in {"", "&"}:
            raise UnreadableError("a brace that is not closed")
        return close + 1
    end = text.find("&", start)
    return len(text) if end < 0 else end


def _collected(pairs: Iterator[tuple[str, str]]) -> Fields:
    found: Fields = {}
    for name, value in pairs:
        if name in found or len(found) >= FIELDS_MAX or not (name.isascii() and name.isalnum()):
            raise UnreadableError("a field that is there twice, or none of theirs")
        found[name] = value
    return found
