"""Moving a payment: one edge at a time, under its locks, each step with its evidence."""

from __future__ import annotations

import logging
from typing import Any

from payments.acquiring.errors import Advice
from payments.kernel.clock import now
from payments.kernel.errors import IllegalTransitionError
from payments.kernel.state import advance
from payments.models import CardAgreement, ChannelFact, Payment, PaymentTransition
from payments.outbox import publish
from payments.selectors import UnknownNumberError
from payments.services.hooks import payable
from payments.services.machine import EDGES

logger = logging.getLogger(__name__)


def locked_payment(payment_no: str) -> Payment:
    """Lock what is paid for, then the payment: the first two locks of every path, in this order.

    In a transaction. UnknownNumberError.
    """
    known = Payment.objects.filter(payment_no=payment_no).values_list("reference", flat=True)
    reference = known.first()
    if reference is None:
        raise UnknownNumberError(payment_no=payment_no)
    payable().lock(reference)
    return Payment.objects.select_for_update(no_key=True).get(payment_no=payment_no)


def move(
    payment: Payment,
    *,
    edge: str,
    to: str,
    fact: ChannelFact | None = None,
    **changes: Any,
) -> None:
    """Move a locked payment along a declared edge and write the step down.

    IllegalTransitionError when the row is not where we saw it: the lock was not held.
    """
    came_from = payment.status
    if not advance(payment, EDGES, to, came_from=[came_from], **changes):
        raise IllegalTransitionError(payment_no=payment.payment_no, to=to)
    log_step(payment, edge=edge, came_from=came_from, fact=fact)


def log_step(
    payment: Payment,
    *,
    edge: str,
    came_from: str,
    fact: ChannelFact | None = None,
    note: str = "",
) -> None:
    """Write one step of a payment's life down."""
    PaymentTransition.objects.create(
        payment=payment,
        edge=edge,
        from_status=came_from,
        to_status=payment.status,
        fact=fact,
        note=note,
        at=now(),
    )
    logger.info(
        "payment.moved payment=%s edge=%s from=%s to=%s",
        payment.payment_no,
        edge,
        came_from,
        payment.status,
    )


def tell_failed(payment: Payment) -> None:
    """Tell the floors above that this attempt brought no money.

    Where the acquirer knows the tied card's agreement no more, it is asked about the card soon.
    """
    if payment.agreement_id is not None and payment.failure_advice == Advice.REAUTHENTICATE:
        tied = CardAgreement.objects.filter(
            pk=payment.agreement_id, status=CardAgreement.Status.ACTIVE
        )
        tied.update(next_action_at=now())
    publish(
        "payment.failed",
        key=f"payment.failed:{payment.payment_no}",
        aggregate=payment.reference,
        payload={
            "payment_no": payment.payment_no,
            "reference": payment.reference,
            "code": payment.failure_code,
            "message": payment.failure_message,
        },
    )


def tell_closed(payment: Payment) -> None:
    """Tell the floors above that nobody can pay this attempt any more."""
    publish(
        "payment.closed",
        key=f"payment.closed:{payment.payment_no}",
        aggregate=payment.reference,
        payload={
            "payment_no": payment.payment_no,
            "reference": payment.reference,
            "reason": payment.close_reason,
        },
    )
