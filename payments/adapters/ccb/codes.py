"""What the bank's words mean to us: states of flows, results of scans, refusals.

The bank publishes no list of the gateway's refusals. Codes beginning with SBX are the ones our own
sandbox says in their place; the real ones are added here, or by settings, as they are met.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Never

from payments.acquiring.contract import (
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Outcome,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.errors import Advice

DONE: Final = "000000"
# A flow's state (410408, 5W1002): a failed try does not end an order whose code is still open.
PAY_STATES: Final[Mapping[str, Outcome]] = {
    "0": Outcome.PENDING,
    "1": Outcome.SUCCEEDED,
    "2": Outcome.PENDING,
    "3": Outcome.SUCCEEDED,
    "4": Outcome.SUCCEEDED,
    "5": Outcome.PENDING,
}
REFUND_STATES: Final[Mapping[str, Outcome]] = {
    "0": Outcome.FAILED,
    "1": Outcome.SUCCEEDED,
    "2": Outcome.PENDING,
    "3": Outcome.SUCCEEDED,
    "4": Outcome.SUCCEEDED,
    "5": Outcome.PENDING,
}
# A scan's result: done, refused, not sure, waiting for the payer.
SCAN_RESULTS: Final[Mapping[str, Outcome]] = {
    "Y": Outcome.SUCCEEDED,
    "N": Outcome.FAILED,
    "U": Outcome.PENDING,
    "Q": Outcome.PENDING,
}
SCAN_NEVER_CAME: Final = "9002"
CANCEL_NEVER_CAME: Final = "9003"
CANCEL_ALREADY_PAID: Final = "9004"
# States of a statement's line, by words and by the codes above.
LINE_STATES: Final[Mapping[str, Outcome]] = {
    **dict.fromkeys(("成功", "交易成功", "支付成功", "退款成功", "1"), Outcome.SUCCEEDED),
    **dict.fromkeys(("已部分退款", "部分退款", "3"), Outcome.SUCCEEDED),
    **dict.fromkeys(("已全额退款", "全额退款", "4"), Outcome.SUCCEEDED),
    **dict.fromkeys(("失败", "交易失败", "退款失败", "0"), Outcome.FAILED),
    **dict.fromkeys(("待银行确认", "2", "5"), Outcome.PENDING),
}
NO_RECORD: Final = frozenset({"SBX0NORECORD"})
# A statement that will be there: seconds until the same question may be asked again.
BILL_LATER: Final[Mapping[str, int]] = {
    "YBLA06413102": 600,  # being made: the same question after ten minutes
    "YBLA06413097": 600,  # asked too often
    "YBLA06413051": 3600,  # that day is not cleared yet
}
_ALREADY: Final = frozenset({"SBX0ORDERUSED"})
_OURS: Final = frozenset({"SBX0MAC", "SBX0MERCHANT", "SBX0PASSWORD", "SBX0PARAM"})
_DECLINED: Final[Mapping[str, tuple[str, Advice]]] = {
    "SBX0ORDEROVER": ("expired", Advice.RETRY_LATER),
    "SBX0NOORDER": ("payment_not_found", Advice.DO_NOT_RETRY),
    "SBX0NOTPAID": ("payment_not_paid", Advice.DO_NOT_RETRY),
    "SBX0TOOMUCH": ("refund_too_much", Advice.DO_NOT_RETRY),
    "SBX0BALANCE": ("balance_too_low", Advice.RETRY_LATER),
    "SBX0CARD": ("card_declined", Advice.NEW_METHOD),
    "SBX0CODE": ("code_not_valid", Advice.RETRY_LATER),
    SCAN_NEVER_CAME: ("payment_not_found", Advice.RETRY_LATER),
}


def raise_refusal(code: str, message: str) -> Never:
    """Raise what a refusal stands for; one nobody knows says nothing certain about money."""
    raw = {"code": code, "message": message[:200]}
    if code in _DECLINED:
        ours, advice = _DECLINED[code]
        raise DeclinedError(message, code=ours, acquirer_code=code, advice=advice, raw=raw)
    if code in _ALREADY:
        raise AlreadyDoneError(message, acquirer_code=code, raw=raw)
    if code in _OURS:
        raise ConfigError(message, acquirer_code=code, raw=raw)
    if code in BILL_LATER:
        raise RateLimitedError(message, retry_after_seconds=BILL_LATER[code], acquirer_code=code)
    raise OutcomeUnknownError(f"the bank refused with {code!r}", acquirer_code=code, raw=raw)


def raise_definite_no(code: str, message: str) -> Never:
    """Raise for an answer that says no in so many words, whatever its code.

    A code to scan that was not given, a scan that was refused: there is no money in it, and a
    refusal whose code nobody knows is a definite no here, unlike anywhere else.
    """
    try:
        raise_refusal(code, message)
    except OutcomeUnknownError as error:
        raise DeclinedError(
            f"the bank said no: {message}"[:200],
            code="refused",
            acquirer_code=code,
            advice=Advice.RETRY_LATER,
            raw=error.raw,
        ) from error
