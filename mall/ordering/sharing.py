"""Sharing what came among those who ordered it: three rules, whole pieces, always the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mall.groupbuy.models import Sharing


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Pieces a line still has to get; lines come in the order they were placed."""

    line_id: int
    quantity: int


def share(dues: Sequence[Due], *, available: int, rule: Sharing) -> dict[int, int]:
    """Return how many each line gets: in sum what is available, at most what is due.

    ValueError where more is available than is due or less than nothing.
    """
    due = sum(each.quantity for each in dues)
    if not 0 <= available <= due:
        raise ValueError(f"{available} of {due} cannot be shared")
    got = {}
    for each in dues:
        got[each.line_id] = min(each.quantity, available)
        available -= got[each.line_id]
    return got
