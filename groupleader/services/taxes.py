"""Income tax withheld from what leaders earn: dated tables and one pure function per regime.

`platform_cumulative`: 国家税务总局公告 2025 年第 16 号 (from 2025-10-01), cumulative withholding on
people who earn through an internet platform: income less 20 % costs, less 5,000.00 for each of the
months in a row with income, on the yearly scale, less what was withheld before.
`per_payment`: 国家税务总局公告 2018 年第 61 号, labour remuneration; what is earned on and on
counts as one payment a month (实施条例 第十四条), however many statements it comes in.
`business_entity`: nothing withheld, invoice asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final


class TaxRegime(StrEnum):
    """How a leader's income is taxed."""

    PLATFORM_CUMULATIVE = "platform_cumulative"
    PER_PAYMENT = "per_payment"
    BUSINESS_ENTITY = "business_entity"


@dataclass(frozen=True, slots=True)
class Bracket:
    """Up to this taxable amount (None: without end) the rate applies, less the quick deduction."""

    up_to_minor: int | None
    rate: Decimal
    deduction_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTable:
    """The figures in force from a day on; amounts in fen."""

    valid_from: date
    regime: TaxRegime
    brackets: Sequence[Bracket]
    cost_rate: Decimal
    allowance_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeSoFar:
    """One person's year with one payer before this statement; for labour remuneration her month.

    `months` are the months in a row with income, up to this one and with it.
    """

    gross_minor: int = 0
    withheld_minor: int = 0
    months: int = 1


def _scale(*rows: tuple[int | None, str, int]) -> tuple[Bracket, ...]:
    return tuple(
        Bracket(None if top is None else top * 100, Decimal(rate), quick * 100)
        for top, rate, quick in rows
    )


_YEARLY = _scale(
    (36_000, "0.03", 0),
    (144_000, "0.10", 2_520),
    (300_000, "0.20", 16_920),
    (420_000, "0.25", 31_920),
    (660_000, "0.30", 52_920),
    (960_000, "0.35", 85_920),
    (None, "0.45", 181_920),
)
_LABOUR = _scale((20_000, "0.20", 0), (50_000, "0.30", 2_000), (None, "0.40", 7_000))
TABLES = (
    TaxTable(
        valid_from=date(2019, 1, 1),
        regime=TaxRegime.PER_PAYMENT,
        brackets=_LABOUR,
        cost_rate=Decimal("0.20"),
        allowance_minor=80_000,
    ),
    TaxTable(
        valid_from=date(2025, 10, 1),
        regime=TaxRegime.PLATFORM_CUMULATIVE,
        brackets=_YEARLY,
        cost_rate=Decimal("0.20"),
        allowance_minor=500_000,
    ),
)
# Labour remuneration up to 4,000.00 deducts a flat 800.00, above it 20 %.
FLAT_COST_UP_TO_MINOR: Final = 400_000


def table_on(day: date, regime: TaxRegime) -> TaxTable:
    """Return the table in force on a Shanghai day; LookupError before the first."""
    found = [table for table in TABLES if table.regime == regime and table.valid_from <= day]
    if not found:
        raise LookupError(f"no tax table for {regime} on {day}")
    return max(found, key=lambda table: table.valid_from)


def months_in_a_row(month: int, earlier: Collection[int]) -> int:
    """Return how many months in a row had income, up to this one of the year and with it.

    A month without ends the row: the basic deduction is 5,000.00 for each month "连续取得劳务报酬".
    Income and tax before the gap still count, as 累计收入 and 累计已预扣预缴税额.
    """
    count = 1
    while month - count in earlier:
        count += 1
    return count


def compute_tax(
    gross_minor: int, *, regime: TaxRegime, day: date, so_far: IncomeSoFar | None = None
) -> int:
    """Return the fen to withhold from a statement of `gross_minor` issued on a Shanghai day.

    Never negative, never more than the gross; too much withheld earlier in the year is not paid
    back here but in the yearly settlement. LookupError where no table is in force.
    """
    if regime is TaxRegime.BUSINESS_ENTITY or gross_minor <= 0:
        return 0
    table = table_on(day, regime)
    before = so_far or IncomeSoFar()
    income = before.gross_minor + gross_minor
    if regime is TaxRegime.PER_PAYMENT:
        taxable = labour_taxable(income, table)
    else:
        taxable = income * (1 - table.cost_rate) - table.allowance_minor * before.months
    due = on_scale(table, max(taxable, Decimal(0)))
    return min(max(due - before.withheld_minor, 0), gross_minor)


def labour_taxable(gross_minor: int, table: TaxTable) -> Decimal:
    """Return what of a month's labour remuneration is taxed (fen)."""
    if gross_minor <= FLAT_COST_UP_TO_MINOR:
        return Decimal(max(gross_minor - table.allowance_minor, 0))
    return gross_minor * (1 - table.cost_rate)


def bracket_of(table: TaxTable, taxable: Decimal) -> Bracket:
    """Return the row of a table that taxes so much (fen)."""
    return next(r for r in table.brackets if r.up_to_minor is None or taxable <= r.up_to_minor)


def on_scale(table: TaxTable, taxable: Decimal) -> int:
    """Apply the scale, half up to the fen."""
    row = bracket_of(table, taxable)
    tax = taxable * row.rate - row.deduction_minor
    return int(tax.quantize(Decimal(1), rounding=ROUND_HALF_UP))
