"""What a person does about a share that did not come back: say that its receiver repaid us."""

from __future__ import annotations

from payments.incidents import settle_incidents_of
from payments.kernel.errors import IllegalTransitionError
from payments.ledger import recipes
from payments.models import Decision, Incident, Payment, SplitReturn
from payments.services.share_returns import tell_return


def book_repaid(_payment: Payment, decision: Decision) -> None:
    """Book that a receiver paid to our bank account what we had advanced for it.

    In a transaction, the payment locked. IllegalTransitionError where nothing is advanced.
    """
    found = SplitReturn.objects.select_related("share__split").get(return_no=decision.subject_no)
    if found.advanced_at is None or found.status != SplitReturn.Status.FAILED:
        raise IllegalTransitionError(to="repaid")
    recipes.advance_repaid(
        return_no=found.return_no,
        receiver=found.share.receiver,
        split_no=found.share.split.split_no,
        amount=found.amount,
    )
    tell_return(found, "repaid")
    settle_incidents_of(
        found.return_no,
        kinds=(Incident.Kind.SPLIT_RETURN_FAILED,),
        by=decision.decided_by,
        note=decision.decision_no,
    )
