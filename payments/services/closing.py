"""Wanting a payment closed: at once where nothing was sent, otherwise only the acquirer can say."""

from __future__ import annotations

from payments.kernel.clock import now
from payments.models import Payment
from payments.services.machine import Event, find_edge
from payments.services.steps import move, tell_closed


def want_close(payment: Payment, *, reason: str) -> None:
    """Start to close a locked payment (#13); one that is over stays as it is. In a transaction."""
    is_unsent = payment.status == Payment.Status.CREATED and payment.sent_at is None
    event = Event.CLOSE_UNSENT if is_unsent else Event.CLOSE_WANTED
    edge = find_edge(status=payment.status, event=event)
    if edge is None or edge.to is None:
        return
    at = now()
    if is_unsent:
        move(
            payment,
            edge=edge.no,
            to=edge.to,
            close_reason=reason,
            ended_at=at,
            next_action_at=None,
        )
        tell_closed(payment)
    else:
        move(payment, edge=edge.no, to=edge.to, close_reason=reason, next_action_at=at, tries=0)
