"""What goes back of a line goes back to whoever gave it: to the fen, whatever the steps."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest

from mall.ordering.parts import back_of, parts_of_value
from mall.ordering.tenders import funders_parts
from mall.promotions.funding import Share
from payments.api import Funder, part_of_share

CASES = 4_000
NIGHTLY_CASES = 200_000


def some_line(dice: Random) -> tuple[list[int], int, int]:
    """A line's parts, the payer's last, its price and pieces; tiny amounts are the hard ones."""
    pieces = dice.choice((1, 1, 2, 3, 4, 7, 20))
    price = dice.choice((1, 2, 3, 5, 99, 1000, 2999, dice.randint(1, 100_000)))
    value = price * pieces
    funders = dice.randint(0, 6)
    cuts = sorted(dice.randint(0, value) for _ in range(funders))
    if dice.random() < 0.3 and cuts:
        cuts[-1] = value - dice.choice((0, 0, 1))  # others pay nearly all of it
        cuts.sort()
    edges = [0, *cuts, value]
    return [b - a for a, b in pairwise(edges)], price, pieces


def steps_of(dice: Random, pieces: int) -> Iterator[tuple[int, int]]:
    """So many pieces after so many, until all have gone back."""
    done = 0
    while done < pieces:
        now = dice.randint(1, pieces - done)
        yield done, now
        done += now


def check_a_line(dice: Random) -> None:
    parts, price, pieces = some_line(dice)
    left = list(parts)
    for done, now in steps_of(dice, pieces):
        back = back_of(parts, done_minor=done * price, now_minor=now * price)
        assert sum(back) == now * price
        assert all(0 <= each <= rest for each, rest in zip(back, left, strict=True))
        left = [rest - each for rest, each in zip(left, back, strict=True)]
        so_far = (done + now) * price
        whole = price * pieces
        others = sum(1 for part in parts if part) - 1
        for part, rest in zip(parts, left, strict=True):
            # within half a fen of the exact share for everybody else who paid, at every step
            assert abs((part - rest) * whole - part * so_far) * 2 <= others * whole
    assert left == [0] * len(parts)


def check_a_spread(dice: Random) -> None:
    shares = [dice.choice((0, 1, 7, dice.randint(0, 50_000))) for _ in range(dice.randint(1, 8))]
    cuts = sorted({0, 100, *(dice.randint(1, 99) for _ in range(dice.randint(0, 3)))})
    percents = [b - a for a, b in pairwise(cuts)]
    funding = [Share(Funder.PLATFORM, f"P{n}", percent) for n, percent in enumerate(percents)]
    parts = funders_parts(shares, funding)
    for n, share in enumerate(shares):
        assert sum(part.minors[n] for part in parts) == share
    by_ref = {part.ref: part.minor for part in parts}
    for share in funding:
        exact = sum(shares) * share.percent
        assert abs(by_ref.get(share.ref, 0) * 100 - exact) < 100


def test_any_steps_that_empty_a_line_give_every_part_exactly():
    dice = Random(20261122)
    for _ in range(CASES):
        check_a_line(dice)


@pytest.mark.nightly
def test_any_steps_that_empty_a_line_in_two_hundred_thousand_cases():
    dice = Random(200_000)
    for _ in range(NIGHTLY_CASES):
        check_a_line(dice)


def test_every_funder_bears_its_percent_and_every_line_its_share():
    dice = Random(75_25)
    for _ in range(CASES):
        check_a_spread(dice)


@pytest.mark.nightly
def test_funders_and_lines_in_two_hundred_thousand_cases():
    dice = Random(25_75)
    for _ in range(NIGHTLY_CASES):
        check_a_spread(dice)


def test_one_discount_goes_back_as_it_always_did():
    dice = Random(1600)
    for _ in range(CASES):
        pieces, price = dice.randint(1, 9), dice.randint(1, 9_999)
        share = dice.randint(0, price * pieces)
        for done, now in steps_of(dice, pieces):
            back = back_of(
                [share, price * pieces - share], done_minor=done * price, now_minor=now * price
            )
            assert back[0] == part_of_share(share, done=done, now=now, whole=pieces)


def test_three_funders_of_nearly_everything_never_take_from_the_payer():
    # Each half up by itself would be 1001 of 1000 fen.
    assert parts_of_value([667, 667, 666, 0], 1000) == [334, 333, 333, 0]


@pytest.mark.parametrize(("parts", "value"), [([1, 2], 4), ([1, 2], -1), ([3, -1], 1)])
def test_more_than_the_line_is_worth_cannot_go_back(parts, value):
    with pytest.raises(ValueError, match="cannot go back"):
        parts_of_value(parts, value)


def test_a_line_worth_nothing_has_nothing_to_give():
    assert parts_of_value([0, 0], 0) == [0, 0]
