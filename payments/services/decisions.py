"""Decisions by two people about money that is stuck: one proposes, another lets it happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from payments.kernel.clock import now
from payments.kernel.errors import IllegalTransitionError, LinliError
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from payments.kernel.transact import transact
from payments.models import Decision, Payment, Refund, SplitReturn
from payments.selectors import UnknownNumberError
from payments.services.four_eyes import SecondPersonError
from payments.services.held import release_held, return_held
from payments.services.held_proof import ask_before_return
from payments.services.refund_desk import book_paid_by_hand
from payments.services.share_desk import book_repaid
from payments.services.steps import locked_payment
from payments.services.transactions import require_transaction

Kind = Decision.Kind
Status = Decision.Status


class AlreadyProposedError(LinliError):
    """Somebody has proposed something about this already; it waits for a second person."""

    code = "already_proposed"
    message = _("This already waits for a second person's decision.")


_EFFECTS: Final[dict[str, Callable[[Payment, Decision], None]]] = {
    Kind.HELD_RETURN: return_held,
    Kind.HELD_RELEASE: release_held,
    Kind.REFUND_BY_HAND: book_paid_by_hand,
    Kind.ADVANCE_REPAID: book_repaid,
}


def propose(
    kind: Decision.Kind,
    *,
    subject_no: str,
    amount: Money,
    reason: str,
    by: str,
    acquirer_no: str = "",
) -> Decision:
    """Write a proposal down; nothing happens yet. In a transaction.

    AlreadyProposedError while another about the same number is open.
    """
    require_transaction()
    if not by or not reason.strip():
        raise ValueError("a proposal names who makes it, and why")
    try:
        with transaction.atomic():
            return Decision.objects.create(
                decision_no=new_number("D"),
                kind=kind,
                subject_no=subject_no,
                amount_minor=amount.minor,
                currency=amount.currency,
                acquirer_no=acquirer_no,
                reason=reason.strip()[:300],
                proposed_by=by[:64],
                proposed_at=now(),
            )
    except IntegrityError as error:
        raise AlreadyProposedError(number=subject_no) from error


def carry_out(decision_no: str, *, by: str) -> Decision:
    """Let a proposal happen, books and all, in one transaction.

    Before held money leaves, the acquirer is asked anew what it received: not inside a transaction
    then. SecondPersonError for who proposed it, IllegalTransitionError where it was decided already
    or its subject has moved on, UnknownNumberError; HeldFigureDiffersError and
    NoAnswerAboutHeldError where the acquirer does not name the proposed amount.
    """
    decision = _found(decision_no)
    _refuse_who_proposed(decision, by=by)
    if decision.kind == Kind.HELD_RETURN and decision.status == Status.PROPOSED:
        ask_before_return(decision)
    return _carry_out(decision_no, by=by)


def _refuse_who_proposed(decision: Decision, *, by: str) -> None:
    if not by or decision.proposed_by == by[:64]:
        raise SecondPersonError(decision_no=decision.decision_no)


@transact()
def _carry_out(decision_no: str, *, by: str) -> Decision:
    decision = _found(decision_no)
    payment = locked_payment(_payment_of(decision))
    _decide(decision, Status.CARRIED_OUT, by=by)
    _EFFECTS[decision.kind](payment, decision)
    return decision


@transact()
def reject(decision_no: str, *, by: str) -> Decision:
    """Let a proposal not happen; who made it may take it back so. IllegalTransitionError."""
    decision = _found(decision_no)
    _decide(decision, Status.REJECTED, by=by)
    return decision


def _decide(decision: Decision, status: str, *, by: str) -> None:
    rows = Decision.objects.filter(pk=decision.pk, status=Status.PROPOSED)
    if not rows.update(status=status, decided_by=by[:64], decided_at=now()):
        raise IllegalTransitionError(to=status)
    decision.refresh_from_db()


def _found(decision_no: str) -> Decision:
    decision = Decision.objects.filter(decision_no=decision_no).first()
    if decision is None:
        raise UnknownNumberError(decision_no=decision_no)
    return decision


def _payment_of(decision: Decision) -> str:
    """Return the payment whose lock guards what the decision is about."""
    number = decision.subject_no
    if decision.kind == Kind.REFUND_BY_HAND:
        return Refund.objects.select_related("payment").get(refund_no=number).payment.payment_no
    if decision.kind == Kind.ADVANCE_REPAID:
        rows = SplitReturn.objects.filter(return_no=number)
        return str(rows.values_list("share__split__payment__payment_no", flat=True).get())
    return number
