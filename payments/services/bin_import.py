"""Bringing card prefixes in: a file is read whole, shown, and then taken whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.transact import transact
from payments.models import BinImport, CardBin
from payments.services.card_bins import forget_table, table_version

COLUMNS: Final = ("prefix", "issuer_code", "issuer_name", "kind")
FURTHER: Final = ("issuer_name_en", "mark", "length", "doubtful", "source", "note")
LINES_MAX: Final = 20_000
_CODE: Final = re.compile(r"[A-Z][A-Z0-9]{1,15}")
_PREFIX: Final = re.compile(r"[0-9]{6,10}")
_LENGTH: Final = re.compile(r"1[2-9]")
_YES: Final = {"yes": True, "1": True, "true": True, "是": True}
_NO: Final = {"": False, "no": False, "0": False, "false": False, "否": False}
_UNIONPAY_ALONE: Final = ("62", "81")


class BinFileError(LinliError):
    """What was brought is no file of card prefixes; `data` names the line or the column."""

    code = "bad_bin_file"
    http_status = 400
    message = _("This file of card prefixes cannot be read.")


class BinTableMovedError(LinliError):
    """Somebody changed the table after the file was compared with it."""

    code = "bin_table_moved"
    http_status = 409
    message = _("The table has changed since. Please look at the comparison again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BinRow:
    """A row of the table as a file says it."""

    prefix: str
    issuer_code: str
    issuer_name: str
    issuer_name_en: str
    kind: str
    mark: str
    length: int | None
    is_doubtful: bool
    source: str
    note: str

    @property
    def facts(self) -> dict[str, Any]:
        """Return its columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be taken, and why."""

    line: int
    prefix: str
    reason: Promise


@dataclass(frozen=True, slots=True)
class Change:
    """A prefix that is there already and would become something else."""

    line: int
    row: BinRow
    before: Mapping[str, Any]

    @property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """Return (column, before, after) for what changes."""
        after = self.row.facts
        return [(n, self.before[n], after[n]) for n in after if self.before[n] != after[n]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinPlan:
    """What a file would do to the table, compared with a version of it."""

    version: int
    sha256: str
    added: tuple[tuple[int, BinRow], ...]
    changed: tuple[Change, ...]
    unchanged: int
    refused: tuple[Refused, ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether every line can be taken."""
        return not self.refused


def plan_import(raw: bytes) -> BinPlan:
    """Compare a file (CSV, UTF-8) with the table, changing nothing.

    BinFileError when it is no such file at all; single lines that cannot be taken are `refused`.
    """
    version = table_version()
    lines = _lines(raw)
    known = {row.prefix: row for row in CardBin.objects.all()}
    added: list[tuple[int, BinRow]] = []
    changed: list[Change] = []
    refused: list[Refused] = []
    seen: dict[str, int] = {}
    for number, cells in lines:
        prefix = cells["prefix"]
        row = _row(cells)
        if isinstance(row, Promise):
            refused.append(Refused(number, prefix[:20], row))
        elif prefix in seen:
            refused.append(Refused(number, prefix, _("This prefix stands in an earlier line.")))
        elif prefix not in known:
            added.append((number, row))
        elif before := _differs(known[prefix], row):
            changed.append(Change(number, row, before))
        seen.setdefault(prefix, number)
    taken = len(added) + len(changed) + len(refused)
    return BinPlan(
        version=version,
        sha256=hashlib.sha256(raw).hexdigest(),
        added=tuple(added),
        changed=tuple(changed),
        unchanged=len(lines) - taken,
        refused=tuple(refused),
    )


def apply_import(raw: bytes, *, file_name: str, by: str, expected_version: int) -> BinImport:
    """Take a file into the table whole. Its number is the table's new version.

    BinFileError when a line cannot be taken: then nothing is. BinTableMovedError when the table is
    no longer the one the file was compared with. A file that changes nothing is written down too.
    """
    done = _apply(raw, file_name=file_name, by=by, expected_version=expected_version)
    forget_table()
    return done


@transact()
def _apply(raw: bytes, *, file_name: str, by: str, expected_version: int) -> BinImport:
    entry = _next_version(
        expected_version,
        file_name=file_name[:200],
        sha256=hashlib.sha256(raw).hexdigest(),
        by=by[:64],
    )
    plan = plan_import(raw)
    if not plan.is_clean:
        first = plan.refused[0]
        raise BinFileError(line=first.line, reason=str(first.reason), refused=len(plan.refused))
    _write(plan)
    BinImport.objects.filter(pk=entry.pk).update(
        added=len(plan.added), changed=len(plan.changed), unchanged=plan.unchanged
    )
    entry.refresh_from_db()
    return entry


def _next_version(follows: int, **about: Any) -> BinImport:
    """Claim the version after this one; whoever comes second finds it taken."""
    try:
        with transaction.atomic():
            return BinImport.objects.create(follows=follows, at=now(), **about)
    except IntegrityError as error:
        raise BinTableMovedError from error


def _write(plan: BinPlan) -> None:
    rows = [row for _line, row in plan.added] + [change.row for change in plan.changed]
    at = now()
    CardBin.objects.bulk_create(
        [CardBin(**row.facts, updated_at=at) for row in rows],
        update_conflicts=True,
        unique_fields=["prefix"],
        update_fields=[*(f.name for f in fields(BinRow) if f.name != "prefix"), "updated_at"],
        batch_size=500,
    )


def remove_bins(prefixes: Iterable[str], *, by: str) -> int:
    """Take prefixes out of the table; return how many were there. BinTableMovedError."""
    removed = _remove(list(prefixes), by=by)
    forget_table()
    return removed


@transact()
def _remove(prefixes: list[str], *, by: str) -> int:
    entry = _next_version(table_version(), by=by[:64])
    removed, _each = CardBin.objects.filter(prefix__in=prefixes).delete()
    BinImport.objects.filter(pk=entry.pk).update(removed=removed)
    return removed


def _lines(raw: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return every line with its number; comments and empty lines are passed over."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BinFileError(reason="encoding") from error
    if "\x00" in text:
        raise BinFileError(reason="encoding")
    numbered = [
        (number, line)
        for number, line in enumerate(io.StringIO(text, newline=None), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not numbered:
        raise BinFileError(reason="empty")
    if len(numbered) > LINES_MAX:
        raise BinFileError(reason="too_long", most=LINES_MAX)
    try:
        header = [name.strip().lower() for name in next(csv.reader([numbered[0][1]]))]
        _check_header(header)
        return [(number, _cells(header, line)) for number, line in numbered[1:]]
    except csv.Error as error:  # a cell without an end
        raise BinFileError(reason="encoding") from error


def _check_header(header: list[str]) -> None:
    for column in COLUMNS:
        if column not in header:
            raise BinFileError(reason="column", column=column)
    if len(set(header)) != len(header):
        raise BinFileError(reason="column_twice")


def _cells(header: list[str], line: str) -> dict[str, str]:
    """Read a line by its columns; one of another width is marked, and refused later."""
    cells = [cell.strip() for cell in next(csv.reader([line]))]
    read = dict.fromkeys((*COLUMNS, *FURTHER), "") | dict(zip(header, cells, strict=False))
    read["width"] = "" if len(cells) == len(header) else "wrong"
    return read


def _row(cells: dict[str, str]) -> BinRow | Promise:
    """Return a line as a row of the table, or why it cannot be one."""
    if reason := _wrong(cells):
        return reason
    prefix = cells["prefix"]
    return BinRow(
        prefix=prefix,
        issuer_code=cells["issuer_code"],
        issuer_name=cells["issuer_name"],
        issuer_name_en=cells["issuer_name_en"],
        kind=cells["kind"],
        mark=cells["mark"] or mark_of(prefix),
        length=int(cells["length"]) if cells["length"] else None,
        is_doubtful=(_YES | _NO)[cells["doubtful"].lower()],
        source=cells["source"][:120],
        note=cells["note"][:200],
    )


def mark_of(prefix: str) -> str:
    """Say what the digits alone tell: 62 and 81 are UnionPay's own; any other may be dual-mark."""
    is_alone = prefix.startswith(_UNIONPAY_ALONE)
    return CardBin.Mark.SINGLE if is_alone else CardBin.Mark.BRAND


def _wrong(cells: dict[str, str]) -> Promise | None:
    """Return the first thing that is wrong with a line."""
    names = (cells["issuer_name"], cells["issuer_name_en"])
    judgements: tuple[tuple[bool, Promise], ...] = (
        (cells["width"] != "", _("The line has another number of columns than the first one.")),
        (not _PREFIX.fullmatch(cells["prefix"]), _("A prefix has 6 to 10 digits.")),
        (
            not _CODE.fullmatch(cells["issuer_code"]),
            _("A bank's code has 2 to 16 capital letters and digits, for example CCB."),
        ),
        (not names[0], _("The bank's name is missing.")),
        (max(map(len, names)) > 60, _("A bank's name has at most 60 characters.")),
        (cells["kind"] not in CardBin.Kind, _("The kind is debit, credit or prepaid.")),
        (
            cells["mark"] not in {"", *CardBin.Mark.values},
            _("The mark is unionpay_single, dual_or_brand or empty."),
        ),
        (
            cells["mark"] == CardBin.Mark.SINGLE
            and not cells["prefix"].startswith(_UNIONPAY_ALONE),
            _("Only prefixes that begin with 62 or 81 are UnionPay single-mark."),
        ),
        (
            bool(cells["length"]) and not _LENGTH.fullmatch(cells["length"]),
            _("A card number has 12 to 19 digits."),
        ),
        (
            cells["doubtful"].lower() not in _YES | _NO,
            _("Doubtful is yes or empty."),
        ),
    )
    return next((reason for is_wrong, reason in judgements if is_wrong), None)


def _differs(known: CardBin, row: BinRow) -> dict[str, Any] | None:
    """Return the columns as they are now where the row would change one of them."""
    before = {name: getattr(known, name) for name in row.facts}
    return before if before != row.facts else None
