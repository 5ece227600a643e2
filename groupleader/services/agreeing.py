"""What is agreed for an order's lines when it is placed: whose commission, on what, which rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db.models import Q, QuerySet

from groupleader.facts import LineFact, OrderFact
from groupleader.models import CommissionAccrual, CommissionRule, CommissionTerms, Leader
from groupleader.services.commissions import (
    LineFacts,
    Rule,
    RuleScope,
    choose_rule,
    compute_commission,
    reduction,
    share_of,
)
from groupleader.services.sharing import Party, parties_of
from mall.api import own_order_signs

log = structlog.get_logger(__name__)
Part = CommissionTerms.Part
Withheld = CommissionTerms.Withheld
SELF = "self"
# What a handover or a move agrees anew; base, quantity and what went back stay the line's own.
_AGREED = (
    "leader_id",
    "of_leader_id",
    "group_id",
    "item_ref",
    "category_refs",
    "rate",
    "fixed_minor",
    "share",
    "scope",
    "rule_id",
    "is_own_order",
    "own_signs",
    "withheld",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What of an order decides about its commission, whoever tells it."""

    order_no: str
    group_id: str
    point_ref: str
    placed_at: datetime
    signs: str

    def withheld_from(self, leader: Leader) -> str:
        """Say why the lines of this order earn nothing, or "" where they earn."""
        if not leader.earns_commission:
            return Withheld.OUTLET
        if self.signs and settings.LINLI_COMMISSION_OWN_ORDERS == "none":
            return Withheld.OWN
        return ""


def agree_terms(order: OrderFact) -> None:
    """Copy rate and base onto every line of a placed order; a line that has terms keeps them."""
    leader = leader_of_order(order)
    if leader is None:
        return
    deal = Deal(
        order_no=order.order_no,
        group_id=order.group_id,
        point_ref=order.point_ref,
        placed_at=order.at,
        signs=signs_of(order.order_no, is_self=order.resident_id == order.leader_user_id),
    )
    rules = rules_at(order.at)
    parties = parties_of(leader, point_ref=order.point_ref, at=order.at)
    CommissionTerms.objects.bulk_create(
        [
            _terms(deal, line, party=party, leader=leader, rules=rules)
            for line in order.lines
            for party in parties
        ],
        ignore_conflicts=True,
    )


def notice_own_order(order: OrderFact) -> None:
    """Look again once it is paid: only now the card is known. The policy is applied here too."""
    rows = CommissionTerms.objects.filter(order_no=order.order_no).exclude(part=Part.AWARD)
    signs = signs_of(order.order_no, is_self=order.resident_id == order.leader_user_id)
    if not signs or CommissionAccrual.objects.filter(terms__in=rows).exists():
        return
    if settings.LINLI_COMMISSION_OWN_ORDERS == "none":
        rows.filter(is_own_order=False, withheld="").update(withheld=Withheld.OWN)
    rows.update(is_own_order=True, own_signs=signs)


def agree_anew(deal: Deal, *, leader: Leader | None, lines: Mapping[str, LineFact]) -> None:
    """Give the lines that have earned nothing yet to another leader, at her own rates.

    The rules are those of the day the order was placed. What was agreed with the leader before her
    is nobody's any more; the base and what went back of it stay. Without a leader nobody earns.
    """
    rows = CommissionTerms.objects.select_for_update(no_key=True).filter(order_no=deal.order_no)
    done = lines_done(deal.order_no)
    by_line: dict[str, dict[str, CommissionTerms]] = {}
    for terms in rows.exclude(part=Part.AWARD).exclude(line_id__in=done).order_by("pk"):
        by_line.setdefault(terms.line_id, {})[terms.part] = terms
    if leader is None:
        _leave_to_nobody(list(by_line))
        return
    rules = rules_at(deal.placed_at)
    parties = parties_of(leader, point_ref=deal.point_ref, at=deal.placed_at)
    for line_id, found in by_line.items():
        line = lines.get(line_id) or _as_fact(found[Part.LEADER])
        wanted = [_terms(deal, line, party=party, leader=leader, rules=rules) for party in parties]
        _write_anew(found, wanted)


def lines_done(order_no: str) -> set[str]:
    """Return the lines of an order whose leader has earned on them: they stay whose they are."""
    hers = CommissionAccrual.objects.filter(terms__order_no=order_no, terms__part=Part.LEADER)
    earned = hers.exclude(status=CommissionAccrual.Status.ESTIMATED)
    return set(earned.values_list("terms__line_id", flat=True))


def _write_anew(found: Mapping[str, CommissionTerms], wanted: Sequence[CommissionTerms]) -> None:
    """Update the parts that are there, add those that are new, empty those nobody has any more."""
    own = found[Part.LEADER]
    for new in wanted:
        old = found.get(new.part)
        if old is None:
            new.quantity, new.base_minor = own.quantity, own.base_minor
            new.returned_minor, new.placed_at = own.returned_minor, own.placed_at
            CommissionTerms.objects.bulk_create([new], ignore_conflicts=True)
            continue
        CommissionTerms.objects.filter(pk=old.pk).update(
            **{name: getattr(new, name) for name in _AGREED}
        )
        _estimate_anew(old.pk)
    gone = set(found) - {new.part for new in wanted}
    for part in gone:
        CommissionTerms.objects.filter(pk=found[part].pk).update(share=0)
        _estimate_anew(found[part].pk)


def _leave_to_nobody(line_ids: Iterable[str]) -> None:
    rows = CommissionTerms.objects.filter(line_id__in=list(line_ids)).exclude(part=Part.AWARD)
    rows.update(withheld=Withheld.NOBODY)
    for pk in rows.values_list("pk", flat=True):
        _estimate_anew(pk)


def _estimate_anew(terms_pk: int) -> None:
    terms = CommissionTerms.objects.get(pk=terms_pk)
    CommissionAccrual.objects.filter(terms=terms, status=CommissionAccrual.Status.ESTIMATED).update(
        leader=terms.leader_id,
        earned_minor=commission_of(terms),
        reduced_minor=taken_of(terms, already=0, now=terms.returned_minor),
    )


def leader_of_order(order: OrderFact) -> Leader | None:
    """Return who leads an order; nobody earns on one that is led by somebody who is no leader."""
    found = Leader.objects.filter(user_id=order.leader_user_id)
    leader = found.select_related("invited_by__invited_by").first()
    if leader is None:
        log.warning("commission.no_leader", order_no=order.order_no, user_id=order.leader_user_id)
    return leader


def signs_of(order_no: str, *, is_self: bool) -> str:
    """Return by what one sees that an order is the leader's own: "self,card,phone" or less."""
    signs = {SELF} if is_self else set()
    return ",".join(sorted(signs | own_order_signs(order_no), reverse=True))


def commission_of(terms: CommissionTerms) -> int:
    """Return what a person's part of the whole line is under its terms, in fen."""
    if terms.withheld:
        return 0
    whole = whole_commission_of(terms)
    shared = share_of(whole, terms.share)
    return whole - shared if terms.part == Part.LEADER else shared


def whole_commission_of(terms: CommissionTerms) -> int:
    """Return what the line earns before anybody's share, in fen."""
    return compute_commission(
        base_minor=terms.base_minor,
        quantity=terms.quantity,
        rate=terms.rate,
        fixed_minor=terms.fixed_minor,
    )


def taken_of(terms: CommissionTerms, *, already: int, now: int) -> int:
    """Return what `now` fen of the base going back take of a part, after `already` fen of it."""
    return reduction(
        commission_minor=commission_of(terms),
        base_minor=terms.base_minor,
        returned_minor=already,
        now_minor=now,
    )


def rules_in_force(at: datetime) -> QuerySet[CommissionRule]:
    """Return the agreed rules in force at an instant, the newest first: it wins among equals."""
    return CommissionRule.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at),
        valid_from__lte=at,
        status=CommissionRule.Status.AGREED,
    ).order_by("-valid_from", "-pk")


def rules_at(at: datetime) -> list[Rule]:
    """Return the rules in force at an instant as the arithmetic sees them, the newest first."""
    return [as_rule(rule) for rule in rules_in_force(at)]


def as_rule(rule: CommissionRule) -> Rule:
    """Return a rule as the arithmetic sees it."""
    return Rule(
        scope=RuleScope(rule.scope),
        target=rule.target,
        rate=rule.rate,
        fixed_minor=rule.fixed_minor,
        rule_id=rule.pk,
    )


def deciding_rule(rules: Sequence[Rule], line: LineFacts) -> Rule:
    """Return the rule that decides for a line: LINLI_COMMISSION_RATE where none speaks about it."""
    found = choose_rule(rules, line)
    return found or Rule(scope=RuleScope.DEFAULT, rate=settings.LINLI_COMMISSION_RATE)


def _terms(
    deal: Deal, line: LineFact, *, party: Party, leader: Leader, rules: Sequence[Rule]
) -> CommissionTerms:
    looked_at = LineFacts(
        item=line.item_id, categories=line.categories, leader=str(leader.pk), tier=leader.tier
    )
    rule = deciding_rule(rules, looked_at)
    return CommissionTerms(
        line_id=line.line_id,
        part=party.part,
        order_no=deal.order_no,
        leader=party.leader,
        of_leader=party.of_leader,
        group_id=deal.group_id,
        item_ref=line.item_id,
        category_refs=list(line.categories),
        title=line.title,
        quantity=line.quantity,
        base_minor=line.value_minor,
        rate=rule.rate,
        fixed_minor=rule.fixed_minor,
        share=party.share,
        scope=rule.scope.value,
        rule_id=rule.rule_id,
        is_own_order=bool(deal.signs),
        own_signs=deal.signs,
        withheld=deal.withheld_from(leader),
        placed_at=deal.placed_at,
    )


def _as_fact(terms: CommissionTerms) -> LineFact:
    return LineFact(
        line_id=terms.line_id,
        item_id=terms.item_ref,
        categories=terms.category_refs,
        title=terms.title,
        quantity=terms.quantity,
        value_minor=terms.base_minor,
    )
