"""The tax office's file: a quarter's rows with identity numbers, csv or xlsx, always the same."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.writer.excel import save_workbook

from groupleader.models import Leader, TaxFileOpened, TaxReport
from groupleader.papers.content import major
from groupleader.papers.workbook import safe
from groupleader.sealing import unseal
from payments.api import now, transact

_NUMBER_AT: Final = 2
_STEADY: Final = (2026, 1, 1, 0, 0, 0)
_CHANGED: Final = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


@transact()
def open_tax_file(*, report: TaxReport, form: str, by: Any) -> IO[bytes]:
    """Write a report as csv or xlsx with the identity numbers opened; note who opened it.

    The same report gives the same bytes. KeyError for another form.
    """
    write = {"csv": _csv, "xlsx": _xlsx}[form]
    TaxFileOpened.objects.create(report=report, by=by, at=now(), form=form)
    return write(report)


def headers() -> list[str]:
    """Return the headings."""
    return [
        _("No."),
        _("Name"),
        _("Identity number"),
        _("Phone"),
        _("Taxed as"),
        _("Orders"),
        _("Earned"),
        _("Taken back by refunds"),
        _("Income"),
        _("Deductions"),
        _("Tax withheld"),
        _("Paid out"),
    ]


def rows_of(report: TaxReport) -> Iterator[list[Any]]:
    """Yield a report's rows; money in yuan."""
    regimes = dict(Leader.Regime.choices)
    for number, row in enumerate(report.rows.order_by("leader_id").iterator(), start=1):
        yield [
            number,
            row.name,
            unseal(row.number_sealed) if row.number_sealed else "",
            row.phone,
            str(regimes.get(row.tax_regime, row.tax_regime)),
            row.orders,
            major(row.earned_minor),
            major(row.taken_back_minor),
            major(row.gross_minor),
            major(row.deductions_minor),
            major(row.tax_minor),
            major(row.net_minor),
        ]


def _csv(report: TaxReport) -> IO[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headers())
    for row in rows_of(report):
        writer.writerow([_csv_cell(value, at=at) for at, value in enumerate(row)])
    # Excel reads Chinese in a CSV only behind this mark.
    return io.BytesIO(text.getvalue().encode("utf-8-sig"))


def _csv_cell(value: Any, *, at: int) -> Any:
    if hasattr(value, "as_tuple"):
        return f"{value:.2f}"
    # A tab keeps a spreadsheet from rounding eighteen digits.
    return f"{value}\t" if at == _NUMBER_AT and value else safe(value)


def _xlsx(report: TaxReport) -> IO[bytes]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(report.quarter)
    for letter, width in zip("ABCDEFGHIJKL", (6, 14, 24, 16, 24, *[14] * 7), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append(headers())
    for row in rows_of(report):
        sheet.append([safe(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the steady copy is what is handed out
    with file:
        save_workbook(book, file)
        return _steady(file)


def _steady(file: IO[bytes]) -> IO[bytes]:
    """Return the workbook without the moment it was written in."""
    copy = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _CHANGED.sub(b"", content)
            new.writestr(zipfile.ZipInfo(name, _STEADY), content, zipfile.ZIP_DEFLATED)
    copy.seek(0)
    return copy
