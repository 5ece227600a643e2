"""Held money: genuine, but not what we asked for; what a person may do about it.

A statement that differs (#22) or a second transaction under one number (#19b) pays nothing. Either
the money did come: then it is hung up under a decision and goes back to the transaction it came
with, never to a payee somebody types. Or nothing wrong came: then the payment is released.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import Outcome
from payments.incidents import settle_incidents_of
from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.ledger import recipes
from payments.models import ChannelFact, Decision, Incident, Payment
from payments.services.fees import contract_rate, fee_on
from payments.services.machine import Event, find_edge
from payments.services.returning import promise_return_of_held
from payments.services.steps import move, tell_closed

Application = Payment.Application


class NotHeldError(LinliError):
    """There is no such money under this payment that could be returned or released."""

    code = "not_held"
    message = _("There is no held money here that this could be decided about.")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMoney:
    """One transaction of the acquirer's that paid nothing; why, and whether it can go back."""

    acquirer_no: str
    amount: Money | None
    heard_at: datetime
    is_returnable: bool
    is_decided: bool


def held_money(payment: Payment) -> list[HeldMoney]:
    """Return what is or was held under a payment's number, one entry per transaction."""
    facts = payment.facts.filter(edge__in=["22", "19b"], outcome=Outcome.SUCCEEDED)
    decided = set(
        Decision.objects.filter(subject_no=payment.payment_no, kind=Decision.Kind.HELD_RETURN)
        .exclude(status=Decision.Status.REJECTED)
        .values_list("acquirer_no", flat=True)
    )
    found: dict[str, HeldMoney] = {}
    for fact in facts.order_by("pk"):
        found[fact.acquirer_no] = HeldMoney(
            acquirer_no=fact.acquirer_no,
            amount=_amount_in(fact),
            heard_at=fact.at,
            is_returnable=_is_returnable(payment, fact),
            is_decided=fact.acquirer_no in decided,
        )
    return list(found.values())


def _amount_in(fact: ChannelFact) -> Money | None:
    return None if fact.amount_minor is None else Money(fact.amount_minor, fact.currency)


def _is_returnable(payment: Payment, fact: ChannelFact) -> bool:
    """Tell whether the money came to us, is money, and stands for no payment of ours."""
    is_ours = fact.merchant_id == payment.account.merchant_id
    is_money = bool(fact.amount_minor) and fact.currency == payment.currency
    if not (is_ours and is_money and fact.acquirer_no):
        return False
    used = Payment.objects.filter(merchant=payment.merchant, acquirer_no=fact.acquirer_no)
    return not used.exists()


def returnable(payment: Payment, acquirer_no: str) -> HeldMoney:
    """Return the held money of one transaction that may still go back; NotHeldError."""
    for held in held_money(payment):
        if held.acquirer_no == acquirer_no and held.is_returnable and not held.is_decided:
            return held
    raise NotHeldError(payment_no=payment.payment_no, acquirer_no=acquirer_no)


def return_held(payment: Payment, decision: Decision) -> None:
    """Hang the money up under its decision and promise it back; end an attempt it never paid.

    In a transaction, the payment locked. NotHeldError where it has paid something since it was
    proposed, or is said to be of another amount now.
    """
    _refuse_unless_still_held(payment, decision)
    account = payment.account
    case_no, amount = decision.decision_no, decision.amount
    recipes.held_receipt(case_no=case_no, account_code=account.code, amount=amount)
    fee = fee_on(contract_rate(account), amount.minor)
    if fee:
        recipes.fee_charged(
            payment_no=case_no, account_code=account.code, fee=Money(fee, amount.currency)
        )
    promise_return_of_held(
        payment, amount=amount, case_no=case_no, acquirer_no=decision.acquirer_no
    )
    _let_go(payment)
    edge = find_edge(status=payment.status, event=Event.HELD_ENDED)
    if edge is not None and edge.to is not None:
        reason = payment.close_reason or "held_returned"
        at = now()
        move(
            payment, edge=edge.no, to=edge.to, close_reason=reason, ended_at=at, next_action_at=None
        )
        tell_closed(payment)
    _settle(payment, decision)


def _refuse_unless_still_held(payment: Payment, decision: Decision) -> None:
    wanted = (decision.acquirer_no, decision.amount, True)
    held = [(one.acquirer_no, one.amount, one.is_returnable) for one in held_money(payment)]
    if wanted not in held:
        raise NotHeldError(payment_no=payment.payment_no, acquirer_no=decision.acquirer_no)


def release_held(payment: Payment, decision: Decision) -> None:
    """Let a payment go on as if nothing had been said: ask again. In a transaction, it is locked.

    NotHeldError unless something is held.
    """
    if payment.application != Application.HELD and not held_money(payment):
        raise NotHeldError(payment_no=payment.payment_no)
    _let_go(payment)
    open_ones = Payment.objects.filter(pk=payment.pk, next_action_at__isnull=False)
    open_ones.update(next_action_at=now(), tries=0)
    _settle(payment, decision)


def _let_go(payment: Payment) -> None:
    rows = Payment.objects.filter(pk=payment.pk, application=Application.HELD)
    rows.update(application=Application.NONE)
    payment.refresh_from_db()


def _settle(payment: Payment, decision: Decision) -> None:
    kinds = (Incident.Kind.AMOUNT_MISMATCH, Incident.Kind.DOUBLE_TXN)
    settle_incidents_of(
        payment.payment_no, kinds=kinds, by=decision.decided_by, note=decision.decision_no
    )
