"""The operator's own money in the bank account, as an installation that pays out has it."""

from __future__ import annotations

from payments.api import Money, confirm_own_funds, propose_own_funds

# What the sandbox acquirer's merchant has to begin with.
OPENING_MINOR = 100_000_000


def put_in_own_funds(minor: int = OPENING_MINOR, *, key: str = "opening") -> None:
    """Let one person enter a deposit and another confirm it."""
    funds = propose_own_funds(key=key, amount=Money(minor), reason="opening balance", by="cashier")
    confirm_own_funds(funds, by="finance")
