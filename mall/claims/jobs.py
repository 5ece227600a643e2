"""Last month's claims are drafted by themselves once its books are closed."""

from __future__ import annotations

from datetime import date
from typing import Final

from mall.claims.errors import NotADraftError, NothingToClaimError
from mall.claims.models import SubsidyClaim
from mall.claims.months import last_month, last_of, month_before
from mall.claims.services.drafting import (
    claims_again_what_waits,
    draft_claim,
    unclaimed_months,
)
from payments.api import CampaignMonth, last_sealed_day

# Months that were never drafted are looked for this far back.
_MONTHS_BACK: Final = 3


def draft_due(limit: int = 20) -> dict[str, int]:
    """Draft what is not claimed yet of months that are over, and renew drafts that grew old.

    A draft somebody has checked is left alone: issuing it says whether it still holds.
    """
    counts = {"drafted": 0}
    month = last_month()
    sealed = last_sealed_day()
    if sealed is None or sealed < last_of(month):
        return counts
    since = month
    for _step in range(_MONTHS_BACK):
        since = month_before(since)
    drafts = _drafts(since)
    for found in unclaimed_months(since=since, until=last_of(month)):
        if counts["drafted"] >= limit:
            break
        draft = drafts.get((found.giver, found.campaign, found.month))
        if draft is not None and _still_holds(draft, found):
            continue
        try:
            draft_claim(giver=found.giver, campaign=found.campaign, month=found.month)
        except (NotADraftError, NothingToClaimError):
            continue
        counts["drafted"] += 1
    return counts


def _drafts(since: date) -> dict[tuple[str, str, date], SubsidyClaim]:
    rows = SubsidyClaim.objects.filter(status=SubsidyClaim.Status.DRAFT, month__gte=since)
    return {(draft.giver, draft.campaign, draft.month): draft for draft in rows}


def _still_holds(draft: SubsidyClaim, found: CampaignMonth) -> bool:
    """Tell whether a draft is what the books say now, or is somebody's already."""
    is_same = (draft.ledger_minor, draft.ledger_legs) == (found.net_minor, found.legs)
    return bool(draft.prepared_by) or (is_same and claims_again_what_waits(draft))
