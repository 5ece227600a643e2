"""What a leader earns on a line and what a refund takes back of it: arithmetic, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from payments.api import part_of_share


class RuleScope(StrEnum):
    """What a commission rule speaks about; the narrowest that fits decides."""

    ITEM = "item"
    CATEGORY = "category"
    LEADER = "leader"
    TIER = "tier"
    DEFAULT = "default"


# A fixed amount per item goes before the item's rate; see `precedence`.
_ORDER = [
    RuleScope.ITEM,
    RuleScope.CATEGORY,
    RuleScope.LEADER,
    RuleScope.TIER,
    RuleScope.DEFAULT,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as the arithmetic sees it: either a rate (0.1 is 10 %) or a fixed amount per piece."""

    scope: RuleScope
    target: str = ""
    rate: Decimal | None = None
    fixed_minor: int | None = None
    rule_id: int | None = None

    @property
    def precedence(self) -> tuple[int, int]:
        """Lower decides: item before category before leader before tier; fixed before rate."""
        return _ORDER.index(self.scope), int(self.fixed_minor is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What the rules look at in a line: its item, categories from the narrowest, leader, tier."""

    item: str
    categories: Sequence[str]
    leader: str
    tier: str = ""

    def fits(self, rule: Rule) -> bool:
        """Tell whether a rule speaks about this line."""
        targets = {
            RuleScope.ITEM: [self.item],
            RuleScope.CATEGORY: list(self.categories),
            RuleScope.LEADER: [self.leader],
            RuleScope.TIER: [self.tier] if self.tier else [],
            RuleScope.DEFAULT: [""],
        }
        return rule.target in targets[rule.scope]


def choose_rule(rules: Sequence[Rule], line: LineFacts) -> Rule | None:
    """Return the rule that decides for a line, or None where no rule speaks about it.

    Fixed amount of the item, rate of the item, of the category (the narrowest first), of the
    leader, of her tier, default. Among equals the first given wins.
    """
    fitting = (rule for rule in rules if line.fits(rule))
    return min(fitting, key=lambda rule: rank_of(rule, line), default=None)


def rank_of(rule: Rule, line: LineFacts) -> tuple[int, int, int]:
    """Return how near a rule that fits is to a line; the lowest decides."""
    scope, kind = rule.precedence
    narrow = line.categories.index(rule.target) if rule.scope is RuleScope.CATEGORY else 0
    return scope, narrow, kind


def compute_commission(
    *, base_minor: int, quantity: int, rate: Decimal | None, fixed_minor: int | None
) -> int:
    """Return a line's commission in fen, cut down to the fen; never more than its base.

    The base is the goods value after merchant-funded and before bank-funded discounts. ValueError
    for a negative base or quantity, or unless exactly one of rate and fixed amount is given.
    """
    if base_minor < 0 or quantity < 0 or (rate is None) == (fixed_minor is None):
        raise ValueError("a base, a quantity, and either a rate or a fixed amount per piece")
    if fixed_minor is not None:
        earned = fixed_minor * quantity
    else:
        earned = int((Decimal(base_minor) * (rate or 0)).quantize(Decimal(1), rounding=ROUND_DOWN))
    return min(earned, base_minor)


def share_of(commission_minor: int, share: Decimal) -> int:
    """Return somebody's share of a line's commission in fen, cut down to the fen."""
    return int((Decimal(commission_minor) * share).quantize(Decimal(1), rounding=ROUND_DOWN))


def reduction(
    *, commission_minor: int, base_minor: int, returned_minor: int, now_minor: int
) -> int:
    """Return what a refund of `now_minor` of the line's value takes back of its commission, in fen.

    `returned_minor` went back before. Telescopes: whatever the steps, giving the whole line back
    leaves a commission of exactly 0. A line without value earned nothing.
    """
    if base_minor == 0:
        return 0
    return part_of_share(commission_minor, done=returned_minor, now=now_minor, whole=base_minor)
