"""The design's list of invariants, one by one: each has a checker, or a test that says why not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# S: stock and groups. P: orders and payments. D: bank discounts. R: refunds. L: the books.
# C: commission and payouts. I: messages. X: reconciliation. A: access. T: time. F: fairness.
LISTED = {"S": 8, "P": 13, "D": 10, "R": 6, "L": 8, "C": 10, "I": 5, "X": 2, "A": 3, "T": 2, "F": 1}
ALL = [f"{letter}{n}" for letter, last in LISTED.items() for n in range(1, last + 1)]

# What cannot be seen in rows, and the test that shows it.
SHOWN_BY_A_TEST = {
    # Only what is left in stock shows that too little was sold; the race asserts equality.
    "S5": "tests/races/test_placing_races.py::test_fifty_buyers_of_ten_pieces_get_exactly_ten",
    # The database refuses the write, so no row can show it.
    "S8": "tests/mall/ordering/test_stock_keeper.py::"
    "test_the_database_refuses_more_allocated_than_in_stock",
    # Which number a question carried is not a row of ours.
    "P10": "tests/payments/test_collecting.py::test_edge_7_a_slow_bank_is_not_a_failed_payment",
    # What was answered to a notification leaves our house.
    "P13": "tests/payments/test_notifications.py::"
    "test_a_failure_while_acting_is_not_acknowledged_and_made_good",
    # The number is unique in the table; that every retry carries it is seen at the acquirer.
    "R2": "tests/payments/test_refunds.py::"
    "test_a_refund_the_acquirer_never_saw_is_sent_again_under_its_number",
    # A refund has no payee to choose: it names the payment, and the acquirer knows the payer.
    "R6": "tests/payments/test_refunds.py::"
    "test_another_amount_merchant_or_payment_is_held_and_reported",
    "I3": "tests/payments/test_outbox.py::"
    "test_whatever_row_is_tried_first_one_thing_is_told_in_order",
    # The same key with the same wish is the same answer, with another it is refused.
    "I5": "tests/payments/test_refunds.py::test_the_same_wish_with_other_figures_is_refused",
    "A1": "tests/groupleader/test_counter_pages.py::"
    "test_other_leaders_neither_see_nor_hand_over_nor_undo",
    "A2": "tests/payments/admin/test_pages.py::test_what_is_secret_is_not_shown",
    "T1": "tests/groupleader/test_earnings_pages.py::"
    "test_the_curve_shows_fourteen_days_of_shanghai",
    "T2": "tests/mall/promotions/test_evaluation.py::test_a_wednesday_is_counted_in_shanghai",
    "F1": "tests/mall/groupbuy/test_selectors.py::test_the_page_says_what_a_resident_needs",
}


def checked() -> set[str]:
    """The codes that the docstrings of checking functions begin with."""
    files = [
        *ROOT.glob("payments/invariants/*.py"),
        *ROOT.glob("payments/reconciliation/**/*.py"),
        *ROOT.glob("mall/*/invariants.py"),
        *ROOT.glob("mall/*/checks/*.py"),
        ROOT / "groupleader/invariants.py",
        ROOT / "groupleader/settlement_checks.py",
    ]
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                begins = re.match(r"((?:[A-Z]\d+(?:, )?)+): ", ast.get_docstring(node) or "")
                found |= set(begins[1].split(", ")) if begins else set()
    return found


@pytest.mark.parametrize("code", ALL)
def test_every_invariant_has_a_checker_or_a_test_that_shows_it(code):
    if code in checked():
        return
    assert code in SHOWN_BY_A_TEST, f"{code} has neither a checker nor a test"
    file, _, name = SHOWN_BY_A_TEST[code].partition("::")
    assert f"def {name}(" in (ROOT / file).read_text()


def test_nothing_is_excused_that_is_not_in_the_list():
    assert set(SHOWN_BY_A_TEST) <= set(ALL)
