"""The keys of one account at WeChat Pay: ours, theirs of before and of after a switch. No network.

WeChat Pay signs with a platform certificate (named by its serial number in hex) or with the public
key of WeChat Pay (named PUB_KEY_ID_…). While a merchant changes from one to the other both arrive,
so both are accepted; new merchants have the public key alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from payments.acquiring.contract import ConfigError
from payments.acquiring.registry import Account
from payments.acquiring.signing import (
    SEAL_KEY_BYTES,
    load_private_key,
    load_public_key,
    read_key_file,
)

PUBLIC_KEY_PREFIX: Final = "PUB_KEY_ID_"
_HEX: Final = re.compile(r"[0-9A-F]{8,80}")


@dataclass(frozen=True, slots=True)
class Keys:
    """What we sign with, and by whose names we believe."""

    merchant_id: str
    merchant_serial: str
    merchant: RSAPrivateKey = field(repr=False)
    seal: bytes = field(repr=False)
    # Serial of a certificate (hex, upper case) or id of a public key, to the key itself.
    theirs: Mapping[str, RSAPublicKey] = field(repr=False)
    # Whose answer we ask for and whom sensitive fields are encrypted for: a name of `theirs`.
    preferred: str = ""

    @classmethod
    def from_account(cls, account: Account) -> Keys:
        """Read the key files an account names; ConfigError when something is missing or unfit."""
        facts, files = account.settings, account.keys
        try:
            keys = cls(
                merchant_id=str(facts["merchant_id"]),
                merchant_serial=str(facts["merchant_serial"]).upper(),
                merchant=load_private_key(read_key_file(files["merchant_private_key"])),
                seal=_seal_key(read_key_file(files["apiv3_key"])),
                theirs={**_certificates(files), **_public_key(account)},
                preferred=_preferred(account),
            )
        except KeyError as error:
            raise ConfigError(f"account {account.code} lacks {error}") from error
        if not keys.theirs:
            raise ConfigError(f"account {account.code} has no key of WeChat Pay")
        if not _HEX.fullmatch(keys.merchant_serial):
            raise ConfigError(f"account {account.code}: merchant_serial is no serial number")
        return keys

    def named(self, serial: str) -> RSAPublicKey | None:
        """Return the key of this name, in whatever case a serial number is written."""
        name = serial if serial.startswith(PUBLIC_KEY_PREFIX) else serial.upper()
        return self.theirs.get(name)

    @property
    def sealing(self) -> tuple[str, RSAPublicKey]:
        """Name and key that sensitive fields are encrypted with."""
        name = self.preferred or next(iter(self.theirs))
        return name, self.theirs[name]


def _seal_key(content: bytes) -> bytes:
    key = content.strip()
    if len(key) != SEAL_KEY_BYTES:
        raise ConfigError("the APIv3 key has 32 characters")
    return key


def _certificates(files: Mapping[str, str]) -> dict[str, RSAPublicKey]:
    """Read the platform certificates, newest last as the operator put them; {} for none."""
    if "platform_certificates" not in files:
        return {}
    try:
        found = x509.load_pem_x509_certificates(read_key_file(files["platform_certificates"]))
    except ValueError as error:
        raise ConfigError("the platform certificates are not readable PEM") from error
    return {serial_of(certificate): _rsa(certificate) for certificate in found}


def serial_of(certificate: x509.Certificate) -> str:
    """Write a certificate's serial number as WeChat Pay does: hex, upper case."""
    return f"{certificate.serial_number:X}"


def _rsa(certificate: x509.Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise ConfigError("the key of a platform certificate is not RSA")
    return key


def _public_key(account: Account) -> dict[str, RSAPublicKey]:
    if "public_key" not in account.keys:
        return {}
    name = str(account.settings["public_key_id"])
    if not name.startswith(PUBLIC_KEY_PREFIX):
        raise ConfigError(f"public_key_id begins with {PUBLIC_KEY_PREFIX}")
    return {name: load_public_key(read_key_file(account.keys["public_key"]))}


def _preferred(account: Account) -> str:
    return str(account.settings["public_key_id"]) if "public_key" in account.keys else ""
