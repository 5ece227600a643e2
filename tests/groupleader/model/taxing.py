"""Income tax as the announcements tell it, band by band, in fractions: a second opinion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

# Up to so many yuan of what is taxed, at so many percent: each band for itself.
YEARLY = (
    (36_000, 3),
    (144_000, 10),
    (300_000, 20),
    (420_000, 25),
    (660_000, 30),
    (960_000, 35),
    (None, 45),
)
LABOUR = ((20_000, 20), (50_000, 30), (None, 40))
MONTHLY = 500_000  # 5,000.00 for each month of work


@dataclass
class Year:
    """A person's year with one payer."""

    income: int = 0
    withheld: int = 0
    months: set[int] = field(default_factory=set)

    def add(self, gross: int, *, month: int) -> int:
        """Count one payment in; return what is withheld of it (fen)."""
        self.months.add(month)
        self.income += gross
        # The months in a row up to this one: the first gap ends them.
        months = next(n for n in range(1, 14) if month - n not in self.months)
        taxed = Fraction(self.income * 4, 5) - MONTHLY * months
        now = min(max(banded(taxed, YEARLY) - self.withheld, 0), gross)
        self.withheld += now
        return now


@dataclass
class LabourMonth:
    """A person's month of labour with one payer: one payment, however often it comes."""

    income: int = 0
    withheld: int = 0

    def add(self, gross: int) -> int:
        """Count one statement in; return what is withheld of it (fen)."""
        self.income += gross
        now = min(max(labour_tax(self.income) - self.withheld, 0), gross)
        self.withheld += now
        return now


def labour_tax(gross: int) -> int:
    """Return the tax on one payment for labour (fen)."""
    taxed = Fraction(gross * 4, 5) if gross > 400_000 else Fraction(gross - 80_000)
    return min(banded(taxed, LABOUR), gross)


def banded(taxed: Fraction, bands: Sequence[tuple[int | None, int]]) -> int:
    """Tax every band for itself, add up, and round half up once (fen)."""
    floor, due = 0, Fraction(0)
    for top, percent in bands:
        up_to = taxed if top is None else min(taxed, Fraction(top * 100))
        if up_to > floor:
            due += (up_to - floor) * percent / 100
        floor = floor if top is None else top * 100
    due += Fraction(1, 2)
    return due.numerator // due.denominator
