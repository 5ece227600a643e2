"""The card wallet: tie, choose the default, untie. Card numbers stay at the acquirer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

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
from mall.promotions.wording import yuan
from mall.storefront.banks import name_of_bank
from mall.storefront.destinations import safe_url
from mall.storefront.devices import device_of, name_device
from mall.storefront.visitor import client_ip
from mall.storefront.wallet_words import card_rows
from mall.vouchers.gifts import gift_for
from payments.api import (
    AgreementView,
    Consented,
    ConsentOutdatedError,
    LinliError,
    back_by_post,
    consent_text,
    finish_binding,
    now,
    set_default_agreement,
    signing_failed_since,
    signing_under_way,
    start_binding,
    unbind,
    wallet_of,
)

# The page asks every three seconds, for a minute; then the resident is told to come back.
ASKS_MAX: Final = 20
_JUST_TIED: Final = timedelta(minutes=2)


@login_required
@require_GET
def wallet(request: HttpRequest) -> HttpResponse:
    """Show her cards, and a signing the bank has not told the end of yet."""
    asked = _asked(request)
    goal = safe_url(request, request.GET.get("next", ""), default="")
    owner_ref = payer_ref(request.user.pk)
    signing = signing_under_way(owner_ref)
    if asked and signing is not None:
        _ask(signing.agreement_no)
        signing = signing_under_way(owner_ref)
    cards = wallet_of(owner_ref)
    is_over = bool(asked) and signing is None
    tied_card = _just_tied(cards) if is_over else None
    rows = card_rows(request.user, cards)
    context = {
        "cards": [row for row in rows if row.is_usable],
        "others": [row for row in rows if not row.is_usable],
        "signing": signing,
        "poll_url": _poll_url(asked, goal) if signing and 0 < asked < ASKS_MAX else "",
        "is_slow": asked >= ASKS_MAX,
        "tied": tied_card,
        "has_failed": is_over and tied_card is None and _has_just_failed(owner_ref),
        "text": _text(),
        "next": goal,
    }
    response = render(request, "storefront/cards.html", context)
    name_device(request, response)
    return response


def _asked(request: HttpRequest) -> int:
    """Return how often this page has asked the bank; 0 where it did not come to ask."""
    said = request.GET.get("asking", "")
    return min(int(said), ASKS_MAX) if said.isascii() and said.isdigit() and len(said) < 4 else 0


def _poll_url(asked: int, goal: str) -> str:
    asking = urlencode({"asking": asked + 1, "next": goal})
    return f"{reverse('storefront:cards')}?{asking}"


def _ask(agreement_no: str) -> AgreementView | None:
    try:
        return finish_binding(agreement_no)
    except LinliError:
        return None


def _just_tied(cards: list[AgreementView]) -> dict[str, str] | None:
    """Name the card this page waited for, once it is there."""
    fresh = now() - _JUST_TIED
    for card in cards:
        if card.status == "active" and card.signed_at is not None and card.signed_at > fresh:
            return {"bank": name_of_bank(card), "last4": card.last4}
    return None


def _has_just_failed(owner_ref: str) -> bool:
    return signing_failed_since(owner_ref, now() - _JUST_TIED)


def _text() -> Any:
    try:
        return consent_text()
    except ConsentOutdatedError:
        return None


@login_required
@require_POST
def tie(request: HttpRequest) -> HttpResponse:
    """Send her to the acquirer's signing page, having kept the text she agreed to."""
    if request.POST.get("consent") != "on":
        messages.error(request, _("Please agree before you tie a card."))
        return redirect("storefront:cards")
    goal = safe_url(request, request.POST.get("next", ""), default="")
    ip = client_ip(request)
    shown = request.POST.get("text", "")
    back = settings.SITE_URL + reverse("storefront:card-tied")
    try:
        step = start_binding(
            owner_ref=payer_ref(request.user.pk),
            holder_phone=request.user.phone or "",
            return_url=f"{back}?{urlencode({'next': goal})}",
            consent=Consented(text_sha256=shown, ip=ip, device=device_of(request)),
        )
    except LinliError as error:
        messages.error(request, str(error.user_message))
        return redirect("storefront:cards")
    versions = {Consent.Document.CARD: consent_text().version}
    record_consents(user=request.user, versions=versions, ip=ip)
    request.session["tying"] = step.agreement_no
    return redirect(step.url)


@back_by_post
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
    if card.owner_ref != payer_ref(request.user.pk):
        return redirect("storefront:cards")
    return redirect(_after_signing(request, card, goal))


def _after_signing(request: HttpRequest, card: AgreementView, goal: str) -> str:
    """Say what became of a signing, and return where she goes: on, or to her wallet to wait."""
    if card.status == "pending":
        return f"{reverse('storefront:cards')}?{urlencode({'asking': 1, 'next': goal})}"
    if card.status != "active":
        messages.warning(request, _("The card was not tied. You can try again at any time."))
        return "storefront:cards"
    text = _("%(bank)s card ending in %(last4)s is tied.")
    messages.success(request, text % {"bank": name_of_bank(card), "last4": card.last4})
    if gift := gift_for(card.agreement_no):
        text = _("A gift for your first card: %(name)s, %(worth)s. It waits in your wallet.")
        told = {"name": gift.batch.name, "worth": yuan(gift.worth_minor)}
        messages.success(request, text % told)
    return goal or "storefront:cards"


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
    """Revoke the token at the acquirer and forget the card; give a signing up that never ended."""
    try:
        card = unbind(agreement_no, payer_ref(request.user.pk))
    except LinliError as error:
        messages.error(request, str(error.user_message))
        return redirect("storefront:cards")
    if not card.last4:
        messages.success(request, _("No card was tied."))
        return redirect("storefront:cards")
    text = _("%(bank)s card ending in %(last4)s is no longer tied.")
    if card.status == "unbinding":
        text = _("%(bank)s card ending in %(last4)s can no longer be charged here.")
    messages.success(request, text % {"bank": name_of_bank(card), "last4": card.last4})
    return redirect("storefront:cards")
