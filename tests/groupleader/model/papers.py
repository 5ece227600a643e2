"""The accountant's papers: entries, orders, corrections, statements, people; amounts in fen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from tests.groupleader.model.taxing import LabourMonth, Year

# The last of the four keeps the small point and brought the first one in.
KEEPER = REFERRER = 3
REFERRED = 0
RATE = Fraction(1, 10)
KEEPS = Fraction(1, 5)  # of the leader's, what the keeper of the small point has
REFERS = Fraction(1, 20)  # of hers, on top, for who brought her in
FEE = 100  # what a transfer costs her
LARGE = 500_000  # above it two people
COOLING = timedelta(hours=72)
AWARD, AWARD_ORDERS = 700, 3

ESTIMATED, FROZEN, FREE = "estimated", "frozen", "available"
SETTLED, CANCELLED = "settled", "cancelled"
OWED = (FROZEN, FREE, SETTLED)
CLOSED = ("approved", "paying", "failed", "paid")


@dataclass
class Entry:
    """What one person earns on one line, or owes back of it."""

    name: tuple[str, str, str]
    leader: int
    amount: int
    state: str
    free_since: datetime | None = None
    paper: Paper | None = None


@dataclass
class Part:
    """One person's part of a line while all of it is kept."""

    name: str
    leader: int
    whole: int
    entry: Entry | None = None


@dataclass
class Line:
    """A line of an order: its value, what went back, and by which refunds."""

    line_id: str
    value: int
    parts: list[Part]
    back: int = 0
    refunds: set[str] = field(default_factory=set)

    def left(self, part: Part) -> int:
        """What is left of a part: all but the share that went back, half up."""
        gone = Fraction(part.whole * self.back, self.value) + Fraction(1, 2)
        return part.whole - gone.numerator // gone.denominator


@dataclass
class Order:
    """An order as far as it has come: placed, paid, collected, closed."""

    order_no: str
    leader: int
    lines: list[Line]
    state: str = "placed"


@dataclass
class Correction:
    """So much more or less for a leader, once it counts."""

    correction_no: str
    leader: int
    amount: int
    counts_since: datetime | None = None
    paper: Paper | None = None
    by_one: datetime | None = None  # when one person let it count alone


@dataclass
class Paper:
    """A statement as it was handed out, and how far it has come since."""

    leader: int
    until: datetime
    gross: int
    tax: int
    taken: int
    entries: list[Entry]
    corrections: list[Correction]
    state: str = "issued"
    first: int | None = None
    approvers: list[int] = field(default_factory=list)

    @property
    def net(self) -> int:
        """What she gets."""
        return self.gross - self.tax - self.taken


@dataclass
class Person:
    """A leader as the accountant knows her."""

    regime: str
    period: str
    years: dict[int, Year] = field(default_factory=dict)
    labour: dict[tuple[int, int], LabourMonth] = field(default_factory=dict)
    charges: list[list[int]] = field(default_factory=list)  # [when it came in, what is left]
    changed_at: datetime | None = None
    is_frozen: bool = False
