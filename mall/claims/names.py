"""What a campaign of the books is called, and whose it is: an offer's or a voucher batch's name."""

from __future__ import annotations

from dataclasses import dataclass

from mall.banks.models import BankUnit
from mall.promotions.models import BankOffer
from mall.vouchers.models import VoucherBatch


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign's name and the bank unit it belongs to, where there is one."""

    name: str
    owner_id: int | None


def campaign_of(code: str) -> Campaign:
    """Return what is known of a campaign's code; the code itself where nothing is."""
    offer = BankOffer.objects.filter(code=code).order_by("-version").first()
    if offer is not None:
        return Campaign(offer.name[:80], offer.owner_id)
    batch = VoucherBatch.objects.filter(code=code).first()
    if batch is not None:
        return Campaign(batch.name[:80], batch.owner_id)
    return Campaign(code, None)


def giver_name(giver: str) -> str:
    """Return a bank's or an authority's full name, its code where no unit bears it."""
    top = BankUnit.objects.filter(issuer_code=giver, level=BankUnit.Level.BANK).first()
    return top.name if top else giver
