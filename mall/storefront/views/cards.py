"""The card wallet: tie, choose the default, untie. Card numbers stay at the acquirer."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mall.accounts.models import Consent
from mall.accounts.profiles import record_consents
from mall.ordering.payer import payer_ref
from mall.storefront.banks import kind_text, scheme_text
from mall.storefront.destinations import safe_url
from mall.storefront.devices import device_of
from mall.storefront.visitor import client_ip
from payments.api import (
    AgreementView,
    Consented,
    LinliError,
    agreements_of,
    consent_text,
    finish_binding,
    set_default_agreement,
    start_binding,
    unbind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """A tied card as the wallet shows it."""

    agreement_no: str
    issuer_code: str
    issuer_name: str
    kind_text: str
    scheme_text: str
    last4: str
    is_default: bool
    default_url: str
    untie_url: str


def card_row(card: AgreementView) -> CardRow:
    """Put a tied card into words."""
    return CardRow(
        agreement_no=card.agreement_no,
        issuer_code=card.issuer_code,
        issuer_name=card.issuer_name,
        kind_text=kind_text(card.kind),
        scheme_text=scheme_text(card.scheme),
        last4=card.last4,
        is_default=card.is_default,
        default_url=reverse("storefront:default-card", args=[card.agreement_no]),
        untie_url=reverse("storefront:untie-card", args=[card.agreement_no]),
    )


@login_required
@require_GET
def wallet(request: HttpRequest) -> HttpResponse:
    """Show her cards."""
    cards = [card_row(card) for card in agreements_of(payer_ref(request.user.pk))]
    context = {
        "cards": cards,
        "text": consent_text(),
        "next": safe_url(request, request.GET.get("next", ""), default=""),
    }
    return render(request, "storefront/cards.html", context)


@login_required
@require_POST
def tie(request: HttpRequest) -> HttpResponse:
    """Send her to the acquirer's signing page, having kept the text she agreed to."""
    if request.POST.get("consent") != "on":
        messages.error(request, _("Please agree before you tie a card."))
        return redirect("storefront:cards")
    goal = safe_url(request, request.POST.get("next", ""), default="")
    ip = client_ip(request)
    versions = {Consent.Document.CARD: consent_text().version}
    record_consents(user=request.user, versions=versions, ip=ip)
    back = settings.SITE_URL + reverse("storefront:card-tied")
    try:
        step = start_binding(
            owner_ref=payer_ref(request.user.pk),
            holder_phone=request.user.phone or "",
            return_url=f"{back}?{urlencode({'next': goal})}",
            consent=Consented(
                text_sha256=request.POST.get("text", ""), ip=ip, device=device_of(request)
            ),
        )
    except LinliError as error:
        messages.error(request, str(error.user_message))
        return redirect("storefront:cards")
    request.session["tying"] = step.agreement_no
    return redirect(step.url)


@login_required
@require_GET
def tied(request: HttpRequest) -> HttpResponse:
    """Take her back from the acquirer: what became of the card is asked there, not believed."""
    agreement_no = request.session.pop("tying", "")
    goal = safe_url(request, request.GET.get("next", ""), default="")
    if not agreement_no:
        return redirect(goal or "storefront:cards")
    try:
        card = finish_binding(agreement_no)
    except LinliError as error:
        messages.error(request, str(error.user_message))
        return redirect("storefront:cards")
    if card.owner_ref != payer_ref(request.user.pk) or card.status != "active":
        messages.warning(request, _("The card was not tied. You can try again at any time."))
        return redirect("storefront:cards")
    text = _("%(bank)s card ending in %(last4)s is tied.")
    messages.success(request, text % {"bank": card.issuer_name, "last4": card.last4})
    return redirect(goal or "storefront:cards")


@login_required
@require_POST
def make_default(request: HttpRequest, agreement_no: str) -> HttpResponse:
    """Choose the card that is offered first."""
    try:
        set_default_agreement(agreement_no, payer_ref(request.user.pk))
    except LinliError as error:
        messages.error(request, str(error.user_message))
    return redirect("storefront:cards")


@login_required
@require_POST
def untie(request: HttpRequest, agreement_no: str) -> HttpResponse:
    """Revoke the token at the acquirer and forget the card."""
    try:
        card = unbind(agreement_no, payer_ref(request.user.pk))
    except LinliError as error:
        messages.error(request, str(error.user_message))
        return redirect("storefront:cards")
    text = _("%(bank)s card ending in %(last4)s is no longer tied.")
    messages.success(request, text % {"bank": card.issuer_name, "last4": card.last4})
    return redirect("storefront:cards")
