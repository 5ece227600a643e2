"""What goes out of the door: frozen copies of the small bank's rows for the floors above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.urls import reverse

from payments.kernel.money import Money
from payments.kernel.tenders import Funder, TenderPart
from payments.models import CardAgreement, Payment, Refund, RefundTender, Tender, Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """One attempt to collect money. `status` and `application` are the words of Payment."""

    payment_no: str
    reference: str
    payer_ref: str
    status: str
    application: str
    amount: Money
    tenders: tuple[TenderPart, ...]
    scene: str
    agreement_no: str
    created_at: datetime
    expires_at: datetime
    continue_url: str
    step_url: str
    failure_code: str
    failure_message: str
    failure_advice: str
    close_reason: str
    succeeded_at: datetime | None
    acquirer_no: str
    account_code: str
    refund_committed: Money
    purse: str = ""
    step_kind: str = ""
    step_fields: Mapping[str, str] = field(default_factory=dict)
    # of the tenders, what the acquirer was expected to take off the asked amount by itself
    expected: tuple[TenderPart, ...] = ()

    @property
    def asked(self) -> tuple[TenderPart, ...]:
        """Return the tenders as they were asked for: the payer's whole part, what we take off."""
        taken_off = {(part.funder, part.ref) for part in self.expected}
        return tuple(
            replace(part, amount=self.amount) if part.funder is Funder.PAYER else part
            for part in self.tenders
            if (part.funder, part.ref) not in taken_off
        )

    @property
    def is_open(self) -> bool:
        """Tell whether money may still come in the ordinary way."""
        return self.status in {"created", "sent", "pending", "unknown", "closing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundView:
    """Money back. `amount` goes to the payer, `tenders` names every funder's part."""

    refund_no: str
    refund_key: str
    payment_no: str
    reference: str
    status: str
    stage: str
    reason: str
    amount: Money
    tenders: tuple[TenderPart, ...]
    failure_code: str
    failure_message: str
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementView:
    """A tied card: what may be shown and judged of it, never its number."""

    agreement_no: str
    owner_ref: str
    status: str
    last4: str
    bin: str
    issuer_code: str
    issuer_name: str
    kind: str
    scheme: str
    fingerprint: str
    is_default: bool
    signed_at: datetime | None
    expires: datetime | None
    failure_code: str
    end_reason: str = ""
    ended_at: datetime | None = None
    # When this person first tied a card of this bank and kind, and of this bank; None before she
    # did, and while all she tied were cards that another person had tied before.
    first_tied_at: datetime | None = None
    bank_first_tied_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningView:
    """A signing that waits for its owner or her bank: where she may go on with it."""

    agreement_no: str
    # the acquirer's page; with `fields`, what is to be posted there
    url: str
    created_at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """Return where her browser goes: the acquirer's page, or ours that posts a form there."""
        return reverse("cashier:signing", args=[self.agreement_no]) if self.fields else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferView:
    """A payment to a payee; her account only as a mask."""

    transfer_no: str
    transfer_key: str
    reference: str
    status: str
    amount: Money
    payee_name: str
    payee_mask: str
    purpose: str
    failure_code: str
    failure_message: str
    created_at: datetime
    done_at: datetime | None


def tender_parts(payment: Payment) -> tuple[TenderPart, ...]:
    """Return who funds what: as booked where money came, as quoted before."""
    return _parts(payment, _tenders(payment))


def _tenders(payment: Payment) -> list[Tender]:
    return sorted(payment.tenders.all(), key=lambda tender: tender.pk)


def _parts(payment: Payment, rows: Iterable[Tender]) -> tuple[TenderPart, ...]:
    is_booked = payment.status == Payment.Status.SUCCEEDED
    return tuple(
        TenderPart(
            funder=Funder(row.funder),
            ref=row.ref,
            amount=Money(row.actual_minor if is_booked else row.estimated_minor, payment.currency),
        )
        for row in rows
    )


def _expected(payment: Payment, rows: Iterable[Tender]) -> tuple[TenderPart, ...]:
    return tuple(
        TenderPart(
            funder=Funder(row.funder),
            ref=row.ref,
            amount=Money(row.estimated_minor, payment.currency),
        )
        for row in rows
        if row.is_expected
    )


def view_of_payment(payment: Payment) -> PaymentView:
    """Copy a payment's row for the floors above."""
    rows = _tenders(payment)
    return PaymentView(
        payment_no=payment.payment_no,
        reference=payment.reference,
        payer_ref=payment.payer_ref,
        status=payment.status,
        application=payment.application,
        amount=payment.amount,
        tenders=_parts(payment, rows),
        scene=payment.scene,
        agreement_no=payment.agreement.agreement_no if payment.agreement else "",
        created_at=payment.created_at,
        expires_at=payment.expires_at,
        continue_url=payment.continue_url,
        step_url=payment.step_url,
        failure_code=payment.failure_code,
        failure_message=payment.failure_message,
        failure_advice=payment.failure_advice,
        close_reason=payment.close_reason,
        succeeded_at=payment.succeeded_at,
        acquirer_no=payment.acquirer_no,
        account_code=payment.account.code,
        refund_committed=Money(payment.refund_committed_minor, payment.currency),
        purse=payment.purse,
        step_kind=payment.step_kind,
        step_fields=payment.step_fields,
        expected=_expected(payment, rows),
    )


def signing_of(row: CardAgreement) -> SigningView:
    """Copy what is needed to go on with a signing."""
    return SigningView(
        agreement_no=row.agreement_no,
        url=row.step_url,
        created_at=row.created_at,
        fields=row.step_fields,
    )


def view_of_refund(refund: Refund) -> RefundView:
    """Copy a refund's row for the floors above."""
    return RefundView(
        refund_no=refund.refund_no,
        refund_key=refund.refund_key,
        payment_no=refund.payment.payment_no,
        reference=refund.reference,
        status=refund.status,
        stage=refund.stage,
        reason=refund.reason,
        amount=refund.amount,
        tenders=tuple(refund_parts(refund)),
        failure_code=refund.failure_code,
        failure_message=refund.failure_message,
        created_at=refund.created_at,
        done_at=refund.done_at,
    )


def refund_parts(refund: Refund) -> list[TenderPart]:
    """Return who gets what back."""
    rows: list[RefundTender] = sorted(refund.tenders.all(), key=lambda row: row.pk)
    return [
        TenderPart(
            funder=Funder(row.funder), ref=row.ref, amount=Money(row.amount_minor, refund.currency)
        )
        for row in rows
    ]


def view_of_agreement(agreement: CardAgreement) -> AgreementView:
    """Copy a tied card's row for the floors above; first ties where they were asked for."""
    return AgreementView(
        agreement_no=agreement.agreement_no,
        owner_ref=agreement.owner_ref,
        status=agreement.status,
        last4=agreement.last4,
        bin=agreement.bin,
        issuer_code=agreement.issuer_code,
        issuer_name=agreement.issuer_name,
        kind=agreement.kind,
        scheme=agreement.scheme,
        fingerprint=agreement.fingerprint,
        is_default=agreement.is_default,
        signed_at=agreement.signed_at,
        expires=agreement.expires_at,
        failure_code=agreement.failure_code,
        end_reason=agreement.end_reason,
        ended_at=agreement.ended_at,
        first_tied_at=getattr(agreement, "first_tied_at", None),
        bank_first_tied_at=getattr(agreement, "bank_first_tied_at", None),
    )


def view_of_transfer(transfer: Transfer) -> TransferView:
    """Copy a transfer's row for the floors above."""
    return TransferView(
        transfer_no=transfer.transfer_no,
        transfer_key=transfer.transfer_key,
        reference=transfer.reference,
        status=transfer.status,
        amount=transfer.amount,
        payee_name=transfer.payee_name,
        payee_mask=transfer.payee_mask,
        purpose=transfer.purpose,
        failure_code=transfer.failure_code,
        failure_message=transfer.failure_message,
        created_at=transfer.created_at,
        done_at=transfer.done_at,
    )
