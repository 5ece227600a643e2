"""Which bank a card is of, by its first digits: the longest prefix we know speaks for it.

The table is held in memory. Its version is the number of its last change; a process asks for it at
most every half minute, so that a hundred cards cost no question and a change is seen soon.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db.models import Max

from payments.models import BinImport, CardBin

_LOOK_AGAIN_SECONDS: Final = 30.0
_SHORTEST: Final = 6
_LONGEST: Final = 10


class Issuer(NamedTuple):
    """A bank that issues cards: its code, Chinese and English name."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class BinFacts:
    """What our table says of a prefix."""

    prefix: str
    issuer_code: str
    issuer_name: str
    kind: str
    mark: str
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class _Table:
    version: int
    asked_at: float
    by_prefix: Mapping[str, BinFacts]
    issuers: tuple[Issuer, ...]


_lock = threading.Lock()
_held: list[_Table] = []


def find_bin(digits: str) -> BinFacts | None:
    """Return what the longest fitting prefix of a card's first digits stands for."""
    by_prefix = _table().by_prefix
    for length in range(min(len(digits), _LONGEST), _SHORTEST - 1, -1):
        if found := by_prefix.get(digits[:length]):
            return found
    return None


def issuers() -> list[Issuer]:
    """List the banks of the table, by code."""
    return list(_table().issuers)


def issuer_name(code: str, *, english: bool, otherwise: str = "") -> str:
    """Return a bank's name; `otherwise` (or the code) where our table does not know it."""
    for issuer in _table().issuers:
        if issuer.code == code:
            return issuer.name_en if english else issuer.name_zh
    return otherwise or code


def table_version() -> int:
    """Return the number of the table's last change, from the database."""
    return BinImport.objects.aggregate(last=Max("pk"))["last"] or 0


def forget_table() -> None:
    """Read the table anew at the next question: this process has changed it."""
    with _lock:
        _held.clear()


def _table() -> _Table:
    with _lock:
        known = _held[0] if _held else None
    at = time.monotonic()
    if known is not None and at - known.asked_at < _LOOK_AGAIN_SECONDS:
        return known
    version = table_version()
    if known is not None and known.version == version:
        fresh = _Table(version, at, known.by_prefix, known.issuers)
    else:
        fresh = _read(version, at)
    with _lock:
        _held[:] = [fresh]
    return fresh


def _read(version: int, at: float) -> _Table:
    rows = list(CardBin.objects.order_by("updated_at", "pk"))
    facts = {
        row.prefix: BinFacts(
            prefix=row.prefix,
            issuer_code=row.issuer_code,
            issuer_name=row.issuer_name,
            kind=row.kind,
            mark=row.mark,
            is_doubtful=row.is_doubtful,
        )
        for row in rows
    }
    # The newest row's names count, so that a bank is renamed by its next import.
    names = {
        row.issuer_code: Issuer(
            row.issuer_code, row.issuer_name, row.issuer_name_en or row.issuer_name
        )
        for row in rows
    }
    return _Table(version, at, facts, tuple(names[code] for code in sorted(names)))
