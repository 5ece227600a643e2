"""Pages of the books that are not lists of rows: the trial balance, an account's statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.admin.related import account_name, both_sides
from payments.admin.showing import NOTHING, Table, anchor, link_to, table, yuan
from payments.admin.spreadsheets import spreadsheet
from payments.kernel.clock import business_date
from payments.ledger.accounts import CHART, TYPE_NAMES
from payments.ledger.balances import (
    Statement,
    TrialBalanceRow,
    trial_balance,
)
from payments.models import JournalEntry

PER_PAGE: Final = 100


def trial_balance_page(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Show every account's debits, credits and balance, as of the end of a day."""
    until = _day(request, "until")
    rows = trial_balance(until=until)
    return _page(
        request,
        site,
        "trial_balance",
        title=gettext("Trial balance"),
        papers=[_balance_table(rows, currency, until) for currency in _currencies(rows)],
        until=until,
        today=business_date(),
    )


def statement_page(request: HttpRequest, *, code: str, site: Any) -> HttpResponse:
    """Show an account's legs with the running balance, narrowed by labels and days; or export."""
    asked = _asked(request, code)
    form = request.GET.get("export", "")
    if form in {"csv", "xlsx"}:
        return spreadsheet(
            form,
            name=f"{code}-{business_date():%Y%m%d}",
            headers=[str(header) for header in _headers(code)],
            rows=_exported(asked),
        )
    page = Paginator(_Rows(asked), PER_PAGE).get_page(request.GET.get("page"))
    return _page(
        request,
        site,
        "account_statement",
        title=account_name(code),
        page=page,
        asked=asked,
        opening=[yuan(minor, currency) for currency, minor in asked.opening().items()],
        closing=[yuan(minor, currency) for currency, minor in asked.closing().items()],
        papers=[_statement_table(page, code)],
        exports=[(form, _query(request, export=form)) for form in ("csv", "xlsx")],
    )


def statement_link(code: str, **asked: str) -> Any:
    """Link to an account's statement, narrowed."""
    url = reverse("admin:payments_account_statement", args=[code])
    query = urlencode({name: value for name, value in asked.items() if value})
    return anchor(f"{url}?{query}" if query else url, account_name(code))


def _page(request: HttpRequest, site: Any, name: str, **context: Any) -> HttpResponse:
    every = {**site.each_context(request), **context}
    return TemplateResponse(request, f"admin/payments/{name}.html", every)


def _query(request: HttpRequest, **changed: str) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    for name, value in changed.items():
        asked[name] = value
    return asked.urlencode()


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return parse_date(request.GET.get(name, ""))
    except ValueError:
        return None


def _asked(request: HttpRequest, code: str) -> Statement:
    if code not in CHART:
        raise Http404(code)
    return Statement(
        account=code,
        party=request.GET.get("party") or None,
        reference=request.GET.get("reference") or None,
        since=_day(request, "since"),
        until=_day(request, "until"),
    )


def _currencies(rows: list[TrialBalanceRow]) -> list[str]:
    return sorted({row.currency for row in rows}) or ["CNY"]


def _balance_table(rows: list[TrialBalanceRow], currency: str, until: date | None) -> Table:
    ours = [row for row in rows if row.currency == currency]
    shown = [
        [
            statement_link(row.code, until=f"{until or ''}") if row.account else row.code,
            TYPE_NAMES[row.account.type] if row.account else NOTHING,
            yuan(row.debit_minor, currency),
            yuan(row.credit_minor, currency),
            *_sides(row.debit_minor - row.credit_minor, currency),
        ]
        for row in ours
    ]
    debit = sum(row.debit_minor for row in ours)
    credit = sum(row.credit_minor for row in ours)
    left = [row.debit_minor - row.credit_minor for row in ours]
    totals = (
        debit,
        credit,
        sum(minor for minor in left if minor > 0),
        -sum(minor for minor in left if minor < 0),
    )
    shown.append([_("Total"), "", *(yuan(minor, currency) for minor in totals)])
    headers = (
        _("account"),
        _("type"),
        _("debited"),
        _("credited"),
        _("debit balance"),
        _("credit balance"),
    )
    return table(currency, headers, shown)


def _sides(minor: int, currency: str) -> tuple[str, str]:
    shown = yuan(abs(minor), currency) if minor else ""
    return (shown, "") if minor > 0 else ("", shown)


@dataclass
class _Rows:
    """A statement as the paginator wants it: counted without its running balance."""

    asked: Statement

    def count(self) -> int:
        return self.asked.legs().count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, wanted: slice) -> list[JournalEntry]:
        return self.asked.running(wanted)


def _headers(code: str) -> tuple[Any, ...]:
    account = CHART[code]
    return (
        _("journal"),
        _("business day"),
        account.party or _("party"),
        account.reference or _("reference"),
        _("debit"),
        _("credit"),
        _("balance"),
    )


def _statement_table(page: Any, code: str) -> Table:
    rows = (
        [
            link_to(entry.transaction),
            str(entry.transaction.business_date),
            entry.party or NOTHING,
            entry.reference or NOTHING,
            *both_sides(entry),
            yuan(entry.balance_minor, entry.currency),
        ]
        for entry in page.object_list
    )
    return table(TYPE_NAMES[CHART[code].type], _headers(code), rows)


def _exported(asked: Statement) -> Iterator[list[Any]]:
    """Yield the whole statement, leg by leg, with money as a spreadsheet's numbers."""
    for entry in asked.stream():
        debit, credit = max(entry.amount_minor, 0), max(-entry.amount_minor, 0)
        money = entry.amount
        shown = [
            money.__class__(minor, entry.currency).major if minor else None
            for minor in (debit, credit)
        ]
        yield [
            entry.transaction.ref,
            entry.transaction.business_date,
            entry.party,
            entry.reference,
            *shown,
            money.__class__(entry.balance_minor, entry.currency).major,
        ]
