"""Drafting a claim: made or renewed from the books until it is issued."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import structlog
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from mall.claims.errors import NotADraftError, NothingToClaimError
from mall.claims.models import ClaimEvent, ClaimLine, SubsidyClaim
from mall.claims.months import first_of, last_of
from mall.claims.names import campaign_of
from mall.claims.services.lines import claim_again, said_before, to_claim_again, write_lines
from payments.api import CampaignMonth, campaign_months, now, transact

log = structlog.get_logger(__name__)
Kind = ClaimLine.Kind
Status = SubsidyClaim.Status

HASHED: Final = (
    "number",
    "kind",
    "subject_no",
    "order_no",
    "last4",
    "day",
    "goods_minor",
    "discount_minor",
    "returned_minor",
    "net_minor",
)


@transact()
def draft_claim(*, giver: str, campaign: str, month: date, by: str = "") -> SubsidyClaim:
    """Make or renew the draft of a campaign's month from the books.

    What was checked of it before is to be checked again. NotADraftError once it is issued,
    NothingToClaimError where neither the books nor a dispute have anything of it.
    """
    month = first_of(month)
    claim = _locked(giver=giver, campaign=campaign, month=month)
    if claim is not None and claim.status != Status.DRAFT:
        raise NotADraftError(claim_no=claim.claim_no)
    again = to_claim_again(giver, campaign)
    said = _in_the_books(giver, campaign, month)
    if said is None and not again.exists():
        raise NothingToClaimError(giver=giver, campaign=campaign, month=str(month))
    claim = claim or _new(giver=giver, campaign=campaign, month=month)
    claim.lines.all().delete()
    differences, to_return = write_lines(claim)
    claim_again(claim, again)
    _sum_up(claim, said, differences=differences, to_return_minor=to_return)
    record(claim, "drafted", by=by)
    log.info("claim.drafted", claim=str(claim), lines=claim.line_count, by=by)
    return claim


def record(claim: SubsidyClaim, what: str, *, by: str = "", note: str = "") -> None:
    """Write a line of the claim's story; in the transaction that makes it true."""
    ClaimEvent.objects.create(claim=claim, at=now(), by=by[:150], what=what, note=note[:300])


def fingerprint(claim: SubsidyClaim) -> str:
    """Return the SHA-256 of the claim's lines in their order, one JSON array a line."""
    digest = hashlib.sha256()
    rows = claim.lines.order_by("number").values_list(*HASHED)
    for row in rows.iterator(chunk_size=2000):
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str)
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def claims_again_what_waits(claim: SubsidyClaim) -> bool:
    """Tell whether a draft's lines claimed again are the disputes that wait for it now, and all."""
    waiting = to_claim_again(claim.giver, claim.campaign).select_related("line", "claim")
    due = sorted((said_before(dispute), dispute.minor) for dispute in waiting)
    drafted = claim.lines.filter(kind=Kind.AGAIN).values_list("note", "net_minor")
    return due == sorted(drafted)


def month_in_books(claim: SubsidyClaim) -> tuple[int, int]:
    """Return what the books say of the claim's month now: net in fen, and how many legs."""
    said = _in_the_books(claim.giver, claim.campaign, claim.month)
    return (said.net_minor, said.legs) if said else (0, 0)


def _locked(*, giver: str, campaign: str, month: date) -> SubsidyClaim | None:
    rows = SubsidyClaim.objects.select_for_update(no_key=True)
    return rows.filter(giver=giver, campaign=campaign, month=month).first()


def _new(*, giver: str, campaign: str, month: date) -> SubsidyClaim:
    known = campaign_of(campaign)
    return SubsidyClaim.objects.create(
        giver=giver,
        campaign=campaign,
        month=month,
        name=known.name,
        owner_id=known.owner_id,
        drafted_at=now(),
    )


def _in_the_books(giver: str, campaign: str, month: date) -> CampaignMonth | None:
    found = campaign_months(since=month, until=last_of(month), giver=giver, campaign=campaign)
    return found[0] if found else None


def _sum_up(
    claim: SubsidyClaim,
    said: CampaignMonth | None,
    *,
    differences: list[dict[str, Any]],
    to_return_minor: int,
) -> None:
    own = ~Q(kind=Kind.AGAIN)
    sums = claim.lines.aggregate(
        given=Coalesce(Sum("discount_minor", filter=own), 0),
        returned=Coalesce(Sum("returned_minor", filter=own), 0),
        again=Coalesce(Sum("net_minor", filter=~own), 0),
    )
    known = campaign_of(claim.campaign)
    SubsidyClaim.objects.filter(pk=claim.pk, status=Status.DRAFT).update(
        name=known.name,
        owner_id=known.owner_id,
        line_count=claim.lines.count(),
        given_minor=sums["given"],
        returned_minor=sums["returned"],
        again_minor=sums["again"],
        amount_minor=sums["given"] - sums["returned"] + sums["again"],
        to_return_minor=to_return_minor,
        ledger_minor=said.net_minor if said else 0,
        ledger_legs=said.legs if said else 0,
        differences=differences,
        drafted_at=now(),
        prepared_by="",
        prepared_at=None,
    )
    claim.refresh_from_db()


def unclaimed_months(*, until: date, since: date | None = None) -> Iterator[CampaignMonth]:
    """Yield the campaigns' months up to a day that no issued claim is about yet."""
    issued = set(
        SubsidyClaim.objects.exclude(status=Status.DRAFT).values_list("giver", "campaign", "month")
    )
    for found in campaign_months(since=since, until=until):
        if (found.giver, found.campaign, found.month) not in issued:
            yield found
