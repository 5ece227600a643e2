"""Market pay's messages about payments and refunds, and the exact words it waits for."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from payments.acquiring.contract import (
    Evidence,
    HttpReply,
    NotificationRejectedError,
    NotifiedEvent,
    NotifyKind,
    OutcomeUnknownError,
    RawHttp,
    Verified,
)
from payments.acquiring.signing import is_signed_rsa_sha256
from payments.adapters.ccb.documents import CHINA
from payments.adapters.ccb_hsb.line import HsbLine, read_object
from payments.adapters.ccb_hsb.reading import read_payment, read_refund
from payments.adapters.ccb_hsb.splice import OF_MESSAGES, SIGN, splice
from payments.kernel.clock import wall_now


class NoticeMethods(HsbLine):
    """The part of the adapter that hears messages."""

    def check_notification(self, raw: RawHttp) -> Evidence:
        """Check the signature over the spliced values; NotificationRejectedError.

        The content kept is what was signed, written in one way only.
        """
        data = read_object(raw.body)
        if data is None:
            raise NotificationRejectedError("no message of market pay", reason="format")
        try:
            text = splice(data, OF_MESSAGES)
        except ValueError as error:
            raise NotificationRejectedError("no message of market pay", reason="format") from error
        signature = data.get(SIGN)
        if not isinstance(signature, str) or not is_signed_rsa_sha256(
            self._market.platform, text.encode("utf-8", "replace"), signature
        ):
            raise NotificationRejectedError("the signature does not fit", reason="signature")
        said = {name: data[name] for name in sorted(data) if name != SIGN}
        content = json.dumps(said, ensure_ascii=False).encode()
        return Evidence(
            event_id=hashlib.sha256(content).hexdigest(),
            key_serial="",
            content=content,
            signed_at=wall_now(),
        )

    def parse_notification(self, verified: Verified) -> list[NotifiedEvent]:
        """Read a proven message; one event."""
        data: dict[str, Any] = json.loads(verified.content)
        try:
            if "Cust_Rfnd_Trcno" in data:
                refund = read_refund(data, merchant_id=self.merchant_id)
                return [NotifiedEvent(NotifyKind.REFUND, *_when(verified), refund)]
            payment = read_payment(data, merchant_id=self.merchant_id)
            return [NotifiedEvent(NotifyKind.PAY, *_when(verified), payment)]
        except OutcomeUnknownError as error:
            raise NotificationRejectedError("cannot be read", reason="format") from error

    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply:
        """Answer with state and time as the platform wants them; it repeats every five minutes."""
        del reason
        at = f"{wall_now().astimezone(CHINA):%Y%m%d%H%M%S}"
        said = {"Svc_Rsp_St": "00" if accepted else "01", "Rcv_Tm": at}
        # A refund's message wants its sender's clock as well; more is never wrong for the other.
        said["Ittparty_Tms"] = f"{at}000"
        body = json.dumps(said, separators=(",", ":")).encode()
        return HttpReply(200 if accepted else 400, body, "application/json")


def _when(verified: Verified) -> tuple[str, Any]:
    return verified.event_id, verified.signed_at
