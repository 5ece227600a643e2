"""What a person does about a refused refund: send it again, or say that it was paid by hand.

A refused refund never ends silently: the money is owed by hand (2113) until one of the two.
"""

from __future__ import annotations

from typing import Any

from payments.incidents import settle_incidents_of
from payments.kernel.clock import now
from payments.kernel.errors import IllegalTransitionError
from payments.kernel.transact import transact
from payments.ledger import recipes
from payments.models import Decision, Incident, Payment, Refund
from payments.papers import RefundView
from payments.selectors import UnknownNumberError, refund_view
from payments.services.errand_machines import ErrandEvent
from payments.services.errand_steps import move_errand
from payments.services.returning import tell_refund
from payments.services.steps import locked_payment

Status = Refund.Status


@transact()
def retry_refund(refund_no: str, *, by: str) -> RefundView:
    """Let a refused refund be sent again under the same number (R17).

    The acquirer's number of the first try is forgotten: a second one may be another refund there.
    IllegalTransitionError unless it was refused, and while somebody has proposed that it was paid
    by hand. UnknownNumberError.
    """
    refund = _locked(refund_no)
    proposed = Decision.objects.filter(subject_no=refund_no, status=Decision.Status.PROPOSED)
    if proposed.exists() or not move_errand(
        refund, ErrandEvent.RETRY, by=by, acquirer_refund_no="", **_as_new()
    ):
        raise IllegalTransitionError(to=Status.CREATED)
    recipes.refund_retried(
        refund_no=refund_no, amount=refund.amount, round_no=max(refund.refusals, 1)
    )
    _settle(refund_no, by=by, note="sent again")
    return refund_view(refund_no)


def book_paid_by_hand(_payment: Payment, decision: Decision) -> None:
    """Book that finance transferred a refused refund to the resident (R18).

    In a transaction, the payment locked. IllegalTransitionError unless it was refused or came back.
    """
    refund = Refund.objects.select_for_update(no_key=True).get(refund_no=decision.subject_no)
    by = decision.decided_by
    if not move_errand(refund, ErrandEvent.BY_HAND, by=by, done_at=now(), next_action_at=None):
        raise IllegalTransitionError(to=Status.PAID_BY_HAND)
    recipes.refund_paid_by_hand(refund_no=refund.refund_no, amount=refund.amount)
    _settle(refund.refund_no, by=by, note=decision.decision_no)
    if refund.succeeded_at is None:
        tell_refund(refund, "succeeded")


def _as_new() -> dict[str, Any]:
    return {"next_action_at": now(), "done_at": None, "tries": 0}


def _settle(refund_no: str, *, by: str, note: str) -> None:
    kinds = (Incident.Kind.REFUND_FAILED, Incident.Kind.REFUND_CAME_BACK)
    settle_incidents_of(refund_no, kinds=kinds, by=by, note=note)


def _locked(refund_no: str) -> Refund:
    rows = Refund.objects.filter(refund_no=refund_no)
    payment_no = rows.values_list("payment__payment_no", flat=True).first()
    if payment_no is None:
        raise UnknownNumberError(refund_no=refund_no)
    locked_payment(payment_no)
    return rows.select_for_update(no_key=True).get()
