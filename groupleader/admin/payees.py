"""Accounts in the admin: proposed by one of staff, agreed by another, looked at with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from groupleader.admin.reading import MoneyAdmin
from groupleader.models import Leader, PayeeChange, SupplierAccount
from groupleader.services.payees import NewAccount, decide_payee, propose_payee, reveal_account
from payments.api import LinliError

COLOURS = {"proposed": "warning", "applied": "success", "refused": ""}


class ProposalForm(forms.Form):
    """Whose account, and what is written on the card or the company's paper."""

    leader = forms.ModelChoiceField(
        label=_("leader"),
        queryset=Leader.objects.order_by("name"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    supplier = forms.ModelChoiceField(
        label=_("or supplier"),
        queryset=SupplierAccount.objects.order_by("name"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    bank = forms.CharField(label=_("bank"), max_length=60, widget=UnfoldAdminTextInputWidget)
    holder = forms.CharField(
        label=_("account holder"), max_length=60, widget=UnfoldAdminTextInputWidget
    )
    account = forms.CharField(
        label=_("account number"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    reason = forms.CharField(
        label=_("why"),
        max_length=200,
        required=False,
        help_text=_("Needed where the holder is not the leader herself."),
        widget=UnfoldAdminTextInputWidget,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for exactly one of leader and supplier."""
        said = super().clean() or {}
        if bool(said.get("leader")) == bool(said.get("supplier")):
            raise forms.ValidationError(_("Choose a leader or a supplier."))
        return said


@admin.register(PayeeChange)
class PayeeChangeAdmin(MoneyAdmin):
    """Every account anybody was paid to: who asked, who agreed, who said it was not her."""

    list_display = (
        "party_shown",
        "masked",
        "before_masked",
        "holder",
        "way",
        "status_label",
        "asked_by",
        "asked_at",
        "decided_by",
        "denied_at",
    )
    list_filter = ("status", "way", ("denied_at", admin.EmptyFieldListFilter))
    search_fields = ("leader__name", "supplier__name", "last4", "holder")
    list_select_related = ("leader", "supplier", "asked_by", "decided_by")
    list_before_template = "admin/groupleader/payee_doors.html"

    @display(description=_("whose"))
    def party_shown(self, change: PayeeChange) -> str:
        """Show whose it is."""
        return change.party.name

    @display(description=_("status"), ordering="status", label=COLOURS)
    def status_label(self, change: PayeeChange) -> tuple[str, str]:
        """Show the state in colour."""
        return change.status, change.get_status_display()

    def get_urls(self) -> list[URLPattern]:
        """Add writing an account down, deciding about one, and looking at a number."""
        guard = self.admin_site.admin_view
        return [
            path("propose/", guard(self.propose_view), name="groupleader_payee_propose"),
            path(
                "<int:pk>/decide/",
                guard(require_POST(self.decide_view)),
                name="groupleader_payee_decide",
            ),
            path(
                "<int:pk>/reveal/",
                guard(require_POST(never_cache(self.reveal_view))),
                name="groupleader_payee_reveal",
            ),
            *super().get_urls(),
        ]

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one account, masked, with who looked at its number."""
        del form_url
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, self._found(request, object_id), **(extra_context or {}))

    def _page(self, request: HttpRequest, change: PayeeChange, **more: Any) -> HttpResponse:
        user: Any = request.user
        context = {
            **self.admin_site.each_context(request),
            "title": f"{change.party.name} · {change.masked}",
            "change": change,
            "colour": COLOURS[change.status],
            "reveals": change.reveals.select_related("by"),
            "may_decide": user.has_perm("groupleader.decide_payeechange"),
            "may_reveal": user.has_perm("groupleader.reveal_payeechange"),
            "is_mine": change.asked_by_id == user.pk,
            **more,
        }
        return TemplateResponse(request, "admin/groupleader/payee.html", context)

    def propose_view(self, request: HttpRequest) -> HttpResponse:
        """Write an account down; another of staff lets it be so."""
        if not request.user.has_perm("groupleader.add_payeechange"):
            raise PermissionDenied
        form = ProposalForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            new = NewAccount(**{key: said[key] for key in ("bank", "holder", "account", "reason")})
            party = said["leader"] or said["supplier"]
            try:
                change = propose_payee(party=party, new=new, by=request.user)
            except LinliError as refusal:
                form.add_error(None, refusal.user_message)
            else:
                messages.success(request, gettext("It waits for a second person's decision."))
                return redirect(reverse("admin:groupleader_payeechange_change", args=[change.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Write an account down"),
            "form": form,
        }
        return TemplateResponse(request, "admin/groupleader/payee_propose.html", context)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let it be so, or not."""
        if not request.user.has_perm("groupleader.decide_payeechange"):
            raise PermissionDenied
        change = self._found(request, str(pk))
        is_agreed = request.POST.get("what") == "agree"
        try:
            decide_payee(change=change, by=request.user, is_agreed=is_agreed)
            messages.success(request, gettext("Decided."))
        except LinliError as refusal:
            messages.error(request, refusal.user_message)
        return redirect(reverse("admin:groupleader_payeechange_change", args=[pk]))

    def reveal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the whole number once; who looked and why stays written down."""
        if not request.user.has_perm("groupleader.reveal_payeechange"):
            raise PermissionDenied
        change = self._found(request, str(pk))
        reason = request.POST.get("reason", "").replace("\x00", "")
        try:
            number = reveal_account(change=change, by=request.user, reason=reason)
        except LinliError as refusal:
            messages.error(request, refusal.user_message)
            number = ""
        return self._page(request, change, number=number)

    def _found(self, request: HttpRequest, object_id: str) -> PayeeChange:
        change = self.get_object(request, object_id)
        if change is None:
            raise Http404
        return change
