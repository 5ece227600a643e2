"""Tax withheld from leaders: the published examples, dated tables, nothing negative."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from groupleader.services.tax_steps import tax_steps
from groupleader.services.taxes import (
    IncomeSoFar,
    TaxRegime,
    compute_tax,
    months_in_a_row,
    table_on,
)

DAY = date(2026, 11, 22)
CUMULATIVE = TaxRegime.PLATFORM_CUMULATIVE


def three_months(monthly: int) -> list[int]:
    """What is withheld in each of three months that each give the same."""
    withheld: list[int] = []
    for month in range(3):
        so_far = IncomeSoFar(
            gross_minor=monthly * month, withheld_minor=sum(withheld), months=month + 1
        )
        withheld.append(compute_tax(monthly, regime=CUMULATIVE, day=DAY, so_far=so_far))
    return withheld


@pytest.mark.parametrize(
    ("monthly", "withheld"),
    [
        (300_000, [0, 0, 0]),
        (625_000, [0, 0, 0]),
        (625_100, [2, 3, 2]),
        (900_000, [6_600, 6_600, 6_600]),
        (2_000_000, [33_000, 33_000, 33_000]),
        (6_000_000, [178_000, 430_000, 430_000]),
    ],
)
def test_cumulative_withholding_over_three_months(monthly, withheld):
    assert three_months(monthly) == withheld


@pytest.mark.parametrize(
    ("paid", "withheld"),
    [
        (80_000, 0),
        (300_000, 44_000),
        (400_000, 64_000),
        (900_000, 144_000),
        (6_000_000, 1_240_000),
        (50_000, 0),
    ],
)
def test_labour_remuneration_per_payment(paid, withheld):
    assert compute_tax(paid, regime=TaxRegime.PER_PAYMENT, day=DAY) == withheld


def test_a_registered_business_sends_an_invoice_instead():
    assert compute_tax(900_000, regime=TaxRegime.BUSINESS_ENTITY, day=DAY) == 0


def test_the_first_statement_of_a_year_needs_no_past():
    assert compute_tax(900_000, regime=CUMULATIVE, day=DAY) == 6_600


def test_nothing_is_withheld_from_nothing():
    assert compute_tax(0, regime=CUMULATIVE, day=DAY) == 0
    assert compute_tax(-500, regime=CUMULATIVE, day=DAY) == 0


def test_a_clawback_lowers_the_next_month_and_never_below_zero():
    after = IncomeSoFar(gross_minor=900_000, withheld_minor=6_600, months=2)

    assert compute_tax(100_000, regime=CUMULATIVE, day=DAY, so_far=after) == 0


def test_how_statements_are_cut_inside_a_month_does_not_change_the_tax():
    cuts = [0, 123_456, 123_457, 700_000, 900_000]
    withheld = 0
    for before, after in pairwise(cuts):
        so_far = IncomeSoFar(gross_minor=before, withheld_minor=withheld)
        withheld += compute_tax(after - before, regime=CUMULATIVE, day=DAY, so_far=so_far)

    assert withheld == compute_tax(900_000, regime=CUMULATIVE, day=DAY)


def test_the_table_in_force_is_the_newest_that_has_begun():
    assert table_on(date(2025, 10, 1), CUMULATIVE).valid_from == date(2025, 10, 1)
    with pytest.raises(LookupError, match="no tax table for platform_cumulative on 2025-09-30"):
        table_on(date(2025, 9, 30), CUMULATIVE)


def test_the_steps_on_paper_add_up_to_what_is_withheld():
    for gross in range(625_000, 645_000, 7):
        steps = tax_steps(gross, regime=CUMULATIVE, day=DAY, so_far=IncomeSoFar())
        before, this, costs, allowance, taxable, by_table, withheld, now = [s.minor for s in steps]
        assert before + this + costs + allowance == taxable
        assert by_table + withheld == now == compute_tax(gross, regime=CUMULATIVE, day=DAY)


@pytest.mark.parametrize(
    ("month", "earlier", "months"),
    [(1, [], 1), (3, [1, 2], 3), (4, [1, 2], 1), (6, [2, 4, 5, 6], 3), (12, range(1, 13), 12)],
)
def test_a_month_without_income_ends_the_row(month, earlier, months):
    assert months_in_a_row(month, earlier) == months
