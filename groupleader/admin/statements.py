"""Statements in the admin: approved with four eyes, answered, corrected, taken as files."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from groupleader.admin import statement_desk
from groupleader.admin.approving import approve_some, candidates, keys_of
from groupleader.admin.reading import MoneyAdmin, yuan
from groupleader.admin.runs import do_or_start
from groupleader.admin.statement_rows import (
    CorrectionInline,
    DeductionInline,
    DueInline,
    EventInline,
    LineInline,
    PartyFilter,
    PayoutInline,
)
from groupleader.models import DeskRun, SettlementStatement
from groupleader.papers.files import PAPERS, paper_response, statement_file
from groupleader.services.desk_runs import pay_the_usual_way


@admin.register(SettlementStatement)
class SettlementStatementAdmin(MoneyAdmin):
    """Approve what was confirmed; the amounts are what the lines add up to."""

    list_display = (
        "statement_no",
        "whose",
        "period",
        "status",
        "gross",
        "tax",
        "deductions",
        "net",
        "first_approved_by",
        "approved_by",
        "issued_at",
        "paid_at",
    )
    list_filter = (PartyFilter, "status", "tax_regime")
    search_fields = (
        "statement_no",
        "leader__name",
        "supplier__name",
        "supplier__supplier_ref",
        "period",
        "payouts__transfer_no",
    )
    list_select_related = ("leader", "supplier", "first_approved_by", "approved_by")
    date_hierarchy = "until"
    actions = ("approve", "pay")
    actions_detail = ("desk", "as_pdf", "as_xlsx")

    def get_inlines(self, _request: HttpRequest, obj: Any = None) -> list[Any]:
        """Show a leader's lines or a supplier's."""
        lines = DueInline if obj is not None and obj.supplier_id else LineInline
        return [lines, CorrectionInline, DeductionInline, PayoutInline, EventInline]

    def get_urls(self) -> list[URLPattern]:
        """Add the preview of approving many, and papers that were sent."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "approve/", wrap(self.approve_view), name="groupleader_settlementstatement_approve"
            ),
            path(
                "<int:pk>/papers/<str:name>",
                wrap(self.paper_view),
                name="groupleader_settlementstatement_paper",
            ),
            *super().get_urls(),
        ]

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to approve statements."""
        return request.user.has_perm("groupleader.approve_settlementstatement")

    def has_desk_permission(self, request: HttpRequest, _object_id: str = "") -> bool:
        """Ask for the same permission."""
        return self.has_approve_permission(request)

    def has_pay_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to start payouts."""
        return request.user.has_perm("groupleader.pay_settlementstatement")

    @admin.display(description=_("whose"))
    def whose(self, statement: SettlementStatement) -> str:
        """Show the party's name."""
        return statement.party.name

    @admin.display(description=_("gross"), ordering="gross_minor")
    def gross(self, statement: SettlementStatement) -> str:
        """Show yuan."""
        return yuan(statement.gross_minor)

    @admin.display(description=_("tax"), ordering="tax_minor")
    def tax(self, statement: SettlementStatement) -> str:
        """Show yuan."""
        return yuan(statement.tax_minor)

    @admin.display(description=_("deductions"), ordering="deductions_minor")
    def deductions(self, statement: SettlementStatement) -> str:
        """Show yuan."""
        return yuan(statement.deductions_minor)

    @admin.display(description=_("net"), ordering="net_minor")
    def net(self, statement: SettlementStatement) -> str:
        """Show yuan."""
        return yuan(statement.net_minor)

    @admin.action(description=_("Approve for payment"), permissions=["approve"])
    def approve(
        self, request: HttpRequest, queryset: QuerySet[SettlementStatement]
    ) -> HttpResponse | None:
        """Approve confirmed statements, several after a look at their sum."""
        keys = list(queryset.order_by("pk").values_list("pk", flat=True))
        if len(keys) == 1:
            approve_some(request, keys)
            return None
        return self._preview(request, keys)

    def approve_view(self, request: HttpRequest) -> HttpResponse:
        """Approve what the preview showed, a hundred at a time."""
        if not self.has_approve_permission(request):
            raise PermissionDenied
        keys = keys_of(request.POST.get("keys", "")) if request.method == "POST" else []
        if rest := approve_some(request, keys):
            return self._preview(request, rest)
        return redirect("admin:groupleader_settlementstatement_changelist")

    def _preview(self, request: HttpRequest, keys: list[int]) -> HttpResponse:
        rows = candidates(keys, request.user)
        fit = [row for row in rows if not row.because]
        context = self._page(request, _("Approve statements")) | {
            "rows": rows,
            "keys": ",".join(str(row.statement.pk) for row in fit),
            "count": len(fit),
            "total": yuan(sum(row.statement.net_minor or 0 for row in fit)),
        }
        return render(request, "admin/groupleader/approve.html", context)

    @admin.action(description=_("Start the payout, or try it again"), permissions=["pay"])
    def pay(
        self, request: HttpRequest, queryset: QuerySet[SettlementStatement]
    ) -> HttpResponse | None:
        """Pay approved statements, and anew those whose transfer definitely failed."""
        return do_or_start(
            request,
            DeskRun.Kind.PAY,
            queryset.select_related("leader", "supplier"),
            lambda statement: pay_the_usual_way(statement, by=request.user),
        )

    @action(description=_("Questions and corrections"), url_path="answer", permissions=["desk"])
    def desk(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what was said; answer, write, correct, or make the supplier's link."""
        rows = SettlementStatement.objects.select_related("leader", "supplier")
        statement = get_object_or_404(rows, pk=object_id)
        if request.method == "POST":
            statement_desk.act(request, statement)
            return redirect(
                reverse("admin:groupleader_settlementstatement_desk", args=[statement.pk])
            )
        context = self._page(request, str(statement)) | statement_desk.shown(statement)
        context |= {"key": secrets.token_hex(12)}
        return render(request, "admin/groupleader/statement_desk.html", context)

    @action(description=_("PDF"), url_path="pdf")
    def as_pdf(self, _request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Give the statement as a PDF."""
        return _file(object_id, "pdf")

    @action(description=_("Excel"), url_path="xlsx")
    def as_xlsx(self, _request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Give the statement as a workbook."""
        return _file(object_id, "xlsx")

    def paper_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        """Give a paper that was sent about a statement."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return paper_response(get_object_or_404(SettlementStatement, pk=pk), name)

    def _page(self, request: HttpRequest, title: Any) -> dict[str, Any]:
        return self.admin_site.each_context(request) | {
            "opts": self.model._meta,  # noqa: SLF001 - Django documents it
            "title": title,
        }


def _file(object_id: str, form: str) -> HttpResponseBase:
    rows = SettlementStatement.objects.exclude(status=SettlementStatement.Status.DRAFT)
    statement = rows.select_related("leader", "supplier").filter(pk=object_id).first()
    if statement is None:
        raise Http404
    return FileResponse(
        statement_file(statement, form),
        as_attachment=True,
        filename=f"{statement.statement_no}.{form}",
        content_type=PAPERS[form],
    )
