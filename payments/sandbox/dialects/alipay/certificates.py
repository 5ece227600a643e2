"""The certificates of this door: a root, a root Alipay's file holds beside it, ours and theirs.

The second root is signed with SM2, as one in Alipay's real file is: whoever reads the file must be
able to leave it out. Nobody can check its signature, which is as it should be.
"""

from __future__ import annotations

import base64
import hashlib
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_YEARS: Final = timedelta(days=3650)
# ECDSA with SHA-256 and P-256 as DER writes them, and what stands there for SM2: as long each.
_SM2: Final = (
    (bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a811ccf55018375")),
    (bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a811ccf5501822d")),
)


@dataclass(frozen=True, slots=True)
class Papers:
    """The three files of certificate mode, as PEM."""

    app: bytes
    alipay: bytes
    roots: bytes


def issue(app: RSAPublicKey, alipay: RSAPublicKey) -> Papers:
    """Issue certificates for both keys under a root that is made for it and thrown away."""
    root_key = generate_private_key(public_exponent=65537, key_size=2048)
    root_name = _name("Sandbox Ant Financial Certification Authority R1")
    roots = [_signed(root_name, root_key.public_key(), issuer=root_name, by=root_key), _sm2_root()]
    return Papers(
        app=_pem(_signed(_name("邻里团 2021000100000001"), app, issuer=root_name, by=root_key)),
        alipay=_pem(
            _signed(_name("Sandbox Alipay 2088102100000001"), alipay, issuer=root_name, by=root_key)
        ),
        roots=b"".join(_pem(root) for root in roots),
    )


def serial_of(pem: bytes) -> str:
    """Name a certificate: MD5 of its issuer, most special part first, and its serial number."""
    certificate = x509.load_pem_x509_certificate(pem)
    parts = [
        f"{part.rfc4514_attribute_name}={part.value!s}"
        for part in reversed(list(certificate.issuer))
    ]
    written = f"{','.join(parts)}{certificate.serial_number}"
    return hashlib.md5(written.encode(), usedforsecurity=False).hexdigest()


def _name(common: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "Sandbox"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Certification Authority"),
        (NameOID.COMMON_NAME, common),
    )
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def _signed(
    subject: x509.Name,
    key: RSAPublicKey | ec.EllipticCurvePublicKey,
    *,
    issuer: x509.Name,
    by: RSAPrivateKey | ec.EllipticCurvePrivateKey,
) -> bytes:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _YEARS)
    )
    return builder.sign(by, hashes.SHA256()).public_bytes(Encoding.DER)


def _sm2_root() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Sandbox SM2 Root")
    der = _signed(name, key.public_key(), issuer=name, by=key)
    for ours, theirs in _SM2:
        der = der.replace(ours, theirs)
    return der


def _pem(der: bytes) -> bytes:
    lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n".encode()
