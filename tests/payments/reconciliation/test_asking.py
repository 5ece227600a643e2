"""Nothing is a difference before the acquirer was asked; where it is silent, its bill decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payments.acquiring.contract import Outcome, PayResult
from payments.ledger.balances import balance
from payments.models import AcquirerAccount, Incident
from payments.reconciliation.asking import ask_about_differences, asking_progress
from payments.reconciliation.jobs import fetch_bills, read_bills, settle_silent_payments
from payments.reconciliation.models import ReconciliationCase
from tests.payments.desk import Shop, refunded, success
from tests.payments.reconciliation.paperbank import Line, noon
from tests.payments.reconciliation.takings import (
    DAY,
    NEXT_DAY,
    jobs_until_quiet,
    line_of,
    line_of_refund,
    next_noon,
    paid,
    promised_back,
    tell,
    the_bill,
    the_case,
    transfer_row,
    transferred,
    waiting,
)

pytestmark = pytest.mark.django_db


def test_an_answer_heals_a_difference_before_anybody_sees_it(bank, time_machine):
    time_machine.move_to(noon(DAY))
    row, back = waiting("ORDER1"), promised_back(paid("ORDER2"))
    bank.issue(
        DAY,
        "trade",
        [
            line_of(row, acquirer_no="A1", at=noon(DAY)),
            line_of(back.payment),
            line_of_refund(back, acquirer_no="B1"),
        ],
    )
    bank.answers[row.payment_no] = success(row, acquirer_no="A1", paid_at=noon(DAY))
    bank.answers[back.refund_no] = refunded(back.refund_no, back.resident_minor)
    next_noon(time_machine)

    jobs_until_quiet(time_machine)

    row.refresh_from_db()
    back.refresh_from_db()
    assert (row.status, back.status) == ("succeeded", "succeeded")
    assert the_case(row.payment_no).resolution == "asked"
    assert the_case(back.refund_no).resolution == "asked"
    assert the_bill().state == "closed"
    assert bank.asked == [row.payment_no, back.refund_no]


def test_where_nobody_answers_the_bill_is_believed(bank, time_machine):
    """Edge 26: unknown at T+1, the bill has the line."""
    time_machine.move_to(noon(DAY))
    row = waiting("ORDER1", status="unknown")
    bank.issue(DAY, "trade", [line_of(row, acquirer_no="A1", at=noon(DAY))])
    next_noon(time_machine)

    jobs_until_quiet(time_machine)

    row.refresh_from_db()
    assert row.status == "succeeded"
    assert row.transitions.get(edge="26").fact.source == "bill"
    assert bank.asked.count(row.payment_no) == 4
    assert the_bill().state == "closed"


def test_money_for_what_was_closed_is_late_and_goes_back(bank, time_machine):
    """Edge 18: a late success, heard of by the bill's question."""
    time_machine.move_to(noon(DAY))
    row = waiting("ORDER1", status="closed")
    Shop.closed.add("ORDER1")
    bank.issue(DAY, "trade", [line_of(row, acquirer_no="A1", at=noon(DAY))])
    bank.answers[row.payment_no] = success(row, acquirer_no="A1", paid_at=noon(DAY))
    next_noon(time_machine)

    jobs_until_quiet(time_machine)

    row.refresh_from_db()
    assert (row.status, row.application) == ("succeeded", "surplus")
    assert row.refunds.get().resident_minor == row.amount_minor
    assert Incident.objects.filter(kind="late_payment").count() == 1


def test_a_wrong_amount_is_never_believed(bank, time_machine):
    time_machine.move_to(noon(DAY))
    row = waiting("ORDER1", status="unknown")
    bank.issue(DAY, "trade", [line_of(row, amount=1, acquirer_no="A1", at=noon(DAY))])
    next_noon(time_machine)

    jobs_until_quiet(time_machine)

    row.refresh_from_db()
    assert row.status == "unknown"
    assert the_case(row.payment_no).state == "open"
    assert balance("1101") == 0


def test_an_account_is_asked_only_so_often(bank, time_machine, settings):
    settings.LINLI_RECON_ASKS_PER_MINUTE = 2
    time_machine.move_to(noon(DAY), tick=False)
    rows = [waiting(f"ORDER{n}") for n in range(5)]
    bank.issue(DAY, "trade", [line_of(row, acquirer_no="", at=noon(DAY)) for row in rows])
    for row in rows:
        bank.answers[row.payment_no] = PayResult(Outcome.CLOSED, row.payment_no)
    time_machine.move_to(noon(NEXT_DAY), tick=False)
    fetch_bills()
    read_bills()
    read_bills()

    ask_about_differences()
    ask_about_differences()
    assert len(bank.asked) == 2
    assert asking_progress(the_bill()) == {"found": 5, "asked": 2, "left": 3}

    for _ in range(2):
        time_machine.shift(timedelta(seconds=61))
        ask_about_differences()
    assert len(bank.asked) == 5
    assert ReconciliationCase.objects.filter(state="open").count() == 5


def test_a_payment_in_no_bill_that_nobody_knows_ends_without_money(bank, time_machine):
    """Edge 26, the other way: unknown, and neither its day's bill nor the next has it."""
    time_machine.move_to(noon(DAY))
    row, told = waiting("ORDER1", status="unknown"), waiting("ORDER2", status="unknown")
    for day in (DAY, NEXT_DAY):
        bank.issue(day, "trade", [])
    bank.answers[told.payment_no] = success(told, acquirer_no="A2", paid_at=noon(DAY))
    next_noon(time_machine)
    jobs_until_quiet(time_machine, rounds=2)
    settle_silent_payments()
    row.refresh_from_db()
    assert row.status == "unknown"  # the next day's bill may still have it

    next_noon(time_machine, NEXT_DAY)
    jobs_until_quiet(time_machine, rounds=2)
    settle_silent_payments()

    row.refresh_from_db()
    told.refresh_from_db()
    assert (row.status, told.status) == ("failed", "succeeded")
    assert row.transitions.get(to_status="failed").edge == "26"


def test_a_bill_that_is_missing_ends_nothing(bank, time_machine):
    """Edge 26 wants the bills of all its days: what was paid may stand in the one not there."""
    time_machine.move_to(noon(DAY - timedelta(days=1)))
    paid("EARLIER", DAY - timedelta(days=1))
    time_machine.move_to(noon(DAY))
    row = waiting("ORDER1", status="unknown")
    for day in (DAY - timedelta(days=1), NEXT_DAY):
        bank.issue(day, "trade", [])
    next_noon(time_machine, NEXT_DAY)
    jobs_until_quiet(time_machine, rounds=2)

    settle_silent_payments()
    row.refresh_from_db()
    seen = row.status
    bank.issue(DAY, "trade", [])
    jobs_until_quiet(time_machine, rounds=3)
    settle_silent_payments()

    row.refresh_from_db()
    assert (seen, row.status) == ("unknown", "failed")


def test_transfers_are_compared_with_their_own_bill(bank, time_machine, account_with):
    account_with("transfer")
    AcquirerAccount.objects.update(created_at=noon(DAY))
    time_machine.move_to(noon(DAY))
    done, open_one, lost = (transfer_row() for _ in range(3))
    for row in (done, lost):
        tell(transferred(row))
    bank.issue(
        DAY,
        "transfer",
        [
            Line("transfer", done.transfer_no, 5000, at=noon(DAY), party="*0000"),
            Line("transfer", open_one.transfer_no, 5000, at=noon(DAY), party="*0000"),
        ],
    )
    bank.answers[open_one.transfer_no] = transferred(open_one)
    bank.answers[lost.transfer_no] = transferred(lost)
    next_noon(time_machine)

    jobs_until_quiet(time_machine)

    open_one.refresh_from_db()
    assert open_one.status == "succeeded"
    assert the_case(open_one.transfer_no).resolution == "asked"
    assert (the_case(lost.transfer_no).discrepancy, the_case(lost.transfer_no).state) == (
        "ours_only",
        "pooled",
    )
