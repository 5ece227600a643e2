"""Dividing what goes back of a line among those who paid for it: pure, whole fen."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def parts_of_value(parts: Sequence[int], value_minor: int) -> list[int]:
    """Return who has got how much once so much of a line's value went back (fen).

    The parts sum to the line's value; the result sums to ``value_minor``. Each is its part's share
    of the value half up, and where the halves do not add up the odd fen go by Sainte-Laguë's
    divisors, ties to the earlier part. Whatever the steps: it only ever grows, never beyond the
    part, and the whole value gives every part exactly. ValueError beyond the value.
    """
    whole = sum(parts)
    if not 0 <= value_minor <= whole or any(part < 0 for part in parts):
        raise ValueError(f"{value_minor} of {parts} cannot go back")
    if not whole:
        return [0] * len(parts)
    got = [(2 * part * value_minor + whole) // (2 * whole) for part in parts]
    while (missing := value_minor - sum(got)) > 0:
        got[_next(parts, got)] += 1
    while missing < 0:
        got[_last(parts, got)] -= 1
        missing += 1
    return got


def back_of(parts: Sequence[int], *, done_minor: int, now_minor: int) -> list[int]:
    """Return who gets how much when ``now_minor`` of a line goes back, ``done_minor`` before."""
    before = parts_of_value(parts, done_minor)
    after = parts_of_value(parts, done_minor + now_minor)
    return [a - b for a, b in zip(after, before, strict=True)]


def _next(parts: Sequence[int], got: Sequence[int]) -> int:
    """Return whose fen is the next."""
    return min(range(len(parts)), key=lambda i: (-Fraction(parts[i], 2 * got[i] + 1), i))


def _last(parts: Sequence[int], got: Sequence[int]) -> int:
    """Return whose fen was the last given."""
    given = (i for i in range(len(parts)) if got[i])
    return max(given, key=lambda i: (-Fraction(parts[i], 2 * got[i] - 1), i))
