"""Messages that are a hint only: what they say is asked of the acquirer before it is believed.

Some acquirers sign weakly, or say too little (Capabilities.notifications_need_query). Their message
about a payment or refund of ours becomes a question, and its answer is what is acted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from payments.acquiring.contract import NotifiedEvent, Outcome
from payments.kernel.transact import transact
from payments.models import Payment, Refund
from payments.services.asking import refresh_payment
from payments.services.evidence import own_number
from payments.services.stale import ask_soon

# So often a message about a payment that is over is asked about; then the statement decides.
CONFIRMATIONS_MAX: Final = 5
_OVER: Final = (Payment.Status.FAILED, Payment.Status.CLOSED)


class NotConfirmedError(Exception):
    """A payment that is over is said to be paid, and the acquirer has not confirmed it yet."""


def confirm_by_question(events: Sequence[NotifiedEvent], *, tries: int) -> list[NotifiedEvent]:
    """Ask about what the events name; return those that nobody can be asked about.

    Network: not inside a transaction. An open payment without an answer is asked about again as
    planned. A number we never gave out is returned: it is kept as an orphan, as any other message
    about one. NotConfirmedError for a payment that is over and said to be paid, while `tries` are
    few: the message is taken up again later.
    """
    left = []
    for event in events:
        number = "" if event.result is None else own_number(event.result)
        if event.kind == "pay" and Payment.objects.filter(payment_no=number).exists():
            _confirm_payment(event, number, tries=tries)
        elif event.kind == "refund" and Refund.objects.filter(refund_no=number).exists():
            _ask_soon(event.kind, number)
        else:
            left.append(event)
    return left


def _confirm_payment(event: NotifiedEvent, number: str, *, tries: int) -> None:
    refresh_payment(number)
    is_over = Payment.objects.filter(payment_no=number, status__in=_OVER).exists()
    said = getattr(event.result, "outcome", None)
    if is_over and said is Outcome.SUCCEEDED and tries < CONFIRMATIONS_MAX:
        raise NotConfirmedError(number)


@transact()
def _ask_soon(kind: str, number: str) -> None:
    ask_soon([(kind, number)])
