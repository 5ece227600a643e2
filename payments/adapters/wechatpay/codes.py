"""What WeChat Pay's words mean to us: states, refusals, reasons of failure.

Refusals are told by status and code, never by the text of their message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Never

from payments.acquiring.contract import (
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Failure,
    Outcome,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.errors import Advice

# A payment of which something was refunded is a payment that succeeded.
TRADE_STATES: Final[Mapping[str, Outcome]] = {
    "SUCCESS": Outcome.SUCCEEDED,
    "REFUND": Outcome.SUCCEEDED,
    "NOTPAY": Outcome.REQUIRES_ACTION,
    "USERPAYING": Outcome.REQUIRES_ACTION,
    "ACCEPT": Outcome.PENDING,
    "CLOSED": Outcome.CLOSED,
    "REVOKED": Outcome.CLOSED,
    "PAYERROR": Outcome.FAILED,
}
REFUND_STATES: Final[Mapping[str, Outcome]] = {
    "SUCCESS": Outcome.SUCCEEDED,
    "PROCESSING": Outcome.PENDING,
    "CLOSED": Outcome.CLOSED,
    "ABNORMAL": Outcome.ABNORMAL,
}
TRANSFER_STATES: Final[Mapping[str, Outcome]] = {
    "ACCEPTED": Outcome.PENDING,
    "PROCESSING": Outcome.PENDING,
    "WAIT_USER_CONFIRM": Outcome.REQUIRES_ACTION,
    "TRANSFERING": Outcome.PENDING,
    "CANCELING": Outcome.PENDING,
    "SUCCESS": Outcome.SUCCEEDED,
    "FAIL": Outcome.FAILED,
    "CANCELLED": Outcome.CLOSED,
}
# Libraries and documents differ on these words (and FINISHED also stands where SUCCESS should).
SHARE_STATES: Final[Mapping[str, Outcome]] = {
    "PENDING": Outcome.PENDING,
    "PROCESSING": Outcome.PENDING,
    "SUCCESS": Outcome.SUCCEEDED,
    "FINISHED": Outcome.SUCCEEDED,
    "CLOSED": Outcome.FAILED,
    "FAILED": Outcome.FAILED,
}
SPLIT_OVER: Final = frozenset({"FINISHED", "SUCCESS", "CLOSED"})

# Their code -> our code, what the payer may try.
REASONS: Final[Mapping[str, tuple[str, Advice]]] = {
    "NOTENOUGH": ("insufficient_funds", Advice.NEW_METHOD),
    "NOT_ENOUGH": ("balance_too_low", Advice.RETRY_LATER),
    "ACCOUNT_ERROR": ("payer_account_abnormal", Advice.NEW_METHOD),
    "ACCOUNTERROR": ("payer_account_abnormal", Advice.NEW_METHOD),
    "USER_ACCOUNT_ABNORMAL": ("payer_account_closed", Advice.DO_NOT_RETRY),
    "TRADE_ERROR": ("order_not_payable", Advice.RETRY_LATER),
    "RULE_LIMIT": ("limit_exceeded", Advice.RETRY_LATER),
    "RULELIMIT": ("limit_exceeded", Advice.RETRY_LATER),
    "QUOTA_EXCEED": ("limit_exceeded", Advice.RETRY_LATER),
    "ORDER_NOT_EXIST": ("payment_not_found", Advice.DO_NOT_RETRY),
    "ORDERNOTEXIST": ("payment_not_found", Advice.DO_NOT_RETRY),
    "RESOURCE_NOT_EXISTS": ("not_found", Advice.DO_NOT_RETRY),
    "NOT_FOUND": ("not_found", Advice.DO_NOT_RETRY),
    "INVALID_TRANSACTIONID": ("payment_not_found", Advice.DO_NOT_RETRY),
    "NO_STATEMENT_EXIST": ("bill_empty", Advice.DO_NOT_RETRY),
    "STATEMENT_CREATING": ("bill_not_ready", Advice.RETRY_LATER),
    # Inside results: why a share was not paid or given back, why a transfer failed.
    "ACCOUNT_ABNORMAL": ("receiver_account_abnormal", Advice.DO_NOT_RETRY),
    "NO_RELATION": ("receiver_not_found", Advice.DO_NOT_RETRY),
    "RECEIVER_HIGH_RISK": ("receiver_refused", Advice.DO_NOT_RETRY),
    "RECEIVER_REAL_NAME_NOT_VERIFIED": ("receiver_refused", Advice.DO_NOT_RETRY),
    "RECEIVER_RECEIPT_LIMIT": ("receiver_refused", Advice.RETRY_LATER),
    "PAYER_ACCOUNT_ABNORMAL": ("payer_account_abnormal", Advice.RETRY_LATER),
    "TIME_OUT_CLOSED": ("expired", Advice.DO_NOT_RETRY),
    "BALANCE_NOT_ENOUGH": ("balance_too_low", Advice.RETRY_LATER),
    "REALNAME_ACCOUNT_NOT_EXIST": ("payee_account_invalid", Advice.DO_NOT_RETRY),
    "NAME_NOT_CORRECT": ("payee_name_wrong", Advice.DO_NOT_RETRY),
    "OPENID_INVALID": ("payee_account_invalid", Advice.DO_NOT_RETRY),
    "PAYEE_ACCOUNT_ABNORMAL": ("payee_account_invalid", Advice.DO_NOT_RETRY),
    "TRANSFER_QUOTA_EXCEED": ("limit_exceeded", Advice.RETRY_LATER),
    "OVERDUE_CLOSE": ("expired", Advice.RETRY_LATER),
}
ALREADY_DONE: Final = frozenset(
    {
        *("ORDERPAID", "ORDER_PAID", "OUT_TRADE_NO_USED", "ORDER_CLOSED", "ORDERCLOSED"),
        *("ALREADY_EXISTS", "RESOURCE_ALREADY_EXISTS", "ORDER_REVERSED"),
    }
)
NOT_EXECUTED: Final = frozenset(
    {"FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED", "RATE_LIMITED"}
)
OUR_FAULT: Final = frozenset(
    {
        *("SIGN_ERROR", "PARAM_ERROR", "INVALID_REQUEST", "NO_AUTH", "NOAUTH", "MCH_NOT_EXISTS"),
        *("MCHID_NOT_EXIST", "APPID_MCHID_NOT_MATCH", "OPENID_MISMATCH", "REQUEST_BLOCKED"),
        *("CERT_ERROR", "DECRYPT_ERROR", "CONTRACT_NOT_EXIST", "USER_NOT_EXIST"),
    }
)
NO_SUCH: Final = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "NOT_FOUND"})
PAID: Final = frozenset({"ORDERPAID", "ORDER_PAID"})
CLOSED: Final = frozenset({"ORDER_CLOSED", "ORDERCLOSED"})
NO_BILL: Final = frozenset({"NO_STATEMENT_EXIST"})
BILL_TOO_EARLY: Final = frozenset({"STATEMENT_CREATING"})


def failure_of(code: str) -> Failure | None:
    """Explain a reason inside a result; None when there is none."""
    if not code:
        return None
    ours, advice = REASONS.get(code, ("failed", Advice.NEW_METHOD))
    return Failure(code=ours, acquirer_code=code, message=code, advice=advice)


def raise_refusal(status: int, code: str, message: str) -> Never:
    """Raise what a signed refusal below 500 stands for; a code nobody knows is judged by status.

    SYSTEM_ERROR and BANK_ERROR say that nobody knows, whatever their status.
    """
    raw: dict[str, object] = {"status": status, "code": code, "message": message}
    if code in NOT_EXECUTED or status == 429:
        raise RateLimitedError(message or code, acquirer_code=code)
    if code in ALREADY_DONE:
        raise AlreadyDoneError(message, acquirer_code=code, raw=raw)
    if code in REASONS:
        ours, advice = REASONS[code]
        raise DeclinedError(message, code=ours, acquirer_code=code, advice=advice, raw=raw)
    if code in OUR_FAULT or status in {401, 403}:
        raise ConfigError(message, acquirer_code=code, raw=raw)
    raise OutcomeUnknownError(
        f"WeChat Pay refused with {status} {code}", acquirer_code=code, raw=raw
    )
