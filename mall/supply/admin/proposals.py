"""What suppliers propose, in the admin: the queue, before beside after, and the decision."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.contrib import admin, messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from oscar.apps.catalogue.models import Category
from unfold.decorators import display

from mall.catalogue.models import ProductExtra
from mall.supply.admin.showing import COLOURS, ReadOnlyAdmin, require, said
from mall.supply.models import ProductProposal
from mall.supply.proposals import approve, refuse
from payments.api import LinliError

CHANGE: Final = "supply.change_productproposal"
FIELDS: Final = {
    "title": gettext_lazy("name"),
    "short_text": gettext_lazy("selling point"),
    "description": gettext_lazy("description"),
    "origin": gettext_lazy("origin"),
    "sales_unit": gettext_lazy("sales unit"),
    "net_grams": gettext_lazy("net weight in grams"),
    "storage_class": gettext_lazy("storage"),
    "shelf_life_days": gettext_lazy("shelf life in days"),
    "price_minor": gettext_lazy("suggested price (yuan)"),
    "cost_minor": gettext_lazy("cost"),
}


@admin.register(ProductProposal)
class ProductProposalAdmin(ReadOnlyAdmin):
    """New goods and changes of goods that wait for the mall."""

    list_display = ("what", "supplier", "kind", "made_at", "state_label", "decided_by")
    list_filter = ("state", "kind", "supplier")
    list_select_related = ("supplier", "product")
    search_fields = ("supplier__name", "product__title", "note")

    @display(description=gettext_lazy("product"))
    def what(self, proposal: ProductProposal) -> str:
        """Name the product."""
        return str(proposal)

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def state_label(self, proposal: ProductProposal) -> tuple[str, str]:
        """Show the state in colour."""
        return proposal.state, proposal.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        """Add the decision and the picture."""
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/decide/", guard(require_POST(self.decide_view)), name="supply_decide"),
            path("<int:pk>/picture/", guard(self.picture_view), name="supply_proposal_picture"),
            *super().get_urls(),
        ]

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show before beside after."""
        del form_url
        proposal = self.found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": str(proposal),
            "proposal": proposal,
            "colour": COLOURS[proposal.state],
            "rows": [
                (FIELDS[name], _shown(name, proposal.before.get(name)), _shown(name, value))
                for name, value in proposal.wished.items()
                if name in FIELDS
            ],
            "is_new": proposal.kind == ProductProposal.Kind.NEW,
            "is_pending": proposal.state == ProductProposal.State.PENDING,
            "may_decide": request.user.has_perm(CHANGE),
            "categories": Category.objects.order_by("path"),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/supply/proposal.html", context)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve or refuse, with the reason the supplier reads."""
        self.found(request, pk)
        require(request, CHANGE)
        reason = said(request.POST, "decision", most=300)
        key = request.POST.get("category", "")
        category = int(key) if key.isdecimal() and len(key) <= 18 else None
        user: Any = request.user
        try:
            if request.POST.get("what") == "approve":
                approve(pk, by=user, decision=reason, category_id=category)
                messages.success(request, _("Approved. It is found from now on."))
            else:
                refuse(pk, by=user, decision=reason)
                messages.success(request, _("Refused. The supplier reads why."))
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
            return redirect("admin:supply_productproposal_change", pk)
        return redirect("admin:supply_productproposal_changelist")

    def picture_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the proposed picture; it lies outside the media folder."""
        proposal = self.found(request, pk)
        if not proposal.picture:
            raise Http404
        return FileResponse(proposal.picture.open("rb"), content_type="image/webp")


def _shown(name: str, value: Any) -> str:
    if value in {None, ""}:
        return "–"
    if name.endswith("_minor"):
        return f"¥{Decimal(value) / 100:,.2f}"
    if name == "storage_class" and value in ProductExtra.Storage.values:
        return str(ProductExtra.Storage(value).label)
    return str(value)
