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
from payments.services.errand_machines import ErrandEvent
from payments.services.errand_steps import begin_errand
from payments.services.share_returns import (
    PlannedReturn,
    ShareReturnError,
    plan_returns,
    promise_returns,
)
from payments.services.subsidies import bank_money_of, keep_what_was_borne

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
    share_returns: Sequence[tuple[str, Money]] | None = None
    of_acquirer_no: str = ""
    case_no: str = ""


def promise_refund(payment: Payment, wish: RefundWish) -> Refund:
    """Reserve and write down one refund of a locked payment, with its journal. In a transaction.

    Where shares of the payment went out, what comes back of them is reserved with it and the
    refund waits for that. RefundExceedsCapturedError when a funder would get more back than it
    gave, ShareReturnError when too little would be left at the receivers or with us.
    IntegrityError when the refund key is taken. After either nothing of it is written, whatever
    the caller's transaction does next.
    """
    payer_minor = _minor_of(part for part in wish.tenders if part.funder == Funder.PAYER)
    with transaction.atomic():
        plan = plan_returns(payment, payer_minor, wish.share_returns)
        refund = _insert(payment, wish, payer_minor, is_behind=bool(plan))
        _reserve(payment, wish, plan)
        promise_returns(refund, plan)
    _write_parts(refund, wish)
    if not payer_minor:
        tell_refund(refund, "succeeded")
    return refund


def promise_return_of_held(
    payment: Payment, *, amount: Money, case_no: str, acquirer_no: str
) -> Refund:
    """Promise held money back that never was this payment's: another transaction under its number.

    In a transaction, the payment locked. Nothing of what the payment captured is touched.
    """
    wish = RefundWish(
        refund_key=f"held:{payment.payment_no}:{acquirer_no}",
        tenders=[TenderPart(funder=Funder.PAYER, amount=amount)],
        reason="held_returned",
        reference=payment.reference,
        stage=Refund.Stage.HELD,
        of_acquirer_no=acquirer_no,
        case_no=case_no,
    )
    refund = _insert(payment, wish, amount.minor, is_behind=False)
    _write_parts(refund, wish)
    return refund


def _write_parts(refund: Refund, wish: RefundWish) -> None:
    """Write down who gets what, and the journal."""
    RefundTender.objects.bulk_create(
        RefundTender(
            refund=refund, funder=part.funder, ref=part.ref, amount_minor=part.amount.minor
        )
        for part in wish.tenders
        if part.amount
    )
    bank_money = bank_money_of(refund.payment, wish.tenders)
    recipes.refund_requested(
        refund_no=refund.refund_no,
        payment_no=refund.payment.payment_no,
        order_ref=wish.case_no or wish.reference,
        stage=wish.stage,
        tenders=wish.tenders,
        supplier_parts=wish.supplier_parts,
        bank_money=bank_money,
    )
    keep_what_was_borne(refund, wish.tenders)


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


def _insert(payment: Payment, wish: RefundWish, payer_minor: int, *, is_behind: bool) -> Refund:
    """Write the refund's row: to be sent, behind returns of shares, or with nobody to ask."""
    at = now()
    value_minor = _minor_of(wish.tenders)
    event, status = _beginning(payer_minor, is_behind=is_behind)
    refund = Refund.objects.create(
        refund_no=new_number("R"),
        refund_key=wish.refund_key,
        payment=payment,
        merchant=payment.merchant,
        reference=wish.reference,
        status=status,
        stage=wish.stage,
        reason=wish.reason,
        currency=payment.currency,
        value_minor=value_minor,
        resident_minor=payer_minor,
        other_minor=value_minor - payer_minor,
        of_acquirer_no=wish.of_acquirer_no,
        created_at=at,
        done_at=None if payer_minor else at,
        next_action_at=at if status == Refund.Status.CREATED else None,
    )
    begin_errand(refund, event)
    return refund


def _beginning(payer_minor: int, *, is_behind: bool) -> tuple[ErrandEvent, str]:
    if not payer_minor:
        return ErrandEvent.BEGIN_EMPTY, Refund.Status.SUCCEEDED
    if is_behind:
        return ErrandEvent.BEGIN_BEHIND, Refund.Status.TAKING_BACK
    return ErrandEvent.BEGIN, Refund.Status.CREATED


def _reserve(payment: Payment, wish: RefundWish, plan: Sequence[PlannedReturn]) -> None:
    """Take the promise from what came in, and from each funder's part, or refuse the whole."""
    payer_minor = _minor_of(part for part in wish.tenders if part.funder == Funder.PAYER)
    shares_minor = sum(planned.minor for planned in plan)
    left = F("captured_minor") - F("refund_committed_minor")
    rows = Payment.objects.filter(pk=payment.pk, status=Payment.Status.SUCCEEDED).alias(left=left)
    if not rows.filter(left__gte=payer_minor).exists():
        raise RefundExceedsCapturedError(payment_no=payment.payment_no, minor=payer_minor)
    shares = F("split_committed_minor") - shares_minor
    reserved = (
        rows.filter(left__gte=payer_minor)
        .filter(left__gte=shares + payer_minor)
        .update(
            refund_committed_minor=F("refund_committed_minor") + payer_minor,
            split_committed_minor=shares,
        )
    )
    if not reserved:
        raise ShareReturnError(payment_no=payment.payment_no, minor=payer_minor)
    for part in wish.tenders:
        rows_ = Tender.objects.filter(payment=payment, funder=part.funder, ref=part.ref)
        rows_ = rows_.alias(left=F("actual_minor") - F("refund_committed_minor"))
        rows_ = rows_.filter(left__gte=part.amount.minor)
        minor = F("refund_committed_minor") + part.amount.minor
        if part.amount and not rows_.update(refund_committed_minor=minor):
            raise RefundExceedsCapturedError(
                payment_no=payment.payment_no, funder=str(part.funder), minor=part.amount.minor
            )


def tell_refund(refund: Refund, what: str) -> None:
    """Tell the floors above how a refund ended; refused again is told again.

    Held money was never theirs, so nobody is told.
    """
    if refund.stage == Refund.Stage.HELD:
        return
    again = f":{refund.refusals}" if what == "failed" and refund.refusals > 1 else ""
    publish(
        f"refund.{what}",
        key=f"refund.{what}:{refund.refund_no}{again}",
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
