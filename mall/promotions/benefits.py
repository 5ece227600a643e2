"""What an offer takes off an amount: fixed, by steps, by percentage, or drawn by lot; whole fen."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Protocol

_WHOLE_BP = 10_000


class Benefit(Protocol):
    """What an offer's rule says about its benefit; a row and a rule both do. Amounts in fen."""

    benefit_kind: str
    threshold_minor: int
    discount_minor: int
    percent_bp: int | None
    cap_minor: int | None
    random_from_minor: int | None
    random_to_minor: int | None

    @property
    def steps(self) -> Sequence[Sequence[int]]:
        """Return pairs of threshold and discount, the lowest first."""


def from_minor(rule: Benefit) -> int:
    """Return the amount (fen) from which on the offer gives anything."""
    if rule.benefit_kind == "steps":
        return rule.steps[0][0]
    if rule.benefit_kind == "percent":
        # Of a few fen a percentage is not half a fen; and one fen is always left to pay.
        half_a_fen = -(-_WHOLE_BP // (2 * (rule.percent_bp or 1)))
        return max(rule.threshold_minor, half_a_fen, 2)
    return rule.threshold_minor


def least_minor(rule: Benefit) -> int:
    """Return what the offer gives at least where it gives anything (fen)."""
    if rule.benefit_kind == "fixed":
        return rule.discount_minor
    return benefit_minor(rule, from_minor(rule))


def most_minor(rule: Benefit) -> int | None:
    """Return what the offer gives at most (fen); None where nothing bounds it."""
    if rule.benefit_kind == "steps":
        return max(discount for _threshold, discount in rule.steps)
    if rule.benefit_kind == "percent":
        return rule.cap_minor
    if rule.benefit_kind == "random":
        return rule.random_to_minor
    return rule.discount_minor


def benefit_minor(rule: Benefit, eligible_minor: int, chance: int = 0) -> int:
    """Count what the rule gives on an eligible amount (fen): nothing below the threshold.

    Of steps the highest that is reached, and only that one. A percentage is rounded half up to the
    fen. `chance` is a lot's number of `draw`. At least one fen of the amount is left to pay.
    """
    kind = rule.benefit_kind
    if kind == "steps":
        reached = [discount for threshold, discount in rule.steps if eligible_minor >= threshold]
        return reached[-1] if reached else 0
    if eligible_minor < rule.threshold_minor:
        return 0
    if kind == "percent":
        return _percent(rule, eligible_minor)
    if kind == "random":
        low, high = rule.random_from_minor or 0, rule.random_to_minor or 0
        return low + chance % (high - low + 1)
    return rule.discount_minor


def next_step(rule: Benefit, eligible_minor: int) -> tuple[int, int] | None:
    """Return threshold and discount (fen) of the nearest step above an amount, if there is one."""
    if rule.benefit_kind != "steps":
        return None
    above = (step for step in rule.steps if step[0] > eligible_minor)
    found = next(above, None)
    return (found[0], found[1]) if found else None


def draw(key: str, subject: str) -> int:
    """Draw a lot's number: the same for the same subject, and nobody without the key can tell it.

    64 bits of HMAC-SHA256, so over bounds of a few yuan every fen is as likely as any other.
    """
    digest = hmac.new(key.encode(), subject.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big")


def _percent(rule: Benefit, eligible_minor: int) -> int:
    exact = eligible_minor * (rule.percent_bp or 0)
    value = (2 * exact + _WHOLE_BP) // (2 * _WHOLE_BP)
    bounds = [value, max(eligible_minor - 1, 0)]
    if rule.cap_minor is not None:
        bounds.append(rule.cap_minor)
    return min(bounds)
