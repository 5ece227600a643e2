"""The desk in the admin: offers, their uses, and what waits for a second person."""

from __future__ import annotations

from mall.offerdesk.admin.offers import BankOfferAdmin
from mall.offerdesk.admin.proposals import ProposalAdmin
from mall.offerdesk.admin.uses import OfferReservationAdmin

__all__ = ["BankOfferAdmin", "OfferReservationAdmin", "ProposalAdmin"]
