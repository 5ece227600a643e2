"""The books in the admin: journals, their legs, day seals; from here the pages of the books."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display

from payments.admin.money import money_page
from payments.admin.paper import PaperAdmin
from payments.admin.related import account_name, both_sides, leg_rows
from payments.admin.showing import NOTHING, Table, link_to, table, yuan
from payments.admin.statements import statement_link, statement_page, trial_balance_page
from payments.ledger.accounts import CHART
from payments.models import JournalEntry, JournalTransaction, LedgerSeal


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
    actions_list: ClassVar = ("follow_money",)
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

    @action(description=_("One order's money"), permissions=["view"], icon="account_tree")
    def follow_money(self, _request: HttpRequest) -> HttpResponse:
        """Go to the page that follows one order's money."""
        return redirect("admin:payments_money_search")

    def get_urls(self) -> list[URLPattern]:
        """Add the page of one order's money."""
        wrap = self.admin_site.admin_view
        return [
            path("money/", wrap(self.money_page), name="payments_money_search"),
            path("money/<str:number>/", wrap(self.money_page), name="payments_money"),
            *super().get_urls(),
        ]

    def money_page(self, request: HttpRequest, number: str = "") -> HttpResponse:
        """Follow the money of the order that a number belongs to."""
        if not self.has_view_permission(request):
            raise Http404
        return money_page(request, number=number, site=self.admin_site)

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
        return statement_link(entry.account)

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
        return trial_balance_page(request, site=self.admin_site)

    def statement_page(self, request: HttpRequest, code: str) -> HttpResponse:
        """Show an account's legs with the running balance, or give them as a file."""
        self._require_view(request)
        return statement_page(request, code=code, site=self.admin_site)

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise Http404


@admin.register(LedgerSeal)
class LedgerSealAdmin(PaperAdmin):
    """Days that are closed, each with its fingerprint."""

    list_display = ("day", "journals", "entries", "debited", "hash", "sealed_at")
    search_fields = ("hash",)
    date_hierarchy = "day"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("day", "sealed_at"),
                    ("journals", "entries"),
                    "debited",
                    "hash",
                    "previous_hash",
                )
            },
        ),
    )

    @display(description=_("debited"))
    def debited(self, seal: LedgerSeal) -> str:
        """Show the sums of the debit side."""
        return " · ".join(yuan(minor, code) for code, minor in seal.sums.items()) or NOTHING
