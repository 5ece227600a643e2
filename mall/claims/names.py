"""What a campaign of the books is called, and whose it is: an offer's or a voucher batch's name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mall.banks.models import BankUnit
from mall.promotions.models import BankOffer
from mall.vouchers.models import VoucherBatch


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign's name and the bank unit it belongs to, where there is one."""

    name: str
    owner_id: int | None


def campaigns_of(codes: Iterable[str]) -> dict[str, Campaign]:
    """Return what is known of these campaigns' codes; the code itself where nothing is."""
    wanted = set(codes)
    known = {code: Campaign(code, None) for code in wanted}
    for label in ("campaign", "code"):
        batches = VoucherBatch.objects.filter(**{f"{label}__in": wanted}).order_by("pk")
        for code, name, owner_id in batches.values_list(label, "name", "owner_id"):
            known[code] = Campaign(name[:80], owner_id)
    offers = BankOffer.objects.filter(code__in=wanted).order_by("version")
    for code, name, owner_id in offers.values_list("code", "name", "owner_id"):
        known[code] = Campaign(name[:80], owner_id)
    return known


def campaign_of(code: str) -> Campaign:
    """Return what is known of one campaign's code."""
    return campaigns_of([code])[code]


def giver_names() -> dict[str, str]:
    """Return the full names of the banks that have a unit here, by their codes."""
    top = BankUnit.objects.filter(level=BankUnit.Level.BANK)
    return dict(top.order_by("-path").values_list("issuer_code", "name"))


def giver_name(giver: str) -> str:
    """Return a bank's or an authority's full name, its code where no unit bears it."""
    return giver_names().get(giver, giver)
