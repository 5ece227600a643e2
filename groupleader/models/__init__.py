"""Leaders, their commission, their statements and payouts."""

from __future__ import annotations

from groupleader.models.commissions import CommissionAccrual, CommissionRule, CommissionTerms
from groupleader.models.leaders import Leader
from groupleader.models.statements import Payout, SettlementStatement, StatementEvent

__all__ = [
    "CommissionAccrual",
    "CommissionRule",
    "CommissionTerms",
    "Leader",
    "Payout",
    "SettlementStatement",
    "StatementEvent",
]
