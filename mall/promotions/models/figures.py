"""What follows from an offer's benefit: from which amount on, at least and at most how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mall.promotions.benefits import from_minor, least_minor, most_minor

if TYPE_CHECKING:
    from mall.promotions.models.offers import BankOffer


def settle(offer: BankOffer) -> None:
    """Set threshold, least and most (fen) of a draft from what was written for its kind."""
    kind = type(offer).BenefitKind
    if offer.benefit_kind == kind.STEPS:
        offer.steps = sorted([list(step) for step in offer.steps])
    offer.threshold_minor = from_minor(offer)
    offer.discount_minor = least_minor(offer)
    offer.most_minor = most_minor(offer)
