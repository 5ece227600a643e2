"""A day of takings is compared: what agrees is quiet, and what does not is a case of its class."""

from __future__ import annotations

import pytest

from payments.acquiring.contract import Outcome, PayResult
from payments.reconciliation import invariants
from payments.reconciliation.cases import case_number
from payments.reconciliation.matching import match_bill
from payments.reconciliation.models import Bill, BillLine, CaseStep, ReconciliationCase
from payments.reconciliation.selectors import day_equation, day_paper, shown_class
from tests.payments.desk import success
from tests.payments.reconciliation.paperbank import Line, noon
from tests.payments.reconciliation.takings import (
    DAY,
    NEXT_DAY,
    found,
    given_back,
    jobs_until_quiet,
    line_of,
    line_of_refund,
    next_noon,
    paid,
    promised_back,
    the_bill,
    the_case,
    waiting,
)

pytestmark = pytest.mark.django_db


def nothing_is_wrong() -> bool:
    return [v for result in invariants.check() for v in result.violations] == []


def test_a_day_that_agrees_is_quiet_and_closes_by_itself(bank, time_machine):
    time_machine.move_to(noon(DAY))
    payments = [paid(f"ORDER{n}") for n in range(3)]
    refund = given_back(payments[0])
    bank.issue(DAY, "trade", [*(line_of(row) for row in payments), line_of_refund(refund)])

    next_noon(time_machine)
    jobs_until_quiet(time_machine)

    bill = the_bill()
    assert (bill.state, bill.line_count, bill.closed_by) == ("closed", 4, "")
    assert BillLine.objects.filter(bill=bill).count() == 4
    assert not ReconciliationCase.objects.exists()
    equation = day_equation("paper", DAY, "trade")
    assert equation.holds
    assert equation.bill["pay"].whole == equation.bill["pay"].matched == (3, 57600)
    assert equation.ours["refund"].matched == (1, 2769)
    assert nothing_is_wrong()
    assert bank.asked == []


def test_every_difference_is_found_as_what_it_is_and_nothing_else(bank, time_machine):
    """Test plan, row 18: twelve corruptions of one day, each found as itself, none invented."""
    time_machine.move_to(noon(DAY))
    good = [paid(f"GOOD{n}") for n in range(20)]
    missing, dear, cheap, costly, doubled, late = (paid(f"BAD{n}") for n in range(6))
    not_here = waiting("NOTHERE")
    done = given_back(good[0])
    open_refund = promised_back(good[1])
    wrong_refund = given_back(good[2])
    refused = paid("REFUSED")
    lines = [line_of(row) for row in good]
    lines += [
        line_of(dear, amount=19300),
        line_of(cheap, amount=19100),
        line_of(costly, fee=99),
        line_of(doubled),
        line_of(doubled),
        line_of(refused, outcome="failed"),
        line_of(not_here, acquirer_no="A1"),
        line_of_refund(done),
        line_of_refund(open_refund),
        line_of_refund(wrong_refund, amount=2770),
        Line("pay", "PSTRANGE", 500, 2, at=noon(DAY)),
        Line("refund", "BSTRANGE", 400, 0, at=noon(DAY), related=good[3].payment_no),
    ]
    bank.issue(DAY, "trade", lines)
    bank.issue(NEXT_DAY, "trade", [line_of(late, at=noon(NEXT_DAY))])
    for row in (missing, doubled, dear, cheap, refused, late):
        bank.answers[row.payment_no] = success(row, acquirer_no=row.acquirer_no)
    bank.answers[not_here.payment_no] = PayResult(Outcome.CLOSED, not_here.payment_no)

    next_noon(time_machine)
    jobs_until_quiet(time_machine)

    expected = {
        ("ours_only", missing.payment_no),
        ("ours_only", late.payment_no),
        ("amount", dear.payment_no),
        ("amount", cheap.payment_no),
        ("fee", costly.payment_no),
        ("dup", doubled.payment_no),
        ("status", refused.payment_no),
        ("acq_only", not_here.payment_no),
        ("amount", wrong_refund.refund_no),
        ("orphan", "PSTRANGE"),
        ("orphan", "BSTRANGE"),
    }
    assert found() == expected
    assert the_case(open_refund.refund_no).resolution == "asked"  # nothing clear: the bill decided
    assert shown_class(the_case(late.payment_no)) == "cross_day"
    assert day_equation("paper", DAY, "trade").holds

    next_noon(time_machine, NEXT_DAY)
    jobs_until_quiet(time_machine)

    assert found() == expected - {("ours_only", late.payment_no)}
    assert the_case(late.payment_no).resolution == "later_bill"
    assert the_case(missing.payment_no).state == "open"
    assert day_equation("paper", DAY, "trade").holds
    assert nothing_is_wrong()


def test_a_second_run_finds_the_same_cases_and_writes_nothing(bank, time_machine):
    time_machine.move_to(noon(DAY))
    rows = [paid(f"ORDER{n}") for n in range(4)]
    bank.issue(
        DAY, "trade", [line_of(rows[0], amount=1), line_of(rows[1], fee=5), line_of(rows[2])]
    )
    next_noon(time_machine)
    jobs_until_quiet(time_machine)
    before = list(ReconciliationCase.objects.order_by("pk").values())
    steps = CaseStep.objects.count()

    for _ in range(3):
        match_bill(the_bill().pk)

    assert list(ReconciliationCase.objects.order_by("pk").values()) == before
    assert CaseStep.objects.count() == steps
    assert len(before) == 3


def test_case_numbers_follow_from_what_differs(bank, time_machine):
    time_machine.move_to(noon(DAY))
    row = paid("ORDER1")
    bank.issue(DAY, "trade", [line_of(row, amount=1)])
    next_noon(time_machine)
    jobs_until_quiet(time_machine)
    number = the_case(row.payment_no).case_no

    assert case_number(the_bill(), the_case(row.payment_no)) == number
    assert number.startswith("X261120")


def test_the_day_shows_what_waits_for_whom(bank, time_machine):
    time_machine.move_to(noon(DAY))
    rows = [paid(f"ORDER{n}") for n in range(3)]
    bank.issue(DAY, "trade", [line_of(rows[0], amount=1), line_of(rows[1])])
    next_noon(time_machine)
    jobs_until_quiet(time_machine)

    paper = day_paper(DAY)

    (row,) = paper.bills
    assert (row.bill.state, row.open, row.pooled) == ("matched", 1, 1)
    assert row.by_class == {"amount": 1, "ours_only": 1}
    assert not paper.is_closed


def test_a_day_without_trade_is_compared_too(bank, time_machine):
    time_machine.move_to(noon(DAY))
    row = paid("ORDER1")
    bank.empty.add((DAY, "trade"))

    next_noon(time_machine)
    jobs_until_quiet(time_machine)

    assert found() == {("ours_only", row.payment_no)}
    assert Bill.objects.get(day=DAY).line_count == 0
