"""Money arithmetic against exact fractions, over more cases than a person would wait for."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from payments.kernel.money import part_of_share, spread

pytestmark = pytest.mark.nightly
CASES = 200_000


def test_spreading_is_exact_fair_and_within_each_line(record_property):
    seed = Random().randrange(2**32)
    record_property("seed", seed)
    dice = Random(seed)
    for _ in range(CASES):
        weights = [dice.randrange(0, 100_000) for _ in range(dice.randrange(1, 12))]
        whole = sum(weights)
        total = dice.randrange(0, whole + 1)

        parts = spread(total, weights) if whole else [0] * len(weights)

        assert sum(parts) == total
        for part, weight in zip(parts, weights, strict=True):
            exact = Fraction(total * weight, whole) if whole else Fraction(0)
            assert 0 <= part <= weight
            assert abs(part - exact) < 1


def test_giving_back_in_any_steps_gives_back_the_share_exactly(record_property):
    seed = Random().randrange(2**32)
    record_property("seed", seed)
    dice = Random(seed)
    for _ in range(CASES):
        share, whole = dice.randrange(0, 50_000), dice.randrange(1, 5_000)
        done, given = 0, 0
        while done < whole:
            now = dice.randrange(1, whole - done + 1)
            given += part_of_share(share, done=done, now=now, whole=whole)
            done += now
            assert abs(given - Fraction(share * done, whole)) <= Fraction(1, 2)
        assert given == share
