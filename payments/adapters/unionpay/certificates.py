"""Whether a certificate that came inside a message is UnionPay's own: by its chain, date and name.

A message brings the certificate it was signed with. That proves nothing by itself: anybody can make
one. It is believed only where a middle certificate of our own files signed it, a root of our own
files signed that, all three are in force, and the name in it is UnionPay's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from payments.acquiring.contract import ConfigError

COMPANY: Final = "中国银联股份有限公司"
PEM_BYTES_MAX: Final = 8192
_KEY_BITS_MIN: Final = 2048
_UNREADABLE: Final = (
    *(ValueError, TypeError, OverflowError, UnsupportedAlgorithm),
    *(x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)
_WAYS: Final = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
    }
)
SHA1_WAY: Final = SignatureAlgorithmOID.RSA_WITH_SHA1


class CertificateRefusedError(ValueError):
    """A certificate proves nothing; the words say why, for the log."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What we believe without being told: roots and middles from our own files.

    `takes_sha1`: certificates signed with SHA-1 count too (UnionPay's test environment has them).
    """

    roots: tuple[Certificate, ...]
    middles: tuple[Certificate, ...]
    takes_sha1: bool = False

    def check(self, pem: str, at: datetime) -> RSAPublicKey:
        """Return the key of a certificate that is UnionPay's own; CertificateRefusedError."""
        try:
            return self._checked(read_certificate(pem), at)
        except CertificateRefusedError:
            raise
        except _UNREADABLE as error:
            # What is inside a certificate is only read where it is looked at.
            raise CertificateRefusedError("the certificate cannot be read") from error

    def _checked(self, certificate: Certificate, at: datetime) -> RSAPublicKey:
        self._check_in_force(certificate, at)
        _check_company(certificate)
        if _may_sign_certificates(certificate):
            raise CertificateRefusedError("an authority's certificate signs no messages")
        middle = self._issuer_of(certificate, self.middles)
        root = self._issuer_of(middle, self.roots)
        for authority in (middle, root):
            self._check_in_force(authority, at)
            if not _may_sign_certificates(authority):
                raise CertificateRefusedError("signed by somebody who is no authority")
        return _key_of(certificate)

    def _issuer_of(self, certificate: Certificate, known: Iterable[Certificate]) -> Certificate:
        """Find who signed it among those we know; by name and signature both."""
        way = certificate.signature_algorithm_oid
        if way not in _WAYS and not (self.takes_sha1 and way == SHA1_WAY):
            raise CertificateRefusedError("signed with a digest we do not take")
        for authority in known:
            if authority.subject == certificate.issuer and _is_signed_by(certificate, authority):
                return authority
        raise CertificateRefusedError("signed by nobody we know")

    @staticmethod
    def _check_in_force(certificate: Certificate, at: datetime) -> None:
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise CertificateRefusedError("a certificate is not in force")


def read_certificate(pem: str) -> Certificate:
    """Read exactly one certificate; CertificateRefusedError."""
    if len(pem) > PEM_BYTES_MAX:
        raise CertificateRefusedError("too long for a certificate")
    try:
        (certificate,) = x509.load_pem_x509_certificates(pem.encode())
    except _UNREADABLE as error:
        raise CertificateRefusedError("not a certificate") from error
    return certificate


def read_certificates(pem: bytes) -> tuple[Certificate, ...]:
    """Read the certificates of a key file; ConfigError where there are none."""
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except _UNREADABLE as error:
        raise ConfigError("a certificate file is not readable PEM") from error


def serial_of(certificate: Certificate) -> str:
    """Write a certificate's serial as UnionPay names it (certId): decimal."""
    return str(certificate.serial_number)


def _key_of(certificate: Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < _KEY_BITS_MIN:
        raise CertificateRefusedError("its key is not RSA of 2048 bits")
    return key


def _is_signed_by(certificate: Certificate, authority: Certificate) -> bool:
    digest = certificate.signature_hash_algorithm
    if digest is None:
        return False
    try:
        _key_of(authority).verify(
            certificate.signature, certificate.tbs_certificate_bytes, PKCS1v15(), digest
        )
    except InvalidSignature:
        return False
    return True


def _check_company(certificate: Certificate) -> None:
    """Their names are written 041@number@company@number; the company is a whole part of it."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1 or COMPANY not in str(names[0].value).split("@"):
        raise CertificateRefusedError("the certificate is somebody else's")


def _may_sign_certificates(certificate: Certificate) -> bool:
    try:
        extensions = certificate.extensions
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound as missing:
        return missing.oid == x509.KeyUsage.oid
