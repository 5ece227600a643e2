"""Writing a batch file as a bank wants it, and reading what the bank answers: pure, no database."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zipfile import ZipFile

import openpyxl
from openpyxl.cell import WriteOnlyCell

from groupleader.payout_errors import BatchUnwritableError, ResultUnreadableError
from groupleader.services.batch_layouts import Layout
from payments.api import Money

ENCODINGS: Final = {"csv_gbk": "gbk", "csv_utf8": "utf-8-sig"}
SUFFIXES: Final = {"csv_gbk": "csv", "csv_utf8": "csv", "xlsx": "xlsx"}
BYTES_MAX: Final = 8 << 20
_UNFOLDED_MAX: Final = 64 << 20
_LINES_MAX: Final = 20_000
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_NOT_IN_A_NAME: Final = re.compile(r"[\x00-\x1f\x7f|,;\"'=+@\t]|^-")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One payout as a file says it; the amount in fen."""

    payout_no: str
    account: str
    name: str
    bank: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHead:
    """What is the same for the whole file."""

    batch_no: str
    purpose: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One line of a bank's result; what it does not say is empty, an amount it has not, None."""

    line_no: int
    payout_no: str
    account: str
    amount_minor: int | None
    state: str
    reason: str
    ref: str
    batch_no: str


def obstacle_of(row: FileRow, layout: Layout, form: str) -> str:
    """Name what of a row cannot be written: name, bank, name_length, encoding; "" for nothing."""
    for what, text in (("name", row.name), ("bank", row.bank)):
        if _NOT_IN_A_NAME.search(text):
            return what
    encoding = ENCODINGS.get(form, "utf-8").removesuffix("-sig")
    try:
        written = row.name.encode(encoding)
        row.bank.encode(encoding)
    except UnicodeEncodeError:
        return "encoding"
    return "name_length" if len(written) > layout.name_bytes_max else ""


def write_batch(rows: Sequence[FileRow], *, head: FileHead, layout: Layout, form: str) -> bytes:
    """Write a batch file; BatchUnwritableError names the first row that cannot be written."""
    for number, row in enumerate(rows, start=1):
        if obstacle := obstacle_of(row, layout, form):
            raise BatchUnwritableError(row=number, payout_no=row.payout_no, reason=obstacle)
    figures = {
        "batch_no": head.batch_no,
        "purpose": _cut(head.purpose, layout.purpose_bytes_max),
        "day": head.day,
        "count": str(len(rows)),
        "total": _yuan(sum(row.amount_minor for row in rows)),
        "fen": str(sum(row.amount_minor for row in rows)),
    }
    lines = [[line.format_map(figures)] for line in layout.head]
    if layout.has_headings:
        lines.append([heading for heading, _what in layout.columns])
    for number, row in enumerate(rows, start=1):
        lines.append(_cells(row, layout, {**figures, "no": str(number)}))
    lines += [[line.format_map(figures)] for line in layout.foot]
    return _sheet(lines, layout) if form == "xlsx" else _text(lines, layout, ENCODINGS[form])


def _cells(row: FileRow, layout: Layout, figures: dict[str, str]) -> list[str]:
    said = {
        **figures,
        "account": row.account,
        "name": row.name,
        "bank": row.bank,
        "amount": _yuan(row.amount_minor),
        "fen": str(row.amount_minor),
        "currency": "CNY",
        "payout_no": row.payout_no,
    }
    return [what[1:] if what.startswith("=") else said[what] for _heading, what in layout.columns]


def _text(lines: Iterable[list[str]], layout: Layout, encoding: str) -> bytes:
    paper = io.StringIO(newline="")
    writer = csv.writer(paper, delimiter=layout.separator, lineterminator="\r\n")
    for line in lines:
        if len(line) == 1:
            paper.write(f"{line[0]}\r\n")
        else:
            writer.writerow(line)
    return paper.getvalue().encode(encoding)


def _sheet(lines: Iterable[list[str]], layout: Layout) -> bytes:
    """Write every cell as text: a long account number must not become a rounded figure."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("payouts")
    for line in lines:
        cells = line if len(line) > 1 else line[0].split(layout.separator)
        sheet.append([_cell(sheet, text) for text in cells])
    paper = io.BytesIO()
    book.save(paper)
    return paper.getvalue()


def _cell(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _yuan(minor: int) -> str:
    return Money(minor).to_major_str()


def _cut(text: str, bytes_max: int) -> str:
    return text.encode("gbk", "replace")[:bytes_max].decode("gbk", "ignore")


def read_result(content: bytes, *, file_name: str, layout: Layout) -> list[ResultRow]:
    """Read a bank's result file: CSV in UTF-8 or GBK, or a workbook, columns by their headings.

    Lines without a payout number of ours (heads, sums) are passed over. ResultUnreadableError says
    why a file is none: too_big, encoding, workbook, headings, empty, too_many, amount (with line).
    """
    if len(content) > BYTES_MAX:
        raise ResultUnreadableError(reason="too_big")
    places: dict[str, int] = {}
    rows: list[ResultRow] = []
    for number, cells in enumerate(_lines(content, file_name), start=1):
        if not places:
            places = _places(cells, layout)
        elif row := _row(number, cells, places):
            rows.append(row)
    if not rows:
        raise ResultUnreadableError(reason="empty" if places else "headings")
    return rows


def _lines(content: bytes, file_name: str) -> Iterator[list[str]]:
    """Return the lines of either kind of file, their cells bare."""
    is_sheet = file_name.lower().endswith(".xlsx") or content[:4] == b"PK\x03\x04"
    lines = _sheet_lines(content) if is_sheet else _text_lines(content)
    for number, line in enumerate(lines, start=1):
        if number > _LINES_MAX:
            raise ResultUnreadableError(reason="too_many", rows_max=_LINES_MAX)
        yield [cell.strip().lstrip("'") for cell in line]


def _places(cells: list[str], layout: Layout) -> dict[str, int]:
    """Find the headings in a line; nothing where it is no line of headings."""
    found = {what: cells.index(word) for what, word in layout.result.items() if word in cells}
    # Where the layout has amounts a file without them is none: nothing could be compared.
    needed = {"payout_no", "state"} | ({"amount"} & layout.result.keys())
    return found if needed <= found.keys() else {}


def _row(number: int, cells: list[str], places: dict[str, int]) -> ResultRow | None:
    def said(what: str) -> str:
        place = places.get(what)
        return cells[place] if place is not None and place < len(cells) else ""

    if not said("payout_no"):
        return None
    return ResultRow(
        line_no=number,
        payout_no=said("payout_no")[:40],
        account=re.sub(r"[ *·]", "", said("account"))[:40],
        amount_minor=_fen(said("amount"), number),
        state=said("state")[:40],
        reason=said("reason")[:200],
        ref=said("ref")[:64],
        batch_no=said("batch_no")[:40],
    )


def _fen(text: str, number: int) -> int | None:
    plain = text.replace(",", "").lstrip("¥￥")
    if not plain:
        return None
    if not _AMOUNT.fullmatch(plain):
        raise ResultUnreadableError(reason="amount", line=number)
    return Money.from_major_str(plain).minor


def _text_lines(content: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        separator = "|" if text.count("|") > text.count(",") else ","
        return iter(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    raise ResultUnreadableError(reason="encoding")


def _sheet_lines(content: bytes) -> Iterator[list[str]]:
    try:
        _refuse_bombs(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(max_row=_LINES_MAX + 1, values_only=True)
        return iter([["" if cell is None else str(cell) for cell in row] for row in rows])
    except ResultUnreadableError:
        raise
    except Exception as error:
        raise ResultUnreadableError(reason="workbook") from error


def _refuse_bombs(content: bytes) -> None:
    """A workbook is a zip: a small one may unfold to more than there is memory."""
    with ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > _UNFOLDED_MAX:
            raise ResultUnreadableError(reason="too_big")
