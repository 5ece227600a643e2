"""A claim as a workbook for a spreadsheet: heading, sums, every line, signatures; row by row."""

from __future__ import annotations

import tempfile
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.writer.excel import save_workbook

from mall.claims.models import SubsidyClaim
from mall.claims.papers.heading import (
    facts_of,
    headers,
    rows_of,
    signatures,
    sums_of,
    title_of,
)

_MONEY: Final = "#,##0.00"
_WIDTHS: Final = (8, 13, 24, 30, 8, 12, 12, 12, 12, 34)
# A text that begins like this is computed by the program that opens it.
_COMPUTES: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def claim_workbook(claim: SubsidyClaim) -> IO[bytes]:
    """Write a claim as xlsx into a temporary file and return it, at its beginning.

    100,000 lines take some megabytes: lines are read and written one by one.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet((claim.claim_no or str(claim))[:31].replace(":", "-"))
    for letter, width in zip("ABCDEFGHIJ", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    heading = [[title_of(claim)], [], *([label, value] for label, value in facts_of(claim)), []]
    sums = [[figure.label, figure.major] for figure in sums_of(claim)]
    body = [*heading, *sums, []]
    sheet.freeze_panes = f"A{len(body) + 2}"
    for number, row in enumerate(body):
        sheet.append([_cell(sheet, value, is_title=number == 0) for value in row])
    sheet.append([_cell(sheet, word, is_heading=True) for word in headers()])
    for row in rows_of(claim):
        sheet.append([_cell(sheet, value) for value in row])
    for row in _ending(claim):
        sheet.append([_cell(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    save_workbook(book, file)
    file.seek(0)
    return file


def _ending(claim: SubsidyClaim) -> list[list[Any]]:
    fingerprint = [["SHA-256", claim.sha256]] if claim.sha256 else []
    rows: list[list[Any]] = [[], *fingerprint, []]
    for first, second, third in signatures():
        rows += [[first, "", "", second, "", "", third], []]
    return rows


def _cell(sheet: Any, value: Any, *, is_title: bool = False, is_heading: bool = False) -> Any:
    if isinstance(value, str) and value.startswith(_COMPUTES):
        value = f"'{value}"
    cell = WriteOnlyCell(sheet, value=value)
    if is_title:
        cell.font = Font(size=16, bold=True)
    if is_heading:
        cell.font = Font(bold=True)
        cell.border = Border(bottom=Side(style="thin"))
        cell.alignment = Alignment(wrap_text=True)
    if hasattr(value, "as_tuple"):
        cell.number_format = _MONEY
    return cell
