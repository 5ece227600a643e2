"""A merchant's statement as a file for a spreadsheet: CSV that Excel knows, or a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from mall.vouchers.models import RedemptionMerchant
from mall.vouchers.statements import movements_of
from payments.admin.spreadsheets import spreadsheet
from payments.api import Money, local


def statement_file(
    form: str, *, merchant: RedemptionMerchant, since: date, until: date
) -> HttpResponseBase:
    """Return every line of a time; the last column adds up to what the merchant is owed (yuan)."""
    headers = [
        _("Day"),
        _("Time"),
        _("Redemption number"),
        _("Voucher"),
        _("Bill (yuan)"),
        _("Owed (yuan)"),
        _("Undone"),
        _("Taken by"),
    ]
    rows = _rows(merchant, since=since, until=until)
    name = f"{merchant.code}-{since:%Y%m%d}-{until:%Y%m%d}"
    return spreadsheet(form, name=name, headers=headers, rows=rows)


def _rows(merchant: RedemptionMerchant, *, since: date, until: date) -> Iterator[list[Any]]:
    for line in movements_of(merchant, since=since, until=until):
        row = line.redemption
        at = row.undone_at if line.minor < 0 and row.undone_at else row.at
        yield [
            line.day,
            f"{local(at):%H:%M:%S}",
            row.redemption_no,
            row.voucher.batch.name,
            Money(row.bill_minor).major,
            Money(line.minor).major,
            _("yes") if line.minor < 0 else "",
            str(row.taken_by),
        ]
