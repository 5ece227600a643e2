"""Money goes out and funds come in: statements, transfers, tax, the operator's own."""

from __future__ import annotations

from collections.abc import Sequence

from payments.kernel.clock import business_date
from payments.kernel.money import Money
from payments.ledger.accounts import (
    BANK,
    LEADER_IN_TRANSIT,
    LEADER_PAYABLE,
    PLATFORM_CAPITAL,
    SUPPLIER_IN_TRANSIT,
    SUPPLIER_PAYABLE,
    TAX_WITHHELD,
)
from payments.ledger.posting import Leg, post
from payments.ledger.recipes.takings import MAIN_ACCOUNT
from payments.models.ledger import JournalTransaction


def statement_closed(
    *, key: str, leader_ref: str, statement_ref: str, gross: Money, net: Money, tax: Money
) -> JournalTransaction:
    """A leader's statement is closed: her commission is now a payout in transit and a tax debt.

    UnbalancedJournalError unless gross = net + tax. The tax belongs to today's month in Shanghai.
    """
    month = f"{business_date():%Y-%m}"
    return post(
        ref=f"stmt:{key}",
        kind="statement",
        debits=[Leg(LEADER_PAYABLE, gross, party=leader_ref)],
        credits_=[
            Leg(LEADER_IN_TRANSIT, net, party=leader_ref, reference=statement_ref),
            Leg(TAX_WITHHELD, tax, party=leader_ref, reference=month),
        ],
    )


def supplier_statement_closed(
    *, key: str, supplier_ref: str, statement_ref: str, amount: Money
) -> JournalTransaction:
    """A supplier's statement is closed: what it lists is now a payout in transit."""
    return post(
        ref=f"stmt:{key}",
        kind="statement",
        debits=[Leg(SUPPLIER_PAYABLE, amount, party=supplier_ref)],
        credits_=[Leg(SUPPLIER_IN_TRANSIT, amount, party=supplier_ref, reference=statement_ref)],
    )


def transfer_succeeded(
    *, transfer_no: str, in_transit: Leg, bank_account: str = MAIN_ACCOUNT
) -> JournalTransaction:
    """The bank debited a payout: what was in transit is paid.

    `in_transit` is the leg the statement left behind, for example
    Leg(LEADER_IN_TRANSIT, net, party=leader, reference=statement).
    """
    return post(
        ref=f"payout_ok:{transfer_no}",
        kind="payout_ok",
        debits=[in_transit],
        credits_=[Leg(BANK, in_transit.amount, party=bank_account)],
    )


def transfer_returned(
    *, transfer_no: str, in_transit: Leg, bank_account: str = MAIN_ACCOUNT
) -> JournalTransaction:
    """The payee's bank sent a payout back: it is in transit again."""
    return post(
        ref=f"payout_back:{transfer_no}",
        kind="payout_back",
        debits=[Leg(BANK, in_transit.amount, party=bank_account)],
        credits_=[in_transit],
    )


def tax_remitted(
    *, month: str, leaders: Sequence[tuple[str, Money]], bank_account: str = MAIN_ACCOUNT
) -> JournalTransaction:
    """The tax withheld from leaders in a month ("2026-11") was paid to the tax office."""
    total = sum((part.minor for _leader, part in leaders), 0)
    return post(
        ref=f"tax:{month}",
        kind="tax",
        debits=[Leg(TAX_WITHHELD, part, party=leader, reference=month) for leader, part in leaders],
        credits_=[Leg(BANK, Money(total), party=bank_account)],
    )


def platform_funding(
    *, key: str, amount: Money, bank_account: str = MAIN_ACCOUNT
) -> JournalTransaction:
    """The operator put its own money into the bank account, for example to open the books."""
    return post(
        ref=f"funding:{key}",
        kind="funding",
        debits=[Leg(BANK, amount, party=bank_account)],
        credits_=[Leg(PLATFORM_CAPITAL, amount)],
    )
