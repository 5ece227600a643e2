"""Leaders, their commission, their statements and payouts."""

from __future__ import annotations

from groupleader.models.commissions import CommissionAccrual, CommissionRule, CommissionTerms
from groupleader.models.leaders import Leader
from groupleader.models.payouts import Payout
from groupleader.models.statements import SettlementStatement, StatementEvent

__all__ = [
    "CommissionAccrual",
    "CommissionRule",
    "CommissionTerms",
    "Leader",
    "Payout",
    "SettlementStatement",
    "StatementEvent",
]
