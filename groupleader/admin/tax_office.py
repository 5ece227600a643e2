"""The tax office in the admin: identities, the quarter's report and file, tax that is remitted."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from groupleader.admin.reading import MoneyAdmin, do_each, yuan
from groupleader.models import (
    Leader,
    TaxFileOpened,
    TaxIdentity,
    TaxRemittance,
    TaxReport,
)
from groupleader.papers.tax_file import open_tax_file
from groupleader.services.tax_identities import enter_identity
from groupleader.services.tax_remitting import (
    Receipt,
    book_remittance,
    prepare_remittance,
    withheld_by_month,
)
from groupleader.services.tax_reports import draft_report, issue_report
from payments.api import LinliError, business_date

_FORMS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class IdentityForm(forms.Form):
    """Whose number it is; the number is sealed and shown nowhere again."""

    leader = forms.ModelChoiceField(Leader.objects.order_by("name"), label=_("leader"))
    legal_name = forms.CharField(max_length=60, label=_("name on the identity card"))
    number = forms.CharField(max_length=24, label=_("identity number"))


class RemittanceForm(forms.Form):
    """The month's receipt of the tax office."""

    month = forms.RegexField(r"^20\d\d-(0[1-9]|1[0-2])$", label=_("month"))
    receipt_no = forms.CharField(max_length=40, label=_("number of the tax receipt"))
    paid_on = forms.DateField(label=_("paid on"), widget=forms.DateInput(attrs={"type": "date"}))
    proof = forms.FileField(label=_("proof"))


@admin.register(TaxIdentity)
class TaxIdentityAdmin(MoneyAdmin):
    """Identity numbers: entered here, opened only into the tax office's file."""

    list_display = ("leader", "legal_name", "last4", "entered_by", "entered_at")
    search_fields = ("leader__name", "legal_name", "last4")
    list_select_related = ("leader", "entered_by")
    fields = ("leader", "legal_name", "last4", "entered_by", "entered_at")

    def has_add_permission(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> bool:
        """Ask for Django's permission."""
        return request.user.has_perm("groupleader.add_taxidentity")

    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Enter a number, or one that replaces it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = IdentityForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                enter_identity(**form.cleaned_data, by=request.user)
                messages.success(request, _now("Kept under seal."))
                return redirect("admin:groupleader_taxidentity_changelist")
            except LinliError as refusal:
                form.add_error("number", refusal.user_message)
        return _form_page(self, request, title=_("Enter an identity number"), form=form)


class OpenedInline(TabularInline):
    """Who opened the file."""

    model = TaxFileOpened
    extra = 0
    fields = ("at", "by", "form")
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: written by opening it."""
        return False


@admin.register(TaxReport)
class TaxReportAdmin(MoneyAdmin):
    """Quarters as they were told to the tax office."""

    list_display = ("quarter", "people", "gross", "tax", "issued_by", "issued_at")
    list_select_related = ("issued_by",)
    search_fields = ("quarter",)
    inlines = (OpenedInline,)
    list_before_template = "admin/groupleader/tax_doors.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the quarter that comes next, and the file."""
        wrap = self.admin_site.admin_view
        return [
            path("next/", wrap(self.next_view), name="groupleader_taxreport_next"),
            path("<int:pk>/<slug:form>/", wrap(self.file_view), name="groupleader_taxreport_file"),
            *super().get_urls(),
        ]

    @admin.display(description=_("income"), ordering="gross_minor")
    def gross(self, report: TaxReport) -> str:
        """Show yuan."""
        return yuan(report.gross_minor)

    @admin.display(description=_("tax"), ordering="tax_minor")
    def tax(self, report: TaxReport) -> str:
        """Show yuan."""
        return yuan(report.tax_minor)

    def next_view(self, request: HttpRequest) -> HttpResponse:
        """Show what a quarter would say and whether it equals the books; issue it."""
        if not request.user.has_perm("groupleader.open_taxreport"):
            raise PermissionDenied
        quarter = request.POST.get("quarter") or request.GET.get("quarter") or _last_quarter()
        try:
            draft = draft_report(quarter)
        except ValueError:
            raise Http404 from None
        if request.method == "POST":
            try:
                report = issue_report(quarter=quarter, by=request.user)
                return redirect("admin:groupleader_taxreport_change", report.pk)
            except LinliError as refusal:
                messages.error(request, refusal.user_message)
        context = self.admin_site.each_context(request) | {
            "opts": self.model._meta,  # noqa: SLF001 - Django documents it
            "title": _("Report to the tax office"),
            "draft": draft,
            "rows": [(row, yuan(row.gross_minor), yuan(row.tax_minor)) for row in draft.rows],
            "unnamed": sum(1 for row in draft.rows if not row.number_sealed),
        }
        return render(request, "admin/groupleader/tax_report.html", context)

    def file_view(self, request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
        """Give the file with the identity numbers; who opened it is noted."""
        if not request.user.has_perm("groupleader.open_taxreport"):
            raise PermissionDenied
        if form not in _FORMS:
            raise Http404
        report = get_object_or_404(TaxReport, pk=pk)
        return FileResponse(
            open_tax_file(report=report, form=form, by=request.user),
            as_attachment=True,
            filename=f"tax-{report.quarter}.{form}",
            content_type=_FORMS[form],
        )


@admin.register(TaxRemittance)
class TaxRemittanceAdmin(MoneyAdmin):
    """Tax that was paid to the tax office: prepared by one, booked by another."""

    list_display = (
        "month",
        "amount",
        "people",
        "paid_on",
        "receipt_no",
        "prepared_by",
        "booked_by",
        "booked_at",
    )
    search_fields = ("month", "receipt_no")
    list_select_related = ("prepared_by", "booked_by")
    exclude = ("proof",)
    actions = ("book",)

    def has_add_permission(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> bool:
        """Ask for Django's permission."""
        return request.user.has_perm("groupleader.add_taxremittance")

    def has_book_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to book what another prepared."""
        return request.user.has_perm("groupleader.book_taxremittance")

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount(self, remittance: TaxRemittance) -> str:
        """Show yuan."""
        return yuan(remittance.amount_minor)

    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Write down that a month was paid."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = RemittanceForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            typed = form.cleaned_data
            receipt = Receipt(
                number=typed["receipt_no"], paid_on=typed["paid_on"], proof=typed["proof"]
            )
            try:
                prepare_remittance(month=typed["month"], receipt=receipt, by=request.user)
                messages.success(request, _now("A second person books it now."))
                return redirect("admin:groupleader_taxremittance_changelist")
            except LinliError as refusal:
                form.add_error(None, refusal.user_message)
        months = [(month, yuan(minor)) for month, minor in withheld_by_month().items()]
        return _form_page(self, request, title=_("Tax was remitted"), form=form, months=months)

    @admin.action(description=_("Book the remittance"), permissions=["book"])
    def book(self, request: HttpRequest, queryset: Any) -> None:
        """Book what somebody else prepared."""
        do_each(request, queryset, lambda row: book_remittance(remittance=row, by=request.user))


def _form_page(desk: ModelAdmin, request: HttpRequest, **context: Any) -> HttpResponse:
    shown = desk.admin_site.each_context(request) | {
        "opts": desk.model._meta,  # noqa: SLF001 - Django documents it
        **context,
    }
    return render(request, "admin/groupleader/tax_form.html", shown)


def _last_quarter() -> str:
    today = business_date()
    number = (today.month - 1) // 3
    return f"{today.year}-Q{number}" if number else f"{today.year - 1}-Q4"
