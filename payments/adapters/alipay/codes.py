"""What Alipay's words mean to us: states, codes of refusal, who funds a discount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Never

from payments.acquiring.contract import (
    Advice,
    AgreementStatus,
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Failure,
    Outcome,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.masking import redacted

GOOD: Final = "10000"
# The payer is still at it: the order stands, the money is not there.
UNDER_WAY: Final = "10003"

TRADE_STATES: Final[Mapping[str, Outcome]] = {
    "WAIT_BUYER_PAY": Outcome.REQUIRES_ACTION,
    "TRADE_SUCCESS": Outcome.SUCCEEDED,
    "TRADE_FINISHED": Outcome.SUCCEEDED,
    "TRADE_CLOSED": Outcome.CLOSED,
}
AGREEMENT_STATES: Final[Mapping[str, AgreementStatus]] = {
    "TEMP": AgreementStatus.PENDING_FORM,
    "NORMAL": AgreementStatus.ACTIVE,
    "STOP": AgreementStatus.SUSPENDED,
    "UNSIGN": AgreementStatus.REVOKED_BY_USER,
}
SHARE_STATES: Final[Mapping[str, Outcome]] = {
    "PROCESSING": Outcome.PENDING,
    "SUCCESS": Outcome.SUCCEEDED,
    "FAIL": Outcome.FAILED,
}
TRANSFER_STATES: Final[Mapping[str, Outcome]] = {
    "SUCCESS": Outcome.SUCCEEDED,
    "DEALING": Outcome.PENDING,
    "WAIT_PAY": Outcome.PENDING,
    "FAIL": Outcome.FAILED,
    "CLOSED": Outcome.CLOSED,
    # Paid, and sent back by the payee's bank.
    "REFUND": Outcome.FAILED,
}

NO_TRADE: Final = frozenset({"ACQ.TRADE_NOT_EXIST"})
NO_AGREEMENT: Final = frozenset({"USER_AGREEMENT_NOT_EXIST", "ACQ.USER_AGREEMENT_NOT_EXIST"})
NO_TRANSFER: Final = frozenset({"ORDER_NOT_EXIST"})
NO_SPLIT: Final = frozenset({"ACQ.SETTLE_NOT_EXIST", "ACQ.TRADE_NOT_EXIST"})
NO_RELATION: Final = frozenset({"ACQ.USER_NOT_EXIST_RELATION", "ACQ.ROYALTY_RELATION_NOT_EXIST"})
NO_BILL: Final = frozenset({"isp.bill_not_exist", "isp.bill-not-exist"})
# The order is in a state in which this cannot be: only a question tells in which.
WRONG_STATE: Final = frozenset(
    {
        *("ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID"),
        *("ACQ.REASON_ILLEGAL_STATUS", "ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_CLOSE"),
    }
)
_UNKNOWN: Final = frozenset(
    {
        *("ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "ACQ.SERVICE_BUSY"),
        *("isp.unknow-error", "isp.unknown-error", "aop.unknow-error"),
    }
)
_ALREADY: Final = frozenset(
    {
        *("ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_CLOSE", "ACQ.CONTEXT_INCONSISTENT"),
        *("ACQ.DISCORDANT_REPEAT_REQUEST", "PAYMENT_INFO_INCONSISTENCY"),
    }
)
_NOT_EXECUTED: Final = frozenset(
    {"isv.app-call-limited", "isp.call-limited", "ACQ.QUERY_NO_RESULT_BUSY", "isp.busy"}
)
# Their code -> our code, what may be tried.
REASONS: Final[Mapping[str, tuple[str, Advice]]] = {
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": ("insufficient_funds", Advice.NEW_METHOD),
    "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH": ("insufficient_funds", Advice.NEW_METHOD),
    "ACQ.ERROR_BALANCE_PAYMENT_DISABLE": ("card_declined", Advice.NEW_METHOD),
    "ACQ.BUYER_SELLER_EQUAL": ("card_declined", Advice.DO_NOT_RETRY),
    "ACQ.TRADE_BUYER_NOT_MATCH": ("card_declined", Advice.NEW_METHOD),
    "ACQ.BUYER_ENABLE_STATUS_FORBID": ("card_declined", Advice.NEW_METHOD),
    "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": ("limit_exceeded", Advice.NEW_METHOD),
    "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": ("limit_exceeded", Advice.NEW_METHOD),
    "ACQ.BEYOND_PAY_RESTRICTION": ("limit_exceeded", Advice.NEW_METHOD),
    "ACQ.BEYOND_PER_RECEIPT_RESTRICTION": ("limit_exceeded", Advice.NEW_METHOD),
    "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE": ("card_declined", Advice.NEW_METHOD),
    "ACQ.PAYMENT_AUTH_CODE_INVALID": ("card_declined", Advice.RETRY_LATER),
    "ACQ.PAYMENT_REQUEST_HAS_RISK": ("card_declined", Advice.NEW_METHOD),
    "ACQ.PAYMENT_FAIL": ("card_declined", Advice.NEW_METHOD),
    "ACQ.PULL_MOBILE_CASHIER_FAIL": ("failed", Advice.RETRY_LATER),
    "ACQ.MOBILE_PAYMENT_SWITCH_OFF": ("card_declined", Advice.NEW_METHOD),
    "ACQ.AGREEMENT_NOT_EXIST": ("agreement_not_active", Advice.REAUTHENTICATE),
    "ACQ.AGREEMENT_INVALID": ("agreement_not_active", Advice.REAUTHENTICATE),
    "ACQ.AGREEMENT_STATUS_NOT_NORMAL": ("agreement_not_active", Advice.REAUTHENTICATE),
    "ACQ.AGREEMENT_ERROR": ("agreement_not_active", Advice.REAUTHENTICATE),
    "USER_AGREEMENT_NOT_EXIST": ("agreement_not_active", Advice.REAUTHENTICATE),
    "ACQ.USER_AGREEMENT_NOT_EXIST": ("agreement_not_active", Advice.REAUTHENTICATE),
    "ACQ.TRADE_NOT_EXIST": ("payment_not_found", Advice.DO_NOT_RETRY),
    "ACQ.TRADE_STATUS_ERROR": ("payment_not_paid", Advice.DO_NOT_RETRY),
    "ACQ.REASON_TRADE_STATUS_INVALID": ("payment_not_paid", Advice.DO_NOT_RETRY),
    "ACQ.REASON_ILLEGAL_STATUS": ("payment_not_paid", Advice.DO_NOT_RETRY),
    "ACQ.TRADE_HAS_FINISHED": ("refund_too_late", Advice.DO_NOT_RETRY),
    "ACQ.TRADE_NOT_ALLOW_REFUND": ("refund_rejected", Advice.DO_NOT_RETRY),
    "ACQ.REASON_TRADE_BEEN_FREEZEN": ("refund_rejected", Advice.RETRY_LATER),
    "ACQ.BUYER_ERROR": ("payer_account_closed", Advice.DO_NOT_RETRY),
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": ("refund_too_much", Advice.DO_NOT_RETRY),
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": ("refund_too_much", Advice.DO_NOT_RETRY),
    "ACQ.REFUND_FEE_ERROR": ("refund_too_much", Advice.DO_NOT_RETRY),
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": ("balance_too_low", Advice.RETRY_LATER),
    "ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH": ("balance_too_low", Advice.RETRY_LATER),
    "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR": ("split_too_much", Advice.DO_NOT_RETRY),
    "ACQ.ROYALTY_RECEIVER_INVALID": ("receiver_not_found", Advice.DO_NOT_RETRY),
    "ACQ.RELATION_NOT_EXIST": ("receiver_not_found", Advice.DO_NOT_RETRY),
    "ACQ.TRADE_SETTLE_ERROR": ("split_rejected", Advice.DO_NOT_RETRY),
    "PAYER_BALANCE_NOT_ENOUGH": ("balance_too_low", Advice.RETRY_LATER),
    "BALANCE_IS_NOT_ENOUGH": ("balance_too_low", Advice.RETRY_LATER),
    "PAYEE_NOT_EXIST": ("payee_account_invalid", Advice.DO_NOT_RETRY),
    "PAYEE_USER_INFO_ERROR": ("payee_account_invalid", Advice.DO_NOT_RETRY),
    "PAYEE_ACC_OCUPIED": ("payee_account_invalid", Advice.DO_NOT_RETRY),
    "PAYEE_CARD_INFO_ERROR": ("payee_account_invalid", Advice.DO_NOT_RETRY),
    "EXCEED_LIMIT_SM_AMOUNT": ("limit_exceeded", Advice.RETRY_LATER),
    "EXCEED_LIMIT_DM_AMOUNT": ("limit_exceeded", Advice.RETRY_LATER),
    "EXCEED_LIMIT_MM_AMOUNT": ("limit_exceeded", Advice.RETRY_LATER),
    "ORDER_NOT_EXIST": ("transfer_not_found", Advice.DO_NOT_RETRY),
}
_CONFIG_CODES: Final = frozenset({"20001", "40001", "40002", "40003", "40006"})
_CONFIG_REASONS: Final = frozenset(
    {
        *("ACQ.INVALID_PARAMETER", "INVALID_PARAMETER", "ACQ.ACCESS_FORBIDDEN"),
        *("ACQ.PARTNER_ERROR", "ACQ.INVALID_STORE_ID", "ACQ.SUBJECT_OVER_LENGTH"),
        *("ACQ.EXIST_FORBIDDEN_WORD", "ACQ.TOTAL_FEE_EXCEED", "ACQ.SELLER_BEEN_BLOCKED"),
        *("ACQ.RESTRICTED_MERCHANT_INDUSTRY", "PERMIT_NON_CERTIFIED", "PRODUCT_NOT_SIGNED"),
        *(
            "PERMIT_CHECK_PERM_LIMITED",
            "ACQ.NOT_CERTIFIED_USER",
            "ACQ.APPLY_PC_MERCHANT_CODE_ERROR",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A proven answer: its code, the finer one of a refusal, all it says."""

    code: str
    reason: str
    data: Mapping[str, Any]

    @property
    def is_good(self) -> bool:
        """Whether what was asked was done, or is under way."""
        return self.code in {GOOD, UNDER_WAY}

    def good(self) -> Mapping[str, Any]:
        """Return what it says; raise what a refusal stands for."""
        if not self.is_good:
            raise_refusal(self)
        return self.data


def raise_refusal(answer: Answer) -> Never:
    """Raise the error a proven refusal stands for; a code nobody knows decides nothing."""
    code = answer.reason or answer.code
    message = str(answer.data.get("sub_msg") or answer.data.get("msg") or code)
    raw = redacted({name: answer.data.get(name, "") for name in ("code", "sub_code", "sub_msg")})
    if answer.reason in _NOT_EXECUTED or answer.code == "40005":
        raise RateLimitedError(message, acquirer_code=code)
    if answer.code == "20000" or answer.reason in _UNKNOWN:
        raise OutcomeUnknownError(message, acquirer_code=code, raw=raw)
    if answer.reason in _ALREADY:
        raise AlreadyDoneError(message, acquirer_code=code, raw=raw)
    if answer.reason in REASONS:
        ours, advice = REASONS[answer.reason]
        raise DeclinedError(message, code=ours, acquirer_code=code, advice=advice, raw=raw)
    is_ours = answer.code in _CONFIG_CODES or answer.reason in _CONFIG_REASONS
    if is_ours or answer.reason.startswith("isv."):
        raise ConfigError(message, acquirer_code=code, raw=raw)
    raise OutcomeUnknownError(f"Alipay refused with {code}", acquirer_code=code, raw=raw)


def failure_of(code: str, message: str = "") -> Failure:
    """Explain a reason inside a result."""
    ours, advice = REASONS.get(code, ("failed", Advice.NEW_METHOD))
    return Failure(code=ours, acquirer_code=code, message=message or code, advice=advice)
