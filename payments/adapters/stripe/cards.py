"""Tied cards at Stripe: signed on its page or in its kit, known to us as a token and four digits.

The token is `customer:payment method`, for Stripe charges a saved card only together with its
customer. Every tied card has a customer of its own: nothing has to be looked up, nothing is shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from payments.acquiring.contract import (
    AgreementResult,
    AgreementStatus,
    BindRequest,
    Failure,
    NextStep,
    OutcomeUnknownError,
    StepKind,
)
from payments.acquiring.masking import redacted
from payments.adapters.stripe.codes import failure_of
from payments.adapters.stripe.messages import NUMBER, Paper, id_of, instant_of, number_of, text_of
from payments.adapters.stripe.pages import locale_of
from payments.adapters.stripe.wire import Profile
from payments.kernel.clock import wall_now

OFF_SESSION: Final = "off_session"
_SIGNING: Final = frozenset({"requires_payment_method", "requires_confirmation", "processing"})


def token_of(customer: str, card: str) -> str:
    """Write a tied card's token."""
    return f"{customer}:{card}"


def read_token(token: str) -> tuple[str, str]:
    """Return customer and payment method of a token; OutcomeUnknownError for any other text."""
    customer, _colon, card = token.partition(":")
    if not (customer.startswith("cus_") and card.startswith("pm_")):
        raise OutcomeUnknownError("this is not a token of a card tied at Stripe")
    return customer, card


def customer_paper(request: BindRequest) -> Paper:
    """Write POST /v1/customers: a number of ours and nothing about the person."""
    return {"metadata": {NUMBER: request.agreement_no}}


def setup_paper(request: BindRequest, customer: str) -> Paper:
    """Write POST /v1/setup_intents for an app that lets Stripe's own kit ask for the card."""
    return {
        "customer": customer,
        "usage": OFF_SESSION,
        "metadata": {NUMBER: request.agreement_no},
    }


def signing_paper(request: BindRequest, customer: str, profile: Profile) -> Paper:
    """Write POST /v1/checkout/sessions for Stripe's own signing page."""
    metadata = {NUMBER: request.agreement_no}
    return {
        "mode": "setup",
        "currency": profile.currency.lower(),
        "customer": customer,
        "client_reference_id": request.agreement_no,
        "setup_intent_data": {"metadata": metadata},
        "metadata": metadata,
        "success_url": request.return_url,
        "cancel_url": request.return_url,
        "locale": locale_of(request.lang),
    }


def label_paper(agreement_no: str) -> Paper:
    """Write POST /v1/payment_methods/{id}: so that later messages about the card name us."""
    return {"metadata": {NUMBER: agreement_no}}


def opened(agreement_no: str, profile: Profile) -> AgreementResult:
    """Describe an agreement that waits for its card."""
    return AgreementResult(
        AgreementStatus.PENDING_FORM, agreement_no, merchant_id=profile.merchant_id
    )


def signing_step(data: Mapping[str, Any]) -> NextStep:
    """Read where the card's owner signs: Stripe's page, or the app with the intent's secret.

    OutcomeUnknownError when the answer names neither.
    """
    if data.get("url"):
        return NextStep(StepKind.REDIRECT, str(data["url"]))
    if not data.get("client_secret"):
        raise OutcomeUnknownError("Stripe's answer does not say where to sign")
    fields = {"setup_intent": id_of(data), "client_secret": str(data["client_secret"])}
    return NextStep(StepKind.SDK_PAYLOAD, fields=fields)


def read_setup(data: Mapping[str, Any], profile: Profile) -> AgreementResult:
    """Read a setup intent that has not succeeded; OutcomeUnknownError when it cannot be read."""
    status, failure = data.get("status"), failure_of(data.get("last_setup_error"))
    if status == "requires_action" or (status in _SIGNING and failure is None):
        return opened(number_of(data), profile)
    if status == "canceled" or failure is not None:
        return _failed(number_of(data), profile, failure)
    raise OutcomeUnknownError("Stripe's signing cannot be read")


def _failed(agreement_no: str, profile: Profile, failure: Failure | None) -> AgreementResult:
    return AgreementResult(
        AgreementStatus.FAILED, agreement_no, merchant_id=profile.merchant_id, failure=failure
    )


def read_card(data: Mapping[str, Any], agreement_no: str, profile: Profile) -> AgreementResult:
    """Read a payment method as the tied card it is; one without a customer is untied.

    Stripe names brand, funding and four digits, but neither the first digits nor the issuer.
    OutcomeUnknownError when it cannot be read.
    """
    try:
        card, customer = data["card"], id_of(data.get("customer"))
        expires_at = _end_of_month(card["exp_year"], card["exp_month"])
        active = AgreementStatus.ACTIVE if expires_at > wall_now() else AgreementStatus.EXPIRED
        return AgreementResult(
            status=active if customer else AgreementStatus.REVOKED_BY_USER,
            agreement_no=agreement_no,
            token=token_of(customer, text_of(data["id"])) if customer else "",
            last4=text_of(card["last4"]),
            kind=text_of(card["funding"]),
            scheme=text_of(card["brand"]),
            fingerprint=text_of(card.get("fingerprint") or ""),
            merchant_id=profile.merchant_id,
            signed_at=instant_of(data.get("created")),
            expires_at=expires_at,
            raw=redacted({"id": data["id"], "type": data["type"], "card": dict(card)}),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise OutcomeUnknownError("Stripe's card cannot be read") from error


def _end_of_month(year: int, month: int) -> datetime:
    """A card is good through the month printed on it."""
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
