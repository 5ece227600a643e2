"""UnionPay's messages to us: proven by certificate and signature, then read. Pure.

They carry no instant of signing. So a message may be repeated as long as its payment is young, and
then says the same; of an old payment nothing is believed that comes by itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from payments.acquiring.contract import (
    Evidence,
    NotificationRejectedError,
    NotifiedEvent,
    NotifyKind,
    RawHttp,
    RefundRequest,
    Verified,
)
from payments.adapters.unionpay import codes, messages, wire
from payments.adapters.unionpay.cards import read_opening
from payments.adapters.unionpay.certificates import CertificateRefusedError, Trust, read_certificate
from payments.adapters.unionpay.keys import Keys
from payments.kernel.clock import SHANGHAI, local, wall_now

YOUNG: Final = timedelta(days=30)
# UnionPay's clearing day ends at 23:00: what is undone later is another day's.
_VOIDS_UNTIL: Final = (22, 30)
_SECRETS: Final = frozenset({b"accNo", b"customerInfo", b"tokenPayData", b"payCardNo"})
_STAMP: Final = re.compile(r"[0-9]{14}")
_PAYS, _REFUNDS, _OPENS = frozenset({"01"}), frozenset({"04", "31"}), "79"


def prove(raw: RawHttp, *, trust: Trust, merchant_id: str, at: datetime) -> Evidence:
    """Check a message; NotificationRejectedError with the reason."""
    try:
        fields = wire.read_form(raw.body)
        begun = _begun(fields)
    except (wire.UnreadableError, ValueError) as error:
        raise NotificationRejectedError("not a message of theirs", reason="format") from error
    if raw.method != "POST" or fields.get("encoding", "").lower() != wire.ENCODING:
        raise NotificationRejectedError("not a message of theirs", reason="format")
    if abs(at - begun) > YOUNG:
        raise NotificationRejectedError("about a payment of long ago", reason="stale")
    serial = _signer(fields, trust, at)
    if fields.get("merId") != merchant_id:
        raise NotificationRejectedError("meant for another merchant", reason="merchant")
    proofs = {wire.SIGNATURE, wire.CERTIFICATE}
    told = {name: value for name, value in wire.signed_fields(fields) if name not in proofs}
    content = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    event_id = hashlib.sha256(content).hexdigest()[:40]
    return Evidence(event_id=event_id, key_serial=serial, content=content, signed_at=at)


def _begun(fields: wire.Fields) -> datetime:
    text = fields.get("txnTime", "")
    if not _STAMP.fullmatch(text):
        raise ValueError("no txnTime")
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)


def _signer(fields: wire.Fields, trust: Trust, at: datetime) -> str:
    """Return the serial of the certificate that proves the fields."""
    pem = fields.get(wire.CERTIFICATE, "")
    try:
        key = trust.check(pem, at)
    except CertificateRefusedError as error:
        raise NotificationRejectedError(f"the certificate: {error}", reason="serial") from error
    is_known = (fields.get("version"), fields.get("signMethod")) == (wire.VERSION, wire.SIGN_METHOD)
    if not is_known or not wire.is_signed(fields, key):
        raise NotificationRejectedError("the signature does not fit", reason="signature")
    return str(read_certificate(pem).serial_number)


def without_secrets(raw: RawHttp) -> RawHttp:
    """Return a message without the fields nobody may keep, sealed or not."""
    pairs = raw.body.split(b"&")
    kept = [pair for pair in pairs if pair.partition(b"=")[0] not in _SECRETS]
    return replace(raw, body=b"&".join(kept))


def read_event(verified: Verified, keys: Keys) -> NotifiedEvent:
    """Read a proven message; KeyError or ValueError for a kind nobody knows."""
    fields: wire.Fields = json.loads(verified.content)
    kind, number = fields["txnType"], fields["orderId"]
    code, words = fields["respCode"], fields.get("respMsg", "")
    occurred_at = messages.moment_of(fields) or verified.signed_at
    if kind in _PAYS:
        paid = messages.paid_result(fields, number=number, code=code, words=words)
        return NotifiedEvent(NotifyKind.PAY, verified.event_id, occurred_at, paid)
    if kind in _REFUNDS:
        back = messages.refund_result(fields, number=number, code=code, words=words)
        return NotifiedEvent(NotifyKind.REFUND, verified.event_id, occurred_at, back)
    if kind == _OPENS and code in codes.DONE:
        opened = read_opening(fields, number=number, keys=keys)
        return NotifiedEvent(NotifyKind.AGREEMENT, verified.event_id, occurred_at, opened)
    raise ValueError(f"a message about {kind!r}")


def is_whole_and_of_today(request: RefundRequest, at: datetime | None = None) -> bool:
    """Tell whether a refund undoes a whole payment of this clearing day, by our number's day."""
    now = local(at or wall_now())
    is_early = (now.hour, now.minute) < _VOIDS_UNTIL
    is_whole = request.amount == request.paid
    return is_early and is_whole and request.payment_no[1:7] == f"{now:%y%m%d}"
