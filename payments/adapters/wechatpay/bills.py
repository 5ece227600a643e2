"""WeChat Pay's statements as tables: bytes in, rows out, sums compared. Pure, one row at a time.

A file is a heading, rows whose every value stands behind a backtick, a second heading and one row
of sums. Columns go by name: their order is not promised. UTF-8 with or without a byte order mark,
either line end; GB 18030 is read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Final

from payments.acquiring.contract import BadBillError
from payments.kernel.clock import SHANGHAI

LINE_BYTES_MAX: Final = 8192
_BOM: Final = b"\xef\xbb\xbf"
_ENCODINGS: Final = ("utf-8", "gb18030")
_BACKTICK: Final = "`"
_AMOUNT: Final = re.compile(r"(-?)(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,6}))?", re.ASCII)
_NUMBER: Final = re.compile(r"[A-Za-z0-9_\-*|@]{0,64}", re.ASCII)
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """Which columns a kind of statement has, which of them may be missing, which holds commas."""

    columns: tuple[str, ...]
    sums: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    free_text: str = ""


@dataclass(slots=True)
class Sheet:
    """One file being read: rows, and after them the sums it says it has."""

    form: Form
    heading: tuple[str, ...] = ()
    sums: dict[str, str] = field(default_factory=dict)

    def rows(self, file: BinaryIO) -> Iterator[dict[str, str]]:
        """Read row by row; BadBillError header, encoding, format or truncated."""
        texts = _texts(file)
        self.heading = _heading(next(texts, ""), self.form.columns, self.form.optional)
        for text in texts:
            if not text.startswith(_BACKTICK):
                self._read_sums(text, texts)
                return
            yield self._row(text)
        raise BadBillError("the bill ends before its sums", reason="truncated")

    def _row(self, text: str) -> dict[str, str]:
        """Split a row at comma and backtick; the one free text may hold both."""
        values = text[1:].split(f",{_BACKTICK}")
        surplus = len(values) - len(self.heading)
        if surplus > 0 and self.form.free_text in self.heading:
            place = self.heading.index(self.form.free_text)
            joined = f",{_BACKTICK}".join(values[place : place + surplus + 1])
            values[place : place + surplus + 1] = [joined]
        if len(values) != len(self.heading):
            raise BadBillError("a row of the bill is not whole", reason="format")
        return dict(zip(self.heading, values, strict=True))

    def _read_sums(self, text: str, texts: Iterator[str]) -> None:
        names = _heading(text, self.form.sums, frozenset())
        row = next(texts, "")
        if not row.startswith(_BACKTICK):
            raise BadBillError("the bill ends before its sums", reason="truncated")
        values = row[1:].split(f",{_BACKTICK}")
        if len(values) != len(names) or next(texts, None) is not None:
            raise BadBillError("the bill's end is not one", reason="format")
        self.sums = dict(zip(names, values, strict=True))

    def expect(self, counted: Mapping[str, int]) -> None:
        """Compare sums in fen with what the file says; BadBillError totals."""
        said = {name: fen_of(self.sums[name]) for name in counted}
        if said != dict(counted):
            raise BadBillError("the bill's sums are not those of its rows", reason="totals")

    def expect_count(self, name: str, counts: set[int]) -> None:
        """Compare a number of rows with what the file says; BadBillError totals."""
        if not _COUNT.fullmatch(self.sums[name]):
            raise BadBillError("the bill's count cannot be read", reason="format")
        if int(self.sums[name]) not in counts:
            raise BadBillError("the bill's count is not that of its rows", reason="totals")


def _texts(file: BinaryIO) -> Iterator[str]:
    """Decode line by line; whole lines alone, the encoding shown by the first one."""
    encoding = ""
    while raw := file.readline(LINE_BYTES_MAX + 1):
        if len(raw) > LINE_BYTES_MAX:
            raise BadBillError("a line of the bill is too long", reason="format")
        if not encoding:
            raw = raw.removeprefix(_BOM)
            encoding = _encoding_of(raw)
        elif not raw.strip():
            continue
        try:
            yield raw.decode(encoding).rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise BadBillError("the bill changes its encoding", reason="encoding") from error


def _encoding_of(raw: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise BadBillError("the bill is neither UTF-8 nor GBK", reason="encoding")


def _heading(text: str, known: tuple[str, ...], optional: frozenset[str]) -> tuple[str, ...]:
    """Read a heading; a column nobody knows, or one missing, is refused by its name."""
    names = tuple(_plain(name) for name in text.split(","))
    if not set(names) & set(known):
        raise BadBillError("the bill has no heading we know", reason="header")
    unknown, missing = set(names) - set(known), set(known) - set(names) - optional
    if unknown or missing or len(set(names)) < len(names):
        which = ", ".join(sorted(unknown | missing)) or "one twice"
        raise BadBillError(f"the bill's columns are not the known ones: {which}", reason="header")
    return names


def _plain(name: str) -> str:
    """Write brackets one way: documents and files differ in their width."""
    return name.strip().replace("（", "(").replace("）", ")")


def fen_of(text: str) -> int:
    """Read yuan as fen: "-0.11" is -11, "0.11000" is 11; BadBillError for a part of a fen."""
    match = _AMOUNT.fullmatch(text.strip())
    decimals = (match[3] or "").ljust(2, "0") if match else ""
    if match is None or decimals[2:].strip("0"):
        raise BadBillError(f"{text[:20]!r} is no amount of whole fen", reason="format")
    minor = int(match[2]) * 100 + int(decimals[:2])
    return -minor if match[1] else minor


def number_of(text: str) -> str:
    """Read a number; a lone 0 stands for none. BadBillError."""
    if not _NUMBER.fullmatch(text):
        raise BadBillError(f"{text[:20]!r} is no number", reason="format")
    return "" if text == "0" else text


def instant_of(text: str) -> datetime:
    """Read a moment in Shanghai; BadBillError."""
    if not _INSTANT.fullmatch(text):
        raise BadBillError(f"{text[:20]!r} is no moment", reason="format")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise BadBillError(f"{text!r} is no moment", reason="format") from error
