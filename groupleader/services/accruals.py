"""What each fact about an order does to commission: estimate, earned, free, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from django.db.models import F

from groupleader.facts import OrderFact
from groupleader.models import CommissionAccrual, CommissionTerms, Leader, TakenBack
from groupleader.services.agreeing import (
    Deal,
    agree_anew,
    commission_of,
    leader_of_order,
    lines_done,
    signs_of,
    taken_of,
)
from groupleader.services.sharing import award_if_due
from payments.api import Money, post_commission_earned, post_commission_reversed, transact

log = structlog.get_logger(__name__)
Status = CommissionAccrual.Status
Part = CommissionTerms.Part
WHOLE = "whole"


def accrue_estimates(order: OrderFact) -> None:
    """Show what a paid order will earn; nothing is owed before it is collected."""
    terms = CommissionTerms.objects.filter(order_no=order.order_no, accruals__isnull=True)
    CommissionAccrual.objects.bulk_create(
        [
            CommissionAccrual(
                terms=each,
                leader_id=each.leader_id,
                fulfilment=WHOLE,
                earned_minor=commission_of(each),
                reduced_minor=taken_of(each, already=0, now=each.returned_minor),
                accrued_at=order.at,
            )
            for each in terms.order_by("pk")
            if commission_of(each) > taken_of(each, already=0, now=each.returned_minor)
        ],
        ignore_conflicts=True,
    )


def follow_move(order: OrderFact) -> None:
    """Give a moved order's commission to the leader who will hand it out, at her own rates."""
    _give_to_performer(order)
    accrue_estimates(order)


def follow_performer(order: OrderFact) -> None:
    """Give it to her where a fact names another leader than the one it was agreed with.

    A point may have changed hands, and that fact may be heard after this one.
    """
    hers = CommissionTerms.objects.filter(order_no=order.order_no, part=Part.LEADER)
    agreed = hers.exclude(withheld=CommissionTerms.Withheld.NOBODY).select_related("leader").first()
    if agreed is not None and agreed.leader.user_id != order.leader_user_id:
        _give_to_performer(order)


def _give_to_performer(order: OrderFact) -> None:
    first = CommissionTerms.objects.filter(order_no=order.order_no).order_by("pk").first()
    if first is None:
        return
    deal = Deal(
        order_no=order.order_no,
        group_id=order.group_id,
        point_ref=order.point_ref,
        placed_at=first.placed_at,
        signs=signs_of(order.order_no, is_self=order.resident_id == order.leader_user_id),
    )
    lines = {line.line_id: line for line in order.lines}
    agree_anew(deal, leader=leader_of_order(order), lines=lines)


def follow_leader(*, order_nos: Sequence[str], to_user_id: int, point_ref: str) -> dict[str, int]:
    """Give what a handed-over point's open orders will earn to the leader who hands them out now.

    Open estimates follow her at her own rates; what was collected stays whose it is. One
    transaction per order; repeated it changes nothing more. Returns how many lines went over.
    """
    leader = Leader.objects.filter(user_id=to_user_id).select_related("invited_by").first()
    counts = {"orders": 0, "unknown_leader": 0}
    if leader is None:
        log.warning("commission.no_leader", user_id=to_user_id, point=point_ref)
        return counts | {"unknown_leader": len(order_nos)}
    for order_no in order_nos:
        counts["orders"] += _hand_over(order_no, leader=leader, point_ref=point_ref)
    return counts


@transact()
def _hand_over(order_no: str, *, leader: Leader, point_ref: str) -> bool:
    rows = CommissionTerms.objects.filter(order_no=order_no, part=Part.LEADER)
    open_ones = rows.exclude(leader=leader).exclude(line_id__in=lines_done(order_no))
    own = open_ones.order_by("pk").first()
    if own is None:
        return False
    deal = Deal(
        order_no=order_no,
        group_id=own.group_id,
        point_ref=point_ref,
        placed_at=own.placed_at,
        signs=signs_of(order_no, is_self=False),
    )
    agree_anew(deal, leader=leader, lines={})
    return True


def freeze_collected(order: OrderFact) -> None:
    """Earn the commission of collected lines: owed from now on, held until after-sales is over."""
    accrue_estimates(order)
    for accrual in _of(order, Status.ESTIMATED):
        if accrual.amount_minor == 0:  # it went to somebody else and may come back
            continue
        row = CommissionAccrual.objects.filter(pk=accrual.pk, status=Status.ESTIMATED)
        moved = row.update(status=Status.FROZEN, frozen_at=order.at, free_at=order.free_at)
        if moved:
            post_commission_earned(
                key=f"{_key(accrual)}:{order.at:%Y%m%dT%H%M%S%f}",
                leader_ref=accrual.leader.ref,
                amount=Money(accrual.amount_minor),
            )


def unfreeze_uncollected(order: OrderFact) -> None:
    """Take an undone hand-over's commission out of what is owed; it is an estimate again."""
    for accrual in _of(order, Status.FROZEN):
        moved = CommissionAccrual.objects.filter(pk=accrual.pk, status=Status.FROZEN).update(
            status=Status.ESTIMATED, frozen_at=None, free_at=None
        )
        if moved:
            _reverse(accrual, accrual.amount_minor, refund_key=f"undone:{order.at.isoformat()}")


def release_closed(order: OrderFact) -> None:
    """Set the commission of a closed order free; an award may be due to who brought her in."""
    freed = CommissionAccrual.objects.filter(
        terms__order_no=order.order_no, status=Status.FROZEN
    ).update(status=Status.AVAILABLE, available_at=order.at)
    leader = leader_of_order(order) if freed else None
    if leader is not None:
        award_if_due(leader, order_no=order.order_no, at=order.at)


def take_back_line(*, line_id: str, value_minor: int, refund_key: str, at: datetime) -> None:
    """Take back what a refund of so much of a line's value costs whoever has a part in it.

    Before settlement the accrual becomes smaller, from then on a negative one waits for the next
    statement. More than the line still has is cut to what it has (the order's own fact may have
    come first). A refund takes of a line once, however often it is told.
    """
    rows = CommissionTerms.objects.select_for_update(no_key=True).filter(line_id=line_id)
    for terms in rows.exclude(part=Part.AWARD).order_by("pk"):
        _take_back(terms, value_minor=value_minor, refund_key=refund_key, at=at)


def _take_back(terms: CommissionTerms, *, value_minor: int, refund_key: str, at: datetime) -> None:
    before = terms.returned_minor
    now = min(value_minor, terms.base_minor - before)
    if now <= 0:
        return
    _row, is_new = TakenBack.objects.get_or_create(
        terms=terms, refund_no=refund_key, defaults={"value_minor": now, "at": at}
    )
    if not is_new:
        return
    taken = taken_of(terms, already=before, now=now)
    CommissionTerms.objects.filter(pk=terms.pk, returned_minor=before).update(
        returned_minor=before + now
    )
    accrual = terms.accruals.filter(fulfilment=WHOLE).select_related("leader", "terms").first()
    if accrual is None or taken == 0 or accrual.status == Status.CANCELLED:
        return
    shrunk = _shrink(accrual, taken, refund_key=refund_key)
    if shrunk or _claw_back(accrual, taken, refund_key=refund_key, at=at):
        log.info("commission.taken_back", line_id=terms.line_id, amount_minor=taken)


def take_back_order(order: OrderFact, *, refund_key: str) -> None:
    """Take back what is left of an order whose money all went back."""
    rest = CommissionTerms.objects.select_for_update(no_key=True).filter(
        order_no=order.order_no, returned_minor__lt=F("base_minor")
    )
    for terms in rest.exclude(part=Part.AWARD).order_by("pk"):
        left = terms.base_minor - terms.returned_minor
        _take_back(terms, value_minor=left, refund_key=refund_key, at=order.at)


def _shrink(accrual: CommissionAccrual, taken: int, *, refund_key: str) -> bool:
    """Make an accrual that is in no statement yet smaller; nothing left of it cancels it."""
    row = CommissionAccrual.objects.filter(pk=accrual.pk, status__in=CommissionAccrual.OPEN)
    if row.update(reduced_minor=F("reduced_minor") + taken) == 0:
        return False
    accrual.refresh_from_db()
    if accrual.status != Status.ESTIMATED:
        _reverse(accrual, taken, refund_key=refund_key)
    if accrual.amount_minor == 0:
        row.update(status=Status.CANCELLED)
    return True


def _claw_back(accrual: CommissionAccrual, taken: int, *, refund_key: str, at: datetime) -> bool:
    """Owe a settled commission back: a negative accrual of its own."""
    _negative, created = CommissionAccrual.objects.get_or_create(
        terms=accrual.terms,
        fulfilment=f"refund:{refund_key}",
        defaults={
            "leader": accrual.leader,
            "earned_minor": -taken,
            "status": Status.AVAILABLE,
            "accrued_at": at,
            "available_at": at,
            "reason": "refund",
        },
    )
    if created:
        _reverse(accrual, taken, refund_key=refund_key)
    return created


def _reverse(accrual: CommissionAccrual, taken: int, *, refund_key: str) -> None:
    post_commission_reversed(
        key=f"{_key(accrual)}:{refund_key}",
        leader_ref=accrual.leader.ref,
        amount=Money(taken),
    )


def _of(order: OrderFact, status: str) -> Iterable[CommissionAccrual]:
    return (
        CommissionAccrual.objects.filter(terms__order_no=order.order_no, status=status)
        .select_related("terms", "leader")
        .order_by("pk")
    )


def _key(accrual: CommissionAccrual) -> str:
    terms = accrual.terms
    part = "" if terms.part == Part.LEADER else f"{terms.part}:"
    return f"{terms.line_id}:{part}{accrual.fulfilment}"
