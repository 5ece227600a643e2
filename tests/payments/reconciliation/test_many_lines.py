"""A long bill takes no more memory than a short one, and a random day always adds up."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from payments.reconciliation import invariants
from payments.reconciliation.importing import import_bill
from payments.reconciliation.jobs import fetch_bills
from payments.reconciliation.models import Bill, ReconciliationCase
from payments.reconciliation.selectors import day_equation
from tests.payments.reconciliation.paperbank import Line, noon
from tests.payments.reconciliation.takings import (
    DAY,
    FEE,
    given_back,
    jobs_until_quiet,
    line_of,
    line_of_refund,
    next_noon,
    paid,
    the_bill,
)

pytestmark = pytest.mark.django_db

LINES = 20_000
MEMORY_MAX = 24 << 20


def test_twenty_thousand_lines_are_read_in_bounded_memory(bank, time_machine):
    time_machine.move_to(noon(DAY))
    paid("ORDER1")
    lines = [Line("pay", f"PSTRANGE{n:08}", 500, 2, at=noon(DAY)) for n in range(LINES)]
    bank.issue(DAY, "trade", lines)
    next_noon(time_machine)
    fetch_bills()

    tracemalloc.start()
    import_bill(Bill.objects.get(day=DAY).pk)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert the_bill().line_count == LINES
    assert peak < MEMORY_MAX, f"{peak >> 20} MiB"


def spoiled(rng: random.Random, line: Line) -> list[Line]:
    """One line as a careless bank might print it."""
    fate = rng.randrange(8)
    if fate == 0:
        return []
    if fate == 1:
        line.amount += rng.choice([-1, 1, 500])
    elif fate == 2:
        line.fee += rng.choice([-2, -1, 1, 3])
    elif fate == 3:
        line.outcome = "failed"
    elif fate == 4:
        return [line, line]
    elif fate == 5:
        line.own_no = f"P{rng.randrange(10**9):09}"
    return [line]


@pytest.mark.parametrize("seed", [1, 7, 2611])
def test_whatever_a_bill_says_the_equation_holds_and_a_second_look_finds_the_same(
    bank, time_machine, seed
):
    rng = random.Random(seed)
    time_machine.move_to(noon(DAY))
    rows = [paid(f"ORDER{n}") for n in range(12)]
    lines = [line_of(row, fee=FEE) for row in rows]
    lines += [line_of_refund(given_back(row)) for row in rows[:4]]
    printed = [other for line in lines for other in spoiled(rng, line)]
    bank.issue(DAY, "trade", printed)
    next_noon(time_machine)

    jobs_until_quiet(time_machine, rounds=6)
    first = set(ReconciliationCase.objects.values_list("case_no", "state"))
    jobs_until_quiet(time_machine, rounds=2)

    equation = day_equation("paper", DAY, "trade")
    assert equation.holds, equation
    assert sum(side.whole[0] for side in equation.bill.values()) == len(printed)
    assert set(ReconciliationCase.objects.values_list("case_no", "state")) == first
    assert [v for result in invariants.check() for v in result.violations] == []
