"""Who signs what at this door: the merchant's key and Alipay's, made once, laid out for each."""

from __future__ import annotations

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

from payments.sandbox.dialects.alipay import certificates
from payments.sandbox.keys import write_secret

APP_KEY: Final = "app_private_key.pem"
ALIPAY_PUBLIC: Final = "alipay_public_key.pem"
APP_CERT: Final = "app_cert.crt"
ALIPAY_CERT: Final = "alipay_cert.crt"
ROOTS: Final = "alipay_root_cert.crt"
_BANK_KEY: Final = "alipay_private_key.pem"
_STRANGE_KEY: Final = "stranger_private_key.pem"


@dataclass(frozen=True, slots=True)
class DoorKeys:
    """What the gateway signs and checks with. `stranger` signs what nobody should believe."""

    alipay: RSAPrivateKey
    stranger: RSAPrivateKey
    merchant: RSAPublicKey
    app_cert_sn: str
    alipay_cert_sn: str
    root_cert_sn: str

    @classmethod
    def made(cls, own: Path, merchants: Path) -> DoorKeys:
        """Read the keys of this door, or make them."""
        alipay, stranger = _key(own / _BANK_KEY), _key(own / _STRANGE_KEY)
        merchant = _key(merchants / APP_KEY).public_key()
        if not (merchants / ROOTS).exists():
            papers = certificates.issue(merchant, alipay.public_key())
            public = alipay.public_key().public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
            )
            write_secret(merchants / ALIPAY_PUBLIC, public)
            write_secret(merchants / APP_CERT, papers.app)
            write_secret(merchants / ALIPAY_CERT, papers.alipay)
            write_secret(merchants / ROOTS, papers.roots)
        first_root = (merchants / ROOTS).read_bytes().split(b"-----END CERTIFICATE-----")[0]
        return cls(
            alipay,
            stranger,
            merchant,
            app_cert_sn=certificates.serial_of((merchants / APP_CERT).read_bytes()),
            alipay_cert_sn=certificates.serial_of((merchants / ALIPAY_CERT).read_bytes()),
            root_cert_sn=certificates.serial_of(first_root + b"-----END CERTIFICATE-----\n"),
        )


def _key(path: Path) -> RSAPrivateKey:
    if not path.exists():
        made = generate_private_key(public_exponent=65537, key_size=2048)
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_secret(path, pem)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path} is not an RSA key")
    return key
