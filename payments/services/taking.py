"""Taking money that came: it pays what is owed, or it goes back at once."""

from __future__ import annotations

from collections.abc import Mapping

from payments.acquiring.contract import PayResult
from payments.incidents import report_incident
from payments.kernel.tenders import Funder
from payments.ledger import recipes
from payments.models import ChannelFact, Incident, Payment, Tender
from payments.outbox import publish
from payments.papers import tender_parts
from payments.services.closing import want_close
from payments.services.fees import book_fee
from payments.services.hooks import payable
from payments.services.returning import return_surplus
from payments.services.steps import log_step

_OPEN = ("created", "sent", "pending", "unknown")


def take(payment: Payment, *, came_from: str, result: PayResult, fact: ChannelFact) -> None:
    """Apply a payment that has just succeeded, or send it back, in the books too (#20, #21)."""
    if _is_wanted(payment):
        book_tenders(payment, result)
        _apply(payment, fact)
    else:
        _send_back(payment, came_from=came_from, fact=fact)
    _tell_succeeded(payment)


def _is_wanted(payment: Payment) -> bool:
    others = Payment.objects.filter(
        reference=payment.reference, application=Payment.Application.APPLIED
    ).exclude(pk=payment.pk)
    if others.exists():
        return False
    return payable().accepts(payment.reference, payment.payment_no)


def _apply(payment: Payment, fact: ChannelFact) -> None:
    _mark(payment, Payment.Application.APPLIED)
    log_step(payment, edge="20", came_from=payment.status, fact=fact)
    recipes.payment_captured(
        payment_no=payment.payment_no,
        order_ref=payment.reference,
        account_code=payment.account.code,
        tenders=tender_parts(payment),
    )
    book_fee(payment)
    siblings = Payment.objects.filter(reference=payment.reference, status__in=_OPEN)
    for sibling in siblings.exclude(pk=payment.pk).order_by("pk").select_for_update(no_key=True):
        want_close(sibling, reason="paid_otherwise")


def _send_back(payment: Payment, *, came_from: str, fact: ChannelFact) -> None:
    """Money nobody waits for: booked as what it is and returned in full by itself."""
    is_double = Payment.objects.filter(
        reference=payment.reference, application=Payment.Application.APPLIED
    ).exists()
    reason = "double_payment" if is_double else "late_payment"
    _mark(payment, Payment.Application.SURPLUS)
    payment.tenders.filter(funder=Funder.PAYER).update(actual_minor=payment.captured_minor)
    log_step(payment, edge="21", came_from=payment.status, fact=fact, note=reason)
    recipes.payment_surplus(
        payment_no=payment.payment_no, account_code=payment.account.code, amount=payment.captured
    )
    book_fee(payment)
    report_incident(
        Incident.Kind.DOUBLE_PAYMENT if is_double else Incident.Kind.LATE_PAYMENT,
        key=payment.payment_no,
        subject_no=payment.payment_no,
        reference=payment.reference,
        amount_minor=payment.captured_minor,
        was=came_from,
    )
    return_surplus(payment, reason=reason)


def _mark(payment: Payment, application: str) -> None:
    rows = Payment.objects.filter(
        pk=payment.pk,
        application__in=[Payment.Application.NONE, Payment.Application.HELD],
    )
    rows.update(application=application)
    payment.refresh_from_db()


def book_tenders(payment: Payment, result: PayResult) -> None:
    """Write down what each funder really gave; a difference from the quote is an incident.

    An acquirer that applied a discount of its own names the parts of the amount asked; of what we
    expected it to take off, it gave what it names.
    """
    rows = list(payment.tenders.all())
    quoted = {(row.funder, row.ref): row.estimated_minor for row in rows}
    sure = {(row.funder, row.ref): row.estimated_minor for row in rows if not row.is_expected}
    sure[Funder.PAYER, ""] = payment.amount_minor
    actual = dict.fromkeys(quoted, 0) | _actual(sure, result)
    for (funder, ref), minor in actual.items():
        Tender.objects.update_or_create(
            payment=payment,
            funder=funder,
            ref=ref,
            defaults={"actual_minor": minor},
            create_defaults={"estimated_minor": 0, "actual_minor": minor},
        )
    if actual != quoted:
        report_incident(
            Incident.Kind.TENDER_MISMATCH,
            key=payment.payment_no,
            subject_no=payment.payment_no,
            quoted={f"{funder}:{ref}": minor for (funder, ref), minor in quoted.items()},
            actual={f"{funder}:{ref}": minor for (funder, ref), minor in actual.items()},
        )


def _actual(sure: Mapping[tuple[str, str], int], result: PayResult) -> dict[tuple[str, str], int]:
    actual = dict(sure)
    payer = (str(Funder.PAYER), "")
    for part in result.tenders:
        if part.funder != Funder.PAYER and part.amount:
            key = (part.funder, part.ref)
            actual[key] = actual.get(key, 0) + part.amount.minor
            actual[payer] = actual.get(payer, 0) - part.amount.minor
    return actual


def _tell_succeeded(payment: Payment) -> None:
    publish(
        "payment.succeeded",
        key=f"payment.succeeded:{payment.payment_no}",
        aggregate=payment.reference,
        payload={
            "payment_no": payment.payment_no,
            "reference": payment.reference,
            "amount_minor": payment.captured_minor,
            "currency": payment.currency,
            "applied": payment.application == Payment.Application.APPLIED,
            "tenders": [
                {"funder": str(part.funder), "ref": part.ref, "minor": part.amount.minor}
                for part in tender_parts(payment)
                if part.amount
            ],
        },
    )
