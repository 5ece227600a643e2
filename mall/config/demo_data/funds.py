"""The demo's first day: the operator puts its own money in, so that leaders can be paid."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from mall.ordering.models import OrderFulfilment
from payments.api import Money, confirm_own_funds, now, propose_own_funds, travelling

# What the sandbox acquirer's merchant has to begin with: its books and ours agree.
_OPENING: Final = Money(100_000_000)
_DAYS_BEFORE_TODAY: Final = 30


def put_in_own_funds() -> None:
    """Open the books once, on a day before the first order; two persons do it."""
    before = timedelta(0 if OrderFulfilment.objects.exists() else _DAYS_BEFORE_TODAY)
    with travelling(now() - before):
        funds = propose_own_funds(key="opening", amount=_OPENING, reason="期初余额", by="admin")
        if funds.status == funds.Status.PROPOSED:
            confirm_own_funds(funds, by="finance")
