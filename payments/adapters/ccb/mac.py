"""The bank's MAC: an MD5 over fields in their published order, PUB standing in for a secret.

It proves nothing to us (PUB is the tail of a public key), it only keeps the bank from refusing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

PUB_LENGTH: Final = 30

_ORDER: Final = ("MERCHANTID", "POSID", "BRANCHID", "ORDERID", "PAYMENT", "CURCODE", "TXCODE")
_REMARKS: Final = ("REMARK1", "REMARK2")
_PAGE: Final = ("TYPE", "PUB", "GATEWAY", "CLIENTIP", "REGINFO", "PROINFO", "REFERER")
_PLACE: Final = ("MERCHANTID", "BRANCHID", "POSID", "ORDERDATE", "BEGORDERTIME", "ENDORDERTIME")

# TXCODE (and form, for the query) to the fields its MAC is taken over, in order.
MAC_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "530550": (*_ORDER, *_REMARKS, "RETURNTYPE", "TIMEOUT", "PUB"),
    "530590": (*(*_ORDER, *_REMARKS, *_PAGE, "TIMEOUT", "TRADE_TYPE", "SUB_APPID", "SUB_OPENID"),),
    "520100": (
        *(*_ORDER, *_REMARKS, *_PAGE, "INSTALLNUM", "THIRDAPPINFO", "TIMEOUT", "ISSINSCODE"),
    ),
    "410408:orderid": (
        *(*_PLACE, "ORDERID", "QUPWD", "TXCODE", "TYPE", "KIND", "STATUS", "SEL_TYPE", "PAGE"),
        *("OPERATOR", "CHANNEL"),
    ),
    "410408:range": (
        *(*_PLACE, "BEGORDERID", "ENDORDERID", "QUPWD", "TXCODE", "SEL_TYPE", "OPERATOR"),
    ),
}
# Fields that take part only where they say something.
OPTIONAL: Final[Mapping[str, frozenset[str]]] = {
    "530590": frozenset({"TIMEOUT"}),
    "520100": frozenset({"INSTALLNUM", "THIRDAPPINFO", "TIMEOUT", "ISSINSCODE"}),
}
# Said to the bank, and empty in the MAC.
_LEFT_EMPTY: Final = frozenset({"QUPWD"})


def pub_of(key_der_hex: str) -> str:
    """Return PUB: the last thirty hex digits of the merchant's public key."""
    return key_der_hex[-PUB_LENGTH:]


def mac_text(form: str, fields: Mapping[str, str], pub: str = "") -> str:
    """Write the text a MAC of this form is taken over; KeyError where a field is missing."""
    said = {**fields, "PUB": pub, **dict.fromkeys(_LEFT_EMPTY, "")}
    optional = OPTIONAL.get(form, frozenset())
    return "&".join(
        f"{name}={said[name]}"
        for name in MAC_FIELDS[form]
        if name not in optional or said.get(name)
    )


def mac(form: str, fields: Mapping[str, str], pub: str = "") -> str:
    """Compute the MAC: lower-case hex."""
    text = mac_text(form, fields, pub)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def js_escape(text: str) -> str:
    """Write a text as JavaScript's escape() does: what the bank wants Chinese remarks in."""
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character.isascii() and (character.isalnum() or character in "@*_+-./"):
        return character
    units = character.encode("utf-16-be")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return "".join(f"%{code:02X}" if code < 256 else f"%u{code:04X}" for code in codes)
