"""How the tax of a statement is computed, step by step, as an accountant would check it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groupleader.models import SettlementStatement
from groupleader.services.taxes import (
    FLAT_COST_UP_TO_MINOR,
    IncomeSoFar,
    TaxRegime,
    TaxTable,
    bracket_of,
    compute_tax,
    labour_taxable,
    on_scale,
    table_on,
)
from groupleader.services.years import sum_up


@dataclass(frozen=True, slots=True)
class TaxStep:
    """A line of the computation: what it is, so many fen, and what it was multiplied by."""

    label: str | Promise
    minor: int
    detail: str = ""


def income_before(statement: SettlementStatement) -> IncomeSoFar:
    """Return what a statement's tax was counted on: what those before it gave."""
    on = statement.tax_date
    if on is None or statement.leader_id is None:
        return IncomeSoFar()
    earlier = Q(issued_at__lt=statement.issued_at) | Q(
        issued_at=statement.issued_at, pk__lt=statement.pk
    )
    before = SettlementStatement.objects.filter(earlier, leader=statement.leader_id)
    return sum_up(before, regime=TaxRegime(statement.tax_regime), day=on)


def steps_of(statement: SettlementStatement) -> list[TaxStep]:
    """Return the steps that lead to the tax of an issued statement; the last one is it."""
    if statement.tax_date is None or statement.gross_minor is None:
        return []
    return tax_steps(
        statement.gross_minor,
        regime=TaxRegime(statement.tax_regime),
        day=statement.tax_date,
        so_far=income_before(statement),
    )


def tax_steps(
    gross_minor: int, *, regime: TaxRegime, day: date, so_far: IncomeSoFar
) -> list[TaxStep]:
    """Return the steps from what was earned to what is withheld (fen)."""
    if regime is TaxRegime.BUSINESS_ENTITY:
        return [
            TaxStep(_("A registered business pays its own tax; an invoice is asked for."), 0),
        ]
    table = table_on(day, regime)
    due = compute_tax(gross_minor, regime=regime, day=day, so_far=so_far)
    if regime is TaxRegime.PER_PAYMENT:
        return [
            *_labour(gross_minor, table, so_far),
            TaxStep(_("Withheld before in the month"), -so_far.withheld_minor),
            TaxStep(_("Tax withheld now"), due),
        ]
    return [
        *_cumulative(gross_minor, table, so_far),
        TaxStep(_("Withheld before in the year"), -so_far.withheld_minor),
        TaxStep(_("Tax withheld now"), due),
    ]


def _cumulative(gross_minor: int, table: TaxTable, so_far: IncomeSoFar) -> list[TaxStep]:
    income = so_far.gross_minor + gross_minor
    costs = income * table.cost_rate
    allowance = table.allowance_minor * so_far.months
    taxable = max(income - costs - allowance, Decimal(0))
    return [
        TaxStep(_("Income before in the year"), so_far.gross_minor),
        TaxStep(_("This statement"), gross_minor),
        TaxStep(
            _("Costs taken off"), -_fen(costs), f"{_yuan(income)} × {_percent(table.cost_rate)}"
        ),
        TaxStep(
            _("Basic deduction"),
            -allowance,
            f"{_yuan(table.allowance_minor)} × {so_far.months}",
        ),
        *_on_scale(taxable, table),
    ]


def _labour(gross_minor: int, table: TaxTable, so_far: IncomeSoFar) -> list[TaxStep]:
    income = so_far.gross_minor + gross_minor
    taxable = labour_taxable(income, table)
    is_flat = income <= FLAT_COST_UP_TO_MINOR
    detail = "" if is_flat else f"{_yuan(income)} × {_percent(table.cost_rate)}"
    return [
        TaxStep(_("Income before in the month"), so_far.gross_minor),
        TaxStep(_("This statement"), gross_minor),
        TaxStep(_("Costs taken off"), _fen(taxable) - income, detail),
        *_on_scale(taxable, table),
    ]


def _on_scale(taxable: Decimal, table: TaxTable) -> list[TaxStep]:
    """Show what is taxed to the fen; the tax is of the exact amount, as it is withheld."""
    row = bracket_of(table, taxable)
    shown = _fen(taxable)
    detail = f"{_yuan(shown)} × {_percent(row.rate)} − {_yuan(row.deduction_minor)}"
    return [
        TaxStep(_("Taxable"), shown),
        TaxStep(_("Tax by the table"), on_scale(table, taxable), detail),
    ]


def _fen(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _yuan(minor: int) -> str:
    return f"{Decimal(minor) / 100:,.2f}"


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}%"
