"""WeChat Pay's keys at this bank: a platform certificate and a public key, as during a switch."""

from __future__ import annotations

import base64
import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
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
from cryptography.x509.oid import NameOID

from payments.sandbox.keys import serial_of, write_secret
from payments.sandbox.refusals import Refusal

MERCHANT_KEY: Final = "merchant_private.pem"
SEAL_KEY: Final = "apiv3_key"
CERTIFICATES: Final = "platform_certificates.pem"
PUBLIC_KEY: Final = "public_key.pem"
PUBLIC_KEY_ID: Final = "PUB_KEY_ID_0116080000012026112200000000000001"
_LETTERS: Final = string.ascii_letters + string.digits
_TEN_YEARS: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Keys:
    """What this side signs, opens and verifies with."""

    merchant_serial: str
    merchant: RSAPublicKey
    seal: bytes
    certificate_serial: str
    certificate_pem: bytes
    certified: RSAPrivateKey
    public: RSAPrivateKey

    @classmethod
    def make(cls, *, own: Path, merchants: Path) -> Keys:
        """Make what is missing, read the rest, and lay the merchant's half out."""
        merchant = _rsa_key(merchants / MERCHANT_KEY).public_key()
        certified, public = _rsa_key(own / "certified.pem"), _rsa_key(own / "public.pem")
        if not (merchants / CERTIFICATES).exists():
            write_secret(merchants / CERTIFICATES, _certificate(certified))
        if not (merchants / SEAL_KEY).exists():
            letters = "".join(secrets.choice(_LETTERS) for _ in range(32))
            write_secret(merchants / SEAL_KEY, letters.encode())
        pem = public.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_secret(merchants / PUBLIC_KEY, pem)
        certificate_pem = (merchants / CERTIFICATES).read_bytes()
        serial = x509.load_pem_x509_certificate(certificate_pem).serial_number
        return cls(
            merchant_serial=serial_of(merchant),
            merchant=merchant,
            seal=(merchants / SEAL_KEY).read_bytes(),
            certificate_serial=f"{serial:X}",
            certificate_pem=certificate_pem,
            certified=certified,
            public=public,
        )

    def speaking_to(self, wanted: str) -> tuple[str, RSAPrivateKey]:
        """Return name and key of an answer: the public key's for those who ask for it."""
        if wanted == PUBLIC_KEY_ID:
            return PUBLIC_KEY_ID, self.public
        return self.certificate_serial, self.certified

    def opened(self, sealed_for: str, text: str) -> str:
        """Decrypt a sensitive field; Refusal PARAM_ERROR for what was encrypted otherwise."""
        key = {PUBLIC_KEY_ID: self.public, self.certificate_serial: self.certified}.get(sealed_for)
        if key is None:
            raise Refusal("PARAM_ERROR", "Wechatpay-Serial names no key of ours")
        padding = OAEP(mgf=MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)  # noqa: S303
        try:
            return key.decrypt(base64.b64decode(text, validate=True), padding).decode()
        except ValueError as error:
            raise Refusal("PARAM_ERROR", "a sensitive field cannot be decrypted") from error


def _rsa_key(path: Path) -> RSAPrivateKey:
    if not path.exists():
        made = generate_private_key(public_exponent=65537, key_size=2048)
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_secret(path, pem)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path} is not an RSA key")
    return key


def _certificate(key: RSAPrivateKey) -> bytes:
    """Certify a key ourselves, as Tenpay.com would."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com Sandbox Root CA")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _TEN_YEARS)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)
