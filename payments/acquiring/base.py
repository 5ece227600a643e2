"""Where an adapter starts: what each must do, and an honest no to all the rest."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO, ClassVar, NoReturn

from payments.acquiring.capabilities import (
    BillKind,
    Capabilities,
    Scene,
)
from payments.acquiring.documents import (
    AgreementPay,
    AgreementRef,
    AgreementResult,
    BindRequest,
    BindResult,
    CloseResult,
    ConfirmBind,
    PayRef,
    PayRequest,
    PayResult,
    RefundRef,
    RefundRequest,
    RefundResult,
    TransferRef,
    TransferRequest,
    TransferResult,
)
from payments.acquiring.errors import (
    NotSupportedError,
)
from payments.acquiring.notices import NotificationGate, RawHttp
from payments.acquiring.sharing import (
    BillAvailability,
    BillFile,
    BillLine,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitResult,
    SplitReturn,
    SplitReturnResult,
)


class Acquirer(NotificationGate):
    """Where an adapter starts: the four things each must do, and an honest no to all the rest."""

    code: ClassVar[str]
    protocol_version: ClassVar[str]
    caps: Capabilities
    merchant_id: str
    # Whether what this account moves is not money: the sandbox's, or a test mode's.
    is_test: bool = False

    @abstractmethod
    def create(self, request: PayRequest) -> PayResult:
        """Open the payment at the acquirer under our number (unified order)."""

    @abstractmethod
    def query(self, ref: PayRef) -> PayResult:
        """Ask what became of a payment, by our number; unknown to it is Outcome.NOT_FOUND."""

    def sample_notification(self) -> RawHttp | None:
        """Sign a message to ourselves, about nothing; None where only the acquirer can sign."""
        return None

    def close(self, ref: PayRef) -> CloseResult:
        """End an unpaid payment: closed, already paid, not found or unknown."""
        self._no("close", ref)

    def refund(self, request: RefundRequest) -> RefundResult:
        """Give money back; repeated with the same number it is the same refund."""
        self._no("refund", request)

    def query_refund(self, ref: RefundRef) -> RefundResult:
        """Ask what became of a refund."""
        self._no("query_refund", ref)

    def bill_available(self, day: date, kind: BillKind) -> BillAvailability:
        """Say whether the statement of that (acquirer's) day is ready."""
        self._no("bill_available", day, kind)

    def download_bill(self, day: date, kind: BillKind, *, into: Path) -> BillFile:
        """Fetch a statement into the file `into`, raw; BadBillError for a wrong digest."""
        self._no("download_bill", day, kind, into)

    def parse_bill(self, file: BinaryIO, kind: BillKind) -> Iterator[BillLine]:
        """Read a statement line by line; pure. BadBillError, at the latest after the last line."""
        self._no("parse_bill", file, kind)

    def bind_card(self, request: BindRequest) -> BindResult:
        """Start signing an agreement for a card; usually answers with the acquirer's own page."""
        self._no("bind_card", request)

    def confirm_bind(self, request: ConfirmBind) -> AgreementResult:
        """Finish a signing whose code is entered on our side."""
        self._no("confirm_bind", request)

    def query_agreement(self, ref: AgreementRef) -> AgreementResult:
        """Ask how an agreement stands."""
        self._no("query_agreement", ref)

    def unbind(self, ref: AgreementRef) -> AgreementResult:
        """End an agreement; ending it twice is the same end."""
        self._no("unbind", ref)

    def pay_with_agreement(self, request: AgreementPay) -> PayResult:
        """Charge a tied card."""
        self._no("pay_with_agreement", request)

    def add_receiver(self, receiver: SplitReceiver) -> None:
        """Allow somebody to receive shares."""
        self._no("add_receiver", receiver)

    def remove_receiver(self, receiver: SplitReceiver) -> None:
        """Stop somebody from receiving shares."""
        self._no("remove_receiver", receiver)

    def split(self, request: SplitRequest) -> SplitResult:
        """Share a payment out."""
        self._no("split", request)

    def query_split(self, ref: SplitRef) -> SplitResult:
        """Ask what became of a split."""
        self._no("query_split", ref)

    def split_return(self, request: SplitReturn) -> SplitReturnResult:
        """Take a share back; repeated with the same number, say what became of it."""
        self._no("split_return", request)

    def unfreeze(self, ref: SplitRef) -> SplitResult:
        """Release what is left of a payment that waited to be split."""
        self._no("unfreeze", ref)

    def transfer(self, request: TransferRequest) -> TransferResult:
        """Pay somebody out of the merchant's own balance."""
        self._no("transfer", request)

    def query_transfer(self, ref: TransferRef) -> TransferResult:
        """Ask what became of a transfer."""
        self._no("query_transfer", ref)

    def cancel_transfer(self, ref: TransferRef) -> TransferResult:
        """Take back a transfer its payee has not confirmed."""
        self._no("cancel_transfer", ref)

    def _require_scene(self, scene: Scene) -> None:
        """Refuse a scene the flags do not promise, before anything is sent; NotSupportedError."""
        if scene not in self.caps.scenes:
            self._no(f"the scene {scene}")

    def _no(self, what: str, *_asked: object) -> NoReturn:
        raise NotSupportedError(f"{self.code} does not offer {what}")
