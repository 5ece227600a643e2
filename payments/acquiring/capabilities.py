"""What an acquirer can do, written down so that nobody has to try."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum


class Scene(StrEnum):
    """Where the payer stands when she pays."""

    NATIVE_QR = "native_qr"
    H5 = "h5"
    MINIPROGRAM = "miniprogram"
    APP = "app"
    BARCODE = "barcode"
    CARD_TOKEN = "card_token"  # noqa: S105  the name of a scene, not a secret


class Purse(StrEnum):
    """What the payer takes her money out of, where she pays by herself; not at a tied card."""

    BANK = "bank"  # the acquirer's own cashier, with any bank card
    WECHAT = "wechat"
    ALIPAY = "alipay"
    UNIONPAY = "unionpay"  # 云闪付
    BANK_APP = "bank_app"  # the acquiring bank's own app


class CloseMode(StrEnum):
    """How an unpaid order comes to its end at the acquirer."""

    API = "api"
    LOCAL_TIMEOUT_ONLY = "local_timeout_only"
    NONE = "none"


class RefundMode(StrEnum):
    """Whether the answer to a refund is final."""

    SYNC = "sync"
    ASYNC = "async"


class NotifyKind(StrEnum):
    """What a notification is about."""

    PAY = "pay"
    REFUND = "refund"
    AGREEMENT = "agreement"
    SPLIT = "split"
    TRANSFER = "transfer"
    BILL = "bill"
    ECHO = "echo"


class BillKind(StrEnum):
    """Which daily statement."""

    TRADE = "trade"
    FUND = "fund"
    SPLIT = "split"
    TRANSFER = "transfer"


class BillDelivery(StrEnum):
    """Whether we fetch the statement or it is brought."""

    PULL = "pull"
    PUSH = "push"


class AgreementMode(StrEnum):
    """How a tied card is remembered by the acquirer."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105  the name of a mode, not a secret
    MANDATE = "mandate"


class SplitMode(StrEnum):
    """When the acquirer shares a payment out among receivers."""

    NONE = "none"
    AT_ORDER = "at_order"
    AFTER_PAY = "after_pay"


class TransferMode(StrEnum):
    """Whether a payee must confirm before money moves."""

    NONE = "none"
    DIRECT = "direct"
    USER_CONFIRM = "user_confirm"


class IdempotencyMode(StrEnum):
    """What makes a repeated request the same request."""

    OWN_NUMBER = "own_number"
    HEADER_KEY = "header_key"


class AmountUnit(StrEnum):
    """How amounts are written on the wire."""

    MINOR = "minor"
    MAJOR = "major"


@dataclass(frozen=True, slots=True)
class OrderNoRule:
    """What our numbers must look like for this acquirer."""

    pattern: str = r"[A-Za-z0-9]+"
    length_max: int = 32


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One acquirer's abilities. An absent ability means the method raises NotSupportedError."""

    scenes: frozenset[Scene]
    purses: frozenset[Purse] = frozenset({Purse.BANK})
    currencies: frozenset[str] = frozenset({"CNY"})
    close: CloseMode = CloseMode.NONE
    refund_mode: RefundMode = RefundMode.SYNC
    partial_refund: bool = False
    multi_refund: bool = False
    refund_window_days: int = 0
    notify_kinds: frozenset[NotifyKind] = frozenset()
    # Its notifications are signed too weakly, or say too little, to be acted on: what they tell is
    # asked of the acquirer first.
    notifications_need_query: bool = False
    bill_kinds: frozenset[BillKind] = frozenset()
    bill_ready_local_time: time | None = None
    bill_retention_days: int = 0
    bill_delivery: BillDelivery = BillDelivery.PULL
    agreement: AgreementMode = AgreementMode.NONE
    split: SplitMode = SplitMode.NONE
    split_max_percent: int = 0
    split_max_receivers: int = 0
    split_return: bool = False
    transfer: TransferMode = TransferMode.NONE
    transfer_cancel: bool = False
    order_no: OrderNoRule = field(default_factory=OrderNoRule)
    idempotency: IdempotencyMode = IdempotencyMode.OWN_NUMBER
    amount_unit: AmountUnit = AmountUnit.MINOR
    query_needs: frozenset[str] = frozenset()
