"""A statement as a workbook: heading, lines by kind with subtotals, tax, totals, signatures."""

from __future__ import annotations

import tempfile
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.writer.excel import save_workbook

from groupleader.models import SettlementStatement
from groupleader.papers.content import (
    cells_of,
    facts_of,
    headers,
    in_words,
    major,
    sections_of,
    signatures,
    sums_of,
    tax_of,
    title_of,
)

_MONEY: Final = "#,##0.00"
_WIDTHS: Final = (13, 26, 40, 10, 13, 16, 14)
_TITLE: Final = Font(size=16, bold=True)
_BOLD: Final = Font(bold=True)
_BELOW: Final = Border(bottom=Side(style="thin"))
# A text that begins like this is computed by the program that opens it.
_COMPUTES: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def statement_workbook(statement: SettlementStatement) -> IO[bytes]:
    """Write a statement as xlsx into a temporary file and return it, at its beginning."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(statement.statement_no)
    for letter, width in zip("ABCDEFG", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.oddFooter.center.text = "&P / &N"
    sheet.print_title_rows = f"{len(facts_of(statement)) + 3}:{len(facts_of(statement)) + 3}"
    sheet.append([_cell(sheet, title_of(statement), font=_TITLE)])
    for label, value in facts_of(statement):
        sheet.append([safe(label), safe(value)])
    sheet.append([])
    sheet.append([_cell(sheet, word, font=_BOLD, border=_BELOW) for word in headers()])
    _lines(sheet, statement)
    _ending(sheet, statement)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    save_workbook(book, file)
    file.seek(0)
    return file


def _lines(sheet: Any, statement: SettlementStatement) -> None:
    for section in sections_of(statement):
        for row in section.read():
            sheet.append([_shown(sheet, value) for value in cells_of(row)])
        if section.count:
            title = f"{section.title} ({section.count})"
            sum_cell = _cell(sheet, major(section.minor), font=_BOLD, border=_BELOW)
            sum_cell.number_format = _MONEY
            sheet.append(
                [None, None, _cell(sheet, title, font=_BOLD, border=_BELOW), *[None] * 3, sum_cell]
            )


def _ending(sheet: Any, statement: SettlementStatement) -> None:
    sheet.append([])
    for step in tax_of(statement):
        sheet.append(
            [None, None, safe(step.label), None, None, safe(step.detail), _sum(sheet, step.minor)]
        )
    sheet.append([])
    for label, minor in sums_of(statement):
        sheet.append([None, None, _cell(sheet, label, font=_BOLD), *[None] * 3, _sum(sheet, minor)])
    sheet.append([None, None, in_words(statement)])
    sheet.append([])
    for word in signatures(statement):
        sheet.append([safe(word), "____________________"])


def _sum(sheet: Any, minor: int) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=major(minor))
    cell.number_format = _MONEY
    cell.font = _BOLD
    return cell


def safe(value: Any) -> Any:
    """Return a value that no spreadsheet computes; lazy texts as they read now."""
    if value is None or isinstance(value, int | float) or hasattr(value, "as_tuple"):
        return value
    if hasattr(value, "year"):
        return value
    words = str(value)
    return f"'{words}" if words.startswith(_COMPUTES) else words


def _shown(sheet: Any, value: Any) -> Any:
    if not hasattr(value, "as_tuple"):
        return safe(value)
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = _MONEY
    return cell


def _cell(sheet: Any, value: Any, *, font: Font, border: Border | None = None) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=safe(value))
    cell.font = font
    if border is not None:
        cell.border = border
        cell.alignment = Alignment(wrap_text=True)
    return cell
