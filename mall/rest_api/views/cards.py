"""Tied cards for an app: the list, tying on the acquirer's page, untying."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mall.accounts.models import Consent
from mall.accounts.profiles import record_consents
from mall.ordering.payer import payer_ref
from mall.rest_api.answering import checked, shape, shown, shown_all
from mall.rest_api.schema import KEY, REFUSALS
from payments.api import (
    AgreementView,
    Consented,
    ConsentView,
    agreement_view,
    consent_text,
    finish_binding,
    set_default_agreement,
    start_binding,
    unbind,
    wallet_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """A tied card: never its number."""

    agreement_no: str
    status: str
    last4: str
    issuer_code: str
    issuer_name: str
    kind: str
    scheme: str
    is_default: bool
    signed_at: datetime | None
    expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TyingShown:
    """Where she goes on: the acquirer's own page; afterwards look at the card again."""

    agreement_no: str
    url: str


class ConsentInput(serializers.Serializer):
    """The digest of the text she was shown and agreed to."""

    text_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")


class CardsView(APIView):
    """Her wallet."""

    @extend_schema(responses={200: shape(CardShown, many=True), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return her cards, those that can no longer be charged too."""
        cards = wallet_of(payer_ref(request.user.pk))
        return shown_all([_card(card) for card in cards], CardShown)


class ConsentTextView(APIView):
    """What she agrees to."""

    @extend_schema(responses={200: shape(ConsentView), **REFUSALS})
    def get(self, _request: Request) -> Response:
        """Return the text of the tied-card agreement with its version and digest."""
        return shown(consent_text())


class TieView(APIView):
    """Tying a card."""

    @extend_schema(
        parameters=[KEY], request=ConsentInput, responses={200: shape(TyingShown), **REFUSALS}
    )
    def post(self, request: Request) -> Response:
        """Begin a signing at the acquirer, having kept the text she agreed to."""
        wish = checked(ConsentInput, request.data)
        address = request.META.get("REMOTE_ADDR", "")
        step = start_binding(
            owner_ref=payer_ref(request.user.pk),
            holder_phone=request.user.phone or "",
            return_url=settings.SITE_URL + reverse("storefront:card-tied"),
            consent=Consented(text_sha256=wish["text_sha256"], ip=address),
        )
        versions = {Consent.Document.CARD: consent_text().version}
        record_consents(user=request.user, versions=versions, ip=address)
        return shown(TyingShown(agreement_no=step.agreement_no, url=step.url))


class CardView(APIView):
    """One card."""

    @extend_schema(responses={200: shape(CardShown), **REFUSALS})
    def get(self, request: Request, agreement_no: str) -> Response:
        """Ask the acquirer what became of a signing, and return the card."""
        _require_hers(request, agreement_no)
        return shown(_card(finish_binding(agreement_no)))

    @extend_schema(responses={200: shape(CardShown), **REFUSALS})
    def delete(self, request: Request, agreement_no: str) -> Response:
        """Untie a card: it cannot be charged here any more from this moment."""
        _require_hers(request, agreement_no)
        return shown(_card(unbind(agreement_no, payer_ref(request.user.pk))))


class DefaultView(APIView):
    """The card that is offered first."""

    @extend_schema(parameters=[KEY], request=None, responses={200: shape(CardShown), **REFUSALS})
    def post(self, request: Request, agreement_no: str) -> Response:
        """Offer this card first from now on."""
        _require_hers(request, agreement_no)
        set_default_agreement(agreement_no, payer_ref(request.user.pk))
        return shown(_card(agreement_view(agreement_no)))


def _require_hers(request: Request, agreement_no: str) -> None:
    owner = payer_ref(request.user.pk)
    if not any(card.agreement_no == agreement_no for card in wallet_of(owner)):
        raise Http404


def _card(card: AgreementView) -> CardShown:
    names = CardShown.__dataclass_fields__.keys()
    return CardShown(**{name: getattr(card, name) for name in names})
