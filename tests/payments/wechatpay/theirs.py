"""WeChat Pay's side without a server: its keys, an account that knows them, signed messages."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from payments.acquiring.contract import RawHttp
from payments.acquiring.registry import AccountSpec

MERCHANT = "1608000001"
APPID = "wx8888888888888888"
SERIAL = "5157F09EFDC096DE15EBE81A47057A72"
PUBLIC_KEY_ID = "PUB_KEY_ID_0116080000012026112200000000000001"
SEAL = b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"


@cache
def key(name: str) -> RSAPrivateKey:
    """A key pair for this name, the same for all tests of a run."""
    del name
    return generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(name: str) -> str:
    """A private key as an operator has it."""
    made = key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.decode()


def public_pem(name: str) -> str:
    """Its public half."""
    half = key(name).public_key()
    return half.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@cache
def certificate(name: str = "certified") -> x509.Certificate:
    """A platform certificate."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
    builder = builder.public_key(key(name).public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1))
    return builder.not_valid_after(now + timedelta(days=9)).sign(key(name), hashes.SHA256())


def certificate_pem(name: str = "certified") -> str:
    """A platform certificate as it is downloaded."""
    return certificate(name).public_bytes(Encoding.PEM).decode()


def certificate_serial(name: str = "certified") -> str:
    """Its serial number as WeChat Pay writes it."""
    return f"{certificate(name).serial_number:X}"


def account(
    folder: Path, *, certified: bool = True, public: bool = True, **more: Any
) -> AccountSpec:
    """Our account in the middle of a switch, or before it, or after it."""
    files = {"merchant_private_key": private_pem("merchant"), "apiv3_key": SEAL.decode()}
    facts = {"merchant_id": MERCHANT, "appid": APPID, "merchant_serial": SERIAL, "is_test": True}
    if certified:
        files["platform_certificates"] = certificate_pem()
    if public:
        files["public_key"], facts["public_key_id"] = public_pem("public"), PUBLIC_KEY_ID
    for name, text in files.items():
        (folder / name).write_text(text)
    return AccountSpec(
        code="wechatpay",
        adapter="wechatpay",
        settings={"base_url": "http://127.0.0.1:1", **facts, **more},
        keys={name: str(folder / name) for name in files},
    )


def signed(body: bytes, *, with_: str = "public", at: int | None = None) -> dict[str, str]:
    """The headers WeChat Pay sends with an answer or a message."""
    stamp, nonce = str(int(time.time()) if at is None else at), "c5ac7061fccab6bf3e254dcf98995b8c"
    message = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
    proof = key(with_).sign(message, PKCS1v15(), hashes.SHA256())
    return {
        "wechatpay-serial": PUBLIC_KEY_ID if with_ == "public" else certificate_serial(with_),
        "wechatpay-timestamp": stamp,
        "wechatpay-nonce": nonce,
        "wechatpay-signature": base64.b64encode(proof).decode(),
        "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
    }


@dataclass(frozen=True)
class Content:
    """What is sealed in a message, and how it is announced."""

    resource: dict[str, Any]
    event_type: str = "TRANSACTION.SUCCESS"
    about: str = "transaction"
    seal: bytes = SEAL


def envelope(content: Content, **changed: Any) -> bytes:
    """A message's body, sealed."""
    nonce = "fdasflkja484"
    clear = json.dumps(content.resource, ensure_ascii=False).encode()
    sealed = AESGCM(content.seal).encrypt(nonce.encode(), clear, content.about.encode())
    said = {
        "id": "EV-2018022511223320873",
        "create_time": "2026-11-22T13:29:35+08:00",
        "resource_type": "encrypt-resource",
        "event_type": content.event_type,
        "summary": "支付成功",
        "resource": {
            "original_type": content.about,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(sealed).decode(),
            "associated_data": content.about,
            "nonce": nonce,
        },
    }
    return json.dumps({**said, **changed}, ensure_ascii=False).encode()


def message(body: bytes, **how: Any) -> RawHttp:
    """A message as it comes to our door."""
    return RawHttp("POST", "/payments/notify/wechatpay/", b"", signed(body, **how), body)


def transaction(**changed: Any) -> dict[str, Any]:
    """A payment of 192.00 that succeeded."""
    said = {
        "appid": APPID,
        "mchid": MERCHANT,
        "out_trade_no": "P2611220000000000001",
        "transaction_id": "4200001234202611220123456789",
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "CMC",
        "attach": "",
        "success_time": "2026-11-22T13:29:35+08:00",
        "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "amount": {
            "total": 19200,
            "payer_total": 19200,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
        "promotion_detail": [],
    }
    return {**said, **changed}
