"""Money: whole fen and a currency, never a float, never a Decimal inside the house."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Final, Self

# ISO 4217 exponents of what we settle in; an unknown currency is refused rather than guessed.
EXPONENTS: Final = {"CNY": 2, "USD": 2, "EUR": 2, "HKD": 2, "JPY": 0, "KWD": 3}

_MAJOR = re.compile(r"(?P<whole>0|[1-9]\d*)(?:\.(?P<part>\d+))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in the smallest unit of its currency (fen for CNY); negative only in the ledger."""

    minor: int
    currency: str = "CNY"

    def __post_init__(self) -> None:
        """Refuse anything but a whole number of a known currency."""
        if type(self.minor) is not int:
            raise TypeError(f"money is whole minor units, not {type(self.minor).__name__}")
        if self.currency not in EXPONENTS:
            raise ValueError(f"unknown currency {self.currency!r}")

    @classmethod
    def from_major(cls, amount: Decimal, currency: str = "CNY") -> Self:
        """Read yuan as a Decimal, at Oscar's border only; ValueError if fen would be lost."""
        minor = amount.scaleb(EXPONENTS[currency])
        if minor != minor.to_integral_value():
            raise ValueError(f"{amount} {currency} is not a whole number of minor units")
        return cls(int(minor), currency)

    @classmethod
    def from_major_str(cls, text: str, currency: str = "CNY") -> Self:
        """Read an acquirer's "192.00"; ValueError on signs, exponents, or too many digits."""
        match = _MAJOR.fullmatch(text)
        part = (match["part"] or "") if match else ""
        if match is None or len(part) > EXPONENTS[currency]:
            raise ValueError(f"{text!r} is not an amount of {currency}")
        return cls(int(match["whole"] + part.ljust(EXPONENTS[currency], "0")), currency)

    @property
    def major(self) -> Decimal:
        """Yuan as a Decimal, for Oscar and for people."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])

    def to_major_str(self) -> str:
        """Exactly "0.03": what acquirers that count in yuan want to read."""
        return f"{self.major:.{EXPONENTS[self.currency]}f}"

    def at_rate(self, rate: Decimal, rounding: str = ROUND_HALF_UP) -> Self:
        """Take a rate of the amount, half up unless said otherwise (commission goes down)."""
        exact = Decimal(self.minor) * rate
        return type(self)(int(exact.quantize(Decimal(1), rounding=rounding)), self.currency)

    def floor_rate(self, rate: Decimal) -> Self:
        """Take a rate, cut to the fen: how commission is counted."""
        return self.at_rate(rate, ROUND_DOWN)

    def _same(self, other: object) -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money and {type(other).__name__} do not mix")
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add")
        return other.minor

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency."""
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        """Take away an amount of the same currency."""
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        """Turn the sign round."""
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        """Repeat an amount a whole number of times."""
        if type(times) is not int:
            raise TypeError("money times a whole number only; use at_rate() for rates")
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        """Compare within one currency."""
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        """Compare within one currency."""
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        """Compare within one currency."""
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        """Compare within one currency."""
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        """Nothing is false, anything else is true."""
        return self.minor != 0

    def __str__(self) -> str:
        """Show as "CNY 19.90"."""
        return f"{self.currency} {self.to_major_str()}"


def spread(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Spread an amount over weights by largest remainder, ties to the earlier line.

    The parts sum to the total exactly and each is within one fen of its exact share, so with
    total <= sum(weights) no part exceeds its weight. ValueError for negative input or where there
    is something to spread and nothing to spread it over.
    """
    whole = sum(weights)
    if total_minor < 0 or any(weight < 0 for weight in weights):
        raise ValueError("only non-negative amounts are spread")
    if whole == 0:
        if total_minor:
            raise ValueError("nothing to spread over")
        return [0] * len(weights)
    parts = [total_minor * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(total_minor * weights[i] % whole), i)
    )
    for i in by_remainder[: total_minor - sum(parts)]:
        parts[i] += 1
    return parts


def part_of_share(share_minor: int, *, done: int, now: int, whole: int) -> int:
    """Return what goes back of a line's share when `now` of `whole` units do, `done` before.

    Telescopes as f(done + now) - f(done) with f half up: whatever the steps, emptying the line
    gives back the share exactly. Units may be pieces, grams or fen. ValueError beyond the whole.
    """
    if not (done >= 0 and now >= 0 and done + now <= whole and whole > 0):
        raise ValueError(f"cannot take {now} after {done} of {whole}")

    def back(units: int) -> int:
        return (2 * share_minor * units + whole) // (2 * whole)

    return back(done + now) - back(done)
