"""What the sandbox acquirer's words mean to us: states, refusals, reasons of failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Never

from payments.acquiring.contract import (
    AgreementStatus,
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Failure,
    NotifyKind,
    Outcome,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.errors import Advice

TRADE_STATES: Final[Mapping[str, Outcome]] = {
    "NOTPAY": Outcome.REQUIRES_ACTION,
    "USERPAYING": Outcome.REQUIRES_ACTION,
    "SUCCESS": Outcome.SUCCEEDED,
    "CLOSED": Outcome.CLOSED,
    "PAYERROR": Outcome.FAILED,
}
MONEY_STATES: Final[Mapping[str, Outcome]] = {
    "PROCESSING": Outcome.PENDING,
    "SUCCESS": Outcome.SUCCEEDED,
    "FAILED": Outcome.FAILED,
}
REFUND_STATES: Final[Mapping[str, Outcome]] = {**MONEY_STATES, "ABNORMAL": Outcome.ABNORMAL}
TRANSFER_STATES: Final[Mapping[str, Outcome]] = {
    **MONEY_STATES,
    "WAIT_USER_CONFIRM": Outcome.REQUIRES_ACTION,
    "CANCELLED": Outcome.CLOSED,
    "RETURNED": Outcome.FAILED,
}
# Of a PARTIAL split the shares tell, each for itself.
SPLIT_STATES: Final[Mapping[str, Outcome]] = {**MONEY_STATES, "PARTIAL": Outcome.FAILED}
AGREEMENT_STATES: Final[Mapping[str, AgreementStatus]] = {
    "PENDING": AgreementStatus.PENDING_FORM,
    "CODE_SENT": AgreementStatus.SMS_SENT,
    "ACTIVE": AgreementStatus.ACTIVE,
    "SUSPENDED": AgreementStatus.SUSPENDED,
    "REVOKED": AgreementStatus.REVOKED_BY_USER,
    "EXPIRED": AgreementStatus.EXPIRED,
}
EVENT_KINDS: Final[Mapping[str, NotifyKind]] = {
    "payment": NotifyKind.PAY,
    "refund": NotifyKind.REFUND,
    "agreement": NotifyKind.AGREEMENT,
    "transfer": NotifyKind.TRANSFER,
    "split": NotifyKind.SPLIT,
    "split_return": NotifyKind.SPLIT,
}

# Their code -> our code, what the payer may try.
REASONS: Final[Mapping[str, tuple[str, Advice]]] = {
    "INSUFFICIENT_FUNDS": ("insufficient_funds", Advice.NEW_METHOD),
    "AGREEMENT_NOT_ACTIVE": ("agreement_not_active", Advice.REAUTHENTICATE),
    "USER_CANCELLED": ("user_cancelled", Advice.RETRY_LATER),
    "ORDER_NOT_PAYABLE": ("order_not_payable", Advice.RETRY_LATER),
    "EXPIRES_AT_PASSED": ("expired", Advice.RETRY_LATER),
    "ORDER_NOT_FOUND": ("payment_not_found", Advice.DO_NOT_RETRY),
    "ORDER_NOT_PAID": ("payment_not_paid", Advice.DO_NOT_RETRY),
    "REFUND_TOO_MUCH": ("refund_too_much", Advice.DO_NOT_RETRY),
    "BALANCE_TOO_LOW": ("balance_too_low", Advice.RETRY_LATER),
    "PAYEE_ACCOUNT_INVALID": ("payee_account_invalid", Advice.DO_NOT_RETRY),
    "BILL_EMPTY": ("bill_empty", Advice.DO_NOT_RETRY),
    "BILL_GONE": ("bill_gone", Advice.DO_NOT_RETRY),
    "CANCELLED_BY_MERCHANT": ("cancelled", Advice.RETRY_LATER),
    "CONFIRM_TIMEOUT": ("not_confirmed", Advice.RETRY_LATER),
    "RETURNED_BY_BANK": ("returned", Advice.DO_NOT_RETRY),
    "REFUND_REJECTED": ("refund_rejected", Advice.RETRY_LATER),
    "PAYER_ACCOUNT_CLOSED": ("payer_account_closed", Advice.DO_NOT_RETRY),
    "RECEIVER_NOT_FOUND": ("receiver_not_found", Advice.DO_NOT_RETRY),
    "RECEIVERS_TOO_MANY": ("receivers_too_many", Advice.DO_NOT_RETRY),
    "RECEIVER_ACCOUNT_ABNORMAL": ("receiver_account_abnormal", Advice.DO_NOT_RETRY),
    "RECEIVER_REFUSED": ("receiver_refused", Advice.DO_NOT_RETRY),
    "SPLIT_TOO_MUCH": ("split_too_much", Advice.DO_NOT_RETRY),
    "SPLIT_NOT_FOUND": ("split_not_found", Advice.DO_NOT_RETRY),
    "SHARING_ENDED": ("sharing_ended", Advice.DO_NOT_RETRY),
    "SHARE_NOT_PAID": ("share_not_paid", Advice.RETRY_LATER),
    "RETURN_TOO_MUCH": ("return_too_much", Advice.DO_NOT_RETRY),
    "TRANSFER_NOT_FOUND": ("transfer_not_found", Advice.DO_NOT_RETRY),
    "TRANSFER_NOT_CANCELLABLE": ("transfer_not_cancellable", Advice.DO_NOT_RETRY),
    "AGREEMENT_NOT_FOUND": ("agreement_not_found", Advice.REAUTHENTICATE),
}
ALREADY_DONE: Final = frozenset({"NUMBER_REUSED", "ORDER_PAID"})
NOT_EXECUTED: Final = frozenset({"NONCE_REUSED"})
OUR_FAULT: Final = frozenset(
    {
        "MERCHANT_UNKNOWN",
        "SIGN_ERROR",
        "STALE_REQUEST",
        "PARAM_ERROR",
        "NOTIFY_URL_NOT_ALLOWED",
    }
)


def failure_of(code: str) -> Failure | None:
    """Explain a failure code inside a result; None when there is none."""
    if not code:
        return None
    ours, advice = REASONS.get(code, ("failed", Advice.NEW_METHOD))
    return Failure(code=ours, acquirer_code=code, message=code, advice=advice)


def raise_refusal(code: str, message: str, raw: Mapping[str, object]) -> Never:
    """Raise the error a signed refusal stands for; a code nobody knows is no answer."""
    if code in REASONS:
        ours, advice = REASONS[code]
        raise DeclinedError(message, code=ours, acquirer_code=code, advice=advice, raw=raw)
    if code in ALREADY_DONE:
        raise AlreadyDoneError(message, acquirer_code=code, raw=raw)
    if code in OUR_FAULT:
        raise ConfigError(message, acquirer_code=code, raw=raw)
    if code in NOT_EXECUTED:
        raise RateLimitedError(message, acquirer_code=code)
    raise OutcomeUnknownError(f"the sandbox refused with {code}", acquirer_code=code, raw=raw)
