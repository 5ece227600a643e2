"""The bank's signature: RSA (PKCS#1 v1.5) over MD5, 1024 bits, e = 17, written in hex.

It is weak: MD5 collides and 1024 bits are few. What it proves is confirmed by asking the bank.
"""

from __future__ import annotations

import re
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from payments.acquiring.contract import NotificationRejectedError

_SIGN: Final = re.compile(r"[0-9A-Fa-f]{256}|[0-9A-Fa-f]{512}", re.ASCII)


def check_seal(key: RSAPublicKey, message: bytes, sign_hex: str) -> None:
    """Check a signature over bytes; NotificationRejectedError signature."""
    if not _SIGN.fullmatch(sign_hex):
        raise NotificationRejectedError("this is no signature", reason="signature")
    try:
        key.verify(bytes.fromhex(sign_hex), message, PKCS1v15(), hashes.MD5())  # noqa: S303
    except InvalidSignature as error:
        raise NotificationRejectedError("the signature does not fit", reason="signature") from error
