"""WeChat Pay behind the common face: papers from messages.py and its like, talk in line.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO, ClassVar, Self

from payments.acquiring.contract import (
    Acquirer,
    BillAvailability,
    BillFile,
    BillKind,
    BillLine,
    CloseResult,
    Evidence,
    HttpReply,
    NotificationRejectedError,
    NotifiedEvent,
    PayRef,
    PayRequest,
    PayResult,
    RawHttp,
    RefundRef,
    RefundRequest,
    RefundResult,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitResult,
    SplitReturn,
    SplitReturnResult,
    TransferRef,
    TransferRequest,
    TransferResult,
    Verified,
)
from payments.acquiring.registry import Account
from payments.acquiring.setup import Setup
from payments.adapters.wechatpay import (
    bill_files,
    bill_lines,
    notices,
    paying,
    splitting,
    transfers,
)
from payments.adapters.wechatpay.line import CODE, Line
from payments.adapters.wechatpay.profile import capabilities_of
from payments.adapters.wechatpay.setup import SETUP
from payments.kernel.clock import wall_now


class WeChatPayAdapter(Acquirer):
    """Speaks APIv3 of WeChat Pay as a direct merchant (直连商户)."""

    code: ClassVar[str] = CODE
    protocol_version: ClassVar[str] = "3"
    setup: ClassVar[Setup] = SETUP

    def __init__(self, line: Line) -> None:
        """Take the account's line to WeChat Pay."""
        self.account_code = line.account_code
        self.caps = capabilities_of(line.profile)
        self.merchant_id = line.profile.merchant_id
        self.is_test = line.profile.is_test
        self._line = line

    @classmethod
    def from_account(cls, account: Account) -> Self:
        """Make the adapter of an account; ConfigError when its keys or settings are not usable."""
        return cls(Line(account))

    def create(self, request: PayRequest) -> PayResult:
        """Open an order: a code to scan, WeChat's page, or what WeChat's own kit is handed."""
        self._require_scene(request.scene)
        return paying.create(self._line, request)

    def query(self, ref: PayRef) -> PayResult:
        """Ask by our number."""
        return paying.query(self._line, ref.payment_no)

    def close(self, ref: PayRef) -> CloseResult:
        """Close by our number; one that was paid brings its result."""
        return paying.close(self._line, ref)

    def refund(self, request: RefundRequest) -> RefundResult:
        """Give money back; under way first."""
        return paying.refund(self._line, request)

    def query_refund(self, ref: RefundRef) -> RefundResult:
        """Ask by our refund number."""
        return paying.query_refund(self._line, ref)

    def add_receiver(self, receiver: SplitReceiver) -> None:
        """Allow somebody to receive shares."""
        self._need_sharing("add_receiver")
        splitting.add_receiver(self._line, receiver)

    def remove_receiver(self, receiver: SplitReceiver) -> None:
        """Stop somebody from receiving shares."""
        self._need_sharing("remove_receiver")
        splitting.remove_receiver(self._line, receiver)

    def split(self, request: SplitRequest) -> SplitResult:
        """Share a payment out."""
        self._need_sharing("split")
        return splitting.split(self._line, request)

    def query_split(self, ref: SplitRef) -> SplitResult:
        """Ask what became of a split."""
        self._need_sharing("query_split")
        return splitting.query(self._line, ref)

    def split_return(self, request: SplitReturn) -> SplitReturnResult:
        """Take a share back."""
        self._need_sharing("split_return")
        return splitting.take_back(self._line, request)

    def unfreeze(self, ref: SplitRef) -> SplitResult:
        """Release what is left of a payment that waited to be split."""
        self._need_sharing("unfreeze")
        return splitting.unfreeze(self._line, ref)

    def _need_sharing(self, what: str) -> None:
        if not self._line.profile.profit_sharing:
            self._no(what)

    def transfer(self, request: TransferRequest) -> TransferResult:
        """Pay into a WeChat purse; its owner has to confirm."""
        self._need_scene_of_transfers("transfer")
        return transfers.transfer(self._line, request)

    def query_transfer(self, ref: TransferRef) -> TransferResult:
        """Ask what became of a transfer."""
        self._need_scene_of_transfers("query_transfer")
        return transfers.query(self._line, ref)

    def cancel_transfer(self, ref: TransferRef) -> TransferResult:
        """Take back what its payee has not confirmed."""
        self._need_scene_of_transfers("cancel_transfer")
        return transfers.cancel(self._line, ref)

    def _need_scene_of_transfers(self, what: str) -> None:
        if not self._line.profile.transfer_scene_id:
            self._no(what)

    def bill_available(self, day: date, kind: BillKind) -> BillAvailability:
        """Say whether a day's statement can be fetched."""
        self._need_bill(kind)
        return bill_files.available(self._line, day, kind)

    def download_bill(self, day: date, kind: BillKind, *, into: Path) -> BillFile:
        """Fetch a statement, unpacked, its digest compared."""
        self._need_bill(kind)
        return bill_files.download(self._line, day, kind, into=into)

    def parse_bill(self, file: BinaryIO, kind: BillKind) -> Iterator[BillLine]:
        """Read a statement line by line."""
        self._need_bill(kind)
        return bill_lines.read_bill(file, kind, merchant_id=self.merchant_id)

    def _need_bill(self, kind: BillKind) -> None:
        if kind not in self.caps.bill_kinds:
            self._no(f"a {kind} statement")

    def check_notification(self, raw: RawHttp) -> Evidence:
        """Check serial, time, signature, seal and merchant; NotificationRejectedError."""
        return notices.open_notification(self._line.keys, raw, wall_now())

    def parse_notification(self, verified: Verified) -> list[NotifiedEvent]:
        """Read a proven message; one event each."""
        try:
            return [notices.read_event(json.loads(verified.content), self._line.profile)]
        except notices.UNREADABLE_EVENT as error:
            raise NotificationRejectedError("cannot be read", reason="format") from error

    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply:
        """Answer 200 with nothing, or 401 and FAIL: then WeChat sends again, for a day."""
        if accepted:
            return HttpReply(200, b"", "application/json")
        body = json.dumps({"code": "FAIL", "message": reason or "refused"}, ensure_ascii=False)
        return HttpReply(401 if reason else 400, body.encode(), "application/json")
