"""The bank's keys, and the merchant's half laid out for the mall to pick up.

Made once, at the first start; later starts read the same files. Only the owner may read them.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from payments.sandbox.settings import Settings

BANK_KEY_FILE: Final = "bank_private.pem"
FINGERPRINT_FILE: Final = "bank_fingerprint_key"
MERCHANT_KEY_FILE: Final = "merchant_private.pem"
BANK_PUBLIC_FILE: Final = "sandbox_public.pem"
SEAL_KEY_FILE: Final = "aead_key"
MERCHANT_FILE: Final = "merchant.json"


@dataclass(frozen=True, slots=True)
class Keys:
    """What the bank signs, verifies, seals and fingerprints with."""

    bank: RSAPrivateKey
    bank_serial: str
    merchant: RSAPublicKey
    merchant_serial: str
    seal: bytes
    secret: bytes


def _write(path: Path, content: bytes) -> None:
    """Write a file for its owner's eyes only, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)


def _private_key(path: Path) -> RSAPrivateKey:
    if not path.exists():
        made = generate_private_key(public_exponent=65537, key_size=2048)
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(path, pem)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path} is not an RSA key")
    return key


def _secret(path: Path, content: bytes) -> bytes:
    if not path.exists():
        _write(path, content)
    return path.read_bytes().strip()


def serial_of(key: RSAPublicKey) -> str:
    """Name a public key: the first 20 hex digits of the SHA-256 of its DER form."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:20].upper()


def provision(settings: Settings) -> Keys:
    """Read or make all keys, and lay the merchant's half out in the keys folder."""
    bank = _private_key(settings.data / BANK_KEY_FILE)
    secret = _secret(settings.data / FINGERPRINT_FILE, secrets.token_hex(32).encode())
    folder = settings.keys_dir
    merchant = _private_key(folder / MERCHANT_KEY_FILE).public_key()
    seal = _secret(folder / SEAL_KEY_FILE, secrets.token_hex(32).encode())
    public = bank.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write(folder / BANK_PUBLIC_FILE, public)
    keys = Keys(
        bank=bank,
        bank_serial=serial_of(bank.public_key()),
        merchant=merchant,
        merchant_serial=serial_of(merchant),
        seal=bytes.fromhex(seal.decode()),
        secret=secret,
    )
    _write(folder / MERCHANT_FILE, _merchant_file(settings, keys))
    return keys


def _merchant_file(settings: Settings, keys: Keys) -> bytes:
    facts = {
        "merchant_id": settings.merchant_id,
        "merchant_serial": keys.merchant_serial,
        "sandbox_serial": keys.bank_serial,
        "base_url": settings.base_url,
        "fee_rate": settings.fee_rate,
        "merchant_private_key": MERCHANT_KEY_FILE,
        "sandbox_public_key": BANK_PUBLIC_FILE,
        "aead_key": SEAL_KEY_FILE,
    }
    return (json.dumps(facts, ensure_ascii=False, indent=2) + "\n").encode()
