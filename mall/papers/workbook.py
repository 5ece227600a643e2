"""A workbook for a spreadsheet, written row by row: texts never compute, numbers stay numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import save_workbook

# A text that begins like this is computed by the program that opens it.
_COMPUTES: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_TITLE: Final = Font(size=16, bold=True)
_BOLD: Final = Font(bold=True)
_BELOW: Final = Border(bottom=Side(style="thin"))
_WRAPPED: Final = Alignment(wrap_text=True)
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys(":\\/?*[]", "-"))


class Strong(list[Any]):
    """A row in bold: a header among the rows, or a subtotal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: its name, title, facts above the table, headings with widths, and the rows."""

    name: str
    title: str
    columns: Sequence[tuple[Any, int]]
    rows: Iterable[Sequence[Any]]
    facts: Sequence[tuple[Any, Any]] = field(default_factory=tuple)


def workbook(sheets: Sequence[Sheet]) -> IO[bytes]:
    """Write sheets into a temporary xlsx file and return it, at its beginning."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book, sheet)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    save_workbook(book, file)
    file.seek(0)
    return file


def safe(value: Any) -> Any:
    """Return a value that no spreadsheet computes; lazy texts as they read now."""
    if value is None or isinstance(value, int | float) or hasattr(value, "as_tuple"):
        return value
    if hasattr(value, "year"):
        return value
    words = str(value)
    return f"'{words}" if words.startswith(_COMPUTES) else words


def _write(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.name.translate(_NOT_IN_NAMES)[:31])
    for number, (_title, width) in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    head: list[list[Any]] = [[label, value] for label, value in sheet.facts]
    head += [[]] if head else []
    page.freeze_panes = f"A{len(head) + 3}"
    page.append([_cell(page, sheet.title, font=_TITLE)])
    for row in head:
        page.append([safe(value) for value in row])
    page.append([_cell(page, title, font=_BOLD, is_heading=True) for title, _w in sheet.columns])
    for row in sheet.rows:
        if isinstance(row, Strong):
            page.append([_cell(page, value, font=_BOLD) for value in row])
        else:
            page.append([safe(value) for value in row])


def _cell(page: Any, value: Any, *, font: Font, is_heading: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value=safe(value))
    cell.font = font
    if is_heading:
        cell.border = _BELOW
        cell.alignment = _WRAPPED
    return cell
