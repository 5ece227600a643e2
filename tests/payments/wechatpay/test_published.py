"""The vectors others have published of APIv3: all fit, and nothing changed in them does.

They are third-party data and stand in a folder of their own, named by LINLI_VECTORS.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from payments.acquiring.signing import SealBrokenError, is_signed_rsa_sha256, open_seal
from payments.adapters.wechatpay.keys import Keys, serial_of
from payments.adapters.wechatpay.wire import flaw_of
from tests.payments.wechatpay.theirs import MERCHANT, SEAL, SERIAL, key


def published(name: str) -> list[dict[str, str]]:
    """The vector of this name; none where nobody has put any."""
    folder = os.environ.get("LINLI_VECTORS", "")
    if not folder:
        return []
    known: dict[str, Any] = json.loads((Path(folder) / "vectors.json").read_text(encoding="utf-8"))
    return [known["wechat"][name]]


@dataclass(frozen=True)
class Said:
    """An answer."""

    headers: dict[str, str]
    body: bytes


def test_the_published_seal_opens_and_no_other_does():
    for one in published("aes"):
        sealed, nonce = base64.b64decode(one["ciphertext"]), one["nonce"].encode()
        opened = open_seal(one["key"].encode(), sealed, nonce=nonce, associated=one["aad"].encode())

        assert opened == one["expect"].encode()
        for wrong in (
            (SEAL[::-1], sealed, nonce, one["aad"]),
            (one["key"].encode(), sealed[:-1] + bytes([sealed[-1] ^ 1]), nonce, one["aad"]),
            (one["key"].encode(), sealed, nonce[::-1], one["aad"]),
            (one["key"].encode(), sealed, nonce, one["aad"] + "x"),
        ):
            with pytest.raises(SealBrokenError):
                open_seal(wrong[0], wrong[1], nonce=wrong[2], associated=wrong[3].encode())


def test_the_published_signature_is_the_certificates_owners():
    for one in published("rsa"):
        certificate = x509.load_pem_x509_certificate(one["merchant_cert_pem"].encode())
        public = certificate.public_key()
        begin = one["serial_expected"].rstrip("…")

        assert serial_of(certificate).startswith(begin)
        assert is_signed_rsa_sha256(public, one["message"].encode(), one["signature"])
        assert not is_signed_rsa_sha256(public, b"messages", one["signature"])
        assert not is_signed_rsa_sha256(
            key("public").public_key(), one["message"].encode(), one["signature"]
        )


def test_the_published_answer_is_believed_in_its_five_minutes_and_unchanged():
    for one in published("response"):
        certificate = x509.load_pem_x509_certificate(one["public_pem"].encode())
        serial = serial_of(certificate)
        keys = Keys(MERCHANT, SERIAL, key("merchant"), SEAL, {serial: certificate.public_key()})
        said = Said(
            {
                "wechatpay-serial": serial.lower(),
                "wechatpay-timestamp": one["timestamp"],
                "wechatpay-nonce": one["nonce"],
                "wechatpay-signature": one["signature"],
            },
            one["body"].encode(),
        )
        then = datetime.fromtimestamp(int(one["timestamp"]), UTC)

        assert flaw_of(keys, said, then) == ""
        assert flaw_of(keys, said, then + timedelta(seconds=301)) == "stale"
        assert flaw_of(keys, said, then - timedelta(seconds=301)) == "stale"
        assert flaw_of(keys, replace(said, body=said.body + b" "), then) == "signature"
        other = {**said.headers, "wechatpay-nonce": one["nonce"][::-1]}
        assert flaw_of(keys, replace(said, headers=other), then) == "signature"
        other = {**said.headers, "wechatpay-serial": "00FF00FF00FF"}
        assert flaw_of(keys, replace(said, headers=other), then) == "serial"
