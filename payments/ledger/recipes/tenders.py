"""Whose pocket each part of a payment comes from, and so which account it moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, Protocol

from payments.kernel.money import Money
from payments.ledger.accounts import (
    LEADER_PAYABLE,
    MERCHANT_DISCOUNT,
    SUBSIDY_RECEIVABLE,
    SUBSIDY_TO_RETURN,
    SUPPLIER_PAYABLE,
    Account,
)
from payments.ledger.posting import Leg

PAYER: Final = "payer"


class TenderLike(Protocol):
    """One funder's part of what is owed: who (payer, bank, platform …), which pot, how much."""

    @property
    def funder(self) -> str: ...
    @property
    def ref(self) -> str: ...
    @property
    def amount(self) -> Money: ...


class BankMoney(StrEnum):
    """Whether the bank (or the authority) has already paid its part to us."""

    OWED = "owed"
    PAID = "paid"


_POCKETS: Final[dict[str, Account]] = {
    "bank": SUBSIDY_RECEIVABLE,
    "government": SUBSIDY_RECEIVABLE,
    "platform": MERCHANT_DISCOUNT,
    "supplier": SUPPLIER_PAYABLE,
    "leader": LEADER_PAYABLE,
}


def paid_by_the_payer(tenders: Iterable[TenderLike]) -> int:
    """Return the payer's own part, in minor units."""
    return sum(tender.amount.minor for tender in tenders if tender.funder == PAYER)


def total_of(tenders: Sequence[TenderLike]) -> Money:
    """Return what all funders give together; ValueError where there is none, or two currencies."""
    if not tenders:
        raise ValueError("a payment has at least one tender")
    total = Money(0, tenders[0].amount.currency)
    for tender in tenders:
        total += tender.amount
    return total


def funders_legs(
    tenders: Iterable[TenderLike], bank_money: BankMoney = BankMoney.OWED
) -> list[Leg]:
    """Return the legs of everyone but the payer; KeyError for a funder the books do not know.

    A bank's or an authority's ref names the giver and, after a colon, its campaign
    ("CCB:minus16"); without a colon the whole ref is both.
    """
    return [
        _leg(tender, bank_money) for tender in tenders if tender.funder != PAYER and tender.amount
    ]


def _leg(tender: TenderLike, bank_money: BankMoney) -> Leg:
    account = _POCKETS[str(tender.funder)]
    if account is SUBSIDY_RECEIVABLE:
        party, _, campaign = tender.ref.partition(":")
        drawer = account if bank_money is BankMoney.OWED else SUBSIDY_TO_RETURN
        return Leg(drawer, tender.amount, party=party, reference=campaign or party)
    if account is MERCHANT_DISCOUNT:
        return Leg(account, tender.amount, reference=tender.ref)
    return Leg(account, tender.amount, party=tender.ref)
