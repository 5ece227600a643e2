"""The books in the admin: journals, their legs, the trial balance, an account's statement."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display

from payments.admin.paper import PaperAdmin
from payments.admin.related import account_name, both_sides, leg_rows
from payments.admin.showing import NOTHING, Table, anchor, link_to, table, yuan
from payments.kernel.clock import business_date
from payments.ledger.accounts import CHART, TYPE_NAMES
from payments.ledger.balances import TrialBalanceRow, posted_entries, statement_of, trial_balance
from payments.models import JournalEntry, JournalTransaction

_PER_PAGE = 100


class AccountFilter(admin.SimpleListFilter):
    """Narrow legs to one account, by its name."""

    title = _("account")
    parameter_name = "account"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """Offer the whole chart."""
        return [(code, account_name(code)) for code in sorted(CHART)]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the legs of the account."""
        return queryset.filter(account=self.value()) if self.value() else queryset


@admin.register(JournalTransaction)
class JournalTransactionAdmin(PaperAdmin):
    """One journal per business event."""

    list_display = ("ref", "kind", "business_date", "total", "memo", "posted", "created_at")
    list_filter = ("kind", ("business_date", RangeDateFilter), "posted")
    search_fields = ("ref", "entries__reference", "entries__party")
    search_help_text = _("Business event, or a number, a leader, a supplier")
    date_hierarchy = "business_date"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("ref", "kind"),
                    ("business_date", "created_at"),
                    ("total", "posted"),
                    "memo",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalTransaction]:
        """Count what was moved."""
        moved = Sum("entries__amount_minor", filter=Q(entries__amount_minor__gt=0))
        return super().get_queryset(request).annotate(moved_minor=moved)

    @display(description=_("moved"))
    def total(self, journal: Any) -> str:
        """Show the sum of the debit side."""
        return yuan(journal.moved_minor)

    def papers(self, journal: JournalTransaction) -> list[Table]:
        """Return the legs."""
        headers = (_("account"), _("party"), _("reference"), _("debit"), _("credit"))
        return [table(_("Legs"), headers, leg_rows(journal.entries.order_by("pk")))]


@admin.register(JournalEntry)
class JournalEntryAdmin(PaperAdmin):
    """Every leg, and from here the trial balance and each account's statement."""

    list_display = (
        "journal",
        "business_day",
        "account_shown",
        "party",
        "reference",
        "debit",
        "credit",
    )
    list_filter = (AccountFilter, ("transaction__business_date", RangeDateFilter), "currency")
    search_fields = ("transaction__ref", "party", "reference")
    search_help_text = _("Business event, number, leader or supplier")
    beside = ("transaction",)
    actions_list: ClassVar = ("show_trial_balance",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("journal", "business_day"),
                    "account_shown",
                    ("party", "reference"),
                    ("debit", "credit"),
                )
            },
        ),
    )

    @display(description=_("journal"), ordering="transaction")
    def journal(self, entry: JournalEntry) -> Any:
        """Link to the journal."""
        return link_to(entry.transaction)

    @display(description=_("business day"), ordering="transaction__business_date")
    def business_day(self, entry: JournalEntry) -> str:
        """Show the business day."""
        return str(entry.transaction.business_date)

    @display(description=_("account"), ordering="account")
    def account_shown(self, entry: JournalEntry) -> Any:
        """Link to the account's statement."""
        return _statement_link(entry.account)

    @display(description=_("debit"))
    def debit(self, entry: JournalEntry) -> str:
        """Show the amount where it is a debit."""
        return both_sides(entry)[0]

    @display(description=_("credit"))
    def credit(self, entry: JournalEntry) -> str:
        """Show the amount where it is a credit."""
        return both_sides(entry)[1]

    @action(description=_("Trial balance"), permissions=["view"], icon="balance")
    def show_trial_balance(self, _request: HttpRequest) -> HttpResponse:
        """Go to the trial balance."""
        return redirect("admin:payments_trial_balance")

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that are not lists of rows."""
        wrap = self.admin_site.admin_view
        return [
            path("trial-balance/", wrap(self.trial_balance_page), name="payments_trial_balance"),
            path(
                "account/<str:code>/", wrap(self.statement_page), name="payments_account_statement"
            ),
            *super().get_urls(),
        ]

    def trial_balance_page(self, request: HttpRequest) -> HttpResponse:
        """Show every account's debits, credits and balance, as of the end of a day."""
        self._require_view(request)
        until = _day(request)
        rows = trial_balance(until=until)
        return self._page(
            request,
            "trial_balance",
            title=gettext("Trial balance"),
            papers=[_balance_table(rows, currency) for currency in _currencies(rows)],
            until=until,
            today=business_date(),
        )

    def statement_page(self, request: HttpRequest, code: str) -> HttpResponse:
        """Show an account's legs with the running balance, narrowed by party or reference."""
        self._require_view(request)
        if code not in CHART:
            raise Http404(code)
        labels = {name: request.GET.get(name) or None for name in ("party", "reference")}
        page = Paginator(_statement_rows(code, labels), _PER_PAGE).get_page(request.GET.get("page"))
        return self._page(
            request,
            "account_statement",
            title=account_name(code),
            page=page,
            papers=[_statement_table(page, code)],
            labels=labels,
        )

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise Http404

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        site = self.admin_site.each_context(request)
        every = {**site, **context}
        return TemplateResponse(request, f"admin/payments/{name}.html", every)


def _statement_link(code: str, **labels: str) -> Any:
    url = reverse("admin:payments_account_statement", args=[code])
    query = "&".join(f"{name}={value}" for name, value in labels.items() if value)
    return anchor(f"{url}?{query}" if query else url, account_name(code))


def _day(request: HttpRequest) -> Any:
    try:
        return parse_date(request.GET.get("until", ""))
    except ValueError:
        return None


def _currencies(rows: list[TrialBalanceRow]) -> list[str]:
    return sorted({row.currency for row in rows}) or ["CNY"]


def _balance_table(rows: list[TrialBalanceRow], currency: str) -> Table:
    ours = [row for row in rows if row.currency == currency]
    shown = [
        [
            _statement_link(row.code) if row.account else row.code,
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


class _StatementRows:
    """A statement as the paginator wants it: counted without its window."""

    def __init__(self, code: str, labels: dict[str, str | None]) -> None:
        self.rows = statement_of(code, **labels)
        given = {name: value for name, value in labels.items() if value is not None}
        self.plain = posted_entries().filter(account=code, **given)

    def count(self) -> int:
        return self.plain.count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, wanted: slice) -> list[Any]:
        return list(self.rows[wanted])


def _statement_rows(code: str, labels: dict[str, str | None]) -> Any:
    return _StatementRows(code, labels)


def _statement_table(page: Any, code: str) -> Table:
    account = CHART[code]
    headers = (
        _("journal"),
        _("business day"),
        account.party or _("party"),
        account.reference or _("reference"),
        _("debit"),
        _("credit"),
        _("balance"),
    )
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
    return table(TYPE_NAMES[account.type], headers, rows)
