"""Any sequence of edits, a cut with cases and tiers, shortages, weights and cases: to the fen.

Whatever happens, in whatever order: every funder gets back exactly the part of what went back that
the arithmetic says, nobody more than it gave, and when all is gone everybody has all of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest

from mall.groupbuy.cutting import ItemTerms, Ordered, cut
from mall.ordering.backs import Gone, back_of_line
from mall.ordering.models import LineFulfilment
from tests.mall.ordering.plain_lines import book, make_line

CASES = 1000
NIGHTLY_CASES = 40_000


@dataclass
class Story:
    """What happened to one item's lines, by the seed's chance."""

    dice: Random
    lines: list[LineFulfilment] = field(default_factory=list)
    got: list[Counter[int]] = field(default_factory=list)

    def begin(self) -> None:
        """Some neighbours order; each line is paid by one to four parties."""
        self.price = self.dice.randint(2, 5000)
        for pk in range(1, self.dice.randint(2, 5) + 1):
            quantity = self.dice.randint(1, 12)
            value = self.price * quantity
            shares, room = [], value
            for _ in range(self.dice.randint(0, 3)):
                share = self.dice.randint(0, max(0, room - 1))
                if share:
                    shares.append(share)
                    room -= share
            self.lines.append(make_line(pk, unit=self.price, quantity=quantity, shares=shares))
            self.got.append(Counter())

    def take(self, n: int, *, pieces: int = 0, off: int = 0) -> None:
        """Give back of one line, and count who got what."""
        line = self.lines[n]
        back = back_of_line(line, Gone(line_id=line.pk, quantity=pieces, off_minor=off))
        book(back)
        for index, part in enumerate(back.parts):
            self.got[n][index] += part.minor
        self.got[n][-1] += back.value_minor - back.share_minor
        assert back.value_minor - back.share_minor >= 0

    def left(self, n: int) -> int:
        return self.lines[n].quantity - self.lines[n].refunded_quantity

    def worth(self, n: int) -> int:
        return self.lines[n].value_minor - self.lines[n].refunded_minor

    def edit(self) -> None:
        """A neighbour takes some pieces off."""
        n = self.dice.randrange(len(self.lines))
        if self.left(n):
            self.take(n, pieces=self.dice.randint(1, self.left(n)))

    def cut(self) -> None:
        """The cut-off: cases, a minimum, tiers; everybody pays the price reached."""
        steps = sorted(self.dice.sample(range(2, 40), 2))
        prices = sorted((self.dice.randint(1, self.price) for _ in range(2)), reverse=True)
        terms = ItemTerms(
            price_minor=self.price,
            tiers=tuple(zip(steps, prices, strict=True)),
            case_size=self.dice.choice((1, 1, 2, 6)),
            minimum=self.dice.choice((0, 0, 5)),
        )
        ordered = [
            Ordered(line_id=n, quantity=self.left(n), tolerance=self.dice.randint(0, self.left(n)))
            for n in range(len(self.lines))
        ]
        outcome = cut(terms, ordered)
        for n in range(len(self.lines)):
            pieces = outcome.pieces[n]
            gone = self.left(n) - pieces
            off = (self.price - outcome.price_minor) * pieces
            if gone or off:
                self.take(n, pieces=gone, off=off)
            assert self.worth(n) == min(self.price, outcome.price_minor) * pieces

    def lose(self) -> None:
        """Something did not come, weighs less, or is bad."""
        n = self.dice.randrange(len(self.lines))
        if self.left(n) and self.dice.random() < 0.5:
            self.take(n, pieces=self.dice.randint(1, self.left(n)))
        elif self.worth(n) > 1:
            self.take(n, off=self.dice.randint(1, self.worth(n) - 1))

    def end(self) -> None:
        """All that is left goes back: then everybody has what it gave, to the fen."""
        for n, line in enumerate(self.lines):
            if self.worth(n):
                self.take(n, pieces=self.left(n), off=0 if self.left(n) else self.worth(n))
            gave = [row.minor for row in line.discounts.all()]
            assert [self.got[n][index] for index in range(len(gave))] == gave
            assert self.got[n][-1] == line.value_minor - sum(gave)

    def check(self) -> None:
        """Nobody got more than it gave; the parts are the whole; each near its share."""
        for n, line in enumerate(self.lines):
            rows = list(line.discounts.all())
            assert sum(self.got[n].values()) == line.refunded_minor
            for index, row in enumerate(rows):
                assert 0 <= self.got[n][index] <= row.minor
                share = row.minor * line.refunded_minor / line.value_minor
                assert abs(self.got[n][index] - share) <= len(rows)


def play(seed: int) -> None:
    story = Story(Random(seed))
    story.begin()
    for _ in range(story.dice.randint(0, 4)):
        story.edit()
        story.check()
    story.cut()
    story.check()
    for _ in range(story.dice.randint(0, 5)):
        story.lose()
        story.check()
    story.end()


@pytest.mark.parametrize("start", range(0, CASES, 100))
def test_whatever_happens_everybody_gets_his_part(start: int):
    for seed in range(start, start + 100):
        play(seed)


@pytest.mark.nightly
def test_whatever_happens_everybody_gets_his_part_many_times():
    for seed in range(NIGHTLY_CASES):
        play(seed)


def test_a_funder_who_is_rounded_each_time_by_itself_would_lose():
    """The negative control: parts rounded one by one do not sum to what went back."""
    line = make_line(1, unit=1000, quantity=3, shares=[333, 334, 335])
    by_itself = Counter[int]()
    for _ in range(3):
        for index, row in enumerate(line.discounts.all()):
            by_itself[index] += row.minor // 3

    assert [by_itself[n] for n in range(3)] != [333, 334, 335]
