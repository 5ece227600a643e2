"""What Stripe's words mean to us: states, refusals, reasons of decline. By status and code only.

States: docs.stripe.com/payments/paymentintents/lifecycle; refusals: docs.stripe.com/api/errors;
reasons: docs.stripe.com/declines/codes. The text of a message decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Never

from payments.acquiring.contract import (
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Failure,
    Outcome,
    OutcomeUnknownError,
)
from payments.acquiring.errors import Advice

# `requires_payment_method` is waiting or failed: messages.py looks at how the intent is paid.
# Nobody here asks for a later capture; an intent that waits for one has taken no money.
INTENT_STATES: Final[Mapping[str, Outcome]] = {
    "requires_payment_method": Outcome.PENDING,
    "requires_confirmation": Outcome.PENDING,
    "requires_action": Outcome.REQUIRES_ACTION,
    "requires_capture": Outcome.PENDING,
    "processing": Outcome.PENDING,
    "succeeded": Outcome.SUCCEEDED,
    "canceled": Outcome.CLOSED,
}
# A refund that needs somebody's action is still on its way.
REFUND_STATES: Final[Mapping[str, Outcome]] = {
    "pending": Outcome.PENDING,
    "requires_action": Outcome.PENDING,
    "succeeded": Outcome.SUCCEEDED,
    "failed": Outcome.FAILED,
    "canceled": Outcome.CLOSED,
}

_GENERIC: Final = ("card_declined", Advice.NEW_METHOD)
_LOST: Final = ("card_lost_or_stolen", Advice.DO_NOT_RETRY)
_LIMIT: Final = ("limit_exceeded", Advice.RETRY_LATER)
_AWAY: Final = ("issuer_unavailable", Advice.RETRY_LATER)
_NUMBER: Final = ("card_invalid", Advice.NEW_METHOD)
_REVOKED: Final = ("agreement_not_active", Advice.REAUTHENTICATE)
_NOT_ALLOWED: Final = ("card_not_supported", Advice.NEW_METHOD)
_OWNER: Final = ("authentication_required", Advice.REAUTHENTICATE)

# Their decline code (or code) -> our code, what the payer may try.
REASONS: Final[Mapping[str, tuple[str, Advice]]] = {
    "insufficient_funds": ("insufficient_funds", Advice.NEW_METHOD),
    "expired_card": ("card_expired", Advice.NEW_METHOD),
    "lost_card": _LOST,
    "stolen_card": _LOST,
    "pickup_card": _LOST,
    "fraudulent": ("suspected_fraud", Advice.DO_NOT_RETRY),
    "merchant_blacklist": ("suspected_fraud", Advice.DO_NOT_RETRY),
    "security_violation": ("suspected_fraud", Advice.DO_NOT_RETRY),
    "card_velocity_exceeded": _LIMIT,
    "withdrawal_count_limit_exceeded": _LIMIT,
    "processing_error": _AWAY,
    "issuer_not_available": _AWAY,
    "reenter_transaction": _AWAY,
    "try_again_later": _AWAY,
    "authentication_required": _OWNER,
    "online_or_offline_pin_required": _OWNER,
    "payment_intent_authentication_failure": ("authentication_failed", Advice.REAUTHENTICATE),
    "setup_intent_authentication_failure": ("authentication_failed", Advice.REAUTHENTICATE),
    "incorrect_number": _NUMBER,
    "invalid_number": _NUMBER,
    "incorrect_cvc": _NUMBER,
    "invalid_cvc": _NUMBER,
    "invalid_expiry_month": _NUMBER,
    "invalid_expiry_year": _NUMBER,
    "invalid_account": _NUMBER,
    "new_account_information_available": _NUMBER,
    "card_not_supported": _NOT_ALLOWED,
    "currency_not_supported": _NOT_ALLOWED,
    "not_permitted": _NOT_ALLOWED,
    "restricted_card": _NOT_ALLOWED,
    "service_not_allowed": _NOT_ALLOWED,
    "transaction_not_allowed": _NOT_ALLOWED,
    "revocation_of_authorization": _REVOKED,
    "revocation_of_all_authorizations": _REVOKED,
    "stop_payment_order": _REVOKED,
}
# Why a refund failed (docs.stripe.com/refunds#failed-refunds) -> our code.
REFUND_FAILURES: Final[Mapping[str, str]] = {
    "charge_for_pending_refund_disputed": "payment_disputed",
    "declined": "refund_declined",
    "expired_or_canceled_card": "card_expired",
    "insufficient_funds": "balance_too_low",
    "lost_or_stolen_card": "card_lost_or_stolen",
    "merchant_request": "refund_cancelled",
}
# Definite refusals that are not the card's fault: code -> our code, what may be tried.
REFUSALS: Final[Mapping[str, tuple[str, Advice]]] = {
    "charge_already_refunded": ("refund_too_much", Advice.DO_NOT_RETRY),
    "charge_disputed": ("payment_disputed", Advice.DO_NOT_RETRY),
    # Stripe repeats a refusal under the same key for a day: sent again it would be the same no.
    "balance_insufficient": ("balance_too_low", Advice.DO_NOT_RETRY),
    "insufficient_funds": ("balance_too_low", Advice.DO_NOT_RETRY),
    "amount_too_small": ("amount_not_accepted", Advice.DO_NOT_RETRY),
    "amount_too_large": ("amount_not_accepted", Advice.DO_NOT_RETRY),
    "payment_method_unactivated": ("card_not_supported", Advice.NEW_METHOD),
    "payment_method_unexpected_state": _REVOKED,
    "payment_method_invalid_parameter": _NUMBER,
    "transfers_not_allowed": ("receiver_not_allowed", Advice.DO_NOT_RETRY),
}
ALREADY_DONE: Final = frozenset(
    {
        "payment_intent_unexpected_state",
        "setup_intent_unexpected_state",
        "resource_already_exists",
    }
)
# A parameter that names something Stripe does not have, where the answer is a plain no.
MISSING: Final[Mapping[str, tuple[str, Advice]]] = {
    "payment_method": _REVOKED,
    "customer": _REVOKED,
    "payment_intent": ("payment_not_found", Advice.DO_NOT_RETRY),
    "charge": ("payment_not_found", Advice.DO_NOT_RETRY),
    "source_transaction": ("payment_not_found", Advice.DO_NOT_RETRY),
    "destination": ("receiver_unknown", Advice.DO_NOT_RETRY),
}


class MissingError(DeclinedError):
    """Stripe has no object of this id; whether that means anything, the asker decides."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as it came: the HTTP status, and of its body what is there."""

    status: int
    kind: str = ""
    code: str = ""
    decline_code: str = ""
    param: str = ""
    message: str = ""
    intent_id: str = ""

    @property
    def reason(self) -> str:
        """The most precise code there is: why a bank declined, or what was wrong."""
        return self.decline_code or self.code or self.kind or str(self.status)


def reason_of(code: str) -> tuple[str, Advice]:
    """Return our code for a decline, and what the payer may try; unknown ones are plain noes."""
    return REASONS.get(code, _GENERIC)


def failure_of(error: Mapping[str, object] | None) -> Failure | None:
    """Explain a `last_payment_error`; None when there is none."""
    if not error:
        return None
    theirs = str(error.get("decline_code") or error.get("code") or "declined")
    code, advice = reason_of(theirs)
    message = str(error.get("message") or theirs)
    return Failure(code=code, acquirer_code=theirs, message=message, advice=advice)


def refund_failure_of(theirs: str | None) -> Failure | None:
    """Explain why a refund failed; None when it did not."""
    if not theirs:
        return None
    code = REFUND_FAILURES.get(theirs, "refund_failed")
    return Failure(code=code, acquirer_code=theirs, message=theirs, advice=Advice.DO_NOT_RETRY)


def raise_refusal(refusal: Refusal) -> Never:
    """Raise what an answer from 400 to 428 stands for (the transport has taken 429 and above).

    401 and 403 are our set-up, 402 a decline, 404 a missing object (or, without a JSON error, an
    address that is none of Stripe's), 409 and 424 an unknown outcome: another request with the
    same key is under way, or somebody behind Stripe did not answer.
    """
    words = refusal.message or f"Stripe refused with {refusal.status}"
    raw: dict[str, object] = {"status": refusal.status, "code": refusal.reason}
    if refusal.intent_id:
        raw["payment_intent"] = refusal.intent_id
    if refusal.status == 402:
        code, advice = reason_of(refusal.reason)
        raise DeclinedError(words, code=code, acquirer_code=refusal.reason, advice=advice, raw=raw)
    if refusal.status == 404 and refusal.kind:
        code, advice = MISSING.get(refusal.param, ("not_found", Advice.DO_NOT_RETRY))
        raise MissingError(words, code=code, acquirer_code=refusal.reason, advice=advice, raw=raw)
    if refusal.status == 400 and refusal.kind:
        _raise_bad_request(refusal, words, raw)
    if refusal.status in {401, 403, 404}:
        raise ConfigError(words, acquirer_code=refusal.reason, raw=raw)
    raise OutcomeUnknownError(words, acquirer_code=refusal.reason, raw=raw)


def _raise_bad_request(refusal: Refusal, words: str, raw: dict[str, object]) -> Never:
    """A 400 was not executed: a used number, a definite no, or a mistake of ours."""
    if refusal.kind == "idempotency_error" or refusal.code in ALREADY_DONE:
        raise AlreadyDoneError(words, acquirer_code=refusal.reason, raw=raw)
    known = REFUSALS.get(refusal.code)
    if refusal.code == "resource_missing":
        known = MISSING.get(refusal.param)
    if known is not None:
        code, advice = known
        raise DeclinedError(words, code=code, acquirer_code=refusal.reason, advice=advice, raw=raw)
    raise ConfigError(words, acquirer_code=refusal.reason, raw=raw)
