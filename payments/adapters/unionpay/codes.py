"""What UnionPay's answer codes mean to us (《平台接入接口规范》 part 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Never

from payments.acquiring.contract import (
    Advice,
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Failure,
    OutcomeUnknownError,
    RateLimitedError,
)

# Done; A6 is "done, with a blemish": the money moved.
DONE: Final = frozenset({"00", "A6"})
ACCEPTED: Final = frozenset({"05"})
# Nobody knows yet. 42, 74 and 75 say that money was taken and something else went wrong: the bill
# decides.
UNKNOWN: Final = frozenset({"03", "04", "06", "42", "74", "75", "83"})
NOT_FOUND: Final = "34"
DUPLICATE: Final = "12"
NO_CODE_FOR_THIS_CARD: Final = "79"
FILE_ABSENT: Final = "98"
TOO_OFTEN: Final = "37"
# The payer's card can take no money any more: a refund needs a person.
CARD_GONE: Final = frozenset({"61", "63", "73"})
OUR_FAULT: Final = frozenset({"10", "11", "13", "31", "32", "43"})
TOKEN_GONE: Final = frozenset({"40", "77", "80"})

# Their code -> our code, what the payer may try.
REASONS: Final[Mapping[str, tuple[str, Advice]]] = {
    "01": ("card_declined", Advice.NEW_METHOD),
    "02": ("acquirer_closed", Advice.RETRY_LATER),
    "30": ("card_declined", Advice.NEW_METHOD),
    "33": ("limit_exceeded", Advice.NEW_METHOD),
    "35": ("payment_not_found", Advice.DO_NOT_RETRY),
    "36": ("refund_too_much", Advice.DO_NOT_RETRY),
    "38": ("risk_refused", Advice.NEW_METHOD),
    "39": ("out_of_hours", Advice.RETRY_LATER),
    "40": ("agreement_not_active", Advice.REAUTHENTICATE),
    "44": ("card_invalid", Advice.NEW_METHOD),
    "60": ("card_declined", Advice.NEW_METHOD),
    "61": ("card_invalid", Advice.NEW_METHOD),
    "62": ("card_declined", Advice.NEW_METHOD),
    "63": ("card_inactive", Advice.NEW_METHOD),
    "64": ("insufficient_funds", Advice.NEW_METHOD),
    "65": ("card_details_wrong", Advice.NEW_METHOD),
    "66": ("card_details_wrong", Advice.NEW_METHOD),
    "67": ("too_many_tries", Advice.NEW_METHOD),
    "68": ("card_not_supported", Advice.NEW_METHOD),
    "69": ("expired", Advice.RETRY_LATER),
    "71": ("wrong_code", Advice.RETRY_LATER),
    "72": ("card_not_enabled", Advice.NEW_METHOD),
    "73": ("card_expired", Advice.NEW_METHOD),
    "76": ("card_not_enabled", Advice.REAUTHENTICATE),
    "77": ("agreement_not_active", Advice.REAUTHENTICATE),
    "78": ("card_not_supported", Advice.NEW_METHOD),
    "79": ("card_not_supported", Advice.NEW_METHOD),
    "80": ("agreement_not_active", Advice.REAUTHENTICATE),
    "81": ("limit_exceeded", Advice.NEW_METHOD),
    "82": ("card_details_wrong", Advice.REAUTHENTICATE),
}
_WORDS_MAX: Final = 200


def failure_of(code: str, words: str) -> Failure:
    """Explain a definite no inside a result."""
    ours, advice = REASONS.get(code, ("card_declined", Advice.NEW_METHOD))
    return Failure(code=ours, acquirer_code=code, message=words[:_WORDS_MAX], advice=advice)


def is_definite(code: str) -> bool:
    """Tell whether a code is a known, definite no about money."""
    return code in REASONS


def raise_refusal(code: str, words: str, raw: Mapping[str, object]) -> Never:
    """Raise the error an authentic answer code stands for; one nobody knows is no answer."""
    words = words[:_WORDS_MAX] or f"UnionPay answered {code}"
    if code == DUPLICATE:
        raise AlreadyDoneError(words, acquirer_code=code, raw=raw)
    if code in OUR_FAULT:
        raise ConfigError(words, acquirer_code=code, raw=raw)
    if code == TOO_OFTEN:
        raise RateLimitedError(words, acquirer_code=code)
    if code in REASONS:
        ours, advice = REASONS[code]
        raise DeclinedError(words, code=ours, acquirer_code=code, advice=advice, raw=raw)
    raise OutcomeUnknownError(words, acquirer_code=code, raw=raw)
