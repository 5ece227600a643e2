"""Alipay's certificates: how each is named in requests and answers, and the keys inside. Pure.

A certificate is named by the MD5 of its issuer's name and its decimal serial number. The file of
roots holds several; those not signed with RSA (SM2 among them) are left out of the name, and are
told apart by the algorithm in their DER form: no library has to understand the others.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from payments.acquiring.contract import ConfigError

# 1.2.840.113549.1.1, which every RSA algorithm begins with, as DER writes it.
_RSA_ARC: Final = bytes.fromhex("2a864886f70d0101")
_SEQUENCE: Final = 0x30
_OBJECT_ID: Final = 0x06
_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


def certificates_in(pem: bytes) -> list[bytes]:
    """Return the DER form of every certificate of a file; ConfigError where there is none."""
    try:
        found = [
            base64.b64decode(b"".join(text.split()), validate=True) for text in _PEM.findall(pem)
        ]
    except ValueError as error:
        raise ConfigError("a certificate is not readable PEM") from error
    if not found:
        raise ConfigError("there is no certificate in the file")
    return found


def serial_of(pem: bytes) -> str:
    """Name the first certificate of a file, as `app_cert_sn` and `alipay_cert_sn` do."""
    return _name_of(_parsed(certificates_in(pem)[0]))


def root_serial_of(pem: bytes) -> str:
    """Name the roots of a file, joined with _; those not signed with RSA are left out."""
    names = [_name_of(_parsed(der)) for der in certificates_in(pem) if is_rsa_signed(der)]
    if not names:
        raise ConfigError("no root certificate of the file is signed with RSA")
    return "_".join(names)


def public_key_in(pem: bytes) -> RSAPublicKey:
    """Return the key of the first certificate of a file; ConfigError for any but RSA."""
    try:
        key = _parsed(certificates_in(pem)[0]).public_key()
    except ValueError as error:
        raise ConfigError("the certificate's key cannot be read") from error
    if not isinstance(key, RSAPublicKey):
        raise ConfigError("the certificate's key is not RSA")
    return key


def is_rsa_signed(der: bytes) -> bool:
    """Tell from the DER form whether a certificate is signed with RSA; ConfigError for no DER."""
    try:
        inside, _ = _contents(der, 0, _SEQUENCE)
        _, after_body = _contents(inside, 0, _SEQUENCE)
        algorithm, _ = _contents(inside, after_body, _SEQUENCE)
        name, _ = _contents(algorithm, 0, _OBJECT_ID)
    except (IndexError, ValueError) as error:
        raise ConfigError("a certificate is not DER") from error
    return name.startswith(_RSA_ARC)


def _contents(der: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """Return what an element holds and where the next one begins; ValueError, IndexError."""
    if der[at] != tag:
        raise ValueError(f"element {der[at]:#x} where {tag:#x} belongs")
    length, begin = der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + size], "big"), begin + size
    if begin + length > len(der):
        raise ValueError("cut off")
    return der[begin : begin + length], begin + length


def _parsed(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise ConfigError("a certificate cannot be read") from error


def _name_of(certificate: x509.Certificate) -> str:
    text = f"{certificate.issuer.rfc4514_string()}{certificate.serial_number}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
