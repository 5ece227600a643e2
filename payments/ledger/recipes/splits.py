"""Shares go out to receivers and come back: whose debt of ours the acquirer settled for us."""

from __future__ import annotations

from payments.kernel.money import Money
from payments.ledger.accounts import (
    ACQUIRER_CLEARING,
    ADVANCED_FOR_RECEIVERS,
    BANK,
    account_of,
)
from payments.ledger.posting import Leg, post
from payments.ledger.recipes.takings import MAIN_ACCOUNT
from payments.models.ledger import JournalTransaction

# Account code, whose, and of which statement ("" where the account is not kept by statement).
Drawer = tuple[str, str, str]


def share_paid(
    *, share_no: str, account_code: str, drawer: Drawer, amount: Money
) -> JournalTransaction:
    """The acquirer paid a receiver its share out of our takings.

    `drawer` is what we owed it: code (2201 a supplier's, 2301 a leader's; 2202 and 2302 where a
    statement is in transit), whose, and of which statement.
    """
    return post(
        ref=f"split:{share_no}",
        kind="split",
        debits=[_owed(drawer, amount)],
        credits_=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
    )


def share_returned(
    *, return_no: str, account_code: str, drawer: Drawer, amount: Money
) -> JournalTransaction:
    """A receiver gave (part of) its share back, so that the payer can be refunded."""
    return post(
        ref=f"split_back:{return_no}",
        kind="split_back",
        debits=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
        credits_=[_owed(drawer, amount)],
    )


def share_advanced(
    *, return_no: str, receiver: str, split_no: str, drawer: Drawer, amount: Money
) -> JournalTransaction:
    """A receiver did not give its share back: we advance it, and it owes us the money."""
    return post(
        ref=f"split_advance:{return_no}",
        kind="split_advance",
        debits=[_advanced(receiver, split_no, amount)],
        credits_=[_owed(drawer, amount)],
    )


def share_returned_after_advance(
    *, return_no: str, account_code: str, receiver: str, split_no: str, amount: Money
) -> JournalTransaction:
    """What we had advanced came back through the acquirer after all."""
    return post(
        ref=f"split_back:{return_no}",
        kind="split_back",
        debits=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
        credits_=[_advanced(receiver, split_no, amount)],
    )


def advance_repaid(
    *,
    return_no: str,
    receiver: str,
    split_no: str,
    amount: Money,
    bank_account: str = MAIN_ACCOUNT,
) -> JournalTransaction:
    """A receiver paid to our bank account what we had advanced for it."""
    return post(
        ref=f"split_repaid:{return_no}",
        kind="split_repaid",
        debits=[Leg(BANK, amount, party=bank_account)],
        credits_=[_advanced(receiver, split_no, amount)],
    )


def _owed(drawer: Drawer, amount: Money) -> Leg:
    code, party, reference = drawer
    return Leg(account_of(code), amount, party=party, reference=reference)


def _advanced(receiver: str, split_no: str, amount: Money) -> Leg:
    return Leg(ADVANCED_FOR_RECEIVERS, amount, party=receiver, reference=split_no)
