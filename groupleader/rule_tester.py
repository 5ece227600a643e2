"""Which rule decides for a line: all that fit, in their order, as it was placed and as of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from groupleader.models import CommissionRule, CommissionTerms
from groupleader.services.agreeing import as_rule, deciding_rule, rules_in_force
from groupleader.services.commissions import LineFacts, rank_of
from groupleader.templatetags.commission import how_much, percent
from payments.api import Money, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A rule that speaks about the line, and whether it decided."""

    rule: CommissionRule
    decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedLine:
    """One line: what it was placed under, every rule that fitted then, what would decide now."""

    terms: CommissionTerms
    agreed: str
    candidates: Sequence[Candidate]
    now_gives: str
    now_rule: CommissionRule | None


def try_order(order_no: str) -> list[TriedLine]:
    """Try the rules on every line of an order; nothing where no commission is known of it."""
    rows = CommissionTerms.objects.filter(order_no=order_no, part=CommissionTerms.Part.LEADER)
    lines = list(rows.select_related("leader", "rule").order_by("pk"))
    if not lines:
        return []
    then = list(rules_in_force(lines[0].placed_at))
    today = list(rules_in_force(now()))
    return [_try(terms, then=then, today=today) for terms in lines]


def _try(
    terms: CommissionTerms, *, then: Sequence[CommissionRule], today: Sequence[CommissionRule]
) -> TriedLine:
    line = LineFacts(
        item=terms.item_ref,
        categories=terms.category_refs,
        leader=str(terms.leader_id),
        tier=terms.leader.tier,
    )
    fitting = [rule for rule in then if line.fits(as_rule(rule))]
    fitting.sort(key=lambda rule: rank_of(as_rule(rule), line))
    decides = deciding_rule([as_rule(rule) for rule in today], line)
    gives = (
        percent(decides.rate)
        if decides.rate is not None
        else _("¥%(amount)s per piece") % {"amount": Money(decides.fixed_minor or 0).to_major_str()}
    )
    return TriedLine(
        terms=terms,
        agreed=how_much(terms),
        candidates=[Candidate(rule=rule, decided=rule.pk == terms.rule_id) for rule in fitting],
        now_gives=gives,
        now_rule=next((rule for rule in today if rule.pk == decides.rule_id), None),
    )
