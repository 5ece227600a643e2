"""Stripe's own pages (checkout sessions): opened for a payment or a signing, read again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from payments.acquiring.contract import (
    NextStep,
    Outcome,
    OutcomeUnknownError,
    PayRequest,
    PayResult,
    StepKind,
)
from payments.acquiring.masking import redacted
from payments.adapters.stripe.codes import failure_of
from payments.adapters.stripe.messages import (
    NUMBER,
    PAGE,
    WAY,
    Paper,
    amount_of,
    beside,
    id_of,
    instant_of,
    kept_of,
    money_of,
    read_intent,
    text_of,
)
from payments.adapters.stripe.wire import Profile

_LOCALES: Final = {"zh": "zh", "en": "en"}


def page_paper(request: PayRequest, profile: Profile) -> Paper:
    """Write POST /v1/checkout/sessions for Stripe's own payment page.

    No expiry is set: Stripe's shortest is half an hour, ours is shorter and closes the page itself.
    """
    amount = amount_of(request.amount)
    metadata = {NUMBER: request.payment_no, WAY: PAGE}
    intent = {"metadata": metadata, **beside(request.payment_no, request.subject, profile)}
    return {
        "mode": "payment",
        # What is paid is what was asked, in the currency it was asked in.
        "adaptive_pricing": {"enabled": False},
        "client_reference_id": request.payment_no,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": amount["currency"],
                    "unit_amount": amount["amount"],
                    "product_data": {"name": request.subject},
                },
            }
        ],
        "payment_intent_data": intent,
        "metadata": metadata,
        "success_url": request.return_url,
        "cancel_url": request.return_url,
        "locale": locale_of(request.lang),
    }


def locale_of(lang: str) -> str:
    """Choose the language of Stripe's page; the browser's where we do not know better."""
    return _LOCALES.get(lang[:2].lower(), "auto")


def read_page(data: Mapping[str, Any], profile: Profile) -> PayResult:
    """Read a payment page (checkout session); OutcomeUnknownError when it cannot be read."""
    try:
        intent, is_open = data.get("payment_intent"), data["status"] == "open"
        if isinstance(intent, Mapping) and data["status"] == "complete":
            return _read_closed_page(intent, profile)
        is_paid = data.get("payment_status") == "paid"
        waiting = Outcome.REQUIRES_ACTION if is_open else Outcome.PENDING
        unpaid = {"open": waiting, "complete": waiting, "expired": Outcome.CLOSED}[data["status"]]
        return PayResult(
            outcome=Outcome.SUCCEEDED if is_paid else unpaid,
            payment_no=text_of(data["client_reference_id"]),
            acquirer_no=id_of(intent) or text_of(data["id"]),
            amount=money_of(data["amount_total"], data["currency"]),
            merchant_id=profile.merchant_id,
            expires_at=instant_of(data.get("expires_at")),
            step=NextStep(StepKind.REDIRECT, text_of(data["url"])) if is_open else None,
            raw=redacted(kept_of(data)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("Stripe's payment page cannot be read") from error


def _read_closed_page(intent: Mapping[str, Any], profile: Profile) -> PayResult:
    """Nobody can try another card there, so a declined one is the end."""
    result, failure = read_intent(intent, profile), failure_of(intent.get("last_payment_error"))
    if failure is None or intent["status"] != "requires_payment_method":
        return result
    return replace(result, outcome=Outcome.FAILED, failure=failure)
