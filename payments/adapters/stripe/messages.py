"""Stripe's papers about payments and refunds: ours written in its words, and read. Pure.

Our number travels in an object's metadata as `linli_no`, so that every answer, message and
statement line says whose it is. A server of the lenient profile gets the barest parameters only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from payments.acquiring.contract import (
    AgreementPay,
    DeclinedError,
    NextStep,
    Outcome,
    OutcomeUnknownError,
    PayRequest,
    PayResult,
    RefundRequest,
    RefundResult,
    StepKind,
)
from payments.acquiring.errors import Advice
from payments.acquiring.masking import redacted
from payments.adapters.stripe.codes import (
    INTENT_STATES,
    REFUND_STATES,
    failure_of,
    refund_failure_of,
)
from payments.adapters.stripe.wire import Profile
from payments.kernel.money import EXPONENTS, Money

NUMBER: Final = "linli_no"
PAYMENT: Final = "linli_payment"
WAY: Final = "linli_way"
OWNER_WANTED: Final = "authentication_required"
PAGE: Final = "page"

_KEPT: Final = (
    *("id", "object", "status", "amount", "amount_received", "currency", "created", "livemode"),
    *("metadata", "mode", "payment_status", "amount_total", "client_reference_id", "expires_at"),
    *("failure_reason", "cancellation_reason", "canceled_at", "transfer_group"),
)
_KEPT_IDS: Final = ("customer", "payment_method", "payment_intent", "latest_charge", "charge")

Paper = dict[str, object]


def amount_of(money: Money) -> Paper:
    """Write an amount: minor units and a small currency code.

    DeclinedError for a currency of three decimals whose last digit is not 0, which Stripe rounds
    (docs.stripe.com/currencies#three-decimal).
    """
    if EXPONENTS[money.currency] == 3 and money.minor % 10:
        raise DeclinedError(
            f"{money} has a digit that Stripe does not keep",
            code="amount_not_accepted",
            advice=Advice.DO_NOT_RETRY,
        )
    return {"amount": money.minor, "currency": money.currency.lower()}


def intent_paper(request: PayRequest, profile: Profile) -> Paper:
    """Write POST /v1/payment_intents for an app that lets Stripe's own kit ask for the card."""
    paper = {**amount_of(request.amount), "metadata": {NUMBER: request.payment_no}}
    return paper | beside(request.payment_no, request.subject, profile)


def charge_paper(request: AgreementPay, profile: Profile, *, card: str, customer: str) -> Paper:
    """Write POST /v1/payment_intents that charges a tied card at once."""
    paper = {
        **amount_of(request.amount),
        "customer": customer,
        "payment_method": card,
        "confirm": True,
        "off_session": True,
        "metadata": {NUMBER: request.payment_no},
    }
    if not profile.lenient:
        paper["return_url"] = request.return_url
    return paper | beside(request.payment_no, request.subject, profile)


def ask_owner_paper(request: AgreementPay, profile: Profile, *, card: str) -> Paper:
    """Write POST /v1/payment_intents/{id}/confirm: the same card, its owner at the screen."""
    if profile.lenient:
        return {}
    return {"payment_method": card, "return_url": request.return_url}


def beside(payment_no: str, subject: str, profile: Profile) -> Paper:
    """Write what a person at Stripe's desk reads, and what groups a payment with its shares."""
    if profile.lenient:
        return {}
    grouped: Paper = {"transfer_group": payment_no} if profile.connect else {}
    return {"description": subject, **grouped}


def refund_paper(request: RefundRequest, intent_id: str) -> Paper:
    """Write POST /v1/refunds."""
    return {
        "payment_intent": intent_id,
        "amount": amount_of(request.amount)["amount"],
        "metadata": {NUMBER: request.refund_no, PAYMENT: request.payment_no},
    }


def number_of(data: Mapping[str, Any]) -> str:
    """Return our number out of an object's metadata; "" when it is none of ours."""
    metadata = data.get("metadata")
    number = metadata.get(NUMBER) if isinstance(metadata, Mapping) else None
    return number if isinstance(number, str) else ""


def id_of(thing: object) -> str:
    """Return the id of an object that came as a mere id or whole."""
    found = thing.get("id") if isinstance(thing, Mapping) else thing
    return found if isinstance(found, str) else ""


def text_of(value: object) -> str:
    """Pass a text on; TypeError for anything else where a text has to be."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def money_of(minor: object, currency: object) -> Money:
    """Read an amount; ValueError or TypeError for anything but whole units of a known currency."""
    return Money(minor, str(currency).upper())  # type: ignore[arg-type]


def instant_of(stamp: object) -> datetime | None:
    """Read seconds since 1970, None for none; ValueError for what is no instant of any calendar."""
    try:
        return datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int) else None
    except (OverflowError, OSError) as error:
        raise ValueError(f"{stamp} is no time") from error


def read_intent(data: Mapping[str, Any], profile: Profile) -> PayResult:
    """Read a payment intent; OutcomeUnknownError when it cannot be read.

    An intent may fail and succeed later: `succeeded` is the truth, of what was received.
    """
    try:
        outcome = INTENT_STATES[data["status"]]
        is_paid = outcome is Outcome.SUCCEEDED
        error = data.get("last_payment_error")
        if error and _has_failed(data):
            outcome = Outcome.FAILED
        minor = data.get("amount_received", data["amount"]) if is_paid else data["amount"]
        return PayResult(
            outcome=outcome,
            payment_no=number_of(data),
            acquirer_no=text_of(data["id"]),
            amount=money_of(minor, data["currency"]),
            merchant_id=profile.merchant_id,
            paid_at=_paid_at(data) if is_paid else None,
            step=_step(data),
            failure=failure_of(error) if outcome is Outcome.FAILED else None,
            raw=redacted(kept_of(data)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error_:
        raise OutcomeUnknownError("Stripe's payment cannot be read") from error_


def _has_failed(data: Mapping[str, Any]) -> bool:
    """Tell whether a declined intent is over.

    A page stays open after a declined card; and where a bank wanted the card's owner, she is being
    asked (paying.py), so the message about that first refusal may come while she is at it.
    """
    asks_owner = data["last_payment_error"].get("code") == OWNER_WANTED
    return data["status"] == "requires_payment_method" and not (is_of_page(data) or asks_owner)


def is_of_page(data: Mapping[str, Any]) -> bool:
    """Tell whether an intent is paid on Stripe's own page."""
    return (data.get("metadata") or {}).get(WAY) == PAGE


def _paid_at(data: Mapping[str, Any]) -> datetime | None:
    charge = data.get("latest_charge")
    return instant_of(charge.get("created")) if isinstance(charge, Mapping) else None


def kept_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what tells of the money: no secret, no page's address, nothing about the payer."""
    kept = {name: data[name] for name in _KEPT if data.get(name) is not None}
    kept |= {name: id_of(data[name]) for name in _KEPT_IDS if id_of(data.get(name))}
    error = data.get("last_payment_error")
    if isinstance(error, Mapping):
        why = ("type", "code", "decline_code", "message")
        kept["last_payment_error"] = {name: error[name] for name in why if error.get(name)}
    return kept


def _step(data: Mapping[str, Any]) -> NextStep | None:
    """Where the payer goes: the bank's page, or back into the app with the intent's secret."""
    if data["status"] not in {"requires_action", "requires_payment_method"}:
        return None
    page = ((data.get("next_action") or {}).get("redirect_to_url") or {}).get("url")
    if page:
        return NextStep(StepKind.REDIRECT, text_of(page))
    secret = data.get("client_secret")
    if not secret or is_of_page(data):
        return None
    fields = {"payment_intent": data["id"], "client_secret": secret}
    return NextStep(StepKind.SDK_PAYLOAD, fields=fields)


def read_refund(data: Mapping[str, Any], profile: Profile) -> RefundResult:
    """Read a refund; OutcomeUnknownError when it cannot be read."""
    try:
        return RefundResult(
            outcome=REFUND_STATES[data["status"]],
            refund_no=number_of(data),
            payment_no=text_of((data.get("metadata") or {}).get(PAYMENT, "")),
            acquirer_refund_no=text_of(data["id"]),
            amount=money_of(data["amount"], data["currency"]),
            merchant_id=profile.merchant_id,
            refunded_at=instant_of(data.get("created")),
            failure=refund_failure_of(data.get("failure_reason")),
            raw=redacted(kept_of(data)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("Stripe's refund cannot be read") from error


def expect_payment(result: PayResult, *, payment_no: str, amount: Money | None) -> PayResult:
    """Pass a payment on when it is the one asked about; OutcomeUnknownError for any other."""
    if result.payment_no != payment_no:
        raise OutcomeUnknownError(f"Stripe answered about another payment than {payment_no}")
    if amount is not None and result.amount != amount:
        raise OutcomeUnknownError(f"Stripe answered another amount for {payment_no}")
    return result


def expect_refund(result: RefundResult, *, refund_no: str, amount: Money | None) -> RefundResult:
    """Pass a refund on when it is the one asked about; OutcomeUnknownError for any other."""
    if result.refund_no != refund_no:
        raise OutcomeUnknownError(f"Stripe answered about another refund than {refund_no}")
    if amount is not None and result.amount != amount:
        raise OutcomeUnknownError(f"Stripe answered another amount for {refund_no}")
    return result
