"""What market pay's words mean to us: states of orders and refunds, refusals.

Its refusal codes are not public; those that begin with SBX are what our sandbox says instead.
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
)
from payments.acquiring.errors import Advice

DONE: Final = "00"
ORDER_STATES: Final[Mapping[str, Outcome]] = {
    "1": Outcome.REQUIRES_ACTION,
    "2": Outcome.SUCCEEDED,
    "3": Outcome.FAILED,
    "4": Outcome.CLOSED,
    "9": Outcome.PENDING,
}
# 02 waits, 03 is uncertain, 04 waits for somebody offline; 05 was never asked for.
REFUND_STATES: Final[Mapping[str, Outcome]] = {
    "00": Outcome.SUCCEEDED,
    "01": Outcome.FAILED,
    "02": Outcome.PENDING,
    "03": Outcome.PENDING,
    "04": Outcome.PENDING,
    "05": Outcome.NOT_FOUND,
}
NO_ORDER: Final = frozenset({"SBX1NOORDER"})
_ALREADY: Final = frozenset({"SBX1ORDERUSED"})
_OURS: Final = frozenset({"SBX1SIGN", "SBX1MARKET", "SBX1PARAM"})
_DECLINED: Final[Mapping[str, tuple[str, Advice]]] = {
    "SBX1NOORDER": ("payment_not_found", Advice.DO_NOT_RETRY),
    "SBX1ORDEROVER": ("expired", Advice.RETRY_LATER),
    "SBX1NOTPAID": ("payment_not_paid", Advice.DO_NOT_RETRY),
    "SBX1TOOMUCH": ("refund_too_much", Advice.DO_NOT_RETRY),
    "SBX1BALANCE": ("balance_too_low", Advice.RETRY_LATER),
}


def raise_refusal(code: str, message: str) -> Never:
    """Raise what a refusal stands for; one nobody knows says nothing certain."""
    raw = {"code": code, "message": message[:200]}
    if code in _DECLINED:
        ours, advice = _DECLINED[code]
        raise DeclinedError(message, code=ours, acquirer_code=code, advice=advice, raw=raw)
    if code in _ALREADY:
        raise AlreadyDoneError(message, acquirer_code=code, raw=raw)
    if code in _OURS:
        raise ConfigError(message, acquirer_code=code, raw=raw)
    raise OutcomeUnknownError(f"market pay refused with {code!r}", acquirer_code=code, raw=raw)
