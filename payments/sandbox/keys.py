"""The bank's keys, and the merchant's half laid out for the mall to pick up.

Made once, at the first start; later starts read the same files. Only the owner may read them.
Both key pairs can be changed for new ones; the older ones stay in use until they are retired, so
that what began with them can end with them.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
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

FINGERPRINT_FILE: Final = "bank_fingerprint_key"
SEAL_KEY_FILE: Final = "aead_key"
MERCHANT_FILE: Final = "merchant.json"
RING_FILE: Final = "key_ring.json"


def bank_file(generation: int) -> str:
    """Name the file of the bank's private key: the first has no number."""
    return f"bank_private{_number(generation)}.pem"


def bank_public_file(generation: int) -> str:
    """Name the file of the bank's public key in the keys folder."""
    return f"sandbox_public{_number(generation)}.pem"


def merchant_file(generation: int) -> str:
    """Name the file of the merchant's private key in the keys folder."""
    return f"merchant_private{_number(generation)}.pem"


def _number(generation: int) -> str:
    return "" if generation == 1 else f"-{generation}"


def write_secret(path: Path, content: bytes) -> None:
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
        write_secret(path, pem)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path} is not an RSA key")
    return key


def _secret(path: Path, content: bytes) -> bytes:
    if not path.exists():
        write_secret(path, content)
    return path.read_bytes().strip()


def serial_of(key: RSAPublicKey) -> str:
    """Name a public key: the first 20 hex digits of the SHA-256 of its DER form."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:20].upper()


class KeyRing:
    """What the bank signs, verifies, seals and fingerprints with; the newest of each comes first.

    Generations count from 1. Those listed in the ring file are in use, all others are retired.
    """

    def __init__(self, settings: Settings) -> None:
        """Read or make all keys, and lay the merchant's half out in the keys folder."""
        self._settings = settings
        self._ring = settings.data / RING_FILE
        in_use = json.loads(self._ring.read_text()) if self._ring.exists() else {}
        self.secret = _secret(settings.data / FINGERPRINT_FILE, secrets.token_hex(32).encode())
        seal = _secret(settings.keys_dir / SEAL_KEY_FILE, secrets.token_hex(32).encode())
        self.seal = bytes.fromhex(seal.decode())
        self._banks = {n: self._bank(n) for n in in_use.get("bank", [1])}
        self._merchants = {n: self._merchant(n) for n in in_use.get("merchant", [1])}
        self._lay_out()

    def _bank(self, generation: int) -> tuple[str, RSAPrivateKey]:
        key = _private_key(self._settings.data / bank_file(generation))
        return serial_of(key.public_key()), key

    def _merchant(self, generation: int) -> tuple[str, RSAPublicKey]:
        path = self._settings.keys_dir / merchant_file(generation)
        key = _private_key(path).public_key()
        return serial_of(key), key

    @property
    def bank(self) -> tuple[str, RSAPrivateKey]:
        """Serial and key the bank signs with."""
        return self._banks[max(self._banks)]

    @property
    def merchant_serial(self) -> str:
        """The name of the key the merchant should sign with."""
        return self._merchants[max(self._merchants)][0]

    @property
    def has_older_bank_key(self) -> bool:
        """Whether an older key of the bank's is still in use beside the newest."""
        return len(self._banks) > 1

    @property
    def older_bank(self) -> tuple[str, RSAPrivateKey]:
        """Serial and key the bank signed with before; the newest where there is no older one."""
        return self._banks[sorted(self._banks)[-2 if self.has_older_bank_key else -1]]

    def bank_for(self, serial: str) -> tuple[str, RSAPrivateKey]:
        """Serial and key an answer is signed with: the one its reader knows, else the newest."""
        return next((pair for pair in self._banks.values() if pair[0] == serial), self.bank)

    def merchant_for(self, serial: str) -> RSAPublicKey | None:
        """Return the merchant's key of this name, if it is in use."""
        return next((key for name, key in self._merchants.values() if name == serial), None)

    def rotate_bank(self) -> str:
        """Make a new key for the bank and sign with it from now on; return its serial."""
        generation = max(self._banks) + 1
        self._banks = {**self._banks, generation: self._bank(generation)}
        self._lay_out()
        return self.bank[0]

    def rotate_merchant(self) -> str:
        """Make a new key for the merchant; the older one is accepted too. Return its serial."""
        generation = max(self._merchants) + 1
        self._merchants = {**self._merchants, generation: self._merchant(generation)}
        self._lay_out()
        return self.merchant_serial

    def retire(self) -> None:
        """End the overlap: only the newest key of each is in use from now on."""
        self._banks = dict(sorted(self._banks.items())[-1:])
        self._merchants = dict(sorted(self._merchants.items())[-1:])
        self._lay_out()

    def _lay_out(self) -> None:
        """Write which generations are in use, and the merchant's half."""
        folder, bank, merchant = self._settings.keys_dir, max(self._banks), max(self._merchants)
        ring = {"bank": sorted(self._banks), "merchant": sorted(self._merchants)}
        write_secret(self._ring, json.dumps(ring).encode())
        for generation, (_, key) in self._banks.items():
            public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            write_secret(folder / bank_public_file(generation), public)
        facts = {
            "merchant_id": self._settings.merchant_id,
            "merchant_serial": self.merchant_serial,
            "sandbox_serial": self.bank[0],
            "base_url": self._settings.base_url,
            "fee_rate": self._settings.fee_rate,
            "merchant_private_key": merchant_file(merchant),
            "sandbox_public_key": bank_public_file(bank),
            "aead_key": SEAL_KEY_FILE,
        }
        text = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
        write_secret(folder / MERCHANT_FILE, text.encode())
