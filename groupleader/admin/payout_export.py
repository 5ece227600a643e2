"""Payouts as a workbook: every attempt with the bank's words; accounts stay masked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from groupleader.models import Payout
from payments.admin.spreadsheets import spreadsheet
from payments.api import Money, local


def payouts_file(payouts: QuerySet[Payout]) -> HttpResponseBase:
    """Give payouts as a file."""
    rows = payouts.select_related("statement__leader", "statement__supplier", "batch")
    return spreadsheet("xlsx", name="payouts", headers=_headers(), rows=_cells(rows))


def _headers() -> list[str]:
    return [
        gettext("Payout number"),
        gettext("Statement"),
        gettext("Paid to"),
        gettext("Way"),
        gettext("Batch"),
        gettext("Amount (yuan)"),
        gettext("Status"),
        gettext("Account"),
        gettext("Bank's words"),
        gettext("Started"),
        gettext("Finished"),
    ]


def _cells(rows: QuerySet[Payout]) -> Iterator[list[Any]]:
    for payout in rows.iterator(chunk_size=500):
        yield [
            payout.transfer_no,
            payout.statement.statement_no,
            payout.statement.party.name,
            str(payout.get_method_display()),
            payout.batch.batch_no if payout.batch else "",
            Money(payout.amount_minor).major,
            str(payout.get_status_display()),
            payout.payee_masked,
            payout.failure_message,
            f"{local(payout.created_at):%Y-%m-%d %H:%M}",
            f"{local(payout.finished_at):%Y-%m-%d %H:%M}" if payout.finished_at else "",
        ]
