"""What can go wrong when we talk to an acquirer; the class says what to do next."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Advice(StrEnum):
    """What the payer may try after a definite no."""

    DO_NOT_RETRY = "do_not_retry"
    RETRY_LATER = "retry_later"
    NEW_METHOD = "new_method"
    REAUTHENTICATE = "reauthenticate"


class AcquirerError(Exception):
    """The acquirer, or the way to it, did not do what we asked."""

    def __init__(
        self, message: str, *, acquirer_code: str = "", raw: Mapping[str, object] | None = None
    ) -> None:
        """Keep the acquirer's own code and its (redacted) answer beside our words."""
        super().__init__(message)
        self.message = message
        self.acquirer_code = acquirer_code
        self.raw: dict[str, object] = dict(raw or {})


class NotSentError(AcquirerError):
    """Provably nothing reached the acquirer: send again with the same number."""


class RateLimitedError(AcquirerError):
    """The acquirer says it did not execute: send again later with the same number."""

    def __init__(self, message: str, *, retry_after_seconds: int = 0, **kept: object) -> None:
        """Remember how long the acquirer asked us to wait, 0 when it did not say."""
        super().__init__(message, acquirer_code=str(kept.get("acquirer_code", "")))
        self.retry_after_seconds = retry_after_seconds


class OutcomeUnknownError(AcquirerError):
    """Sent, and no answer we can trust: change nothing, query later, never resend anew."""


class DeclinedError(AcquirerError):
    """A definite no: this attempt is over, and the payer may start another.

    `code` is our stable word (insufficient_funds, card_declined, ...); `acquirer_code` is theirs.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        acquirer_code: str = "",
        advice: Advice = Advice.NEW_METHOD,
        raw: Mapping[str, object] | None = None,
    ) -> None:
        """Carry our code, the acquirer's code, and what the payer may do."""
        super().__init__(message, acquirer_code=acquirer_code, raw=raw)
        self.code = code
        self.advice = advice


class AlreadyDoneError(AcquirerError):
    """The number was already used, paid or closed: ask what became of it (query)."""


class ConfigError(AcquirerError):
    """Our fault (key, certificate, permission): stop this account and call an operator."""


class NotificationRejectedError(AcquirerError):
    """A message that proves nothing: keep the bytes, change no state, answer with a refusal.

    `reason` is one of: signature, serial, stale, merchant, cipher, format.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        """Say which check failed, for the inbox row and never for the sender."""
        super().__init__(message)
        self.reason = reason


class NotSupportedError(AcquirerError):
    """Not offered by this acquirer; its capabilities say so beforehand."""


class BadBillError(AcquirerError):
    """A statement that is not what it says it is: keep its bytes, import nothing, call a person.

    `reason` is one of: digest, truncated, totals, header, merchant, encoding, format.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        """Say which check failed."""
        super().__init__(message)
        self.reason = reason
