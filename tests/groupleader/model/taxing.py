"""Income tax as the announcements tell it, band by band, in fractions: a second opinion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    first_month: int | None = None

    def add(self, gross: int, *, month: int) -> int:
        """Count one payment in; return what is withheld of it (fen)."""
        if self.first_month is None:
            self.first_month = month
        self.income += gross
        months = month - self.first_month + 1
        taxed = Fraction(self.income * 4, 5) - MONTHLY * months
        now = min(max(banded(taxed, YEARLY) - self.withheld, 0), gross)
        self.withheld += now
        return now


def labour_tax(gross: int) -> int:
    """Return what is withheld of one payment for labour (fen)."""
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
