"""Rows of a statement as its page in the admin shows them: read, never changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from groupleader.admin.reading import yuan
from groupleader.models import (
    CommissionAccrual,
    Correction,
    Deduction,
    Payout,
    StatementEvent,
    SupplierDue,
)


class ReadOnlyInline(TabularInline):
    """Rows of a statement, to be read."""

    extra = 0
    can_delete = False
    show_change_link = False
    per_page = 20

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse."""
        return False


class LineInline(ReadOnlyInline):
    """The lines the statement is the sum of."""

    model = CommissionAccrual
    fields = ("terms", "amount", "status", "accrued_at", "reason")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CommissionAccrual]:
        """Bring the goods along."""
        return super().get_queryset(request).select_related("terms")

    @admin.display(description=_("amount"))
    def amount(self, accrual: CommissionAccrual) -> str:
        """Show yuan."""
        return yuan(accrual.amount_minor)


class EventInline(ReadOnlyInline):
    """Who did what."""

    model = StatementEvent
    fields = ("at", "what", "by", "note")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatementEvent]:
        """Bring the people along."""
        return super().get_queryset(request).select_related("by")


class PayoutInline(ReadOnlyInline):
    """The attempts to pay it."""

    model = Payout
    fields = ("attempt", "transfer_no", "status", "payee_masked", "failure_message", "finished_at")
    readonly_fields = fields


class DueInline(ReadOnlyInline):
    """The lines of a supplier's statement."""

    model = SupplierDue
    fields = ("kind", "order_no", "title", "quantity", "amount", "at")
    readonly_fields = fields

    @admin.display(description=_("amount"))
    def amount(self, due: SupplierDue) -> str:
        """Show yuan."""
        return yuan(due.amount_minor)


class CorrectionInline(ReadOnlyInline):
    """Corrections that are lines of it."""

    model = Correction
    fk_name = "statement"
    fields = ("correction_no", "reason", "amount", "proposed_by", "decided_by")
    readonly_fields = fields

    @admin.display(description=_("amount"))
    def amount(self, correction: Correction) -> str:
        """Show yuan."""
        return yuan(correction.amount_minor)


class DeductionInline(ReadOnlyInline):
    """What is taken off."""

    model = Deduction
    fields = ("kind", "case_no", "reason", "amount")
    readonly_fields = fields

    @admin.display(description=_("amount"))
    def amount(self, deduction: Deduction) -> str:
        """Show yuan."""
        return yuan(deduction.amount_minor)


class PartyFilter(admin.SimpleListFilter):
    """Leaders' statements or suppliers'."""

    title = _("whose")
    parameter_name = "whose"

    def lookups(self, *_args: Any) -> list[tuple[str, Any]]:
        """Name the two."""
        return [("leader", _("group leaders")), ("supplier", _("suppliers"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep one of them."""
        if self.value() in {"leader", "supplier"}:
            return queryset.filter(**{f"{self.value()}__isnull": False})
        return queryset
