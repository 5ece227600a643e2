"""What each fact about an order does to commission: terms, estimate, earned, free, taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import structlog
from django.conf import settings
from django.db.models import F, Q

from groupleader.facts import LineFact, OrderFact
from groupleader.models import CommissionAccrual, CommissionRule, CommissionTerms, Leader
from groupleader.services.commissions import (
    LineFacts,
    Rule,
    RuleScope,
    choose_rule,
    compute_commission,
    reduction,
)
from payments.api import Money, post_commission_earned, post_commission_reversed

log = structlog.get_logger(__name__)
Status = CommissionAccrual.Status
WHOLE = "whole"
# What of a line's terms is the leader's; the rest is the line's own.
_AGREED = ("leader_id", "group_id", "rate", "fixed_minor", "scope", "rule_id", "is_own_order")


def agree_terms(order: OrderFact) -> None:
    """Copy rate and base onto every line of a placed order; a line that has terms keeps them."""
    leader = Leader.objects.filter(user_id=order.leader_user_id).first()
    if leader is None:
        log.warning("commission.no_leader", order_no=order.order_no, user_id=order.leader_user_id)
        return
    rules = _rules_at(order.at)
    CommissionTerms.objects.bulk_create(
        [_terms(order, line, leader=leader, rules=rules) for line in order.lines],
        ignore_conflicts=True,
    )


def accrue_estimates(order: OrderFact) -> None:
    """Show what a paid order will earn; nothing is owed before it is collected."""
    terms = list(CommissionTerms.objects.filter(order_no=order.order_no))
    CommissionAccrual.objects.bulk_create(
        [
            CommissionAccrual(
                terms=each,
                leader_id=each.leader_id,
                fulfilment=WHOLE,
                earned_minor=commission_of(each),
                reduced_minor=_taken(each, already=0, now=each.returned_minor),
                accrued_at=order.at,
            )
            for each in terms
            if commission_of(each) > _taken(each, already=0, now=each.returned_minor)
        ],
        ignore_conflicts=True,
    )


def follow_move(order: OrderFact) -> None:
    """Give a moved order's commission to the leader who will hand it out, at her own rates.

    What was agreed with the leader before her is nobody's any more; the base and what went back of
    it stay. Before collection: nothing is owed yet.
    """
    leader = Leader.objects.filter(user_id=order.leader_user_id).first()
    held = CommissionAccrual.objects.filter(
        terms__order_no=order.order_no, status=Status.ESTIMATED, fulfilment=WHOLE
    )
    if leader is None:
        log.warning("commission.no_leader", order_no=order.order_no, user_id=order.leader_user_id)
        held.update(status=Status.CANCELLED)
        return
    lines = {line.line_id: line for line in order.lines}
    rows = CommissionTerms.objects.select_for_update(no_key=True).filter(order_no=order.order_no)
    for terms in rows.order_by("pk"):
        line = lines[terms.line_id]
        new = _terms(order, line, leader=leader, rules=_rules_at(terms.placed_at))
        for name in _AGREED:
            setattr(terms, name, getattr(new, name))
        CommissionTerms.objects.filter(pk=terms.pk).update(
            **{name: getattr(terms, name) for name in _AGREED}
        )
        held.filter(terms=terms).update(
            leader=leader,
            earned_minor=commission_of(terms),
            reduced_minor=_taken(terms, already=0, now=terms.returned_minor),
        )
    accrue_estimates(order)


def freeze_collected(order: OrderFact) -> None:
    """Earn the commission of collected lines: owed from now on, held until after-sales is over."""
    for accrual in _of(order, Status.ESTIMATED):
        moved = CommissionAccrual.objects.filter(pk=accrual.pk, status=Status.ESTIMATED).update(
            status=Status.FROZEN, frozen_at=order.at, free_at=order.free_at
        )
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
    """Set the commission of a closed order free for the next statement."""
    CommissionAccrual.objects.filter(terms__order_no=order.order_no, status=Status.FROZEN).update(
        status=Status.AVAILABLE, available_at=order.at
    )


def take_back_line(*, line_id: str, value_minor: int, refund_key: str, at: datetime) -> None:
    """Take back what a refund of so much of a line's value costs the leader.

    Before settlement the accrual becomes smaller, from then on a negative one waits for the next
    statement. More than the line still has is cut to what it has (the order's own fact may have
    come first). Must run once per refund: the delivery's record sees to that.
    """
    terms = CommissionTerms.objects.select_for_update(no_key=True).filter(line_id=line_id).first()
    if terms is None:
        return
    before = terms.returned_minor
    now = min(value_minor, terms.base_minor - before)
    taken = _taken(terms, already=before, now=now)
    CommissionTerms.objects.filter(pk=terms.pk, returned_minor=before).update(
        returned_minor=before + now
    )
    accrual = terms.accruals.filter(fulfilment=WHOLE).select_related("leader").first()
    if accrual is None or taken == 0 or accrual.status == Status.CANCELLED:
        return
    shrunk = _shrink(accrual, taken, refund_key=refund_key)
    if shrunk or _claw_back(accrual, taken, refund_key=refund_key, at=at):
        log.info("commission.taken_back", line_id=line_id, amount_minor=taken)


def take_back_order(order: OrderFact, *, refund_key: str) -> None:
    """Take back what is left of an order whose money all went back."""
    rest = CommissionTerms.objects.filter(
        order_no=order.order_no, returned_minor__lt=F("base_minor")
    ).order_by("pk")
    for terms in rest:
        take_back_line(
            line_id=terms.line_id,
            value_minor=terms.base_minor - terms.returned_minor,
            refund_key=refund_key,
            at=order.at,
        )


def commission_of(terms: CommissionTerms) -> int:
    """Return what the whole line earns under its terms, in fen."""
    if terms.is_own_order and settings.LINLI_COMMISSION_OWN_ORDERS == "none":
        return 0
    return compute_commission(
        base_minor=terms.base_minor,
        quantity=terms.quantity,
        rate=terms.rate,
        fixed_minor=terms.fixed_minor,
    )


def _taken(terms: CommissionTerms, *, already: int, now: int) -> int:
    return reduction(
        commission_minor=commission_of(terms),
        base_minor=terms.base_minor,
        returned_minor=already,
        now_minor=now,
    )


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
    return f"{accrual.terms.line_id}:{accrual.fulfilment}"


def _rules_at(at: datetime) -> list[Rule]:
    """Return the rules in force at an instant, the newest first so that it wins among equals."""
    in_force = CommissionRule.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at), valid_from__lte=at
    ).order_by("-valid_from", "-pk")
    return [
        Rule(
            scope=RuleScope(rule.scope),
            target=rule.target,
            rate=rule.rate,
            fixed_minor=rule.fixed_minor,
            rule_id=rule.pk,
        )
        for rule in in_force
    ]


def _terms(
    order: OrderFact, line: LineFact, *, leader: Leader, rules: list[Rule]
) -> CommissionTerms:
    rule = choose_rule(
        rules,
        LineFacts(
            item=line.item_id,
            categories=line.categories,
            leader=str(leader.pk),
            tier=leader.tier,
        ),
    )
    rule = rule or Rule(scope=RuleScope.DEFAULT, rate=settings.LINLI_COMMISSION_RATE)
    return CommissionTerms(
        line_id=line.line_id,
        order_no=order.order_no,
        leader=leader,
        group_id=order.group_id,
        title=line.title,
        quantity=line.quantity,
        base_minor=line.value_minor,
        rate=rule.rate,
        fixed_minor=rule.fixed_minor,
        scope=rule.scope.value,
        rule_id=rule.rule_id,
        is_own_order=order.resident_id == order.leader_user_id,
        placed_at=order.at,
    )
