"""How this bank writes and reads: MACs over fields in order, a DES envelope, two kinds of XML."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import ECB

from payments.sandbox.core.movements import SHANGHAI
from payments.sandbox.refusals import Refusal

_SHOP: Final = "MERCHANTID POSID BRANCHID ORDERID PAYMENT CURCODE TXCODE REMARK1 REMARK2"
_PAGE: Final = "TYPE PUB GATEWAY CLIENTIP REGINFO PROINFO REFERER"
_ASKED: Final = "MERCHANTID BRANCHID POSID ORDERDATE BEGORDERTIME ENDORDERTIME"
# In brackets: only where it says something.
_FORMS: Final[Mapping[str, str]] = {
    "530550": f"{_SHOP} RETURNTYPE TIMEOUT PUB",
    "530590": f"{_SHOP} {_PAGE} [TIMEOUT] TRADE_TYPE SUB_APPID SUB_OPENID",
    "520100": f"{_SHOP} {_PAGE} [INSTALLNUM] [THIRDAPPINFO] [TIMEOUT] [ISSINSCODE]",
    "410408": f"{_ASKED} ORDERID QUPWD TXCODE TYPE KIND STATUS SEL_TYPE PAGE OPERATOR CHANNEL",
    "410408 range": f"{_ASKED} BEGORDERID ENDORDERID QUPWD TXCODE SEL_TYPE OPERATOR",
}


def check_mac(fields: Mapping[str, str], pub: str) -> None:
    """Refuse a request whose MAC is not the one of its fields; Refusal SBX0MAC."""
    form = fields.get("TXCODE", "")
    if form == "410408" and "BEGORDERID" in fields:
        form = "410408 range"
    if form not in _FORMS:
        raise Refusal("SBX0PARAM", "no such TXCODE")
    known = {**fields, "PUB": pub, "QUPWD": ""}
    parts = []
    for word in _FORMS[form].split():
        name = word.strip("[]")
        if word.startswith("[") and not known.get(name):
            continue
        parts.append(f"{name}={known.get(name, '')}")
    right = hashlib.md5("&".join(parts).encode(), usedforsecurity=False).hexdigest()
    if fields.get("MAC") != right:
        raise Refusal("SBX0MAC", "the MAC does not fit")


def _cipher(pub: str) -> Cipher[ECB]:
    return Cipher(TripleDES(pub[:8].encode() * 3), ECB())  # noqa: S305 - the bank's way


def open_param(sealed: str, pub: str) -> dict[str, str]:
    """Open a ccbParam (percent-decoded already) into its fields; Refusal SBX0MAC."""
    try:
        raw = base64.b64decode(sealed.replace(",", "+"))
        opener = _cipher(pub).decryptor()
        padded = opener.update(raw) + opener.finalize()
        plain = padded[: -padded[-1]]
        text = plain.removeprefix(b"\xfe\xff").decode("utf-16-be")
    except (binascii.Error, ValueError, IndexError) as error:
        raise Refusal("SBX0MAC", "ccbParam cannot be opened") from error
    return dict(part.partition("=")[::2] for part in text.split("&"))


def sealed_card(holder: str, number: str, pub: str) -> str:
    """Write a payer's name and card as USRMSG."""
    plain = f"{holder}|{number}".encode("gb18030")
    missing = 8 - len(plain) % 8
    sealer = _cipher(pub).encryptor()
    sealed = sealer.update(plain + bytes([missing]) * missing) + sealer.finalize()
    return quote(base64.b64encode(sealed).decode().replace("+", ","), safe="")


def element(name: str, content: str | Mapping[str, str]) -> str:
    """Write an element: a text, or fields inside it."""
    inside = (
        escape(content)
        if isinstance(content, str)
        else "".join(element(key, value) for key, value in content.items())
    )
    return f"<{name}>{inside}</{name}>"


def elements(name: str, rows: Iterable[Mapping[str, str]]) -> str:
    """Write one element per row."""
    return "".join(element(name, row) for row in rows)


def china(at_ms: int, form: str) -> str:
    """Write an instant in China's time."""
    return f"{datetime.fromtimestamp(at_ms / 1000, SHANGHAI):{form}}"


def china_ms(text: str) -> int:
    """Read yyyyMMddHHmmss in China's time; Refusal SBX0PARAM."""
    try:
        at = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise Refusal("SBX0PARAM", "TIMEOUT is yyyyMMddHHmmss") from error
    return int(at.timestamp() * 1000)


def fen(text: str) -> int:
    """Read yuan as fen; Refusal SBX0PARAM."""
    whole, dot, part = text.partition(".")
    is_right = whole.isascii() and whole.isdecimal() and len(whole) <= 12
    if not is_right or (dot and not (part.isascii() and part.isdecimal() and len(part) <= 2)):
        raise Refusal("SBX0PARAM", "an amount is yuan with two places")
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)
