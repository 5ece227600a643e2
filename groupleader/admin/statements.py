"""Statements and payouts in the admin: approve with four eyes, answer disputes, pay again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action

from groupleader.admin.reading import MoneyAdmin, do_each, yuan
from groupleader.models import CommissionAccrual, Payout, SettlementStatement, StatementEvent
from groupleader.services.payouts import pay_statement
from groupleader.services.statements import answer_dispute, approve_statement
from payments.api import LinliError


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


@admin.register(SettlementStatement)
class SettlementStatementAdmin(MoneyAdmin):
    """Approve what leaders confirmed; the amounts are what the lines add up to."""

    list_display = (
        "statement_no",
        "leader",
        "period",
        "status",
        "gross",
        "tax",
        "net",
        "first_approved_by",
        "issued_at",
        "paid_at",
    )
    list_filter = ("status", "leader", "tax_regime")
    search_fields = ("statement_no", "leader__name", "period", "payouts__transfer_no")
    list_select_related = ("leader", "first_approved_by")
    date_hierarchy = "until"
    inlines = (LineInline, PayoutInline, EventInline)
    actions = ("approve", "pay")
    actions_detail = ("answer",)

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to approve statements."""
        return request.user.has_perm("groupleader.approve_settlementstatement")

    def has_answer_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Ask for the same permission, and for a dispute that waits for an answer."""
        disputed = SettlementStatement.objects.filter(
            pk=object_id, status=SettlementStatement.Status.DISPUTED
        )
        return self.has_approve_permission(request) and disputed.exists()

    def has_pay_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to start payouts."""
        return request.user.has_perm("groupleader.pay_settlementstatement")

    @admin.display(description=_("gross"), ordering="gross_minor")
    def gross(self, statement: SettlementStatement) -> str:
        """Show yuan."""
        return yuan(statement.gross_minor)

    @admin.display(description=_("tax"), ordering="tax_minor")
    def tax(self, statement: SettlementStatement) -> str:
        """Show yuan."""
        return yuan(statement.tax_minor)

    @admin.display(description=_("net"), ordering="net_minor")
    def net(self, statement: SettlementStatement) -> str:
        """Show yuan."""
        return yuan(statement.net_minor)

    @admin.action(description=_("Approve for payment"), permissions=["approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[SettlementStatement]) -> None:
        """Approve confirmed statements; large ones need a second person."""

        def one(statement: SettlementStatement) -> None:
            if not approve_statement(statement=statement, by=request.user):
                text = _now("%(statement)s: now a second person has to approve it.")
                messages.warning(request, text % {"statement": statement})

        do_each(request, queryset.select_related("leader"), one)

    @admin.action(description=_("Start the payout, or try it again"), permissions=["pay"])
    def pay(self, request: HttpRequest, queryset: QuerySet[SettlementStatement]) -> None:
        """Pay approved statements, and anew those whose transfer definitely failed."""
        do_each(
            request,
            queryset.select_related("leader"),
            lambda statement: pay_statement(statement=statement, by=request.user),
        )

    @action(description=_("Answer the dispute"), url_path="answer", permissions=["answer"])
    def answer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer what the leader said is wrong; she is asked again."""
        statement = get_object_or_404(
            SettlementStatement.objects.select_related("leader"), pk=object_id
        )
        if request.method == "POST":
            try:
                answer_dispute(
                    statement=statement, answer=request.POST.get("answer", ""), by=request.user
                )
                messages.success(request, _now("Answered; the leader is asked again."))
            except LinliError as refusal:
                messages.error(request, refusal.user_message)
            return redirect(
                reverse("admin:groupleader_settlementstatement_change", args=[statement.pk])
            )
        context = self.admin_site.each_context(request) | {
            "statement": statement,
            "opts": self.model._meta,  # noqa: SLF001 - Django documents it
            "title": _("Answer the dispute"),
        }
        return render(request, "admin/groupleader/answer.html", context)
