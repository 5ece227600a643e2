"""Alipay behind the common face: papers from messages.py and its like, talk in line.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO, ClassVar, Self

from payments.acquiring.contract import (
    Acquirer,
    AgreementMode,
    AgreementPay,
    AgreementRef,
    AgreementResult,
    AmountUnit,
    BillAvailability,
    BillFile,
    BillKind,
    BillLine,
    BindRequest,
    BindResult,
    Capabilities,
    CloseMode,
    CloseResult,
    ConfigError,
    Evidence,
    HttpReply,
    NotifiedEvent,
    NotifyKind,
    OrderNoRule,
    PayRef,
    PayRequest,
    PayResult,
    Purse,
    RawHttp,
    RefundMode,
    RefundRef,
    RefundRequest,
    RefundResult,
    Scene,
    SplitMode,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitResult,
    TransferMode,
    TransferRef,
    TransferRequest,
    TransferResult,
    Verified,
)
from payments.acquiring.registry import Account
from payments.acquiring.setup import Setup
from payments.adapters.alipay import (
    notices,
    paying,
    splitting,
    statements,
    transferring,
    tying,
)
from payments.adapters.alipay.line import Line, limits_of
from payments.adapters.alipay.profile import Profile
from payments.adapters.alipay.setup import SETUP
from payments.adapters.alipay.wire import Keys
from payments.kernel.clock import wall_now

ACCEPTED = b"success"


def capabilities_of(profile: Profile, *, has_certificates: bool) -> Capabilities:
    """Say what an account can do: most products are signed with Alipay one by one."""
    scenes = {Scene.NATIVE_QR, Scene.H5}
    scenes |= {Scene.APP} if profile.app else set()
    scenes |= {Scene.MINIPROGRAM} if profile.mini_program else set()
    scenes |= {Scene.CARD_TOKEN} if profile.agreement else set()
    kinds = {NotifyKind.PAY, NotifyKind.REFUND, NotifyKind.ECHO}
    kinds |= {NotifyKind.AGREEMENT} if profile.agreement else set()
    # Alipay moves money out only for merchants in certificate mode.
    transfers = profile.transfer and has_certificates
    kinds |= {NotifyKind.TRANSFER} if transfers else set()
    return Capabilities(
        scenes=frozenset(scenes),
        purses=frozenset({Purse.ALIPAY}),
        close=CloseMode.API,
        refund_mode=RefundMode.SYNC,
        partial_refund=True,
        multi_refund=True,
        refund_window_days=365,
        notify_kinds=frozenset(kinds),
        bill_kinds=frozenset({BillKind.TRADE}),
        bill_ready_local_time=statements.READY_AT,
        bill_retention_days=365,
        agreement=AgreementMode.MANDATE if profile.agreement else AgreementMode.NONE,
        split=SplitMode.AFTER_PAY if profile.royalty else SplitMode.NONE,
        split_max_percent=profile.split_max_percent if profile.royalty else 0,
        split_max_receivers=50 if profile.royalty else 0,
        transfer=TransferMode.DIRECT if transfers else TransferMode.NONE,
        order_no=OrderNoRule(r"[A-Za-z0-9_]{1,64}", 64),
        amount_unit=AmountUnit.MAJOR,
    )


class AlipayAdapter(Acquirer):
    """Speaks Alipay's gateway, with certificates or with a key alone."""

    code: ClassVar[str] = "alipay"
    protocol_version: ClassVar[str] = "1.0"
    setup: ClassVar[Setup] = SETUP

    def __init__(self, *, account_code: str, line: Line) -> None:
        """Take the line to Alipay."""
        self.account_code = account_code
        self.caps = capabilities_of(line.profile, has_certificates=line.keys.has_certificates)
        self.merchant_id = line.profile.seller_id
        self.is_test = line.profile.is_test
        self._line = line

    @classmethod
    def from_account(cls, account: Account) -> Self:
        """Make the adapter of an account; ConfigError when its keys or settings are not usable."""
        keys, profile = Keys.from_account(account), Profile.from_account(account)
        if not profile.is_test and not profile.base_url.startswith("https://"):
            raise ConfigError(f"account {account.code} would send payments in clear")
        line = Line(keys=keys, profile=profile, limits=limits_of(account))
        return cls(account_code=account.code, line=line)

    def create(self, request: PayRequest) -> PayResult:
        """Open a payment by code, page, app or mini program."""
        self._require_scene(request.scene)
        return paying.create(self._line, request)

    def query(self, ref: PayRef) -> PayResult:
        """Ask by our number."""
        return paying.query(self._line, ref)

    def close(self, ref: PayRef) -> CloseResult:
        """End an unpaid payment; one that was paid brings its result."""
        return paying.close(self._line, ref)

    def refund(self, request: RefundRequest) -> RefundResult:
        """Give money back."""
        return paying.refund(self._line, request)

    def query_refund(self, ref: RefundRef) -> RefundResult:
        """Ask what became of a refund."""
        return paying.query_refund(self._line, ref)

    def bind_card(self, request: BindRequest) -> BindResult:
        """Show the page on which she lets us charge her Alipay account."""
        self._need_agreement("bind_card")
        return tying.bind(self._line, request)

    def query_agreement(self, ref: AgreementRef) -> AgreementResult:
        """Ask how an agreement stands."""
        self._need_agreement("query_agreement")
        return tying.query(self._line, ref)

    def unbind(self, ref: AgreementRef) -> AgreementResult:
        """End an agreement."""
        self._need_agreement("unbind")
        return tying.unbind(self._line, ref)

    def pay_with_agreement(self, request: AgreementPay) -> PayResult:
        """Charge an Alipay account under its agreement."""
        self._need_agreement("pay_with_agreement")
        return paying.charge(self._line, request)

    def _need_agreement(self, what: str) -> None:
        if self.caps.agreement is AgreementMode.NONE:
            self._no(what)

    def add_receiver(self, receiver: SplitReceiver) -> None:
        """Allow somebody to receive shares."""
        self._need_split("add_receiver")
        splitting.add_receiver(self._line, receiver)

    def remove_receiver(self, receiver: SplitReceiver) -> None:
        """Stop somebody from receiving shares."""
        self._need_split("remove_receiver")
        splitting.remove_receiver(self._line, receiver)

    def split(self, request: SplitRequest) -> SplitResult:
        """Share a payment out."""
        self._need_split("split")
        return splitting.split(self._line, request)

    def query_split(self, ref: SplitRef) -> SplitResult:
        """Ask what became of a split."""
        self._need_split("query_split")
        return splitting.query(self._line, ref)

    def unfreeze(self, ref: SplitRef) -> SplitResult:
        """Nothing is frozen: what was not shared is ours already."""
        self._need_split("unfreeze")
        return splitting.query(self._line, ref)

    def _need_split(self, what: str) -> None:
        if self.caps.split is SplitMode.NONE:
            self._no(what)

    def transfer(self, request: TransferRequest) -> TransferResult:
        """Pay somebody out of our balance."""
        self._need_transfer("transfer")
        return transferring.transfer(self._line, request)

    def query_transfer(self, ref: TransferRef) -> TransferResult:
        """Ask what became of a transfer."""
        self._need_transfer("query_transfer")
        return transferring.query(self._line, ref)

    def _need_transfer(self, what: str) -> None:
        if self.caps.transfer is TransferMode.NONE:
            self._no(what)

    def bill_available(self, day: date, kind: BillKind) -> BillAvailability:
        """Say whether a day's statement is there."""
        self._need_bill(kind)
        return statements.available(self._line, day)

    def download_bill(self, day: date, kind: BillKind, *, into: Path) -> BillFile:
        """Fetch a day's statement, packed as it came."""
        self._need_bill(kind)
        return statements.download(self._line, day, kind, into=into)

    def parse_bill(self, file: BinaryIO, kind: BillKind) -> Iterator[BillLine]:
        """Read such a file."""
        self._need_bill(kind)
        return statements.parse(file, self._line.profile)

    def _need_bill(self, kind: BillKind) -> None:
        if kind not in self.caps.bill_kinds:
            self._no(f"a {kind} statement")

    def check_notification(self, raw: RawHttp) -> Evidence:
        """Check form, signature, age, app and seller; NotificationRejectedError."""
        keys, profile = self._line.keys, self._line.profile
        return notices.open_notification(keys, profile, raw, now=wall_now())

    def parse_notification(self, verified: Verified) -> list[NotifiedEvent]:
        """Read a proven message."""
        return notices.read_events(verified.content, self._line.profile)

    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply:
        """Answer exactly `success`, or `fail`: then Alipay sends again, eight times in 25 hours."""
        del reason
        if accepted:
            return HttpReply(200, ACCEPTED, "text/plain")
        return HttpReply(400, b"fail", "text/plain")
