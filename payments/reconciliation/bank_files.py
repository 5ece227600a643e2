"""Reading our bank's list of bookings: CSV or xlsx, columns by their names, one format each bank.

The format of our own (`plain`) is written down in docs/reconciliation.md; another bank's is a few
words in settings.LINLI_BANK_FORMATS.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import openpyxl
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from payments.kernel.errors import LinliError
from payments.kernel.money import Money

_LINES_MAX: Final = 200_000
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,14}(\.[0-9]{1,10})?")
_SHEET_BYTES_MAX: Final = 256 << 20
_ENCODINGS: Final = ("utf-8-sig", "gb18030")


class BankFileError(LinliError):
    """The file is not a list of bookings as its format says."""

    code = "bank_file"
    http_status = 422
    message = _("This file cannot be read as a bank statement of the chosen format.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFormat:
    """Under which names a bank's file has what we need; money in and out, or one signed amount."""

    day: str = "交易日期"
    ref: str = "流水号"
    money_in: str = "收入"
    money_out: str = "支出"
    amount: str = ""
    counterparty: str = "对方户名"
    memo: str = "摘要"
    day_formats: tuple[str, ...] = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
    currency: str = "CNY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One booking as the file has it; in is positive, out negative, in minor units."""

    ref: str
    day: date
    amount_minor: int
    currency: str
    counterparty: str
    memo: str


def bank_formats() -> dict[str, BankFormat]:
    """Return the formats that can be read, by name."""
    more: Mapping[str, Mapping[str, Any]] = settings.LINLI_BANK_FORMATS
    return {"plain": BankFormat()} | {name: BankFormat(**words) for name, words in more.items()}


def read_bookings(paper: Path, file_name: str, format_name: str) -> list[Booking]:
    """Read a whole file. BankFileError names the line where it does not fit."""
    known = bank_formats().get(format_name)
    if known is None:
        raise BankFileError(format=format_name)
    is_sheet = file_name.lower().endswith(".xlsx")
    rows = _sheet_rows(paper) if is_sheet else _csv_rows(paper)
    return list(_numbered(_bookings(rows, known)))


def _csv_rows(paper: Path) -> Iterator[list[str]]:
    content = paper.read_bytes()
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        yield from csv.reader(io.StringIO(text, newline=""))
        return
    raise BankFileError(reason="encoding")


def _sheet_rows(paper: Path) -> Iterator[list[Any]]:
    try:
        _refuse_bombs(paper)
        with paper.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            for row in book.worksheets[0].iter_rows(values_only=True):
                yield ["" if cell is None else cell for cell in row]
            book.close()
    except BankFileError:
        raise
    except Exception as error:
        raise BankFileError(reason="xlsx") from error


def _refuse_bombs(paper: Path) -> None:
    """A workbook is a zip: a small one may unfold to more than there is memory."""
    with ZipFile(paper) as parts:
        if sum(part.file_size for part in parts.infolist()) > _SHEET_BYTES_MAX:
            raise BankFileError(reason="too_big")


def _bookings(rows: Iterable[list[Any]], known: BankFormat) -> Iterator[Booking]:
    names: list[str] = []
    for number, row in enumerate(rows, 1):
        if number > _LINES_MAX:
            raise BankFileError(reason="too_long")
        cells = [str(cell).strip() for cell in row]
        if not names:  # Banks print a few lines of their own above the columns.
            names = cells if known.day in cells else []
        elif any(cells):
            yield _booking(dict(zip(names, row, strict=False)), known, number)
    if not names:
        raise BankFileError(reason="no_columns", column=known.day)


def _booking(cells: dict[str, Any], known: BankFormat, number: int) -> Booking:
    try:
        return Booking(
            ref=_text(cells, known.ref)[:64],
            day=_day(cells[known.day], known),
            amount_minor=_amount(cells, known),
            currency=known.currency,
            counterparty=_text(cells, known.counterparty)[:120],
            memo=_text(cells, known.memo)[:300],
        )
    except (KeyError, ValueError, ArithmeticError) as error:
        raise BankFileError(line=number) from error


def _text(cells: dict[str, Any], name: str) -> str:
    return str(cells.get(name, "")).strip().replace("\x00", "")


def _day(cell: Any, known: BankFormat) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    text = str(cell).strip()
    for pattern in known.day_formats:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(f"{text!r} is not a day")


def _amount(cells: dict[str, Any], known: BankFormat) -> int:
    if known.amount:
        minor = _minor(cells[known.amount], known.currency)
    else:
        came = _minor(cells.get(known.money_in, ""), known.currency)
        minor = came - _minor(cells.get(known.money_out, ""), known.currency)
    if not minor:
        raise ValueError("a booking of nothing")
    return minor


def _minor(cell: Any, currency: str) -> int:
    text = str(cell).strip().replace(",", "").replace("¥", "")
    if not text:
        return 0
    # A spreadsheet keeps 0.1 + 0.2 as it is: two places are what the bank printed.
    if isinstance(cell, float):
        text = str(Decimal(text).quantize(Decimal("0.01")))
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not an amount")
    value = Decimal(text)
    return Money.from_major(value, currency).minor


def _numbered(bookings: Iterable[Booking]) -> Iterator[Booking]:
    """Give a booking without a number of the bank's one that follows from what it says.

    BankFileError where one number stands for two bookings: neither may be passed over.
    """
    seen: Counter[str] = Counter()
    known: dict[str, Booking] = {}
    for booking in bookings:
        if booking.ref:
            if known.setdefault(booking.ref, booking) != booking:
                raise BankFileError(reason="two_bookings", ref=booking.ref)
            yield booking
            continue
        words = (str(booking.day), str(booking.amount_minor), booking.counterparty, booking.memo)
        what = "\x1f".join(words)
        seen[what] += 1
        digest = hashlib.sha256(f"{what}\x1f{seen[what]}".encode()).hexdigest()
        yield replace(booking, ref=f"-{digest[:40]}")
