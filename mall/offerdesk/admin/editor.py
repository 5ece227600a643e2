"""The editor: a draft's rule in yuan and words, with the rule written out beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mall.offerdesk.admin.showing import site_context
from mall.offerdesk.drafting import keep_draft
from mall.offerdesk.forms.offers import OfferForm
from mall.offerdesk.sentences import sentences
from mall.offerdesk.warnings import warnings
from mall.promotions.models import BankOffer
from payments.api import LinliError

Group = tuple[str | Promise, tuple[str, ...]]
GROUPS: Final[tuple[Group, ...]] = (
    (_("What it is"), ("name", "code", "owner", "funder_ref", "terms")),
    (
        _("Which cards"),
        ("issuers", "kinds", "marks", "bins", "first_tied_within_days", "new_to_bank"),
    ),
    (_("Which goods"), ("included", "excluded", "physical_only")),
    (
        _("What it gives"),
        (
            "decided_by",
            "benefit_kind",
            "threshold_minor",
            "discount_minor",
            "steps",
            "percent_bp",
            "cap_minor",
            "random_from_minor",
            "random_to_minor",
        ),
    ),
    (_("When"), ("starts_at", "ends_at", "weekdays", "month_days", "hours")),
    (
        _("How often (empty: without limit)"),
        (
            "resident_day_limit",
            "resident_month_limit",
            "resident_total_limit",
            "card_day_limit",
            "card_month_limit",
            "card_total_limit",
            "device_day_limit",
            "device_month_limit",
            "device_total_limit",
            "day_limit",
            "month_limit",
            "total_limit",
        ),
    ),
    (_("Whose money"), ("budget_minor", "funding", "refund_policy")),
)
# Which fields a kind of benefit asks for; the others are hidden while it is chosen.
ASKED_BY: Final[dict[str, str]] = {
    "threshold_minor": "fixed percent random",
    "discount_minor": "fixed",
    "steps": "steps",
    "percent_bp": "percent",
    "cap_minor": "percent",
    "random_from_minor": "random",
    "random_to_minor": "random",
}
# Small fields stand side by side.
_NARROW: Final = frozenset(
    {
        "threshold_minor",
        "discount_minor",
        "percent_bp",
        "cap_minor",
        "random_from_minor",
        "random_to_minor",
        "starts_at",
        "ends_at",
        "budget_minor",
        "code",
        "first_tied_within_days",
    }
)
_WIDE_CHOICES: Final = frozenset({"month_days", "weekdays", "issuers", "kinds"})


def add_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Write a new draft."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    return _page(model_admin, request, BankOffer(), title=gettext("A new bank offer"))


def edit_page(model_admin: Any, request: HttpRequest, offer: BankOffer) -> HttpResponse:
    """Change a draft; a launched rule stays as it is."""
    if not model_admin.has_change_permission(request, offer):
        raise PermissionDenied
    if offer.state != BankOffer.State.DRAFT:
        messages.info(request, gettext("A launched rule stays as it is: prepare a new version."))
        return redirect("admin:promotions_bankoffer_change", offer.pk)
    return _page(model_admin, request, offer, title=str(offer))


def summary_part(model_admin: Any, request: HttpRequest, _offer: None) -> HttpResponse:
    """Write out the rule as far as it is typed: the part beside the form."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    form = OfferForm(request.POST, user=request.user, instance=_typed_into(request))
    return TemplateResponse(request, "admin/offers/summary.html", _summary(form))


def _typed_into(request: HttpRequest) -> BankOffer:
    """Return an offer to type into: a version later than the first keeps its code."""
    version = request.POST.get("version", "")
    return BankOffer(
        version=int(version) if version.isdecimal() else 1, code=request.POST.get("code", "")
    )


def _page(model_admin: Any, request: HttpRequest, offer: BankOffer, *, title: str) -> HttpResponse:
    form = OfferForm(
        request.POST or None, user=request.user, instance=offer, initial=_initial(request, offer)
    )
    if request.method == "POST" and form.is_valid():
        is_new = offer.pk is None
        try:
            kept = keep_draft(form.instance)
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
            return redirect("admin:promotions_bankoffer_changelist")
        log = model_admin.log_addition if is_new else model_admin.log_change
        log(request, kept, gettext("draft written"))
        messages.success(request, gettext("The draft is kept. Nothing is given yet."))
        return redirect("admin:promotions_bankoffer_change", kept.pk)
    context = site_context(
        model_admin,
        request,
        title=title,
        offer=offer,
        form=form,
        groups=_groups(form),
        **(_summary(form) if form.is_bound else _kept_summary(offer)),
    )
    return TemplateResponse(request, "admin/offers/editor.html", context)


def _initial(request: HttpRequest, offer: BankOffer) -> dict[str, Any]:
    """Let a new draft begin tomorrow, for thirty days, paid by the bank."""
    if offer.pk is not None:
        return {}
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    start += timedelta(days=1)
    initial = {"starts_at": start, "ends_at": start + timedelta(days=30)}
    staff = getattr(request.user, "bank_staff", None)
    if staff is not None:
        initial |= {"owner": staff.unit_id, "issuers": [staff.unit.issuer_code]}
    return initial


def _groups(form: OfferForm) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "fields": [_field(form, name) for name in names if name in form.fields],
        }
        for title, names in GROUPS
    ]


def _field(form: OfferForm, name: str) -> dict[str, Any]:
    field = form[name]
    is_choices = field.widget_type in {"checkboxselectmultiple", "radioselect"}
    return {
        "field": field,
        "is_narrow": name in _NARROW or name.endswith("_limit"),
        "is_choices": is_choices,
        "is_tiles": name in _WIDE_CHOICES,
        "is_rows": field.widget_type == "rows",
        "is_box": field.widget_type == "checkbox",
        "asked_by": ASKED_BY.get(name, ""),
    }


def _summary(form: OfferForm) -> dict[str, Any]:
    offer = form.draft()
    return {
        "sentences": sentences(offer),
        "warnings": warnings(offer),
        "errors": [
            (form.fields[name].label if name in form.fields else "", error)
            for name, errors in form.errors.items()
            for error in errors
        ],
    }


def _kept_summary(offer: BankOffer) -> dict[str, Any]:
    if offer.pk is None:
        return {"sentences": [], "warnings": [], "errors": []}
    return {"sentences": sentences(offer), "warnings": warnings(offer), "errors": []}
