"""What goes over the line to Alipay: keys, what is signed, what an answer must prove. No I/O.

Requests are signed over every non-empty field except `sign`, sorted, joined as k=v with &; answers
over the exact characters of their node; messages over every field except `sign` and `sign_type`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, Never
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from payments.acquiring.contract import ConfigError, OutcomeUnknownError
from payments.acquiring.registry import Account
from payments.acquiring.signing import (
    is_signed_rsa_sha256,
    load_private_key,
    load_public_key,
    read_key_file,
    sign_rsa_sha256,
)
from payments.adapters.alipay.certificates import public_key_in, root_serial_of, serial_of

SIGN_TYPE: Final = "RSA2"
CHARSET: Final = "utf-8"
# Alipay's days and hours are Beijing's.
BEIJING: Final = timezone(timedelta(hours=8))
_TIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S"
_SPACE: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Keys:
    """Our private key, and Alipay's public keys by the names of their certificates.

    In key mode Alipay's key has the name "". Where both were given certificates are used.
    """

    ours: RSAPrivateKey = field(repr=False)
    theirs: Mapping[str, RSAPublicKey]
    app_cert_sn: str = ""
    root_cert_sn: str = ""

    @property
    def has_certificates(self) -> bool:
        """Whether requests name certificates (证书模式) instead of relying on a key alone."""
        return bool(self.app_cert_sn)

    @classmethod
    def from_account(cls, account: Account) -> Keys:
        """Read the key files an account names; ConfigError when something is missing.

        `app_private_key` always; `alipay_public_key` in key mode; in certificate mode `app_cert`,
        `alipay_root_cert` and `alipay_cert`, and while Alipay changes its own `alipay_cert_next`.
        """
        files = account.keys
        try:
            ours = load_private_key(read_key_file(files["app_private_key"]))
            if "app_cert" not in files:
                return cls(ours, {"": load_public_key(read_key_file(files["alipay_public_key"]))})
            pems = [
                read_key_file(files[name])
                for name in ("alipay_cert", "alipay_cert_next")
                if name in files
            ]
            return cls(
                ours,
                {serial_of(pem): public_key_in(pem) for pem in pems},
                app_cert_sn=serial_of(read_key_file(files["app_cert"])),
                root_cert_sn=root_serial_of(read_key_file(files["alipay_root_cert"])),
            )
        except KeyError as error:
            raise ConfigError(f"account {account.code} lacks the key {error}") from error

    def named(self, serial: str) -> list[tuple[str, RSAPublicKey]]:
        """Return the key of this name, or all where no name was told."""
        if serial:
            return [(serial, self.theirs[serial])] if serial in self.theirs else []
        return list(self.theirs.items())


def text_to_sign(fields: Iterable[tuple[str, str]]) -> bytes:
    """Join fields, sorted by name, as k=v with &."""
    return "&".join(f"{name}={value}" for name, value in sorted(fields)).encode()


def signed(keys: Keys, fields: Mapping[str, str]) -> dict[str, str]:
    """Add our certificates' names and our signature; empty fields are left out."""
    if keys.has_certificates:
        names = {"app_cert_sn": keys.app_cert_sn, "alipay_root_cert_sn": keys.root_cert_sn}
        fields = {**fields, **names}
    sent = {name: value for name, value in fields.items() if value}
    sent["sign"] = sign_rsa_sha256(keys.ours, text_to_sign(sent.items()))
    return sent


def form_body(fields: Mapping[str, str]) -> bytes:
    """Write fields as a form."""
    return urlencode(fields).encode()


def who_signed(keys: Keys, message: bytes, *, signature: str, serial: str = "") -> str | None:
    """Return the name of the key that signed; None when none we know did."""
    for name, key in keys.named(serial):
        if is_signed_rsa_sha256(key, message, signature):
            return name
    return None


def instant_text(at: datetime) -> str:
    """Write an instant as Alipay does: Beijing time, whole seconds."""
    return at.astimezone(BEIJING).strftime(_TIME_FORMAT)


def read_instant(text: str) -> datetime:
    """Read Alipay's "2026-11-22 19:30:00"; ValueError for anything else."""
    at = datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=BEIJING)
    if at.strftime(_TIME_FORMAT) != text:
        raise ValueError(f"{text!r} is not a time of Alipay's")
    return at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Node:
    """The part of an answer that is signed: its exact characters, and what they say."""

    text: str
    data: Mapping[str, Any]
    is_error: bool


def proven_node(keys: Keys, body: bytes, method: str) -> Node:
    """Return the node of an answer, proven over its exact characters.

    Raises OutcomeUnknownError for what nobody signed or cannot be read; an unsigned refusal that
    blames our request (Alipay does not sign for an app or a signature it does not know) is a
    ConfigError: it decides about no money.
    """
    parts = top_level(body)
    node = _node_of(parts, method)
    signature, serial = _said(parts, "sign"), _said(parts, "alipay_cert_sn")
    if not signature:
        _refuse_unsigned(node)
    if who_signed(keys, node.text.encode(), signature=signature, serial=serial) is None:
        raise OutcomeUnknownError("Alipay's answer is not signed by a key we know")
    return node


def _node_of(parts: Mapping[str, tuple[str, Any]], method: str) -> Node:
    name = f"{method.replace('.', '_')}_response"
    found = [key for key in (name, "error_response") if key in parts]
    if len(found) != 1 or not isinstance(parts[found[0]][1], dict):
        raise OutcomeUnknownError("Alipay's answer is about something else")
    text, data = parts[found[0]]
    return Node(text, data, is_error=found[0] != name)


def _refuse_unsigned(node: Node) -> Never:
    code, reason = str(node.data.get("code", "")), str(node.data.get("sub_code", ""))
    if code in {"40001", "40002", "40003", "40006"} and reason.startswith(("isv.", "isp.")):
        raise ConfigError("Alipay refuses our requests unsigned", acquirer_code=reason)
    raise OutcomeUnknownError("Alipay's answer is not signed", acquirer_code=reason or code)


def _said(parts: Mapping[str, tuple[str, Any]], name: str) -> str:
    value = parts.get(name, ("", ""))[1]
    return value if isinstance(value, str) else ""


def top_level(body: bytes) -> dict[str, tuple[str, Any]]:
    """Split an answer into its members: of each the exact characters, and what they say.

    OutcomeUnknownError for what is no JSON object in UTF-8, and for any name that stands twice in
    one object: two readers could read two answers.
    """
    try:
        text = body.decode(CHARSET)
        return _members(text)
    except (ValueError, TypeError, RecursionError, IndexError) as error:
        raise OutcomeUnknownError("Alipay's answer cannot be read") from error


def _members(text: str) -> dict[str, tuple[str, Any]]:
    read = json.JSONDecoder(
        object_pairs_hook=_without_doubles, parse_float=str, parse_constant=_refuse_constant
    )
    members: dict[str, tuple[str, Any]] = {}
    at = _expect(text, 0, "{")
    while True:
        name, at = read.raw_decode(text, _skip_space(text, at))
        if not isinstance(name, str):
            raise TypeError("a name that is no text")
        begin = _skip_space(text, _expect(text, at, ":"))
        value, end = read.raw_decode(text, begin)
        if name in members:
            raise ValueError(f"{name} stands twice")
        members[name] = (text[begin:end], value)
        at = _skip_space(text, end)
        if text[at] == "}":
            break
        at = _expect(text, at, ",")
    if text[at + 1 :].strip(_SPACE):
        raise ValueError("more than one answer")
    return members


def _skip_space(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at


def _expect(text: str, at: int, sign: str) -> int:
    at = _skip_space(text, at)
    if text[at] != sign:
        raise ValueError(f"no {sign} at {at}")
    return at + 1


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON")
