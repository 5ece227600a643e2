"""Tables as files for a spreadsheet, row by row: CSV that Excel knows, or a workbook."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.writer.excel import save_workbook

from payments.admin.csv_export import safe_cell

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What fits on a sheet of Excel, its headers included.
ROWS_MAX: Final = 1_048_576


class _Echo:
    """Hands back what is written, so that rows stream out one by one."""

    def write(self, value: str) -> str:
        return value


def spreadsheet(
    form: str, *, name: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]
) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """Return rows as `name`.csv or `name`.xlsx; texts never compute, numbers stay numbers.

    A workbook is written to a temporary file, a row at a time; what does not fit on a sheet of
    Excel is left out there (take the CSV).
    """
    if form == "xlsx":
        return _workbook(name, headers, rows)
    return StreamingHttpResponse(
        _csv_lines(headers, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _csv_lines(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([safe_cell(header) for header in headers])
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])


def _workbook(name: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> FileResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    sheet.append([str(header) for header in headers])
    for number, row in enumerate(rows, start=2):
        if number > ROWS_MAX:
            break
        sheet.append([_cell(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    save_workbook(book, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=WORKBOOK)


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal | int) or value is None or hasattr(value, "year"):
        return value
    return safe_cell(value)
