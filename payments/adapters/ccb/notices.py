"""The bank's messages: proven over the bytes as they came, read, and never more than a hint.

A message is `POSID=…&…&SIGN=…` in GBK, in the query or in the body. It names no merchant and
carries no time, and its signature is weak (seals.py): the core confirms it by a question.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Final
from urllib.parse import unquote_to_bytes

from payments.acquiring.contract import (
    Evidence,
    HttpReply,
    NotificationRejectedError,
    NotifiedEvent,
    NotifyKind,
    Outcome,
    PayResult,
    RawHttp,
    Verified,
)
from payments.adapters.ccb.cipher import masked_card
from payments.adapters.ccb.line import CcbLine
from payments.adapters.ccb.seals import check_seal
from payments.kernel.clock import wall_now
from payments.kernel.money import Money

# What a signed text begins with: a message of the gateway, or the answer to a scan sent later.
_BEGINNINGS: Final = (b"POSID=", b"RESULT=")
_SIGN: Final = b"&SIGN="
_BYTES_MAX: Final = 8192
_NUMBER: Final = re.compile(r"[0-9A-Za-z_\-]{1,30}", re.ASCII)
_CARDS: Final = re.compile(rb"((?:^|&)(?:USRMSG|USRINFO)=)[^&]*")
_PRIVATE: Final = ("USRMSG", "USRINFO")


class NoticeMethods(CcbLine):
    """The part of the adapter that hears the bank's messages."""

    def check_notification(self, raw: RawHttp) -> Evidence:
        """Check signature and counter over the raw bytes; NotificationRejectedError.

        The bytes are tried as they came, and percent-decoded: browsers and servers send either.
        What is read afterwards is exactly what was signed.
        """
        text, sign = _signed_part(raw)
        content = self._proven(text, sign)
        fields = _fields(content)
        place = (fields.get("POSID"), fields.get("BRANCHID"))
        mine = (self._profile.pos_id, self._profile.branch_id)
        # An answer to a scan names no counter: the key is that of ours.
        if content.startswith(_BEGINNINGS[0]) and place != mine:
            raise NotificationRejectedError("of another counter", reason="merchant")
        return Evidence(
            event_id=hashlib.sha256(content).hexdigest(),
            key_serial=self._keys.pub,
            content=content,
            signed_at=wall_now(),
        )

    def _proven(self, text: bytes, sign: str) -> bytes:
        try:
            check_seal(self._keys.public, text, sign)
        except NotificationRejectedError:
            decoded = unquote_to_bytes(text.replace(b"+", b" "))
            if decoded == text:
                raise
            check_seal(self._keys.public, decoded, sign)
            return decoded
        return text

    def parse_notification(self, verified: Verified) -> list[NotifiedEvent]:
        """Read a proven message; one event."""
        fields = _fields(verified.content)
        number = fields.get("ORDERID", "")
        try:
            amount = Money.from_major_str(fields.get("PAYMENT") or fields.get("AMOUNT") or "")
        except ValueError as error:
            raise NotificationRejectedError("cannot be read", reason="format") from error
        if not _NUMBER.fullmatch(number):
            raise NotificationRejectedError("cannot be read", reason="format")
        is_paid = fields.get("SUCCESS") == "Y" or fields.get("RESULT") == "Y"
        result = PayResult(
            outcome=Outcome.SUCCEEDED if is_paid else Outcome.PENDING,
            payment_no=number,
            amount=amount,
            merchant_id=self.merchant_id,
            paid_at=verified.signed_at if is_paid else None,
            raw=self._kept(fields),
        )
        return [NotifiedEvent(NotifyKind.PAY, verified.event_id, verified.signed_at, result)]

    def kept_form(self, raw: RawHttp) -> RawHttp:
        """Take the payer's card out of a message before it is kept for good."""
        return replace(
            raw,
            query=_CARDS.sub(rb"\1", raw.query),
            body=_CARDS.sub(rb"\1", raw.body),
        )

    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply:
        """Answer 200, which is all the bank looks at, or 400."""
        del reason
        return HttpReply(
            200 if accepted else 400, b"success" if accepted else b"fail", "text/plain"
        )

    def _kept(self, fields: dict[str, str]) -> dict[str, object]:
        """Return what may be kept of a message: of a payer's card only its mask."""
        kept: dict[str, object] = {k: v for k, v in fields.items() if k not in _PRIVATE}
        for name in _PRIVATE:
            if fields.get(name):
                kept[name] = masked_card(self._keys.pub, fields[name])
        return kept


def _signed_part(raw: RawHttp) -> tuple[bytes, str]:
    """Find what is signed and its signature; NotificationRejectedError format."""
    where = raw.query if _SIGN in raw.query else raw.body
    if len(where) > _BYTES_MAX:
        raise NotificationRejectedError("too long for a message", reason="format")
    starts = [at for begin in _BEGINNINGS if (at := _start(where, begin)) >= 0]
    end = where.find(_SIGN)
    if not starts or end < min(starts) or where.count(_SIGN) != 1:
        raise NotificationRejectedError("no message of the bank", reason="format")
    sign = where[end + len(_SIGN) :].split(b"&", 1)[0]
    return where[min(starts) : end], sign.decode("ascii", "replace")


def _start(where: bytes, begin: bytes) -> int:
    if where.startswith(begin):
        return 0
    at = where.find(b"&" + begin)
    return at + 1 if at >= 0 else -1


def _fields(content: bytes) -> dict[str, str]:
    """Read what was signed; a field named twice is NotificationRejectedError format."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise NotificationRejectedError("in no known encoding", reason="format") from error
    fields: dict[str, str] = {}
    for part in text.split("&"):
        name, is_there, value = part.partition("=")
        if not is_there or name in fields:
            raise NotificationRejectedError("cannot be read", reason="format")
        fields[name] = value
    return fields
