"""What an account at UnionPay is made of: our number, our key, the certificates we believe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptography.x509 import Certificate

from payments.acquiring.contract import ConfigError
from payments.acquiring.registry import Account
from payments.acquiring.signing import load_private_key, read_key_file
from payments.adapters.unionpay.certificates import Trust, read_certificates, serial_of

_TEST_TR_ID: Final = "62000000001"


@dataclass(frozen=True, slots=True)
class Profile:
    """What an account says of itself."""

    merchant_id: str
    base_url: str
    is_test: bool = False
    tr_id: str = _TEST_TR_ID
    asks_for_code: bool = True
    voids_same_day: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """Our key and its certificate's serial, whom we believe, and what we seal secrets with."""

    merchant: RSAPrivateKey
    cert_id: str
    trust: Trust
    sealing: Certificate | None = None
    fingerprint: bytes = b""


def read_profile(account: Account) -> Profile:
    """Read an account's settings; ConfigError without a merchant number."""
    said = account.settings
    if not said.get("merchant_id"):
        raise ConfigError(f"account {account.code} lacks the setting merchant_id")
    return Profile(
        merchant_id=str(said["merchant_id"]),
        base_url=str(said.get("base_url", "")).rstrip("/"),
        is_test=is_on(said, "is_test"),
        tr_id=str(said.get("tr_id") or _TEST_TR_ID),
        asks_for_code=is_on(said, "charge_code", default=True),
        voids_same_day=is_on(said, "void_same_day"),
    )


def read_keys(account: Account) -> Keys:
    """Read the key files an account names; ConfigError when one is missing or unreadable."""
    files = account.keys
    try:
        merchant, cert_id = _merchant_pair(account)
        trust = Trust(
            roots=read_certificates(read_key_file(files["unionpay_root"])),
            middles=read_certificates(read_key_file(files["unionpay_middle"])),
            takes_sha1=is_on(account.settings, "sha1_certificates"),
        )
    except KeyError as error:
        raise ConfigError(f"account {account.code} lacks the key file {error}") from error
    sealing = files.get("unionpay_encrypt_cert")
    fingerprint = files.get("fingerprint_key")
    return Keys(
        merchant=merchant,
        cert_id=cert_id,
        trust=trust,
        sealing=read_certificates(read_key_file(sealing))[0] if sealing else None,
        fingerprint=read_key_file(fingerprint).strip() if fingerprint else b"",
    )


def _merchant_pair(account: Account) -> tuple[RSAPrivateKey, str]:
    """Read our key and its certificate's serial: from a PFX as UnionPay gives it, or from PEM."""
    files = account.keys
    if "merchant_pfx" not in files:
        key = load_private_key(read_key_file(files["merchant_private_key"]))
        (certificate, *_) = read_certificates(read_key_file(files["merchant_certificate"]))
        return _matching(key, certificate)
    password = files.get("merchant_pfx_password")
    word = read_key_file(password).strip() if password else None
    try:
        bundle = load_pkcs12(read_key_file(files["merchant_pfx"]), word)
    except ValueError as error:
        raise ConfigError("the PFX file cannot be opened with its password") from error
    if not isinstance(bundle.key, RSAPrivateKey) or bundle.cert is None:
        raise ConfigError("the PFX file holds no RSA key with its certificate")
    return _matching(bundle.key, bundle.cert.certificate)


def _matching(key: RSAPrivateKey, certificate: Certificate) -> tuple[RSAPrivateKey, str]:
    if certificate.public_key() != key.public_key():
        raise ConfigError("our certificate is not that of our key")
    return key, serial_of(certificate)


def is_on(said: Mapping[str, object], name: str, *, default: bool = False) -> bool:
    """Read a yes or no of an account's settings, written as a word or as a truth value."""
    value = said.get(name)
    if value is None:
        return default
    return value is True or str(value).lower() in {"true", "yes", "1"}
