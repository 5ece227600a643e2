"""Messages an acquirer sends us: the raw request, the proof of its sender, what it reports."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, final

from payments.acquiring.capabilities import NotifyKind
from payments.acquiring.documents import AgreementResult, PayResult, RefundResult, TransferResult
from payments.acquiring.sharing import SplitResult, SplitReturnResult

_PROOF: Final = object()


@dataclass(frozen=True, slots=True)
class RawHttp:
    """A request exactly as it came: the bytes, the raw query, headers with lower-case names."""

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What to answer: the exact bytes this acquirer understands."""

    status: int
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A notification that proved who sent it. Only `verify_notification` can make one."""

    account_code: str
    event_id: str
    key_serial: str
    content: bytes
    signed_at: datetime
    proof: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse to exist without the proof that only this module holds."""
        if self.proof is not _PROOF:
            raise TypeError("Verified comes from verify_notification and from nowhere else")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What checking a notification found: who signed, when, and the content in clear."""

    event_id: str
    key_serial: str
    content: bytes
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class NotifiedEvent:
    """One thing a notification reports. `result` fits `kind`; ECHO and BILL carry none."""

    kind: NotifyKind
    event_id: str
    occurred_at: datetime
    result: (
        PayResult
        | RefundResult
        | AgreementResult
        | TransferResult
        | SplitResult
        | SplitReturnResult
        | None
    )


class NotificationGate(ABC):
    """The only way from raw bytes to proof; an adapter says how its acquirer signs."""

    account_code: str

    @abstractmethod
    def check_notification(self, raw: RawHttp) -> Evidence:
        """Check serial, freshness and signature of the raw bytes; NotificationRejectedError."""

    @abstractmethod
    def parse_notification(self, verified: Verified) -> list[NotifiedEvent]:
        """Read a proven notification; pure."""

    @abstractmethod
    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply:
        """Return the exact bytes this acquirer wants as an answer."""

    def kept_form(self, raw: RawHttp) -> RawHttp:
        """Return a judged message as it may be kept for good: without what nobody may store."""
        return raw

    @final
    def verify_notification(self, raw: RawHttp) -> Verified:
        """Turn a raw request into proof, or raise NotificationRejectedError; pure."""
        found = self.check_notification(raw)
        return Verified(
            account_code=self.account_code,
            event_id=found.event_id,
            key_serial=found.key_serial,
            content=found.content,
            signed_at=found.signed_at,
            proof=_PROOF,
        )
