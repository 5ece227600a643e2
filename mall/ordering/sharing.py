"""Sharing what came among those who ordered it: three rules, whole pieces, always the same way."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from mall.groupbuy.models import Sharing


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Pieces a line still has to get; lines come in the order they joined.

    Lines of one resident are hers together: who orders twice is one person to the fair rule.
    """

    line_id: int
    quantity: int
    resident_id: int | None = None


def share(dues: Sequence[Due], *, available: int, rule: Sharing | str) -> dict[int, int]:
    """Return how many each line gets: in sum what is available, at most what is due.

    First come: the lines that joined first get all of theirs. Proportional: each the same part,
    what is left over by the largest remainders, ties to who joined first. Fair: one piece to each
    resident, round by round, in the order of joining. ValueError where more is available than is
    due, or less than nothing.
    """
    due = sum(each.quantity for each in dues)
    if not 0 <= available <= due:
        raise ValueError(f"{available} of {due} cannot be shared")
    got = _RULES[Sharing(rule)](dues, available)
    return {each.line_id: pieces for each, pieces in zip(dues, got, strict=True)}


def _first_come(dues: Sequence[Due], available: int) -> list[int]:
    got = []
    for each in dues:
        got.append(min(each.quantity, available))
        available -= got[-1]
    return got


def _proportional(dues: Sequence[Due], available: int) -> list[int]:
    due = sum(each.quantity for each in dues)
    if not due:
        return [0] * len(dues)
    got, remainders = [], []
    for number, each in enumerate(dues):
        whole, rest = divmod(each.quantity * available, due)
        got.append(whole)
        remainders.append((-rest, number))
    for _rest, number in sorted(remainders)[: available - sum(got)]:
        got[number] += 1
    return got


def _fair(dues: Sequence[Due], available: int) -> list[int]:
    people: dict[Hashable, list[int]] = {}
    for number, each in enumerate(dues):
        who = ("line", each.line_id) if each.resident_id is None else each.resident_id
        people.setdefault(who, []).append(number)
    wanted = [sum(dues[number].quantity for number in lines) for lines in people.values()]
    got = [0] * len(dues)
    for lines, pieces in zip(people.values(), _rounds(wanted, available), strict=True):
        of_hers = _first_come([dues[number] for number in lines], pieces)
        for number, part in zip(lines, of_hers, strict=True):
            got[number] = part
    return got


def _rounds(wanted: Sequence[int], available: int) -> list[int]:
    """Give one piece to each, round by round; whole rounds are counted, not played."""
    level, still = 0, len(wanted)
    left = available
    for height in sorted(set(wanted)):
        rise = min(height - level, left // still) if still else 0
        level += rise
        left -= rise * still
        if level < height:
            break
        still = sum(1 for each in wanted if each > level)
    got = [min(each, level) for each in wanted]
    for number, each in enumerate(wanted):
        if left and each > level:
            got[number] += 1
            left -= 1
    return got


_RULES: Final[dict[Sharing, Callable[[Sequence[Due], int], list[int]]]] = {
    Sharing.FIRST_COME: _first_come,
    Sharing.PROPORTIONAL: _proportional,
    Sharing.FAIR: _fair,
}
