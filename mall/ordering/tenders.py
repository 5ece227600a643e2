"""Who pays which part of an order: the resident, her bank, and whoever shares the discount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mall.promotions.rules import OfferRule
from payments.api import Funder, Money, TenderPart, spread

_NAMES_GIVER = {Funder.BANK, Funder.GOVERNMENT}


@dataclass(frozen=True, kw_only=True)
class Split:
    """An order's money: tenders, and per line the discount's share and what of it is our own."""

    tenders: tuple[TenderPart, ...]
    shares: tuple[int, ...]
    own_shares: tuple[int, ...]


def split(*, payable: Money, offer: OfferRule | None, shares: Sequence[int]) -> Split:
    """Divide an order's value between the payer and the funders of the offer, to the fen."""
    payer = TenderPart(funder=Funder.PAYER, amount=payable)
    parts = _funders_parts(offer, sum(shares)) if offer else []
    own = sum(part.amount.minor for part in parts if part.funder is not Funder.BANK)
    return Split(
        tenders=(payer, *parts),
        shares=tuple(shares),
        own_shares=tuple(spread(own, shares)),
    )


def _funders_parts(offer: OfferRule, discount_minor: int) -> list[TenderPart]:
    amounts = spread(discount_minor, [percent for _name, percent in offer.funding])
    return [
        TenderPart(funder=Funder(name), ref=_ref(offer, Funder(name)), amount=Money(minor))
        for (name, _percent), minor in zip(offer.funding, amounts, strict=True)
        if minor
    ]


def _ref(offer: OfferRule, funder: Funder) -> str:
    """Name the campaign, and for a bank's money the bank before it ("CCB:ccb-200-16")."""
    return f"{offer.funder_ref}:{offer.code}" if funder in _NAMES_GIVER else offer.code
