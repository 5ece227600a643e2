"""Suppliers as they are settled: how often, at which fee; their lines; deductions, corrections."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from groupleader.admin.reading import MoneyAdmin, do_each, yuan
from groupleader.admin.runs import do_or_start
from groupleader.admin.statement_rows import PartyFilter
from groupleader.models import (
    Correction,
    Deduction,
    DeskRun,
    SupplierAccount,
    SupplierDue,
    SupplierTerms,
)
from groupleader.services.correcting import approve_correction, refuse_correction
from groupleader.services.issuing import cut_statement
from groupleader.services.periods import period_now
from payments.api import now

__all__ = ["CorrectionAdmin", "DeductionAdmin", "SupplierAccountAdmin", "SupplierDueAdmin"]


class TermsInline(TabularInline):
    """The service fee by date; what is over stays."""

    model = SupplierTerms
    extra = 0
    fields = ("fee_rate", "valid_from", "valid_until", "note")

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: terms are ended by their last day."""
        return False


@admin.register(SupplierAccount)
class SupplierAccountAdmin(ModelAdmin):
    """Accounts open by themselves with the first goods; here it is said how they are settled."""

    list_display = ("name", "supplier_ref", "settlement_period", "is_settled", "open", "paid_to")
    list_filter = ("is_settled", "settlement_period")
    search_fields = ("name", "supplier_ref")
    fields = (
        "name",
        "supplier_ref",
        "settlement_period",
        "is_settled",
        "paid_to",
        "split_receiver",
    )
    readonly_fields = ("supplier_ref", "paid_to", "split_receiver")
    inlines = (TermsInline,)
    actions = ("settle_now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SupplierAccount]:
        """Sum up what no statement holds yet."""
        rows: QuerySet[SupplierAccount] = super().get_queryset(request)
        return rows.annotate(
            open_minor=Sum("dues__amount_minor", filter=Q(dues__statement__isnull=True), default=0)
        )

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: accounts come from the books."""
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: nothing near money is deleted."""
        return False

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to approve statements."""
        return request.user.has_perm("groupleader.approve_settlementstatement")

    @admin.display(description=_("not settled yet"))
    def open(self, account: Any) -> str:
        """Show yuan."""
        return yuan(account.open_minor)

    @admin.display(description=_("paid to"))
    def paid_to(self, account: SupplierAccount) -> str:
        """Show the account's last digits."""
        return account.payee_masked or "–"

    @admin.action(description=_("Make a statement up to now"), permissions=["settle"])
    def settle_now(
        self, request: HttpRequest, queryset: QuerySet[SupplierAccount]
    ) -> HttpResponse | None:
        """Make statements by hand."""
        period = period_now(now())
        return do_or_start(
            request,
            DeskRun.Kind.CUT,
            queryset,
            lambda account: cut_statement(party=account, period=period, by=request.user),
        )


@admin.register(SupplierDue)
class SupplierDueAdmin(MoneyAdmin):
    """What suppliers are owed, movement by movement, as the books moved 2201."""

    list_display = (
        "supplier",
        "kind",
        "order_no",
        "title",
        "quantity",
        "amount",
        "at",
        "statement",
    )
    list_filter = ("kind", ("statement", admin.EmptyFieldListFilter))
    search_fields = ("order_no", "title", "supplier__name", "supplier__supplier_ref")
    list_select_related = ("supplier", "statement__supplier")
    date_hierarchy = "at"

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount(self, due: SupplierDue) -> str:
        """Show yuan."""
        return yuan(due.amount_minor)


@admin.register(Deduction)
class DeductionAdmin(MoneyAdmin):
    """What is taken off statements, and what still waits."""

    list_display = ("whose", "kind", "amount", "whole", "case_no", "reason", "at", "statement")
    list_filter = (PartyFilter, "kind", ("statement", admin.EmptyFieldListFilter))
    search_fields = ("case_no", "order_no", "reason", "leader__name", "supplier__name")
    list_select_related = ("leader", "supplier", "statement__leader", "statement__supplier")
    date_hierarchy = "at"

    @admin.display(description=_("whose"))
    def whose(self, deduction: Deduction) -> str:
        """Show the party's name."""
        return deduction.party.name

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount(self, deduction: Deduction) -> str:
        """Show yuan."""
        return yuan(deduction.amount_minor)

    @admin.display(description=_("of"), ordering="whole_minor")
    def whole(self, deduction: Deduction) -> str:
        """Show yuan."""
        return yuan(deduction.whole_minor)


@admin.register(Correction)
class CorrectionAdmin(MoneyAdmin):
    """Corrections: proposed on a statement's page, approved by a second person here."""

    list_display = (
        "correction_no",
        "whose",
        "amount",
        "status",
        "reason",
        "about",
        "proposed_by",
        "decided_by",
        "statement",
    )
    list_filter = (PartyFilter, "status")
    search_fields = ("correction_no", "reason", "leader__name", "supplier__name")
    list_select_related = (
        "leader",
        "supplier",
        "proposed_by",
        "decided_by",
        "about__leader",
        "about__supplier",
        "statement__leader",
        "statement__supplier",
    )
    date_hierarchy = "proposed_at"
    actions = ("let_count", "refuse")

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to approve corrections."""
        return request.user.has_perm("groupleader.approve_correction")

    @admin.display(description=_("whose"))
    def whose(self, correction: Correction) -> str:
        """Show the party's name."""
        return correction.party.name

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount(self, correction: Correction) -> str:
        """Show yuan."""
        return yuan(correction.amount_minor)

    @admin.action(description=_("Approve the correction"), permissions=["approve"])
    def let_count(self, request: HttpRequest, queryset: QuerySet[Correction]) -> None:
        """Let corrections count that somebody else proposed."""
        rows = queryset.select_related("leader", "supplier")
        do_each(request, rows, lambda row: approve_correction(correction=row, by=request.user))

    @admin.action(description=_("Refuse the correction"), permissions=["approve"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[Correction]) -> None:
        """Drop corrections."""
        rows = queryset.select_related("leader", "supplier")
        do_each(request, rows, lambda row: refuse_correction(correction=row, by=request.user))
