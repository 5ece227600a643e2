"""Her identity number for the tax office: typed once, sealed, shown by its last four only."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from groupleader.models import Leader, TaxIdentity
from groupleader.portal.access import leader_only
from groupleader.portal.fresh import signed_in_just_now
from groupleader.services.tax_identities import enter_identity
from payments.api import LinliError


class OwnIdentityForm(forms.Form):
    """Name and number as they stand on the identity card; the number is never shown again."""

    legal_name = forms.CharField(
        label=_("Name on the identity card"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    number = forms.CharField(
        label=_("Identity number"),
        max_length=24,
        help_text=_("18 characters; the last may be an X."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


@sensitive_post_parameters("number")
@require_http_methods(["GET", "POST"])
@leader_only
def identity(request: HttpRequest, leader: Leader) -> HttpResponse:
    """Show what is known of it, and take it after a fresh sign-in."""
    is_fresh = signed_in_just_now(request)
    form = OwnIdentityForm(request.POST or None)
    if request.method == "POST" and is_fresh and form.is_valid() and _save(request, leader, form):
        return redirect("groupleader:account")
    context = {
        "door": "earnings",
        "leader": leader,
        "form": form,
        "is_fresh": is_fresh,
        "known": TaxIdentity.objects.filter(leader=leader).first(),
    }
    return render(request, "groupleader/identity.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, leader: Leader, form: OwnIdentityForm) -> bool:
    try:
        enter_identity(leader=leader, by=request.user, **form.cleaned_data)
    except LinliError as refusal:
        form.add_error("number", refusal.user_message)
        return False
    messages.success(request, _now("Kept under seal. Only its last four characters are shown."))
    return True
