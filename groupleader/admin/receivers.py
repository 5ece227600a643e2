"""Receivers of shares in the admin: proposed by one of staff, agreed to by another, then known."""

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
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from groupleader.admin.reading import MoneyAdmin
from groupleader.models import Leader, ReceiverChange, SupplierAccount
from groupleader.services.receivers import (
    NewReceiver,
    agree_to_receiver,
    propose_receiver,
    refuse_receiver,
)
from payments.api import LinliError, accounts_that_share

_COLOURS = {"proposed": "warning", "applied": "success", "refused": ""}
_PAGE = "admin:groupleader_receiverchange_change"


class ReceiverForm(forms.Form):
    """Whose shares, at which acquirer, and what the acquirer's own pages call the receiver."""

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
    account_code = forms.ChoiceField(label=_("acquirer account"), widget=UnfoldAdminSelectWidget)
    kind = forms.ChoiceField(
        label=_("kind"), choices=ReceiverChange.Kind.choices, widget=UnfoldAdminSelectWidget
    )
    receiver = forms.CharField(
        label=_("receiver at the acquirer"),
        max_length=64,
        help_text=_("The merchant number or account, as the acquirer's own pages show it."),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("registered name"),
        max_length=80,
        help_text=_("The acquirer compares it, letter by letter."),
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the accounts whose acquirer shares payments out."""
        super().__init__(*args, **kwargs)
        self.fields["account_code"].choices = [(code, code) for code in accounts_that_share()]

    def clean(self) -> dict[str, Any]:
        """Ask for exactly one of leader and supplier."""
        said = super().clean() or {}
        if bool(said.get("leader")) == bool(said.get("supplier")):
            raise forms.ValidationError(_("Choose a leader or a supplier."))
        return said


@admin.register(ReceiverChange)
class ReceiverChangeAdmin(MoneyAdmin):
    """Every receiver anybody's shares went to: who asked, who agreed, what the acquirer said."""

    list_display = (
        "whose",
        "receiver",
        "name",
        "account_code",
        "status_label",
        "asked_by",
        "asked_at",
        "decided_by",
    )
    list_filter = ("status", "account_code")
    search_fields = ("leader__name", "supplier__name", "receiver", "name")
    list_select_related = ("leader", "supplier", "asked_by", "decided_by")
    list_before_template = "admin/groupleader/receiver_doors.html"

    @display(description=_("whose"))
    def whose(self, change: ReceiverChange) -> str:
        """Show whose it is."""
        return change.party.name

    @display(description=_("status"), ordering="status", label=_COLOURS)
    def status_label(self, change: ReceiverChange) -> tuple[str, str]:
        """Show the state in colour."""
        return change.status, change.get_status_display()

    def get_urls(self) -> list[URLPattern]:
        """Add writing a receiver down, and deciding about one."""
        guard = self.admin_site.admin_view
        return [
            path("propose/", guard(self.propose_view), name="groupleader_receiver_propose"),
            path(
                "<int:pk>/decide/",
                guard(require_POST(self.decide_view)),
                name="groupleader_receiver_decide",
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
        """Show one receiver and, while it waits, the button that makes it known."""
        del form_url
        if not self.has_view_permission(request):
            raise PermissionDenied
        change, user = self._found(request, object_id), request.user
        context = {
            **self.admin_site.each_context(request),
            "title": f"{change.party.name} · {change}",
            "change": change,
            "colour": _COLOURS[change.status],
            "may_decide": user.has_perm("groupleader.decide_receiverchange"),
            "is_mine": user.pk in {change.asked_by_id, change.party.user_id},
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/groupleader/receiver.html", context)

    def propose_view(self, request: HttpRequest) -> HttpResponse:
        """Write a receiver down; another of staff lets it be so."""
        if not request.user.has_perm("groupleader.add_receiverchange"):
            raise PermissionDenied
        form = ReceiverForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            names = ("account_code", "receiver", "name", "kind")
            new = NewReceiver(**{name: said[name] for name in names})
            try:
                change = propose_receiver(
                    party=said["leader"] or said["supplier"], new=new, by=request.user
                )
            except LinliError as refusal:
                form.add_error(None, refusal.user_message)
            else:
                messages.success(request, gettext("It waits for a second person's decision."))
                return redirect(_PAGE, change.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Write a receiver down"),
            "form": form,
        }
        return TemplateResponse(request, "admin/groupleader/receiver_propose.html", context)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make it known to the acquirer and let it be so, or refuse."""
        if not request.user.has_perm("groupleader.decide_receiverchange"):
            raise PermissionDenied
        change = self._found(request, str(pk))
        try:
            if request.POST.get("what") == "agree":
                agree_to_receiver(change=change, by=request.user)
                messages.success(request, gettext("The acquirer knows it; shares go there now."))
            else:
                refuse_receiver(change=change, by=request.user)
                messages.success(request, gettext("Decided."))
        except LinliError as refusal:
            messages.error(request, refusal.user_message)
        return redirect(reverse(_PAGE, args=[pk]))

    def _found(self, request: HttpRequest, object_id: str) -> ReceiverChange:
        change: ReceiverChange | None = self.get_object(request, object_id)
        if change is None:
            raise Http404
        return change
