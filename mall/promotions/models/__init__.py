"""The rows of bank offers: the rule, its counters, and every use of it."""

from __future__ import annotations

from mall.promotions.models.approvals import Proposal
from mall.promotions.models.offers import BankOffer
from mall.promotions.models.refusals import OfferRefusal
from mall.promotions.models.uses import OfferDay, OfferMonth, OfferReservation, OfferSlot

__all__ = [
    "BankOffer",
    "OfferDay",
    "OfferMonth",
    "OfferRefusal",
    "OfferReservation",
    "OfferSlot",
    "Proposal",
]
