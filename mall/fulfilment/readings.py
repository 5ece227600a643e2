"""What a scale sends, read from its bytes: every field checked, nothing believed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from io import BytesIO
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from mall.fulfilment.errors import LineUnknownError, WishUnreadableError
from mall.fulfilment.models import TraceCode
from mall.fulfilment.scales import Reading
from mall.fulfilment.weighing import Weight
from mall.fulfilment.weights import GRAMS_MAX, grams_of, in_range
from mall.papers.uploads import UploadRefusedError, picture_of

_FIELDS: Final = {"trace", "piece", "weight", "tare", "unit", "reason", "photo"}
_KEY: Final = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_PIECES_MAX: Final = 9999


def read_reading(body: bytes, *, key: str) -> Reading:
    """Read a request's body and Idempotency-Key header.

    WishUnreadableError (data: field), WeightUnreadableError, WeightOutOfRangeError,
    LineUnknownError for a code of no bag.
    """
    if not _KEY.fullmatch(key):
        raise WishUnreadableError(field="Idempotency-Key")
    sent = _sent(body)
    gross = grams_of(sent.get("weight"), sent.get("unit"))
    tare = _tare(sent)
    return Reading(
        weight=Weight(
            line_id=_line(sent),
            piece=_piece(sent),
            grams=in_range(gross - tare),
            tare_grams=tare,
            reason=_reason(sent),
            photo=_photo(sent),
        ),
        key=key,
        body_hash=hashlib.sha256(body).hexdigest(),
    )


def _sent(body: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WishUnreadableError(field="") from error
    if not isinstance(sent, dict):
        raise WishUnreadableError(field="")
    if strange := sorted(set(sent) - _FIELDS):
        raise WishUnreadableError(field=strange[0][:40])
    return sent


def _line(sent: dict[str, Any]) -> int:
    code = sent.get("trace")
    if not isinstance(code, str) or not code.isascii() or not 0 < len(code) <= 40 or "\0" in code:
        raise WishUnreadableError(field="trace")
    line = TraceCode.objects.filter(code=code).values_list("line_id", flat=True).first()
    if line is None:
        raise LineUnknownError
    return line


def _piece(sent: dict[str, Any]) -> int:
    piece = sent.get("piece", 0)
    if type(piece) is not int or not 0 <= piece <= _PIECES_MAX:
        raise WishUnreadableError(field="piece")
    return piece


def _tare(sent: dict[str, Any]) -> int:
    """Read the tare in the same unit; none is allowed to be nothing."""
    tare = sent.get("tare")
    if tare in (None, 0, "0"):
        return 0
    return min(grams_of(tare, sent.get("unit")), GRAMS_MAX)


def _reason(sent: dict[str, Any]) -> str:
    reason = sent.get("reason", "")
    is_text = isinstance(reason, str) and len(reason) <= 120 and "\0" not in reason
    if not is_text or any("\ud800" <= letter <= "\udfff" for letter in reason):
        raise WishUnreadableError(field="reason")
    return reason


def _photo(sent: dict[str, Any]) -> ContentFile[bytes] | None:
    photo = sent.get("photo")
    if photo is None:
        return None
    if not isinstance(photo, str):
        raise WishUnreadableError(field="photo")
    try:
        raw = base64.b64decode(photo, validate=True)
        return picture_of(SimpleUploadedFile("photo", BytesIO(raw).read()))
    except (binascii.Error, ValueError, UploadRefusedError) as error:
        raise WishUnreadableError(field="photo") from error
