"""Whose pocket each part of a payment comes from, and so which account it moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from payments.kernel.money import Money
from payments.kernel.tenders import Funder, TenderPart
from payments.ledger.accounts import (
    LEADER_PAYABLE,
    MERCHANT_DISCOUNT,
    SUBSIDY_RECEIVABLE,
    SUBSIDY_TO_RETURN,
    SUPPLIER_PAYABLE,
    Account,
)
from payments.ledger.posting import Leg

# Captured money is booked whatever its label says, so a part without one gets this.
UNNAMED: Final = "unnamed"


class BankMoney(StrEnum):
    """Whether the bank (or the authority) has already paid its part to us, or never will."""

    OWED = "owed"
    PAID = "paid"
    BORNE = "borne"


_POCKETS: Final[dict[Funder, Account]] = {
    Funder.BANK: SUBSIDY_RECEIVABLE,
    Funder.GOVERNMENT: SUBSIDY_RECEIVABLE,
    Funder.PLATFORM: MERCHANT_DISCOUNT,
    Funder.SUPPLIER: SUPPLIER_PAYABLE,
    Funder.LEADER: LEADER_PAYABLE,
}


def paid_by_the_payer(tenders: Iterable[TenderPart]) -> int:
    """Return the payer's own part, in minor units."""
    return sum(tender.amount.minor for tender in tenders if tender.funder == Funder.PAYER)


def total_of(tenders: Sequence[TenderPart]) -> Money:
    """Return what all funders give together; ValueError where there is none, or two currencies."""
    if not tenders:
        raise ValueError("a payment has at least one tender")
    total = Money(0, tenders[0].amount.currency)
    for tender in tenders:
        total += tender.amount
    return total


def giver_and_campaign(ref: str) -> tuple[str, str]:
    """Return whose campaign a bank's or an authority's ref names: "CCB:minus16" is both.

    Without a colon the whole ref is both.
    """
    label = ref or UNNAMED
    giver, _, campaign = label.partition(":")
    return giver or UNNAMED, campaign or label


def funders_legs(
    tenders: Iterable[TenderPart],
    bank_money: BankMoney | Mapping[str, BankMoney] = BankMoney.OWED,
) -> list[Leg]:
    """Return the legs of everyone but the payer.

    `bank_money` says whether banks and authorities have paid their parts, for all or by ref.
    """
    return [
        _leg(
            tender,
            bank_money
            if isinstance(bank_money, BankMoney)
            else bank_money.get(tender.ref, BankMoney.OWED),
        )
        for tender in tenders
        if tender.funder != Funder.PAYER and tender.amount
    ]


def _leg(tender: TenderPart, bank_money: BankMoney) -> Leg:
    account = _POCKETS[tender.funder]
    label = tender.ref or UNNAMED
    if account is SUBSIDY_RECEIVABLE:
        giver, campaign = giver_and_campaign(label)
        drawer = SUBSIDY_TO_RETURN if bank_money is BankMoney.PAID else account
        return Leg(drawer, tender.amount, party=giver, reference=campaign)
    if account is MERCHANT_DISCOUNT:
        return Leg(account, tender.amount, reference=label)
    return Leg(account, tender.amount, party=label)
