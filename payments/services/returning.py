"""Promising money back: reserved against what came in before anybody is asked to return it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from payments.kernel.tenders import Funder, TenderPart
from payments.ledger import recipes
from payments.models import Payment, Refund, RefundTender, Tender
from payments.outbox import publish

RefundStage = Refund.Stage


class RefundExceedsCapturedError(LinliError):
    """More would go back than came in, counting what is already promised."""

    code = "refund_exceeds_captured"
    message = _("More than was paid cannot be refunded.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWish:
    """Who gets what back of a payment, why, and at which stage the goods are."""

    refund_key: str
    tenders: Sequence[TenderPart]
    reason: str
    reference: str
    stage: str
    supplier_parts: Sequence[tuple[str, Money]] = field(default=())


def promise_refund(payment: Payment, wish: RefundWish) -> Refund:
    """Reserve and write down one refund of a locked payment, with its journal. In a transaction.

    RefundExceedsCapturedError when a funder would get more back than it gave.
    IntegrityError when the refund key is taken. After either nothing of it is written, whatever
    the caller's transaction does next.
    """
    payer_minor = _minor_of(part for part in wish.tenders if part.funder == Funder.PAYER)
    with transaction.atomic():
        refund = _insert(payment, wish, payer_minor)
        _reserve(payment, wish.tenders, payer_minor)
    RefundTender.objects.bulk_create(
        RefundTender(
            refund=refund, funder=part.funder, ref=part.ref, amount_minor=part.amount.minor
        )
        for part in wish.tenders
        if part.amount
    )
    recipes.refund_requested(
        refund_no=refund.refund_no,
        payment_no=payment.payment_no,
        order_ref=wish.reference,
        stage=wish.stage,
        tenders=wish.tenders,
        supplier_parts=wish.supplier_parts,
    )
    if not payer_minor:
        _finish_without_acquirer(refund)
    return refund


def return_surplus(payment: Payment, *, reason: str) -> Refund:
    """Promise all of a payment back that nobody waited for."""
    return promise_refund(
        payment,
        RefundWish(
            refund_key=f"surplus:{payment.payment_no}",
            tenders=[TenderPart(funder=Funder.PAYER, amount=payment.captured)],
            reason=reason,
            reference=payment.reference,
            stage=Refund.Stage.SURPLUS,
        ),
    )


def _minor_of(parts: Iterable[TenderPart]) -> int:
    return sum(part.amount.minor for part in parts)


def _insert(payment: Payment, wish: RefundWish, payer_minor: int) -> Refund:
    at = now()
    value_minor = _minor_of(wish.tenders)
    return Refund.objects.create(
        refund_no=new_number("R"),
        refund_key=wish.refund_key,
        payment=payment,
        merchant=payment.merchant,
        reference=wish.reference,
        stage=wish.stage,
        reason=wish.reason,
        currency=payment.currency,
        value_minor=value_minor,
        resident_minor=payer_minor,
        other_minor=value_minor - payer_minor,
        created_at=at,
        next_action_at=at,
    )


def _reserve(payment: Payment, tenders: Sequence[TenderPart], payer_minor: int) -> None:
    """Take the promise from what came in, and from each funder's part, or refuse the whole."""
    left = F("captured_minor") - F("refund_committed_minor")
    reserved = (
        Payment.objects.filter(pk=payment.pk, status=Payment.Status.SUCCEEDED)
        .alias(left=left)
        .filter(left__gte=payer_minor)
        .update(refund_committed_minor=F("refund_committed_minor") + payer_minor)
    )
    if not reserved:
        raise RefundExceedsCapturedError(payment_no=payment.payment_no, minor=payer_minor)
    for part in tenders:
        rows = Tender.objects.filter(payment=payment, funder=part.funder, ref=part.ref)
        rows = rows.alias(left=F("actual_minor") - F("refund_committed_minor"))
        rows = rows.filter(left__gte=part.amount.minor)
        minor = F("refund_committed_minor") + part.amount.minor
        if part.amount and not rows.update(refund_committed_minor=minor):
            raise RefundExceedsCapturedError(
                payment_no=payment.payment_no, funder=str(part.funder), minor=part.amount.minor
            )


def _finish_without_acquirer(refund: Refund) -> None:
    """Nothing goes back to the payer, so there is nothing to ask the acquirer for."""
    Refund.objects.filter(pk=refund.pk, status=Refund.Status.CREATED).update(
        status=Refund.Status.SUCCEEDED, done_at=now(), next_action_at=None
    )
    refund.refresh_from_db()
    tell_refund(refund, "succeeded")


def tell_refund(refund: Refund, what: str) -> None:
    """Tell the floors above how a refund ended."""
    publish(
        f"refund.{what}",
        key=f"refund.{what}:{refund.refund_no}",
        aggregate=refund.reference,
        payload={
            "refund_no": refund.refund_no,
            "refund_key": refund.refund_key,
            "payment_no": refund.payment.payment_no,
            "reference": refund.reference,
            "stage": refund.stage,
            "amount_minor": refund.resident_minor,
            "code": refund.failure_code,
        },
    )
