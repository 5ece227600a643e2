"""Payment code as careless shops write it: each takes one care away, for as long as it lasts.

Only the negative controls use them: a simulation that finds nothing wrong with these proves
nothing about ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from mall.ordering import ending, paying
from mall.ordering.payable import OrderPayable
from payments import jobs
from payments.kernel.clock import now
from payments.kernel.numbers import new_number
from payments.models import Payment, Refund
from payments.services import errands, sending
from payments.services.steps import locked_payment, tell_closed, tell_failed

Patch = Callable[[object, str, Any], None]


def silence_is_failure(patch: Patch) -> None:
    """No answer within ten seconds: not paid."""

    @transaction.atomic
    def note_silence(payment_no: str, *, why: Exception) -> None:
        payment = locked_payment(payment_no)
        rows = Payment.objects.filter(pk=payment.pk, status=Payment.Status.SENT)
        if rows.update(status=Payment.Status.FAILED, next_action_at=None, ended_at=now()):
            payment.refresh_from_db()
            tell_failed(payment)

    patch(sending, "note_silence", note_silence)


def a_new_number_for_every_try(patch: Patch) -> None:
    """A refund that was not answered is sent again as a new one."""
    noted = errands._note_silence

    def note_silence(errand: Any, *, why: Exception) -> None:
        if not isinstance(errand, Refund):
            noted(errand, why=why)
            return
        Refund.objects.filter(pk=errand.pk, status=Refund.Status.SENT).update(
            refund_no=new_number("R"), status=Refund.Status.CREATED, next_action_at=now()
        )

    patch(errands, "_note_silence", note_silence)


def all_money_is_welcome(patch: Patch) -> None:
    """Whatever comes pays the order, also when it was cancelled long ago."""
    patch(OrderPayable, "accepts", lambda _self, _reference, _payment_no: True)


def facts_are_told_only_at_once(patch: Patch) -> None:
    """What a commit did not get delivered, nobody delivers: on_commit is the truth."""
    patch(jobs, "deliver_outbox", lambda _limit: {})


def closing_is_our_own_affair(patch: Patch) -> None:
    """A payment is closed when we say so; the bank is not asked."""

    def request_close(payment_no: str, *, reason: str) -> None:
        payment = locked_payment(payment_no)
        rows = Payment.objects.filter(pk=payment.pk, status__in=["created", "sent", "pending"])
        changes = {"status": "closed", "close_reason": reason, "ended_at": now()}
        if rows.update(**changes, next_action_at=None):
            payment.refresh_from_db()
            tell_closed(payment)

    patch(ending, "request_close", request_close)
    patch(paying, "request_close", request_close)


CARELESS = (
    silence_is_failure,
    a_new_number_for_every_try,
    all_money_is_welcome,
    facts_are_told_only_at_once,
    closing_is_our_own_affair,
)
