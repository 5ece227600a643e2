"""The lines of a claim: a month's journals of a campaign, a few hundred at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

from django.db.models import BigIntegerField, Case, F, Max, QuerySet, Value, When
from django.db.models.functions import Coalesce

from mall.claims.models import ClaimLine, LineDispute, SubsidyClaim
from mall.claims.months import last_of
from mall.vouchers.redeeming import RedemptionFacts, redemption_facts
from payments.api import SubsidyMove, subsidy_moves

Kind = ClaimLine.Kind

_AT_ONCE: Final = 500
# A broken month breaks everywhere; the first journals tell a person enough.
_DIFFERENCES_MAX: Final = 50
_NEW: Final = {"capture": Kind.ORDER, "redeem": Kind.REDEMPTION}
_BACK: Final = {"refund", "subsidy_kept", "redeem_back"}


def write_lines(claim: SubsidyClaim) -> tuple[list[dict[str, Any]], int]:
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
    if known:
        whens = [When(pk=pk, then=Value(back[subject])) for subject, pk in known.items()]
        less = Case(*whens, output_field=BigIntegerField())
        ClaimLine.objects.filter(pk__in=known.values()).update(
            returned_minor=F("returned_minor") + less, net_minor=F("net_minor") - less
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


def to_claim_again(giver: str, campaign: str) -> QuerySet[LineDispute]:
    """Return the disputes of a campaign that its next claim asks for again."""
    return LineDispute.objects.filter(
        state=LineDispute.State.AGAIN, claim__giver=giver, claim__campaign=campaign
    )


def claim_again(claim: SubsidyClaim, disputes: QuerySet[LineDispute]) -> None:
    """Write a line for each dispute that is asked for again."""
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
                note=said_before(dispute),
            )
            for position, dispute in enumerate(lines, start=1)
        ]
    )


def said_before(dispute: LineDispute) -> str:
    """Name the line of an earlier claim that is claimed again."""
    return f"{dispute.claim.claim_no} / {dispute.line.number}"
