"""Who a resident is for a batch: her account, her cards, how new she is; and whether it is for her.

A person is her phone number (one account) and every card she has tied: two accounts with the same
card count as one person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mall.accounts.models import User
from mall.vouchers.models import VoucherBatch
from payments.api import agreements_of, now

Audience = VoucherBatch.Audience


class Unfit(StrEnum):
    """Why a batch is not for somebody."""

    NONE = ""
    NO_CARD = "no_card"
    OTHER_BANK = "other_bank"
    NOT_NEW = "not_new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """A resident as batches look at her."""

    resident_id: int
    joined_at: datetime
    issuers: frozenset[str] = frozenset()
    fingerprints: tuple[str, ...] = ()

    @property
    def subjects(self) -> list[str]:
        """Return every name under which her claims are counted."""
        cards = [f"card:{fingerprint}" for fingerprint in self.fingerprints]
        return sorted([f"resident:{self.resident_id}", *cards])


def claimant_of(resident_id: int) -> Claimant:
    """Read who she is: two queries. User.DoesNotExist."""
    joined_at = User.objects.values_list("date_joined", flat=True).get(pk=resident_id)
    # The small bank knows a resident's cards by her key.
    cards = agreements_of(str(resident_id))
    return Claimant(
        resident_id=resident_id,
        joined_at=joined_at,
        issuers=frozenset(card.issuer_code for card in cards),
        fingerprints=tuple(sorted({card.fingerprint for card in cards if card.fingerprint})),
    )


def unfit(batch: VoucherBatch, claimant: Claimant, *, at: datetime | None = None) -> Unfit:
    """Say why a batch is not for her; empty when it is."""
    if batch.audience == Audience.CARD_HOLDERS:
        return _card_refusal(batch, claimant)
    if batch.audience == Audience.NEW_RESIDENTS:
        since = (at or now()) - timedelta(days=batch.new_within_days or 0)
        return Unfit.NONE if claimant.joined_at >= since else Unfit.NOT_NEW
    return Unfit.NONE


def _card_refusal(batch: VoucherBatch, claimant: Claimant) -> Unfit:
    if not claimant.issuers:
        return Unfit.NO_CARD
    if batch.issuers and not claimant.issuers & set(batch.issuers):
        return Unfit.OTHER_BANK
    return Unfit.NONE
