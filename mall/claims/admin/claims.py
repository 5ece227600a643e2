"""Claims in the admin: an overview, a list, a page for each, and its papers to take along."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from mall.claims.admin.acts import act
from mall.claims.admin.claim_page import claim_context
from mall.claims.admin.overview import overview
from mall.claims.admin.reading import COLOURS, ScopedAdmin, may, yuan
from mall.claims.models import SubsidyClaim
from mall.claims.papers.pdf import claim_pdf
from mall.claims.papers.workbook import claim_workbook
from mall.claims.services.drafting import draft_claim
from payments.api import LinliError

_PAPERS = {
    "pdf": (claim_pdf, "application/pdf"),
    "xlsx": (
        claim_workbook,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


@admin.register(SubsidyClaim)
class ClaimAdmin(ScopedAdmin):
    """Every claim there ever was; drafted, checked, issued, sent, paid."""

    list_display = (
        "number",
        "month_shown",
        "giver",
        "offer",
        "status_label",
        "amount",
        "due",
    )
    list_filter = ("status", "giver", "month")
    search_fields = ("claim_no", "giver", "campaign", "name")
    search_help_text = _("Claim number, bank, or offer")
    list_before_template = "admin/claims/overview.html"

    class Media:
        """The look of the overview."""

        css: ClassVar = {"all": ("claims/claims.css",)}

    @display(description=_("claim number"), ordering="claim_no")
    def number(self, claim: SubsidyClaim) -> str:
        """Show the number; a draft has none."""
        return claim.claim_no or "–"

    @display(description=_("month"), ordering="month")
    def month_shown(self, claim: SubsidyClaim) -> str:
        """Show the month."""
        return f"{claim.month:%Y-%m}"

    @display(description=_("offer"), ordering="name")
    def offer(self, claim: SubsidyClaim) -> str:
        """Show the offer's name."""
        return claim.name or claim.campaign

    @display(description=_("status"), ordering="status", label=COLOURS)
    def status_label(self, claim: SubsidyClaim) -> tuple[str, str]:
        """Show the state in colour."""
        return claim.status, claim.get_status_display()

    @display(description=_("amount"), ordering="amount_minor")
    def amount(self, claim: SubsidyClaim) -> str:
        """Show the amount."""
        return yuan(claim.amount_minor)

    @display(description=_("still due"))
    def due(self, claim: SubsidyClaim) -> str:
        """Show what is still to come."""
        return "–" if claim.status == "draft" else yuan(claim.due_minor)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list below what is not claimed yet and what became of each month."""
        context = {
            **overview(request.user, self.get_queryset(request)),
            "may_draft": may(request, "claims.change_subsidyclaim"),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def get_urls(self) -> list[URLPattern]:
        """Add a claim's buttons and papers, and drafting by hand."""
        guard = self.admin_site.admin_view
        return [
            path("draft/", guard(require_POST(self.draft_view)), name="claims_draft"),
            path("<int:pk>/act/", guard(require_POST(self.act_view)), name="claims_act"),
            path("<int:pk>/paper.<str:form>", guard(self.paper_view), name="claims_paper"),
            *super().get_urls(),
        ]

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one claim with everything beside it."""
        del form_url
        claim = self._found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **claim_context(request, claim),
            "title": str(claim),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/claims/claim.html", context)

    def act_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button of the page says."""
        claim = self._found(request, str(pk))
        try:
            messages.success(request, act(request, claim, request.POST.get("what", "")))
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
        return redirect(reverse("admin:claims_subsidyclaim_change", args=[pk]))

    def draft_view(self, request: HttpRequest) -> HttpResponse:
        """Draft a campaign's month by hand."""
        month = _month(request.POST.get("month", ""))
        if month is None or not may(request, "claims.change_subsidyclaim"):
            raise PermissionDenied
        try:
            claim = draft_claim(
                giver=request.POST.get("giver", "")[:64],
                campaign=request.POST.get("campaign", "")[:64],
                month=month,
                by=request.user.get_username(),
            )
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
            return redirect("admin:claims_subsidyclaim_changelist")
        return redirect(reverse("admin:claims_subsidyclaim_change", args=[claim.pk]))

    def paper_view(self, request: HttpRequest, pk: int, form: str) -> HttpResponse | FileResponse:
        """Give a claim as a file; a bank's people get theirs."""
        claim = self._found(request, str(pk))
        if form not in _PAPERS:
            raise Http404
        write, kind = _PAPERS[form]
        name = (claim.claim_no or f"draft-{claim.giver}-{claim.campaign}-{claim.month:%Y%m}")[:90]
        return FileResponse(
            write(claim), as_attachment=True, filename=f"{name}.{form}", content_type=kind
        )

    def _found(self, request: HttpRequest, object_id: str) -> SubsidyClaim:
        if not self.has_view_permission(request):
            raise PermissionDenied
        claim = self.get_object(request, object_id)
        if claim is None:
            raise Http404
        return claim


def _month(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None
