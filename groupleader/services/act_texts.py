"""What a telephone signed, read without trusting it: one act as a dictionary of plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from groupleader.models import DeviceAct
from payments.api import now

TEXT_MAX: Final = 20_000
_ENTRIES_MAX: Final = 300
_PIECES_MAX: Final = 999_999
_NUMBER_MAX: Final = 2**53
_PHOTOS_MAX: Final = 4
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ORDER: Final = re.compile(r"[A-Za-z0-9-]{1,40}")
_SHA: Final = re.compile(r"[0-9a-f]{64}")
_REF: Final = re.compile(r"[0-9a-f]{32}")
_KEY: Final = re.compile(r"[1-9][0-9]{0,15}")
_MEANS: Final = ("code", "scan", "list")
_AHEAD: Final = timedelta(minutes=5)
# A phone that lay without power believes in 1970; nothing waits on one for half a year.
_BEHIND: Final = timedelta(days=183)
_Kind = DeviceAct.Kind


class UnreadableError(ValueError):
    """The text is no act as docs/offline.md says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act as it was signed; ``at`` is the telephone's clock where it is believable."""

    act_id: str
    seq: int
    device: str
    kind: str
    at: datetime
    point_id: int | None = None
    order_no: str = ""
    means: str = "list"
    pieces: Mapping[int, int] | None = None
    of: str = ""
    group_id: int | None = None
    counts: Mapping[int, int] | None = None
    damaged: Mapping[int, int] | None = None
    signer: str = ""
    note: str = ""
    photos: tuple[str, ...] = ()


def read_act(text: str) -> Act:
    """Read a signed text; UnreadableError for anything that is no act."""
    if len(text) > TEXT_MAX:
        raise UnreadableError("too long")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("no JSON") from error
    if not isinstance(said, dict) or said.get("v") != 1:
        raise UnreadableError("not version 1")
    common: dict[str, Any] = {
        "act_id": _matching(said.get("id"), _ID),
        "seq": _number(said.get("seq")),
        "device": _matching(said.get("device"), _REF),
        "at": _moment(said.get("at")),
    }
    kind = said.get("kind")
    if kind == _Kind.HAND_OVER:
        return Act(kind=kind, **common, **_hand_over(said))
    if kind == _Kind.UNDO:
        order_no, of = _matching(said.get("order_no"), _ORDER), _matching(said.get("of"), _ID)
        return Act(kind=kind, **common, order_no=order_no, of=of)
    if kind == _Kind.ARRIVAL:
        return Act(kind=kind, **common, **_arrival(said))
    raise UnreadableError("no such kind")


def _hand_over(said: Mapping[str, Any]) -> dict[str, Any]:
    means = said.get("means")
    if means not in _MEANS:
        raise UnreadableError("means")
    return {
        "point_id": _number(said.get("point")),
        "order_no": _matching(said.get("order_no"), _ORDER),
        "means": means,
        "pieces": _counts(said.get("pieces"), least=1),
    }


def _arrival(said: Mapping[str, Any]) -> dict[str, Any]:
    photos = said.get("photos", [])
    if not isinstance(photos, list) or len(photos) > _PHOTOS_MAX:
        raise UnreadableError("photos")
    return {
        "point_id": _number(said.get("point")),
        "group_id": _number(said.get("group")),
        "counts": _counts(said.get("counts")),
        "damaged": _counts(said.get("damaged", {}), may_be_none=True),
        "signer": _words(said.get("signer", ""), 40),
        "note": _words(said.get("note", ""), 300),
        "photos": tuple(_matching(photo, _SHA) for photo in photos),
    }


def _counts(value: Any, *, least: int = 0, may_be_none: bool = False) -> dict[int, int]:
    if not isinstance(value, dict) or len(value) > _ENTRIES_MAX or not (value or may_be_none):
        raise UnreadableError("counts")
    read = {}
    for key, count in value.items():
        if isinstance(count, bool) or not isinstance(count, int):
            raise UnreadableError("a count")
        if not least <= count <= _PIECES_MAX:
            raise UnreadableError("a count")
        read[int(_matching(key, _KEY))] = count
    return read


def _matching(value: Any, shape: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise UnreadableError(shape.pattern)
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < _NUMBER_MAX:
        raise UnreadableError("a number")
    return value


def _words(value: Any, most: int) -> str:
    if not isinstance(value, str):
        raise UnreadableError("words")
    # A lone half of a character is none, and PostgreSQL keeps no NUL.
    return value.replace("\x00", "").encode("utf-8", "ignore").decode().strip()[:most]


def _moment(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value if isinstance(value, str) else "")
        latest = now()
        if at.tzinfo is None:
            raise UnreadableError("a moment without a zone")
        return min(at, latest) if latest - _BEHIND < at < latest + _AHEAD else latest
    except (ValueError, OverflowError) as error:
        raise UnreadableError("a moment") from error
