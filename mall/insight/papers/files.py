"""The effect of an offer to take along: a workbook, and a few printed sheets for the branch."""

from __future__ import annotations

import tempfile
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.writer.excel import save_workbook

from mall.insight.papers.tables import Sheet, heading_of, sheets_of
from mall.insight.report import Report
from mall.papers.page import MARGIN, WIDTH, Column, Page
from payments.api import business_date

_ROW: Final = 13.0
_COMPUTES: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_BAR: Final = 170.0


def effect_workbook(report: Report) -> IO[bytes]:
    """Write a report as xlsx into a temporary file, a sheet per table; return it at its start."""
    book = Workbook(write_only=True)
    first = True
    for table in sheets_of(report):
        sheet = book.create_sheet(table.title[:31])
        sheet.column_dimensions["A"].width = 34
        sheet.column_dimensions["G"].width = 60
        if first:
            for label, value in heading_of(report):
                sheet.append([label, value])
            sheet.append([])
        first = False
        sheet.append(list(table.headers))
        for row in table.rows:
            sheet.append([_cell(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    save_workbook(book, file)
    file.seek(0)
    return file


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_COMPUTES) else value


def effect_pdf(report: Report) -> IO[bytes]:
    """Write a report as PDF into a temporary file; return it at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    title = _("Effect of an offer")
    page = Page(
        file,
        title=f"{title} {report.subject.name}",
        footer=f"{report.subject.name} · {report.period.since} – {report.period.until}"
        f" · {business_date()}",
    )
    page.title(title)
    page.space(4)
    for label, value in heading_of(report):
        page.space(14)
        page.pair(label, value)
    page.space(16)
    _funnel(page, report)
    if report.small:
        page.text(report.small, size=9)
    tables = sheets_of(report, is_shown=True)
    _figures(page, tables[0])
    for table in tables[1:]:
        if table.rows:
            _table(page, table)
    page.finish()
    file.seek(0)
    return file


def _funnel(page: Page, report: Report) -> None:
    for step in report.funnel:
        page.text(f"{step.figure.word}  {step.figure.shown}  {step.of_before}", size=9, gap=3)
        page.bar(x=MARGIN + 230, width=max(1.0, _BAR * step.width / 100))
    page.space(8)


def _figures(page: Page, table: Sheet) -> None:
    """Each figure on a line with its formula below it."""
    rights = (MARGIN + 260, MARGIN + 335, MARGIN + 385, MARGIN + 455, WIDTH - MARGIN)
    columns = [Column(table.headers[0], MARGIN)]
    columns += [
        Column(title, right, is_right=True)
        for title, right in zip(table.headers[1:6], rights, strict=True)
    ]
    page.text(table.title, size=11)
    page.headings(columns)
    for row in table.rows:
        if page.left < _ROW * 2:
            page.new_sheet()
            page.headings(columns)
        page.cells(columns, row[:6], size=8)
        page.text(row[6], size=6.5, grey=True, gap=5)
    page.space(10)


def _table(page: Page, table: Sheet) -> None:
    width = (WIDTH - 2 * MARGIN) / len(table.headers)
    columns = [
        Column(title, MARGIN + width * (number + (number > 0)), is_right=number > 0)
        for number, title in enumerate(table.headers)
    ]
    if page.left < _ROW * 5:
        page.new_sheet()
    page.space(6)
    page.text(table.title, size=11)
    page.headings(columns)
    for row in table.rows:
        if page.left < _ROW:
            page.new_sheet()
            page.headings(columns)
        page.cells(columns, row)
    page.space(10)
