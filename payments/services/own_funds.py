"""The operator's own money: one person enters a deposit, another confirms it, then it is booked."""

from __future__ import annotations

import logging

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.kernel.state import advance
from payments.kernel.transact import transact
from payments.ledger import recipes
from payments.models import OwnFunds
from payments.services.funds import wake_waiting
from payments.services.payments import IdempotencyConflictError

logger = logging.getLogger(__name__)
Status = OwnFunds.Status


class SecondPersonNeededError(LinliError):
    """Whoever entered a deposit tries to confirm it."""

    code = "second_person_needed"
    message = _("A second person has to confirm this.")


class AlreadyDecidedError(LinliError):
    """Another person was faster."""

    code = "already_decided"
    message = _("This was decided already.")


@transact()
def propose_own_funds(*, key: str, amount: Money, reason: str, by: str) -> OwnFunds:
    """Enter a deposit of the operator's own money; nothing is booked yet.

    `key` tells it from other deposits: repeated, the first is returned; with another amount
    IdempotencyConflictError. ValueError unless the amount is positive and `by` names somebody.
    """
    if amount.minor <= 0 or not by:
        raise ValueError("own funds are a positive amount entered by somebody")
    try:
        with transaction.atomic():
            return OwnFunds.objects.create(
                key=key,
                amount_minor=amount.minor,
                currency=amount.currency,
                reason=reason[:200],
                proposed_by=by,
                proposed_at=now(),
            )
    except IntegrityError:
        before = OwnFunds.objects.filter(key=key).first()
        if before is None:
            raise
        if before.amount != amount:
            raise IdempotencyConflictError(key=key) from None
        return before


@transact()
def confirm_own_funds(funds: OwnFunds, *, by: str) -> OwnFunds:
    """Book a deposit that another person entered; payouts that waited for money go on.

    SecondPersonNeededError where the same person did; AlreadyDecidedError.
    """
    _decide(funds, Status.CONFIRMED, by=by)
    recipes.platform_funding(key=funds.key, amount=funds.amount)
    wake_waiting()
    return funds


@transact()
def refuse_own_funds(funds: OwnFunds, *, by: str) -> OwnFunds:
    """Refuse a deposit that another person entered; it stays in the list and out of the books."""
    _decide(funds, Status.REFUSED, by=by)
    return funds


def _decide(funds: OwnFunds, to: str, *, by: str) -> None:
    if not by or by == funds.proposed_by:
        raise SecondPersonNeededError(key=funds.key)
    if not advance(funds, OwnFunds.EDGES, to, decided_by=by, decided_at=now()):
        raise AlreadyDecidedError(key=funds.key)
    logger.info("own_funds.%s key=%s by=%s", to, funds.key, by)
