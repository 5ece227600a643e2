"""Tied cards at UnionPay: the number is typed on its page; we keep a token and four digits.

UnionPay may send the card's number along, sealed for us. It is opened here, looked at for its first
and last digits and a keyed fingerprint, and forgotten; it is neither kept nor logged.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509 import Certificate

from payments.acquiring.contract import (
    AgreementResult,
    AgreementStatus,
    ConfigError,
    OutcomeUnknownError,
)
from payments.adapters.unionpay import wire
from payments.adapters.unionpay.keys import Keys
from payments.adapters.unionpay.messages import kept, moment_of
from payments.kernel.clock import SHANGHAI, now

TOKEN_TYPE: Final = "01"  # noqa: S105  the name of a kind, not a secret
SINGLE_MARK: Final = "unionpay_single"
OTHER_MARK: Final = "dual_or_brand"
_KINDS: Final[Mapping[str, str]] = {"01": "debit", "02": "credit", "03": "credit"}
_SHOWN: Final = re.compile(r"([0-9]{6,10})([0-9*]{2,9})([0-9]{4})|\**([0-9]{4})")
_PHONE: Final = re.compile(r"[0-9+*]{5,20}")
_DAY: Final = re.compile(r"[0-9]{8}([0-9]{6})?")

Fields = Mapping[str, str]


def token_data(**parts: str) -> str:
    """Write {token=…&trId=…}."""
    return "{" + "&".join(f"{name}={value}" for name, value in parts.items() if value) + "}"


def read_token_data(text: str) -> dict[str, str]:
    """Read {token=…&trId=…}; empty where there is none. OutcomeUnknownError for anything else."""
    if not text:
        return {}
    if not (text.startswith("{") and text.endswith("}")):
        raise OutcomeUnknownError("UnionPay's token data cannot be read")
    try:
        return dict(wire.pairs_of(text[1:-1]))
    except wire.UnreadableError as error:
        raise OutcomeUnknownError("UnionPay's token data cannot be read") from error


def sealed(text: str, certificate: Certificate) -> str:
    """Seal a secret for UnionPay with its certificate, as base64."""
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise ConfigError("UnionPay's sealing certificate is not RSA")
    return base64.b64encode(key.encrypt(text.encode(), PKCS1v15())).decode()


def opened(text: str, key: RSAPrivateKey) -> str:
    """Open what UnionPay sealed for us; "" where it is not sealed for this key."""
    try:
        return key.decrypt(base64.b64decode(text, validate=True), PKCS1v15()).decode()
    except (ValueError, binascii.Error):
        return ""


def customer_info(*, phone: str = "", code: str = "", sealing: Certificate | None) -> str:
    """Write customerInfo: the typed code in clear, the phone only sealed; "" without either.

    A phone is not sent where there is no certificate to seal it with.
    """
    parts = {"smsCode": code} if code else {}
    if phone and sealing is not None:
        parts["encryptedInfo"] = sealed(f"phoneNo={phone}", sealing)
    return base64.b64encode(token_data(**parts).encode()).decode() if parts else ""


def phone_of(text: str, key: RSAPrivateKey) -> str:
    """Read the phone of customerInfo, masked; "" where there is none."""
    try:
        inner = base64.b64decode(text, validate=True).decode()
        parts = read_token_data(inner)
        if "encryptedInfo" in parts:
            parts |= dict(wire.pairs_of(opened(parts["encryptedInfo"], key)))
    except (ValueError, binascii.Error, OutcomeUnknownError):
        return ""
    phone = parts.get("phoneNo", "")
    if not _PHONE.fullmatch(phone) or len(phone) < 8:
        return ""
    return f"{phone[:3]}****{phone[-4:]}"


def read_opening(fields: Fields, *, number: str, keys: Keys, token: str = "") -> AgreementResult:
    """Read an opening that was told or asked about; OutcomeUnknownError when it cannot be read.

    `token` is the one we know of: where UnionPay says a card is not open any more, it was ended.
    """
    data = read_token_data(fields.get("tokenPayData", ""))
    is_open = fields.get("activateStatus", "1" if data.get("token") else "") == "1"
    if is_open and not data.get("token"):
        raise OutcomeUnknownError("UnionPay says a card is open and names no token")
    if not is_open:
        return _not_open(fields, number=number, token=token)
    ends_at = _end_of(data.get("tokenEnd", ""))
    is_over = ends_at is not None and ends_at <= now()
    first, last4, fingerprint = _card(fields.get("accNo", ""), data["token"], keys)
    return AgreementResult(
        status=AgreementStatus.EXPIRED if is_over else AgreementStatus.ACTIVE,
        agreement_no=number,
        token=data["token"],
        last4=last4,
        bin=first,
        issuer_name=fields.get("payCardIssueName", ""),
        kind=_KINDS.get(fields.get("payCardType", ""), ""),
        scheme=SINGLE_MARK if first.startswith(("62", "81")) else OTHER_MARK,
        fingerprint=fingerprint,
        phone_mask=phone_of(fields.get("customerInfo", ""), keys.merchant),
        merchant_id=fields.get("merId", ""),
        signed_at=moment_of(fields) or _day(data.get("tokenBegin", "")),
        expires_at=ends_at,
        raw=kept(fields),
    )


def _not_open(fields: Fields, *, number: str, token: str) -> AgreementResult:
    status = AgreementStatus.REVOKED_BY_USER if token else AgreementStatus.PENDING_FORM
    return AgreementResult(
        status=status,
        agreement_no=number,
        token=token,
        merchant_id=fields.get("merId", ""),
        raw=kept(fields),
    )


def _card(text: str, token: str, keys: Keys) -> tuple[str, str, str]:
    """Return first digits, last four and a fingerprint: the token where that is all there is."""
    number = text if _SHOWN.fullmatch(text) else opened(text, keys.merchant)
    shown = _SHOWN.fullmatch(number)
    if shown is None:
        return "", "", token
    first, last4 = (shown[1] or "")[:8], shown[3] or shown[4]
    is_whole = number.isdecimal() and len(number) >= 12
    if not is_whole or not keys.fingerprint:
        return first[:6], last4, token
    print_ = hmac.new(keys.fingerprint, b"unionpay:" + number.encode(), hashlib.sha256)
    return number[:8], last4, print_.hexdigest()


def _day(text: str) -> datetime | None:
    """Read a day or an instant of Shanghai; None for anything else."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return datetime.strptime(text[:8], "%Y%m%d").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def _end_of(text: str) -> datetime | None:
    """A token is good through its last day."""
    day = _day(text)
    return None if day is None else day + timedelta(days=1)
