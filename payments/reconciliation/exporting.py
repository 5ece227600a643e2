"""A day as a table for a spreadsheet, row by row: the equation first, then every case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.kernel.clock import local
from payments.kernel.money import Money
from payments.reconciliation.equation import DayEquation, Side, equation_of
from payments.reconciliation.models import Bill, ReconciliationCase, RecordKind
from payments.reconciliation.selectors import shown_class

CASE_HEADERS: tuple[Promise, ...] = (
    _("case"),
    _("account"),
    _("acquirer's day"),
    _("kind"),
    _("difference"),
    _("our number"),
    _("acquirer's number"),
    _("belongs to"),
    _("party"),
    _("amount in the bill"),
    _("fee in the bill"),
    _("our amount"),
    _("our fee"),
    _("currency"),
    _("state"),
    pgettext_lazy("case", "action"),
    _("reason"),
    _("proposed by"),
    _("decided by"),
    _("resolution"),
    pgettext_lazy("date", "found"),
    pgettext_lazy("case", "closed at"),
)
EQUATION_HEADERS: tuple[Promise, ...] = (
    _("account"),
    _("acquirer's day"),
    _("bill"),
    _("side"),
    _("kind"),
    _("whole"),
    _("matched"),
    _("in another day's bill"),
    pgettext_lazy("equation", "open"),
    _("pooled"),
    _("hung up"),
    _("decided"),
    _("left over"),
)


def case_rows(day: date, account_code: str = "") -> Iterator[list[Any]]:
    """Return a day's cases under CASE_HEADERS, one row at a time; money in major units.

    Cells are plain values: whoever writes them guards them against being computed.
    """
    rows = ReconciliationCase.objects.filter(day=day).order_by("account_code", "pk")
    if account_code:
        rows = rows.filter(account_code=account_code)
    for case in rows.iterator(chunk_size=1_000):
        yield _case_row(case)


def _case_row(case: ReconciliationCase) -> list[Any]:
    return [
        case.case_no,
        case.account_code,
        case.day,
        case.get_record_kind_display(),
        shown_class(case),
        case.own_no,
        case.acquirer_no,
        case.related_no,
        case.party,
        _major(case.bill_amount_minor, case.currency),
        _major(case.bill_fee_minor, case.currency),
        _major(case.ours_amount_minor, case.currency),
        _major(case.ours_fee_minor, case.currency),
        case.currency,
        case.get_state_display(),
        case.get_action_display(),
        case.reason,
        case.proposed_by,
        case.decided_by,
        case.get_resolution_display(),
        _clock(case.created_at),
        _clock(case.closed_at),
    ]


def equation_rows(day: date, account_code: str = "") -> Iterator[list[Any]]:
    """Return a day's closing equations under EQUATION_HEADERS, in money, bill by bill."""
    bills = Bill.objects.select_related("account").filter(day=day, is_current=True)
    if account_code:
        bills = bills.filter(account_code=account_code)
    for bill in bills.order_by("account_code", "kind"):
        yield from _equation_rows(equation_of(bill))


def _equation_rows(equation: DayEquation) -> Iterator[list[Any]]:
    head = [equation.account_code, equation.day, Bill.Kind(equation.kind).label]
    sides = ((_("bill"), equation.bill), (_("ours"), equation.ours))
    for name, kinds in sides:
        for kind, side in kinds.items():
            yield [*head, name, RecordKind(kind).label, *_figures(side)]
    for receiver, side in equation.receivers.items():
        yield [*head, _("receiver"), receiver, *_figures(side)]


def _figures(side: Side) -> list[Decimal]:
    parts = (
        side.whole,
        side.matched,
        side.elsewhere,
        side.open,
        side.pooled,
        side.hung,
        side.decided,
        side.left,
    )
    return [Money(part[1]).major for part in parts]


def _major(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else Money(minor, currency).major


def _clock(at: datetime | None) -> str:
    return f"{local(at):%Y-%m-%d %H:%M:%S}" if at else ""
