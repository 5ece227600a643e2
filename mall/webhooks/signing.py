"""Signatures of calls as the Standard Webhooks specification 1.0 has them (symmetric, v1).

The signed text is "id.timestamp.body"; a header may carry several signatures, space-separated, so
that a secret can be changed without a gap. https://github.com/standard-webhooks/standard-webhooks
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"


def headers_of(*, call_no: str, at: datetime, body: bytes, secrets: list[str]) -> dict[str, str]:
    """Return the headers of one try, signed with every secret given."""
    stamp = str(int(at.timestamp()))
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Linli-Webhooks/1",
        "webhook-id": call_no,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(
            sign(secret, call_no=call_no, stamp=stamp, body=body) for secret in secrets
        ),
    }


def sign(secret: str, *, call_no: str, stamp: str, body: bytes) -> str:
    """Return "v1," and the base64 HMAC-SHA256 of a call; `secret` as shown to the partner."""
    key = b64decode(secret.removeprefix(PREFIX))
    text = b".".join((call_no.encode(), stamp.encode(), body))
    return f"v1,{b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()}"
