"""What banks owe the demo's mall: last month claimed and paid, this month's still running."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Final

from mall.accounts.models import User
from mall.claims.models import SubsidyClaim
from mall.claims.months import last_month, last_of
from mall.claims.services.drafting import draft_claim, unclaimed_months
from mall.claims.services.issuing import check_claim, issue_claim, send_claim
from mall.claims.services.receiving import confirm_receipt, propose_receipt
from mall.insight.models import Exposure
from mall.ordering.models import OrderFulfilment
from mall.promotions.models import BankOffer
from payments.api import business_date, last_sealed_day, seal_due

_SEED: Final = 20261122
_PLACES: Final = ("checkout", "my-offers")


def load_exposures(people: dict[str, User]) -> int:
    """Note who was shown the offers in the past: whoever ordered, and some who only looked."""
    if Exposure.objects.exists():
        return 0
    dice = Random(_SEED)  # noqa: S311 - the same past in every demo
    offers = list(BankOffer.objects.exclude(state=BankOffer.State.DRAFT).order_by("pk"))
    everybody = list(people.values())
    rows = []
    for order in OrderFulfilment.objects.order_by("pk"):
        day = business_date(order.placed_at)
        lookers = [order.resident, *dice.sample(everybody, min(2, len(everybody)))]
        rows += [
            Exposure(offer_code=offer.code, resident=who, day=day, where=dice.choice(_PLACES))
            for who in lookers
            for offer in offers
            if business_date(offer.starts_at) <= day
        ]
    return len(Exposure.objects.bulk_create(rows, ignore_conflicts=True))


def load_claims() -> int:
    """Claim last month from each bank; the first pays, the others have got their claims."""
    if SubsidyClaim.objects.exists():
        return 0
    month = last_month()
    seal_due(10_000)
    sealed = last_sealed_day()
    found = list(unclaimed_months(since=month, until=last_of(month)))
    is_paid = False
    for part in found:
        claim = draft_claim(giver=part.giver, campaign=part.campaign, month=month)
        if sealed is None or sealed < last_of(month):
            continue
        check_claim(claim, by="finance")
        claim = issue_claim(claim, by="admin")
        send_claim(claim, by="admin", note="邮件附 PDF 与明细表")
        if not is_paid and claim.due_minor > 0:
            _pay(claim)
            is_paid = True
    return len(found)


def _pay(claim: SubsidyClaim) -> None:
    receipt = propose_receipt(
        giver=claim.giver,
        campaign=claim.campaign,
        receipt_no=f"{claim.giver}{claim.month:%Y%m}0001",
        day=min(last_of(claim.month) + timedelta(days=9), business_date()),
        minor=claim.amount_minor,
        by="admin",
        wish=[(claim.pk, claim.amount_minor)],
        reason="银行活动补贴款",
    )
    confirm_receipt(receipt, by="finance")
