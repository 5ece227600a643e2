"""What one person may propose about stuck money; a second one decides (decisions.carry_out)."""

from __future__ import annotations

from payments.kernel.errors import IllegalTransitionError
from payments.kernel.money import Money
from payments.kernel.transact import transact
from payments.models import Decision, Payment, Refund, SplitReturn
from payments.services.decisions import propose
from payments.services.held import NotHeldError, held_money, returnable
from payments.services.steps import locked_payment

Kind = Decision.Kind


@transact()
def propose_return_of_held(payment_no: str, *, acquirer_no: str, reason: str, by: str) -> Decision:
    """Propose that one transaction's held money goes back to where it came from.

    NotHeldError where that transaction holds nothing of ours, AlreadyProposedError.
    """
    held = returnable(locked_payment(payment_no), acquirer_no)
    return propose(
        Kind.HELD_RETURN,
        subject_no=payment_no,
        amount=held.amount or Money(0),
        reason=reason,
        by=by,
        acquirer_no=acquirer_no,
    )


@transact()
def propose_release(payment_no: str, *, reason: str, by: str) -> Decision:
    """Propose that nothing wrong came and the payment goes on. NotHeldError."""
    payment = locked_payment(payment_no)
    if payment.application != Payment.Application.HELD and not held_money(payment):
        raise NotHeldError(payment_no=payment_no)
    none = Money(0, payment.currency)
    return propose(Kind.HELD_RELEASE, subject_no=payment_no, amount=none, reason=reason, by=by)


@transact()
def propose_paid_by_hand(refund_no: str, *, reason: str, by: str) -> Decision:
    """Propose that finance paid a refused refund by hand; `reason` names the bank's receipt.

    IllegalTransitionError unless it was refused or came back.
    """
    refund = Refund.objects.get(refund_no=refund_no)
    if refund.status not in {*Refund.REFUSED, Refund.Status.FAILED_AFTER_SUCCESS}:
        raise IllegalTransitionError(to=Refund.Status.PAID_BY_HAND)
    return propose(
        Kind.REFUND_BY_HAND, subject_no=refund_no, amount=refund.amount, reason=reason, by=by
    )


@transact()
def propose_repaid(return_no: str, *, reason: str, by: str) -> Decision:
    """Propose that a receiver repaid what we advanced for it; `reason` names the receipt.

    IllegalTransitionError where nothing is advanced.
    """
    found = SplitReturn.objects.get(return_no=return_no)
    if found.advanced_at is None or found.status != SplitReturn.Status.FAILED:
        raise IllegalTransitionError(to="repaid")
    return propose(
        Kind.ADVANCE_REPAID, subject_no=return_no, amount=found.amount, reason=reason, by=by
    )
