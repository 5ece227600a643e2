"""Closing days: what was booked on a day is fingerprinted, and nothing is booked on it any more.

A seal is the SHA-256 of the seal before it and of the day's journals in a form that depends only
on what happened (not on row numbers or the moment of writing), so the same events in another
database give the same seals.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, connection
from django.db.models import Max, Min
from django.db.models.functions import Collate

from payments.kernel.clock import business_date, day_bounds, now
from payments.kernel.transact import transact
from payments.models.ledger import JournalEntry, JournalTransaction
from payments.models.seals import LedgerSeal

FIRST: Final = "0" * 64
_FORM: Final = "linli-seal-1"
_DAY: Final = timedelta(days=1)
_CHUNK: Final = 2000


@dataclass(frozen=True, slots=True)
class DayTotals:
    """What a day's journals come to: fingerprint, how many, what was debited per currency."""

    hash: str
    journals: int = 0
    entries: int = 0
    sums: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SealDifference:
    """A day whose seal no longer fits, and in what."""

    day: date
    detail: str


def totals_of(day: date, *, previous_hash: str) -> DayTotals:
    """Read a day's posted journals, one at a time, and return what they come to."""
    digest = hashlib.sha256(f"{_FORM}\n{previous_hash}\n{day.isoformat()}\n".encode())
    journals = entries = 0
    sums: dict[str, int] = {}
    for (ref, kind, memo), legs in _journals(day):
        journals += 1
        entries += len(legs)
        for *_labels, currency, minor in legs:
            if minor > 0:
                sums[currency] = sums.get(currency, 0) + minor
        line = json.dumps([ref, kind, memo, legs], ensure_ascii=False, separators=(",", ":"))
        digest.update(f"{line}\n".encode())
    return DayTotals(digest.hexdigest(), journals, entries, dict(sorted(sums.items())))


def _journals(day: date) -> Iterator[tuple[tuple[str, str, str], list[tuple[Any, ...]]]]:
    """Yield a day's journals by their events' names, each with its legs in one fixed order."""
    # Databases sort texts by their own languages; byte by byte is the same in all of them.
    collation = "C" if connection.vendor == "postgresql" else "BINARY"
    rows = (
        JournalEntry.objects.filter(transaction__posted=True, transaction__business_date=day)
        .order_by(Collate("transaction__ref", collation))
        .values_list(
            "transaction__ref",
            "transaction__kind",
            "transaction__memo",
            "account",
            "party",
            "reference",
            "currency",
            "amount_minor",
        )
    )
    for journal, legs in groupby(rows.iterator(chunk_size=_CHUNK), key=lambda row: row[:3]):
        yield journal, sorted(leg[3:] for leg in legs)


def last_sealed_day() -> date | None:
    """Return the newest sealed day; None before the first."""
    newest: date | None = LedgerSeal.objects.aggregate(day=Max("day"))["day"]
    return newest


def seal_due(limit: int = 31) -> dict[str, int]:
    """Seal the days that are over, oldest first; a day with an open journal makes all wait.

    A day is over LINLI_SEAL_GRACE_MINUTES after its midnight in Shanghai. Days without any journal
    are sealed too, so that a missing seal is a missing seal.
    """
    counts = {"sealed": 0}
    last = LedgerSeal.objects.first()
    day = last.day + _DAY if last else _first_day()
    previous_hash = last.hash if last else FIRST
    while day is not None and _is_over(day) and counts["sealed"] < limit:
        seal = seal_day(day, previous_hash=previous_hash)
        if seal is None:
            break
        counts["sealed"] += 1
        day, previous_hash = day + _DAY, seal.hash
    return counts


def seal_day(day: date, *, previous_hash: str) -> LedgerSeal | None:
    """Seal one day; None where a journal is open or came meanwhile, or another sealed it."""
    totals = totals_of(day, previous_hash=previous_hash)
    try:
        return _write(day, previous_hash, totals)
    except IntegrityError:
        if not LedgerSeal.objects.filter(day__gte=day).exists():
            raise
        return None


@transact()
def _write(day: date, previous_hash: str, totals: DayTotals) -> LedgerSeal | None:
    _hold_writers()
    if JournalTransaction.objects.filter(posted=False, business_date__lte=day).exists():
        return None
    if JournalTransaction.objects.filter(business_date=day).count() != totals.journals:
        return None
    return LedgerSeal.objects.create(
        day=day,
        previous_hash=previous_hash,
        hash=totals.hash,
        journals=totals.journals,
        entries=totals.entries,
        sums=totals.sums,
        sealed_at=now(),
    )


def _hold_writers() -> None:
    """Let who is writing a journal finish, and who begins wait, until the seal is committed.

    Otherwise a journal begun before the seal could be committed after it. SQLite has one writer.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(JournalTransaction._meta.db_table)  # noqa: SLF001 - Django documents it
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


def _first_day() -> date | None:
    first: date | None = JournalTransaction.objects.aggregate(day=Min("business_date"))["day"]
    return first


def _is_over(day: date) -> bool:
    return now() >= day_bounds(day)[1] + timedelta(minutes=settings.LINLI_SEAL_GRACE_MINUTES)


def open_day(wanted: date) -> date:
    """Return the day on which something that belongs to `wanted` is booked.

    That day itself while it is open; once it is sealed, today: what becomes known later is booked
    when it becomes known.
    """
    sealed = last_sealed_day()
    if sealed is None or wanted > sealed:
        return wanted
    return max(business_date(), sealed + _DAY)


def differences(*, days: int | None = None) -> Iterator[SealDifference]:
    """Compute the newest seals anew (all of them by default) and yield the days that differ."""
    seals = LedgerSeal.objects.order_by("day")
    if days is not None:
        newest = LedgerSeal.objects.order_by("-day").values("day")[:days]
        seals = seals.filter(day__gte=min((row["day"] for row in newest), default=date.max))
    before: LedgerSeal | None = None
    for seal in seals.iterator():
        if detail := _what_differs(seal, before):
            yield SealDifference(seal.day, detail)
        before = seal


def _what_differs(seal: LedgerSeal, before: LedgerSeal | None) -> str:
    if before is not None and seal.day != before.day + _DAY:
        return f"the day after {before.day} has no seal"
    if before is not None and seal.previous_hash != before.hash:
        return "does not follow from the seal before"
    totals = totals_of(seal.day, previous_hash=seal.previous_hash)
    if (seal.journals, seal.entries) != (totals.journals, totals.entries):
        return (
            f"{totals.journals} journals and {totals.entries} legs,"
            f" sealed were {seal.journals} and {seal.entries}"
        )
    if seal.sums != totals.sums:
        return f"{totals.sums} debited, sealed were {seal.sums}"
    return "" if seal.hash == totals.hash else "the journals are not those that were sealed"
