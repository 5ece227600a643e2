"""The one face every acquirer shows us: what may be asked, what is answered, what counts as proof.

A definite no to a request raises DeclinedError; a query that reports an earlier no returns
Outcome.FAILED with its Failure. No trustworthy answer raises OutcomeUnknownError. Methods that
talk to the acquirer must not be called inside a database transaction (the transport refuses).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO, Protocol

from payments.acquiring.base import Acquirer
from payments.acquiring.capabilities import (
    AgreementMode,
    AmountUnit,
    BillDelivery,
    BillKind,
    Capabilities,
    CloseMode,
    IdempotencyMode,
    NotifyKind,
    OrderNoRule,
    Purse,
    RefundMode,
    Scene,
    SplitMode,
    TransferMode,
)
from payments.acquiring.documents import (
    AcquirerTender,
    AgreementPay,
    AgreementRef,
    AgreementResult,
    AgreementStatus,
    BindRequest,
    BindResult,
    CloseOutcome,
    CloseResult,
    ConfirmBind,
    Failure,
    FurtherPayment,
    NextStep,
    Outcome,
    PayRef,
    PayRequest,
    PayResult,
    RefundRef,
    RefundRequest,
    RefundResult,
    StepKind,
    TransferRef,
    TransferRequest,
    TransferResult,
)
from payments.acquiring.errors import (
    AcquirerError,
    Advice,
    AlreadyDoneError,
    BadBillError,
    ConfigError,
    DeclinedError,
    NotificationRejectedError,
    NotSentError,
    NotSupportedError,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.notices import (
    Evidence,
    HttpReply,
    NotifiedEvent,
    RawHttp,
    Verified,
)
from payments.acquiring.sharing import (
    BillAvailability,
    BillFile,
    BillLine,
    BillLineKind,
    BillReadiness,
    ShareResult,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitResult,
    SplitReturn,
    SplitReturnResult,
    SplitShare,
)

__all__ = [
    "Acquirer",
    "AcquirerAdapter",
    "AcquirerError",
    "AcquirerTender",
    "Advice",
    "AgreementMode",
    "AgreementPay",
    "AgreementRef",
    "AgreementResult",
    "AgreementStatus",
    "AlreadyDoneError",
    "AmountUnit",
    "BadBillError",
    "BillAvailability",
    "BillDelivery",
    "BillFile",
    "BillKind",
    "BillLine",
    "BillLineKind",
    "BillReadiness",
    "BindRequest",
    "BindResult",
    "Capabilities",
    "CloseMode",
    "CloseOutcome",
    "CloseResult",
    "ConfigError",
    "ConfirmBind",
    "DeclinedError",
    "Evidence",
    "Failure",
    "FurtherPayment",
    "HttpReply",
    "IdempotencyMode",
    "NextStep",
    "NotSentError",
    "NotSupportedError",
    "NotificationRejectedError",
    "NotifiedEvent",
    "NotifyKind",
    "OrderNoRule",
    "Outcome",
    "OutcomeUnknownError",
    "PayRef",
    "PayRequest",
    "PayResult",
    "Purse",
    "RateLimitedError",
    "RawHttp",
    "RefundMode",
    "RefundRef",
    "RefundRequest",
    "RefundResult",
    "Scene",
    "ShareResult",
    "SplitMode",
    "SplitReceiver",
    "SplitRef",
    "SplitRequest",
    "SplitResult",
    "SplitReturn",
    "SplitReturnResult",
    "SplitShare",
    "StepKind",
    "TransferMode",
    "TransferRef",
    "TransferRequest",
    "TransferResult",
    "Verified",
]


class AcquirerAdapter(Protocol):
    """One acquirer behind one face. Its messages are built and read by pure functions."""

    code: str
    protocol_version: str
    caps: Capabilities
    merchant_id: str
    is_test: bool

    def create(self, request: PayRequest) -> PayResult: ...
    def query(self, ref: PayRef) -> PayResult: ...
    def close(self, ref: PayRef) -> CloseResult: ...
    def refund(self, request: RefundRequest) -> RefundResult: ...
    def query_refund(self, ref: RefundRef) -> RefundResult: ...
    def verify_notification(self, raw: RawHttp) -> Verified: ...
    def parse_notification(self, verified: Verified) -> list[NotifiedEvent]: ...
    def kept_form(self, raw: RawHttp) -> RawHttp: ...
    def sample_notification(self) -> RawHttp | None: ...
    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply: ...
    def bill_available(self, day: date, kind: BillKind) -> BillAvailability: ...
    def download_bill(self, day: date, kind: BillKind, *, into: Path) -> BillFile: ...
    def parse_bill(self, file: BinaryIO, kind: BillKind) -> Iterator[BillLine]: ...
    def bind_card(self, request: BindRequest) -> BindResult: ...
    def confirm_bind(self, request: ConfirmBind) -> AgreementResult: ...
    def query_agreement(self, ref: AgreementRef) -> AgreementResult: ...
    def unbind(self, ref: AgreementRef) -> AgreementResult: ...
    def pay_with_agreement(self, request: AgreementPay) -> PayResult: ...
    def add_receiver(self, receiver: SplitReceiver) -> None: ...
    def remove_receiver(self, receiver: SplitReceiver) -> None: ...
    def split(self, request: SplitRequest) -> SplitResult: ...
    def query_split(self, ref: SplitRef) -> SplitResult: ...
    def split_return(self, request: SplitReturn) -> SplitReturnResult: ...
    def unfreeze(self, ref: SplitRef) -> SplitResult: ...
    def transfer(self, request: TransferRequest) -> TransferResult: ...
    def query_transfer(self, ref: TransferRef) -> TransferResult: ...
    def cancel_transfer(self, ref: TransferRef) -> TransferResult: ...
