"""Drafting a claim: a month's journals of a campaign become lines, a few hundred at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any, Final

import structlog
from django.db.models import F, Max, Q, Sum
from django.db.models.functions import Coalesce

from mall.claims.errors import NotADraftError, NothingToClaimError
from mall.claims.models import ClaimEvent, ClaimLine, LineDispute, SubsidyClaim
from mall.claims.months import first_of, last_of
from mall.claims.names import campaign_of
from mall.vouchers.redeeming import RedemptionFacts, redemption_facts
from payments.api import (
    CampaignMonth,
    SubsidyMove,
    campaign_months,
    now,
    subsidy_moves,
    transact,
)

log = structlog.get_logger(__name__)
Kind = ClaimLine.Kind
Status = SubsidyClaim.Status

_AT_ONCE: Final = 500
# A broken month breaks everywhere; the first journals tell a person enough.
_DIFFERENCES_MAX: Final = 50
_NEW: Final = {"capture": Kind.ORDER, "redeem": Kind.REDEMPTION}
_BACK: Final = {"refund", "subsidy_kept", "redeem_back"}
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
    again = _to_claim_again(giver, campaign)
    said = _in_the_books(giver, campaign, month)
    if said is None and not again.exists():
        raise NothingToClaimError(giver=giver, campaign=campaign, month=str(month))
    claim = claim or _new(giver=giver, campaign=campaign, month=month)
    claim.lines.all().delete()
    differences, to_return = _write_lines(claim)
    _claim_again(claim, again)
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
    waiting = _to_claim_again(claim.giver, claim.campaign).select_related("line", "claim")
    due = sorted((_said_before(dispute), dispute.minor) for dispute in waiting)
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


def _write_lines(claim: SubsidyClaim) -> tuple[list[dict[str, Any]], int]:
    """Turn the month's journals into lines; return what differs, and what lay in 2131 (fen)."""
    differences: list[dict[str, Any]] = []
    to_return = number = 0
    moves = subsidy_moves(
        giver=claim.giver, campaign=claim.campaign, since=claim.month, until=last_of(claim.month)
    )
    while chunk := list(islice(moves, _AT_ONCE)):
        facts = redemption_facts([move.number for move in chunk if move.kind == "redeem"])
        differences += [_difference(move) for move in chunk if _differs(move, facts)]
        to_return += sum(move.to_return_minor for move in chunk)
        number = _add_lines(claim, chunk, last=number, facts=facts)
        _give_back(claim, [move for move in chunk if move.kind in _BACK])
        number = claim.lines.aggregate(last=Coalesce(Max("number"), 0))["last"]
    return differences[:_DIFFERENCES_MAX], to_return


def _differs(move: SubsidyMove, facts: Mapping[str, RedemptionFacts]) -> bool:
    is_known = move.kind in _NEW or move.kind in _BACK
    is_known = is_known and (move.kind != "redeem" or move.number in facts)
    return not is_known or (move.paper_minor is not None and move.paper_minor != move.minor)


def _difference(move: SubsidyMove) -> dict[str, Any]:
    return {"ref": move.ref, "books": move.minor, "papers": move.paper_minor}


def _add_lines(
    claim: SubsidyClaim,
    moves: Iterable[SubsidyMove],
    *,
    last: int,
    facts: Mapping[str, RedemptionFacts],
) -> int:
    fresh = [move for move in moves if move.kind in _NEW]
    ClaimLine.objects.bulk_create(
        [
            ClaimLine(
                claim=claim,
                number=last + position,
                kind=_NEW[move.kind],
                subject_no=move.payment_no or move.number,
                order_no=move.reference,
                last4=move.last4,
                day=move.day,
                goods_minor=_goods(move, facts),
                discount_minor=_paper(move),
                net_minor=_paper(move),
                note=facts[move.number].merchant[:120] if move.number in facts else "",
            )
            for position, move in enumerate(fresh, start=1)
        ]
    )
    return last + len(fresh)


def _goods(move: SubsidyMove, facts: Mapping[str, RedemptionFacts]) -> int:
    """Return what the order came to, or the bill a voucher was taken off (fen)."""
    return facts[move.number].bill_minor if move.number in facts else move.goods_minor


def _paper(move: SubsidyMove) -> int:
    """A line says what the papers say; whether the books say the same is asked afterwards."""
    return move.minor if move.paper_minor is None else move.paper_minor


def _give_back(claim: SubsidyClaim, moves: Iterable[SubsidyMove]) -> None:
    """Deduct what came back: from its own line, or as a line of its own for an earlier month."""
    back: dict[str, int] = {}
    of: dict[str, SubsidyMove] = {}
    for move in moves:
        subject = move.payment_no or move.number
        back[subject] = back.get(subject, 0) - _paper(move)
        of[subject] = move
    known = dict(claim.lines.filter(subject_no__in=list(back)).values_list("subject_no", "pk"))
    for subject, key in known.items():
        ClaimLine.objects.filter(pk=key).update(
            returned_minor=F("returned_minor") + back[subject],
            net_minor=F("net_minor") - back[subject],
        )
    last = claim.lines.aggregate(last=Coalesce(Max("number"), 0))["last"]
    strange = [subject for subject in back if subject not in known]
    ClaimLine.objects.bulk_create(
        [
            ClaimLine(
                claim=claim,
                number=last + position,
                kind=Kind.RETURN,
                subject_no=subject,
                order_no=of[subject].reference,
                last4=of[subject].last4,
                day=of[subject].day,
                returned_minor=back[subject],
                net_minor=-back[subject],
                note=of[subject].number,
            )
            for position, subject in enumerate(strange, start=1)
        ]
    )


def _to_claim_again(giver: str, campaign: str) -> Any:
    return LineDispute.objects.filter(
        state=LineDispute.State.AGAIN, claim__giver=giver, claim__campaign=campaign
    )


def _claim_again(claim: SubsidyClaim, disputes: Any) -> None:
    last = claim.lines.aggregate(last=Coalesce(Max("number"), 0))["last"]
    lines = disputes.select_related("line", "claim").order_by("pk")
    ClaimLine.objects.bulk_create(
        [
            ClaimLine(
                claim=claim,
                number=last + position,
                kind=Kind.AGAIN,
                subject_no=dispute.line.subject_no,
                order_no=dispute.line.order_no,
                last4=dispute.line.last4,
                day=dispute.line.day,
                goods_minor=dispute.line.goods_minor,
                discount_minor=dispute.minor,
                net_minor=dispute.minor,
                note=_said_before(dispute),
            )
            for position, dispute in enumerate(lines, start=1)
        ]
    )


def _said_before(dispute: LineDispute) -> str:
    """Name the line of an earlier claim that is claimed again."""
    return f"{dispute.claim.claim_no} / {dispute.line.number}"


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
