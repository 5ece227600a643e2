"""A day leaves as a table, and no cell of it computes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payments.admin.spreadsheets import spreadsheet
from payments.reconciliation.exporting import (
    CASE_HEADERS,
    EQUATION_HEADERS,
    case_rows,
    equation_rows,
)
from tests.payments.reconciliation.paperbank import Line, noon
from tests.payments.reconciliation.takings import DAY, jobs_until_quiet, line_of, next_noon, paid

pytestmark = pytest.mark.django_db


def test_a_day_as_a_file(bank, time_machine):
    time_machine.move_to(noon(DAY))
    row = paid("ORDER1")
    strange = Line("pay", "=1+1", 500, 2, at=noon(DAY), party="@SUM(A1)")
    bank.issue(DAY, "trade", [line_of(row), strange])
    next_noon(time_machine)
    jobs_until_quiet(time_machine)

    (case,) = case_rows(DAY)
    assert len(case) == len(CASE_HEADERS)
    assert (case[4], case[5], case[9], case[10]) == (
        "orphan",
        "=1+1",
        Decimal("5.00"),
        Decimal("0.02"),
    )
    figures = list(equation_rows(DAY, "paper"))
    assert all(len(line) == len(EQUATION_HEADERS) for line in figures)
    assert figures[0][5:9] == [Decimal("197.00"), Decimal("192.00"), Decimal(0), Decimal("5.00")]

    answer = spreadsheet("csv", name="day", headers=CASE_HEADERS, rows=case_rows(DAY))
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    assert "'=1+1" in text
    assert "'@SUM(A1)" in text
