"""Stripe behind the common face: papers from messages.py and its like, talk in line.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import BinaryIO, ClassVar, Final, Self

from payments.acquiring.contract import (
    Acquirer,
    AgreementMode,
    AgreementPay,
    AgreementRef,
    AgreementResult,
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
    IdempotencyMode,
    NotificationRejectedError,
    NotifiedEvent,
    NotifyKind,
    OrderNoRule,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    PayResult,
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
    SplitReturn,
    SplitReturnResult,
    Verified,
)
from payments.acquiring.registry import Account
from payments.acquiring.setup import Setup
from payments.acquiring.transport import Limits, Transport
from payments.adapters.stripe import bills, paying, splitting, tying, webhooks
from payments.adapters.stripe.line import Line
from payments.adapters.stripe.setup import SETUP
from payments.adapters.stripe.wire import API_BASE, API_VERSION, Keys, Profile
from payments.kernel.clock import wall_now

# A page of a hundred charges, each with what it is about.
ANSWER_BYTES_MAX: Final = 4_194_304
# Payouts are lines of TRADE: one pays for many days, and for none as a whole.
_BILLS: Final = frozenset({BillKind.TRADE})
_NOTICES: Final = frozenset(
    {NotifyKind.PAY, NotifyKind.REFUND, NotifyKind.AGREEMENT, NotifyKind.ECHO}
)


def capabilities_of(profile: Profile) -> Capabilities:
    """Say what an account can do: its own page and Connect have to be switched on at Stripe."""
    scenes = {Scene.APP, Scene.CARD_TOKEN} | ({Scene.H5} if profile.hosted_pages else set())
    connect = profile.connect
    return Capabilities(
        scenes=frozenset(scenes),
        currencies=frozenset({profile.currency}),
        close=CloseMode.API,
        refund_mode=RefundMode.ASYNC,
        partial_refund=True,
        multi_refund=True,
        refund_window_days=180,
        notify_kinds=_NOTICES,
        bill_kinds=_BILLS | ({BillKind.SPLIT} if connect else set()),
        bill_ready_local_time=time(1),
        bill_retention_days=365,
        agreement=AgreementMode.TOKEN,
        split=SplitMode.AFTER_PAY if connect else SplitMode.NONE,
        split_max_percent=100 if connect else 0,
        split_max_receivers=50 if connect else 0,
        split_return=connect,
        order_no=OrderNoRule(r"[A-Za-z0-9_-]{1,64}", 64),
        idempotency=IdempotencyMode.HEADER_KEY,
        query_needs=frozenset({"sent_at"}),
    )


def _limits_of(account: Account) -> Limits:
    """Read how long the account waits, in seconds; what it does not say is the house's custom."""
    custom, facts = Limits(), account.settings
    return Limits(
        connect_seconds=float(str(facts.get("connect_seconds", custom.connect_seconds))),
        read_seconds=float(str(facts.get("read_seconds", custom.read_seconds))),
        total_seconds=float(str(facts.get("total_seconds", custom.total_seconds))),
        answer_bytes_max=ANSWER_BYTES_MAX,
    )


class StripeAdapter(Acquirer):
    """Speaks Stripe's API in the version the account's settings pin."""

    code: ClassVar[str] = "stripe"
    protocol_version: ClassVar[str] = API_VERSION
    setup: ClassVar[Setup] = SETUP

    def __init__(self, *, account_code: str, keys: Keys, line: Line) -> None:
        """Take our keys and the line to Stripe."""
        self.account_code = account_code
        self.caps = capabilities_of(line.profile)
        self.merchant_id = line.profile.merchant_id
        self.is_test = not keys.is_live
        self._keys = keys
        self._line = line

    @classmethod
    def from_account(cls, account: Account) -> Self:
        """Make the adapter of an account; ConfigError when its keys or address are not usable."""
        keys, profile = Keys.from_account(account), Profile.from_account(account)
        base_url = str(account.settings.get("base_url") or API_BASE)
        if keys.is_live and not base_url.startswith("https://"):
            raise ConfigError(f"account {account.code} would send a live key in clear")
        transport = Transport(
            adapter=cls.code,
            base_url=base_url,
            limits=_limits_of(account),
        )
        line = Line(keys=keys, profile=profile, transport=transport)
        return cls(account_code=account.code, keys=keys, line=line)

    def create(self, request: PayRequest) -> PayResult:
        """Open a payment on Stripe's page (H5) or for its kit in an app (APP)."""
        return paying.create(self._line, request)

    def query(self, ref: PayRef) -> PayResult:
        """Ask by Stripe's number, else by ours among what was created when it was sent."""
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
        """Start a signing on Stripe's page or in its kit."""
        return tying.bind(self._line, request)

    def query_agreement(self, ref: AgreementRef) -> AgreementResult:
        """Ask how a tied card stands."""
        return tying.query(self._line, ref)

    def unbind(self, ref: AgreementRef) -> AgreementResult:
        """Untie a card."""
        return tying.unbind(self._line, ref)

    def pay_with_agreement(self, request: AgreementPay) -> PayResult:
        """Charge a tied card; its owner may have to confirm on her bank's page first."""
        return paying.charge(self._line, request)

    def add_receiver(self, receiver: SplitReceiver) -> None:
        """Make sure a connected account may receive shares."""
        self._need_connect("add_receiver")
        splitting.check_receiver(self._line, receiver)

    def remove_receiver(self, receiver: SplitReceiver) -> None:  # noqa: ARG002
        """Nothing to do at Stripe: whom we send nothing receives nothing."""
        self._need_connect("remove_receiver")

    def split(self, request: SplitRequest) -> SplitResult:
        """Send each receiver its share."""
        self._need_connect("split")
        return splitting.split(self._line, request)

    def query_split(self, ref: SplitRef) -> SplitResult:
        """Ask which shares have moved."""
        self._need_connect("query_split")
        return splitting.query(self._line, ref)

    def split_return(self, request: SplitReturn) -> SplitReturnResult:
        """Take a share back."""
        self._need_connect("split_return")
        return splitting.take_back(self._line, request)

    def unfreeze(self, ref: SplitRef) -> SplitResult:
        """Nothing is frozen at Stripe: what is not sent on is ours already."""
        self._need_connect("unfreeze")
        return splitting.query(self._line, ref)

    def _need_connect(self, what: str) -> None:
        if not self._line.profile.connect:
            self._no(what)

    def bill_available(self, day: date, kind: BillKind) -> BillAvailability:
        """Say whether a day's statement is complete."""
        self._need_bill(kind)
        return bills.available(self._line, day)

    def download_bill(self, day: date, kind: BillKind, *, into: Path) -> BillFile:
        """Write a day's balance transactions into a file."""
        self._need_bill(kind)
        return bills.download(self._line, day, kind, into=into)

    def parse_bill(self, file: BinaryIO, kind: BillKind) -> Iterator[BillLine]:
        """Read such a file."""
        self._need_bill(kind)
        return bills.parse(file, kind, self._line.profile)

    def _need_bill(self, kind: BillKind) -> None:
        if kind not in self.caps.bill_kinds:
            self._no(f"a {kind} statement")

    def check_notification(self, raw: RawHttp) -> Evidence:
        """Check time, signature and mode of a message; NotificationRejectedError."""
        return webhooks.open_notification(self._keys, raw, wall_now())

    def sample_notification(self) -> RawHttp | None:
        """Sign a message to ourselves: its secret is ours as well as Stripe's."""
        return webhooks.sample(self._keys, wall_now())

    def parse_notification(self, verified: Verified) -> list[NotifiedEvent]:
        """Read a proven message; one event each."""
        try:
            return [webhooks.read_event(json.loads(verified.content), self._line.profile)]
        except (OutcomeUnknownError, LookupError, TypeError, ValueError, ArithmeticError) as error:
            raise NotificationRejectedError("cannot be read", reason="format") from error
        except (AttributeError, OSError) as error:
            raise NotificationRejectedError("cannot be read", reason="format") from error

    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply:
        """Answer 200, or 400: then Stripe sends again, for three days at most."""
        if accepted:
            return HttpReply(200, b'{"received":true}', "application/json")
        body = json.dumps({"received": False, "reason": reason or "refused"}).encode()
        return HttpReply(400, body, "application/json")
