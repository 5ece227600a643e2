"""A play authority of the tests' own, messages under it, and an account that believes it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from payments.acquiring.contract import RawHttp
from payments.adapters.unionpay import wire
from payments.adapters.unionpay.certificates import Trust

NAME = "041@8310000000083040@中国银联股份有限公司@00016495"
MERCHANT = "777290058110048"
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Signer:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: RSAPrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode().replace("\n", "\r\n").strip()


@functools.cache
def key(number: int = 0) -> RSAPrivateKey:
    """A key; making one is slow, so each number has one for the whole run."""
    del number
    return generate_private_key(public_exponent=65537, key_size=2048)


def signer(
    name: str = NAME,
    *,
    by: Signer | None = None,
    number: int = 0,
    ca: bool | None = False,
    days: tuple[int, int] = (-10, 10),
) -> Signer:
    """Make a certificate; `by` signs it, else it signs itself. `days` are from NOW."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key(number).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
    )
    if ca is not None:
        constraints = x509.BasicConstraints(ca=ca, path_length=None)
        builder = builder.add_extension(constraints, critical=True)
    signed = builder.sign(by.key if by else key(number), hashes.SHA256())
    return Signer(signed, key(number))


@functools.cache
def chain() -> tuple[Signer, Signer, Signer]:
    """Root, middle, UnionPay's own."""
    root = signer("ROOT", number=1, ca=True)
    middle = signer("MIDDLE", by=root, number=2, ca=True)
    return root, middle, signer(by=middle, number=3)


def trust(*, takes_sha1: bool = False) -> Trust:
    """What an account believes that has the chain's root and middle among its files."""
    root, middle, _ = chain()
    return Trust((root.certificate,), (middle.certificate,), takes_sha1)


FIELDS = {
    "version": "5.1.0",
    "encoding": "utf-8",
    "signMethod": "01",
    "accessType": "0",
    "bizType": "000201",
    "txnType": "01",
    "txnSubType": "01",
    "merId": MERCHANT,
    "orderId": "P26112212345678901AB",
    "txnTime": "20261122115900",
    "txnAmt": "19200",
    "currencyCode": "156",
    "settleAmt": "19200",
    "queryId": "782611221159001234567",
    "traceNo": "123456",
    "traceTime": "1122115930",
    "respCode": "00",
    "respMsg": "成功[0000000]",
}


def message(by: Signer | None = None, **changed: str) -> RawHttp:
    """A message as UnionPay posts it."""
    by = by or chain()[2]
    fields = {**FIELDS, "signPubKeyCert": by.pem, **changed}
    return posted(wire.sign(fields, by.key))


def posted(fields: dict[str, str]) -> RawHttp:
    """A form as it arrives at our door."""
    return RawHttp("POST", "/", b"", {}, wire.form_body(fields))
