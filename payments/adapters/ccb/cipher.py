"""The bank's old cipher: what a scanned payment is wrapped in, and what a payer's card comes in.

DES in ECB is no secrecy: its key is the tail of a key that stands in every merchant's page. It is
the bank's envelope, and nothing here is believed because it could be opened. `cryptography` offers
DES only as TripleDES; DES-EDE with one key three times is DES by definition (NIST SP 800-67, 2).
"""

from __future__ import annotations

import base64
import binascii
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.padding import PKCS7

_BLOCK_BITS: Final = 64
_KEY_BYTES: Final = 8
_LINE_CHARACTERS: Final = 76
_MARK: Final = b"\xfe\xff"


class CannotBeOpenedError(ValueError):
    """Not a text of this cipher, or one of another key."""


def _des(key: str) -> Cipher[ECB]:
    single = key.encode("ascii")[:_KEY_BYTES]
    if len(single) != _KEY_BYTES:
        raise ValueError("the cipher's key has eight characters")
    return Cipher(TripleDES(single * 3), ECB())  # noqa: S305 - the bank's form, see above


def encrypt(key: str, plaintext: bytes) -> bytes:
    """Encrypt with the first eight characters of a key; PKCS5 padding."""
    padder, encryptor = PKCS7(_BLOCK_BITS).padder(), _des(key).encryptor()
    padded = padder.update(plaintext) + padder.finalize()
    return encryptor.update(padded) + encryptor.finalize()


def decrypt(key: str, ciphertext: bytes) -> bytes:
    """Decrypt; CannotBeOpenedError."""
    decryptor, unpadder = _des(key).decryptor(), PKCS7(_BLOCK_BITS).unpadder()
    try:
        padded = decryptor.update(ciphertext) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise CannotBeOpenedError("the text cannot be opened") from error


def ccb_param(key: str, text: str) -> str:
    """Wrap `k=v&…` as the request parameter ccbParam, percent-encoded once as the bank wants it."""
    sealed = encrypt(key, _MARK + text.encode("utf-16-be"))
    plain = base64.b64encode(sealed).decode()
    lines = [plain[at : at + _LINE_CHARACTERS] for at in range(0, len(plain), _LINE_CHARACTERS)]
    return quote("\r\n".join(lines).replace("+", ","), safe="")


def card_of(key: str, sealed: str) -> tuple[str, str]:
    """Open USRMSG or USRINFO: holder's name and card or account number; CannotBeOpenedError.

    What is returned is for masking at once and for nothing else.
    """
    try:
        raw = unquote_to_bytes(sealed).replace(b",", b"+")
        text = decrypt(key, base64.b64decode(raw, validate=True)).decode("gb18030")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise CannotBeOpenedError("the card cannot be read") from error
    name, _, number = text.partition("|")
    return name, number


def masked_card(key: str, sealed: str) -> dict[str, str]:
    """Say of USRMSG or USRINFO what may be kept: one letter of the name, four last digits."""
    try:
        name, number = card_of(key, sealed)
    except CannotBeOpenedError:
        return {}
    return {"holder_mask": f"{name[:1]}**", "last4": number[-4:] if len(number) > 8 else ""}
