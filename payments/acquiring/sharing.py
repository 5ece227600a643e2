"""Papers for sharing a payment out (分账) and for daily statements (对账单)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from payments.acquiring.capabilities import BillKind
from payments.acquiring.documents import Failure, Outcome
from payments.kernel.money import Money


@dataclass(frozen=True, slots=True)
class SplitReceiver:
    """Somebody who may get a share: an account the acquirer knows."""

    account: str
    name: str
    kind: str = "merchant"


@dataclass(frozen=True, slots=True)
class SplitShare:
    """One receiver's part of a split, under our own share number."""

    share_no: str
    receiver: str
    amount: Money
    note: str = ""


@dataclass(frozen=True, slots=True)
class SplitRequest:
    """Please share this payment out."""

    split_no: str
    payment_no: str
    acquirer_no: str
    shares: tuple[SplitShare, ...]
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class SplitRef:
    """Which split; `shares` as they were asked for, where the answer names receivers alone."""

    split_no: str
    payment_no: str
    shares: tuple[SplitShare, ...] = ()
    # The acquirer's number of the payment.
    acquirer_no: str = ""


@dataclass(frozen=True, slots=True)
class SplitReturn:
    """Please take one receiver's share back, so that the payer can be refunded.

    Repeated with the same number it is the same return, and the answer says what became of it.
    """

    return_no: str
    split_no: str
    receiver: str
    amount: Money
    share_no: str = ""
    payment_no: str = ""
    acquirer_split_no: str = ""


@dataclass(frozen=True, slots=True)
class ShareResult:
    """What became of one share."""

    share_no: str
    receiver: str
    amount: Money
    outcome: Outcome
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class SplitResult:
    """What the acquirer said about a split, share by share.

    `failure` is of the whole; a share's own is in the share.
    """

    outcome: Outcome
    split_no: str
    acquirer_split_no: str = ""
    shares: tuple[ShareResult, ...] = ()
    raw: Mapping[str, object] = field(default_factory=dict)
    payment_no: str = ""
    merchant_id: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class SplitReturnResult:
    """What the acquirer said about the return of one share."""

    outcome: Outcome
    return_no: str
    split_no: str = ""
    acquirer_return_no: str = ""
    amount: Money | None = None
    merchant_id: str = ""
    failure: Failure | None = None
    raw: Mapping[str, object] = field(default_factory=dict)


class BillReadiness(StrEnum):
    """Whether the statement of a day is there yet."""

    NOT_YET = "not_yet"
    READY = "ready"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class BillAvailability:
    """Whether a day's statement can be fetched; when to ask again if not."""

    readiness: BillReadiness
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BillFile:
    """A statement as it came: raw bytes on disk, with the digest the acquirer declared for them."""

    day: date
    kind: BillKind
    path: Path
    declared_digest: str
    digest_name: str
    source: str


class BillLineKind(StrEnum):
    """What a line of a statement records."""

    PAY = "pay"
    REFUND = "refund"
    SPLIT = "split"
    SPLIT_RETURN = "split_return"
    TRANSFER = "transfer"
    FEE = "fee"
    SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a statement in our words; `amount` is never negative, the kind says which way.

    `fee` is what the acquirer keeps for this line, negative where it gives some back. `related_no`
    is the payment of a refund or the split of a share, `party` who receives a share or a transfer.
    A SETTLEMENT line has the acquirer's batch number in `acquirer_no`, and its amount is the net
    paid to our bank account: there alone it is negative when the net was drawn from us.
    """

    line_no: int
    kind: BillLineKind
    own_no: str
    acquirer_no: str
    amount: Money
    fee: Money
    outcome: Outcome
    at: datetime
    related_no: str = ""
    party: str = ""
    raw: Mapping[str, str] = field(default_factory=dict)
