"""A play authority: root, middle, and the certificates of UnionPay and its merchant under them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from payments.sandbox.clock import real_ms
from payments.sandbox.keys import write_secret

UNIONPAYS_NAME: Final = "041@8310000000083040@中国银联股份有限公司@00016495"
_TEN_YEARS: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate and the key it is about."""

    certificate: x509.Certificate
    key: RSAPrivateKey

    @property
    def serial(self) -> str:
        """The serial as the protocol writes it: decimal."""
        return str(self.certificate.serial_number)

    @property
    def pem(self) -> str:
        """The certificate as text."""
        return self.certificate.public_bytes(Encoding.PEM).decode()


def kept(folder: Path, name: str, make: str, *, by: Holder | None, days: int = 0) -> Holder:
    """Read a certificate and its key from a folder, or make them there.

    `by` signs it; none signs itself, an authority. `days` above 0: it has expired so long ago.
    An authority's certificate is asked for by a name that begins with "CA ".
    """
    key_file, certificate_file = folder / f"{name}_key.pem", folder / f"{name}.pem"
    if not (key_file.exists() and certificate_file.exists()):
        made = _make(make, by=by, expired_days=days)
        pem = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_secret(key_file, pem)
        write_secret(certificate_file, made.pem.encode())
    key = load_pem_private_key(key_file.read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{key_file} is not an RSA key")
    return Holder(x509.load_pem_x509_certificate(certificate_file.read_bytes()), key)


def _make(name: str, *, by: Holder | None, expired_days: int) -> Holder:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    subject = _name(name)
    now = datetime.fromtimestamp(real_ms() / 1000, UTC)
    ends = now - timedelta(days=expired_days) if expired_days else now + _TEN_YEARS
    is_authority = name.startswith("CA ")
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, ends) - timedelta(days=400))
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(_uses(is_authority=is_authority), critical=True)
        .sign(by.key if by else key, hashes.SHA256())
    )
    return Holder(made, key)


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sandbox Certification Authority"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


def _uses(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=not is_authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def bundle(holder: Holder, password: bytes) -> bytes:
    """Write key and certificate as the PFX file a merchant is given."""
    return serialize_key_and_certificates(
        b"merchant", holder.key, holder.certificate, None, BestAvailableEncryption(password)
    )
