"""How figures are read: amounts, times, shares, and their change since another period."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Form(StrEnum):
    """How a figure is shown."""

    COUNT = "count"
    MONEY = "money"
    TIMES = "times"
    PERCENT = "percent"


Number = int | Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: now, in the period before, and a year ago; money in fen."""

    key: str
    word: str
    formula: str
    form: Form
    now: Number
    before: Number
    year: Number

    @property
    def shown(self) -> str:
        """The figure as it is read."""
        return show(self.now, self.form)

    @property
    def shown_before(self) -> str:
        """The figure of the period before."""
        return show(self.before, self.form)

    @property
    def shown_year(self) -> str:
        """The figure of a year ago."""
        return show(self.year, self.form)

    @property
    def change(self) -> str:
        """By how much it changed since the period before, in percent; a dash where it cannot."""
        return change(self.now, self.before)

    @property
    def change_year(self) -> str:
        """By how much it changed since a year ago."""
        return change(self.now, self.year)


def show(value: Number, form: Form) -> str:
    """Show a number: 1,234 · ¥12.34 · 11.2× · 8.4 %; a dash for none."""
    if value is None:
        return "–"
    if form is Form.MONEY:
        return f"¥{_round(Decimal(value) / 100, 2):,}"
    if form is Form.TIMES:
        return f"{_round(Decimal(value), 1)}×"
    if form is Form.PERCENT:
        return f"{_round(Decimal(value) * 100, 1)} %"
    return f"{int(value):,}"


def change(now: Number, then: Number) -> str:
    """Say a change in percent with its sign; a dash where there was nothing then."""
    if now is None or not then:
        return "–"
    percent = _round((Decimal(now) - Decimal(then)) / Decimal(then) * 100, 1)
    sign = "+" if percent > 0 else "−" if percent < 0 else "±"
    return f"{sign}{abs(percent)} %"


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
