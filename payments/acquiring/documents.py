"""What we ask of an acquirer and what it answered: plain frozen papers, no judgement in them.

Every amount is Money in minor units; every instant is aware (UTC). Results carry what the acquirer
SAID (amount, merchant, our number echoed); whether that is believed is decided by the services.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from payments.acquiring.capabilities import Scene
from payments.acquiring.errors import Advice
from payments.kernel.money import Money

if TYPE_CHECKING:
    from payments.acquiring.sharing import SplitShare


class Outcome(StrEnum):
    """What the acquirer said about the money, never about the order.

    ABNORMAL is a refund's only: the payer's account takes no money, and a person must find another
    way. A refund FAILED was refused; one CLOSED was given up by the acquirer without paying.
    """

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    FAILED = "failed"
    CLOSED = "closed"
    ABNORMAL = "abnormal"
    UNKNOWN = "unknown"
    NOT_FOUND = "not_found"


class CloseOutcome(StrEnum):
    """What became of an order we wanted closed."""

    CLOSED = "closed"
    ALREADY_PAID = "already_paid"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


class AgreementStatus(StrEnum):
    """The life of a tied card at the acquirer."""

    PENDING_FORM = "pending_form"
    SMS_SENT = "sms_sent"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED_BY_USER = "revoked_by_user"
    REVOKED_BY_ISSUER = "revoked_by_issuer"
    EXPIRED = "expired"
    FAILED = "failed"
    NOT_FOUND = "not_found"


class StepKind(StrEnum):
    """What the payer has to do next."""

    REDIRECT = "redirect"
    QR_CODE = "qr_code"
    FORM_POST = "form_post"
    SDK_PAYLOAD = "sdk_payload"
    SMS_CODE = "sms_code"


@dataclass(frozen=True, slots=True)
class NextStep:
    """Where the payer goes to finish: a page, a code to scan, fields to post."""

    kind: StepKind
    url: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A definite no inside a result: our code, the acquirer's, its words, what may be tried."""

    code: str
    acquirer_code: str
    message: str
    advice: Advice


@dataclass(frozen=True, slots=True)
class AcquirerTender:
    """One funder's part as the acquirer reports it (a bank's or a platform's coupon)."""

    funder: str
    ref: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PayRequest:
    """Please collect this amount under our number; the number is committed before this is sent.

    `payer_id` is who pays as the acquirer knows her (an open id): mini programs want it.
    `sent_at` is the instant kept with the number, for acquirers whose key is both together.
    """

    payment_no: str
    amount: Money
    subject: str
    scene: Scene
    expires_at: datetime
    notify_url: str
    return_url: str
    payer_ip: str = ""
    auth_code: str = ""
    lang: str = ""
    payer_id: str = ""
    sent_at: datetime | None = None
    # Where the acquirer shares an order out when it begins (SplitMode.AT_ORDER): who gets what.
    shares: tuple[SplitShare, ...] = ()


@dataclass(frozen=True, slots=True)
class PayRef:
    """Which payment: our number; the acquirer's number and the sending time where it needs them.

    `expires_at` is the time limit it was sent with: before that, "no such payment" may be early.
    """

    payment_no: str
    acquirer_no: str = ""
    sent_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FurtherPayment:
    """Money that came under the same number once more, by an acquirer's number of its own."""

    acquirer_no: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PayResult:
    """What the acquirer said about one payment."""

    outcome: Outcome
    payment_no: str
    acquirer_no: str = ""
    amount: Money | None = None
    merchant_id: str = ""
    paid_at: datetime | None = None
    expires_at: datetime | None = None
    step: NextStep | None = None
    tenders: tuple[AcquirerTender, ...] = ()
    agreement_no: str = ""
    further: tuple[FurtherPayment, ...] = ()
    failure: Failure | None = None
    raw: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CloseResult:
    """Closed, or why not; `paid` is there when the money had already come."""

    outcome: CloseOutcome
    payment_no: str
    paid: PayResult | None = None
    raw: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Please give this much of that payment back, under our refund number."""

    refund_no: str
    payment_no: str
    amount: Money
    paid: Money
    reason: str
    notify_url: str
    acquirer_no: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundRef:
    """Which refund, and of which payment; `acquirer_no` is the acquirer's number of the payment."""

    refund_no: str
    payment_no: str
    acquirer_refund_no: str = ""
    acquirer_no: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundResult:
    """What the acquirer said about one refund."""

    outcome: Outcome
    refund_no: str
    payment_no: str = ""
    acquirer_refund_no: str = ""
    amount: Money | None = None
    merchant_id: str = ""
    refunded_at: datetime | None = None
    failure: Failure | None = None
    raw: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BindRequest:
    """Please let this person sign an agreement for one of her cards, under our agreement number."""

    agreement_no: str
    owner_ref: str
    return_url: str
    notify_url: str
    holder_phone: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmBind:
    """The one-time code of a signing that is confirmed on our side (acquirers without a page)."""

    agreement_no: str
    code: str


@dataclass(frozen=True, slots=True)
class AgreementRef:
    """Which agreement: our number, and the acquirer's token where it exists."""

    agreement_no: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class AgreementResult:
    """A tied card as the acquirer describes it: never the card number."""

    status: AgreementStatus
    agreement_no: str
    token: str = ""
    last4: str = ""
    bin: str = ""
    issuer_code: str = ""
    issuer_name: str = ""
    kind: str = ""
    scheme: str = ""
    fingerprint: str = ""
    holder_mask: str = ""
    phone_mask: str = ""
    merchant_id: str = ""
    signed_at: datetime | None = None
    expires_at: datetime | None = None
    failure: Failure | None = None
    raw: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BindResult:
    """Where the card's owner goes to sign, and the agreement as it stands."""

    agreement: AgreementResult
    step: NextStep | None = None


@dataclass(frozen=True, slots=True)
class AgreementPay:
    """Please charge this tied card; the acquirer may still ask its owner for a code.

    Where it asked (a SMS_CODE step) the same paper is sent again with what she typed in `code`.
    """

    payment_no: str
    agreement_no: str
    token: str
    amount: Money
    subject: str
    expires_at: datetime
    notify_url: str
    return_url: str
    payer_ip: str = ""
    lang: str = ""
    sent_at: datetime | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """Please pay this payee; name and account were frozen when the transfer was approved."""

    transfer_no: str
    amount: Money
    payee_name: str
    payee_account: str
    purpose: str
    notify_url: str
    payee_bank: str = ""


@dataclass(frozen=True, slots=True)
class TransferRef:
    """Which transfer."""

    transfer_no: str
    acquirer_transfer_no: str = ""


@dataclass(frozen=True, slots=True)
class TransferResult:
    """What the acquirer said about one transfer."""

    outcome: Outcome
    transfer_no: str
    acquirer_transfer_no: str = ""
    amount: Money | None = None
    merchant_id: str = ""
    completed_at: datetime | None = None
    failure: Failure | None = None
    raw: Mapping[str, object] = field(default_factory=dict)
    # What the payee has to do first, where she must confirm.
    step: NextStep | None = None
