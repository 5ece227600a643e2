"""Settling: periods of every kind, what is taken off, what is corrected, what carries over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from groupleader import invariants, jobs
from groupleader.errors import (
    CorrectionAmountError,
    NothingToSettleError,
    OwnStatementError,
    SecondPersonNeededError,
)
from groupleader.models import Correction, Deduction
from groupleader.services.correcting import (
    Wish,
    approve_correction,
    propose_correction,
    refuse_correction,
)
from groupleader.services.deducting import charge_case, pending_minor
from groupleader.services.issuing import cut_statement
from groupleader.services.periods import last_period, period_now
from groupleader.services.statements import approve_statement, confirm_statement
from groupleader.services.tax_steps import steps_of
from groupleader.services.taxes import IncomeSoFar, TaxRegime, compute_tax
from payments.api import balance, balances_by_label, now, travelling
from tests.groupleader.making import Order, line, make_leader, make_statement, make_user

pytestmark = pytest.mark.django_db


def earn(leader, minor, at=None):
    """A line of so much commission at the usual tenth, free from an instant on."""
    number = f"{leader.pk}-{minor}-{at}"
    order = Order(leader, [line(number, minor * 10)])
    order.becomes("placed", "paid", "collected", "closed", at=at)


def close(statement):
    """Confirm and approve with as many people as it takes."""
    confirm_statement(statement=statement, by=make_user())
    if not approve_statement(statement=statement, by=make_user("甲", is_staff=True)):
        assert approve_statement(statement=statement, by=make_user("乙", is_staff=True))


def holds():
    """Every rule of leaders' money holds."""
    wrong = [violation for result in invariants.check() for violation in result.violations]
    assert wrong == []


def in_shanghai(*when):
    return datetime(*when, tzinfo=UTC) - timedelta(hours=8)


# --- periods


def test_a_job_that_was_down_for_weeks_makes_one_statement_of_the_last_period(settings):
    settings.LINLI_SETTLEMENT_PERIOD = "week"
    leader = make_leader()
    earn(leader, 100, at=in_shanghai(2026, 10, 1, 12))
    earn(leader, 200, at=in_shanghai(2026, 11, 4, 12))
    earn(leader, 400, at=in_shanghai(2026, 11, 17, 12))

    with travelling(in_shanghai(2026, 11, 18, 9)):
        assert jobs.cut_statements(10)["cut"] >= 1
        assert jobs.cut_statements(10)["cut"] == 0

    statement = leader.statements.get()
    assert (statement.period, statement.gross_minor) == ("2026-W46", 300)
    assert statement.until == in_shanghai(2026, 11, 16)
    assert statement.since is None


def test_another_kind_of_period_midway_loses_and_doubles_nothing():
    leader = make_leader(settlement_period="month")
    days = [date(2026, 10, 1) + timedelta(days=3 * n) for n in range(25)]
    for number, day in enumerate(days):
        earn(leader, 2**number % 997 + 1, at=in_shanghai(day.year, day.month, day.day, 12))
    kinds = ["month", "day", "week", "half_month", "month", "day", "month"]
    for number, kind in enumerate(kinds):
        type(leader).objects.filter(pk=leader.pk).update(settlement_period=kind)
        with travelling(in_shanghai(2026, 10, 12, 9) + timedelta(days=14 * number)):
            jobs.cut_statements(10)
            jobs.cut_statements(10)

    statements = list(leader.statements.order_by("until"))
    earned = sum(2**n % 997 + 1 for n in range(25))
    assert sum(s.gross_minor for s in statements) == earned
    assert leader.accruals.filter(statement=None).count() == 0
    assert [s.since for s in statements[1:]] == [s.until for s in statements[:-1]]
    holds()


def test_a_line_freed_late_waits_for_a_period_after_the_last_statement():
    leader = make_leader(settlement_period="day")
    earn(leader, 100, at=in_shanghai(2026, 11, 19, 12))
    with travelling(in_shanghai(2026, 11, 20, 9)):
        jobs.cut_statements(10)
    type(leader).objects.filter(pk=leader.pk).update(settlement_period="month")
    earn(leader, 200, at=in_shanghai(2026, 10, 7, 12))

    with travelling(in_shanghai(2026, 11, 21, 9)):
        jobs.cut_statements(10)
    assert leader.statements.count() == 1
    with travelling(in_shanghai(2026, 12, 1, 9)):
        jobs.cut_statements(10)

    latest = leader.statements.order_by("until").last()
    assert (latest.period, latest.gross_minor) == ("2026-11", 200)
    assert latest.since < latest.until
    holds()


def test_one_that_cannot_be_cut_stops_no_other(monkeypatch):
    bad, good = (
        make_leader("甲", settlement_period="day"),
        make_leader("乙", settlement_period="day"),
    )
    for leader in (bad, good):
        earn(leader, 100, at=in_shanghai(2026, 11, 19, 12))
    type(bad).objects.filter(pk=bad.pk).update(tax_regime="nobody_knows")

    with travelling(in_shanghai(2026, 11, 20, 9)):
        counts = jobs.cut_statements(10)

    assert (counts["cut"], counts["failed"]) == (1, 1)
    assert good.statements.count() == 1


def test_each_leader_is_settled_her_own_way(settings):
    settings.LINLI_SETTLEMENT_PERIOD = "month"
    daily, usual = make_leader("甲", settlement_period="day"), make_leader("乙")
    for leader in (daily, usual):
        earn(leader, 100, at=in_shanghai(2026, 11, 17, 12))

    with travelling(in_shanghai(2026, 11, 18, 9)):
        jobs.cut_statements(10)

    assert daily.statements.get().period == "2026-11-17"
    assert not usual.statements.exists()


def test_whoever_owes_us_keeps_nobody_else_waiting():
    owing, earning = make_leader("甲", settlement_period="day"), make_leader("乙")
    earn(owing, 100, at=now() - timedelta(days=60))
    close(make_statement(owing, 1_000))
    order = Order(owing, [line("back", 5_000)])
    order.becomes("placed", "paid", "collected", "closed", at=now() - timedelta(days=50))
    cut_statement(party=owing, period=period_now(now()))
    order.refunds_line("back", 5_000, "R1")
    earn(earning, 100, at=now() - timedelta(days=60))

    with travelling(now() + timedelta(days=40)):
        jobs.cut_statements(1)

    assert earning.statements.count() == 1


# --- what is taken off


def test_a_leaders_responsibility_is_taken_off_and_booked_against_the_loss():
    leader = make_leader()
    loss = balance("6403")
    charge_case(leader=leader, case_no="K1", order_no="M1", amount_minor=500)
    charge_case(leader=leader, case_no="K1", order_no="M1", amount_minor=500)

    statement = make_statement(leader, 20_800)
    close(statement)

    assert (statement.gross_minor, statement.deductions_minor) == (2_080, 500)
    assert statement.net_minor == 1_580
    assert balance("6403") - loss == -500
    assert balances_by_label("2302")[leader.ref, statement.statement_no] == -1_580
    assert balance("2301", party=leader.ref) == 0
    holds()


def test_what_does_not_fit_is_cut_in_two_and_the_rest_waits():
    leader = make_leader()
    charge_case(leader=leader, case_no="K1", order_no="M1", amount_minor=1_000)
    charge_case(leader=leader, case_no="K2", order_no="M2", amount_minor=5_000)

    first = make_statement(leader, 20_800)
    assert (first.deductions_minor, first.net_minor) == (2_080, 0)
    assert pending_minor(leader) == 3_920
    close(first)
    first.refresh_from_db()
    assert (first.status, first.payouts.count()) == ("paid", 0)
    assert set(first.accruals.values_list("status", flat=True)) == {"paid"}

    with travelling(now() + timedelta(hours=1)):
        second = make_statement(leader, 50_000)
    assert (second.deductions_minor, second.net_minor) == (3_920, 1_080)
    close(second)
    assert pending_minor(leader) == 0
    assert sum(Deduction.objects.values_list("amount_minor", flat=True)) == 6_000
    holds()


def test_the_banks_fee_is_passed_on_where_something_is_transferred(settings):
    settings.LINLI_TRANSFER_FEE_MINOR = 100
    leader, poor = make_leader(), make_leader("乙")
    charge_case(leader=poor, case_no="K1", order_no="M1", amount_minor=5_000)

    statement = make_statement(leader, 20_800)
    nothing = make_statement(poor, 20_800)

    assert (statement.deductions_minor, statement.net_minor) == (100, 1_980)
    assert not nothing.deductions.filter(kind="fee").exists()
    close(statement)
    assert balance("6401", party="transfers") == -100
    holds()


# --- corrections


def test_a_small_correction_counts_at_once_and_is_a_line_of_the_next_statement():
    leader, clerk = make_leader(), make_user("财务", is_staff=True)
    closed = make_statement(leader, 20_800)
    wish = Wish(amount_minor=320, reason="少算一单", about=closed)

    first = propose_correction(party=leader, wish=wish, by=clerk, key="k1")
    assert propose_correction(party=leader, wish=wish, by=clerk, key="k1") == first
    holds()

    with travelling(now() + timedelta(hours=1)):
        following = make_statement(leader, 10_000)
    assert following.gross_minor == 1_320
    assert following.corrections.get() == first
    assert closed.events.last().what == "corrected"
    close(following)
    holds()


def test_a_large_correction_waits_for_a_second_person(settings):
    settings.LINLI_CORRECTION_FOUR_EYES_MINOR = 1_000
    leader = make_leader()
    first, second = make_user("甲", is_staff=True), make_user("乙", is_staff=True)
    make_statement(leader, 20_800)
    wish = Wish(amount_minor=-1_500, reason="多算了")
    correction = propose_correction(party=leader, wish=wish, by=first, key="k")
    assert correction.status == "proposed"

    with pytest.raises(SecondPersonNeededError):
        approve_correction(correction=correction, by=first)
    with pytest.raises(OwnStatementError):
        approve_correction(correction=correction, by=leader.user)
    approve_correction(correction=correction, by=second)

    with travelling(now() + timedelta(hours=1)), pytest.raises(NothingToSettleError):
        make_statement(leader, 10_000)  # 10.00 earned, 15.00 to be taken back
    holds()


def test_many_small_corrections_of_one_person_are_a_large_one(settings):
    settings.LINLI_CORRECTION_FOUR_EYES_MINOR = 1_000
    leader, clerk = make_leader(), make_user("财务", is_staff=True)

    def corrected(minor: int, key: str) -> Correction:
        wish = Wish(amount_minor=minor, reason="counted wrong")
        return propose_correction(party=leader, wish=wish, by=clerk, key=key)

    assert corrected(600, "a").status == "approved"
    assert corrected(-400, "b").status == "approved"
    assert corrected(1, "c").status == "proposed"
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        assert corrected(1_000, "d").status == "approved"


def test_a_refused_correction_counts_nowhere(settings):
    settings.LINLI_CORRECTION_FOUR_EYES_MINOR = 0
    leader, clerk = make_leader(), make_user("甲", is_staff=True)
    wish = Wish(amount_minor=500, reason="?")
    correction = propose_correction(party=leader, wish=wish, by=clerk, key="k")

    refuse_correction(correction=correction, by=clerk)

    assert Correction.objects.get().status == "refused"
    assert make_statement(leader, 10_000).gross_minor == 1_000
    holds()


@pytest.mark.parametrize("minor", [0, 10_000_001, -10_000_001])
def test_a_correction_nobody_meant_is_refused(minor):
    wish = Wish(amount_minor=minor, reason="x")
    with pytest.raises(CorrectionAmountError):
        propose_correction(party=make_leader(), wish=wish, by=make_user(), key="k")


# --- tax


def test_another_regime_midway_begins_a_year_of_its_own():
    leader = make_leader(tax_regime="per_payment")
    first = make_statement(leader, 9_000_000)
    assert first.tax_minor == 144_000
    type(leader).objects.filter(pk=leader.pk).update(tax_regime="platform_cumulative")
    leader.refresh_from_db()

    with travelling(now() + timedelta(hours=1)):
        second = make_statement(leader, 9_000_000)

    # 9,000.00 × 0.8 − 5,000.00 = 2,200.00; 3 %. What was withheld as labour stays where it was.
    assert second.tax_minor == 6_600
    close(first)
    close(second)
    holds()


def test_a_month_without_income_begins_the_row_of_months_anew():
    leader = make_leader()
    taxes = []
    for month in (1, 2, 4, 5):
        with travelling(in_shanghai(2026, month, 20, 12)):
            statement = make_statement(leader, 9_000_000)
            taxes.append(statement.tax_minor)
            assert steps_of(statement)[-1].minor == statement.tax_minor

    # 18,000×0.8−10,000; then one month in a row: 27,000×0.8−5,000; then two: 36,000×0.8−10,000.
    assert taxes == [6_600, 6_600, 36_600, 6_600]
    holds()


@given(st.lists(st.integers(1, 3_000_000), min_size=1, max_size=12))
def test_the_years_tax_does_not_depend_on_how_a_month_is_cut(cuts):
    day = date(2026, 3, 9)
    gross = withheld = 0
    for minor in cuts:
        so_far = IncomeSoFar(gross_minor=gross, withheld_minor=withheld, months=1)
        withheld += compute_tax(minor, regime=TaxRegime.PLATFORM_CUMULATIVE, day=day, so_far=so_far)
        gross += minor

    whole = compute_tax(gross, regime=TaxRegime.PLATFORM_CUMULATIVE, day=day)
    assert withheld == whole


@pytest.mark.parametrize(
    ("at", "month"),
    [((2026, 12, 31, 23, 59), 12), ((2027, 1, 1, 0, 1), 1)],
)
def test_the_year_ends_at_a_shanghai_midnight(at, month):
    with travelling(in_shanghai(*at)):
        leader = make_leader()
        statement = make_statement(leader, 10_000)
    assert statement.tax_date.month == month


def test_the_last_period_of_each_kind_has_a_name_of_its_own():
    at = in_shanghai(2026, 11, 18, 9)
    labels = {last_period(kind, at).label for kind in ("day", "week", "half_month", "month")}
    assert len(labels) == 4


def test_labour_of_a_month_is_one_payment_however_it_is_cut():
    leader = make_leader(tax_regime="per_payment")
    taxes = []
    for month, day in ((6, 2), (6, 9), (6, 29), (7, 1)):
        with travelling(in_shanghai(2026, month, day, 12)):
            statement = make_statement(leader, 800_000)
        taxes.append(statement.tax_minor)
        steps = steps_of(statement)
        assert (steps[-1].minor, sum(step.minor for step in steps[-3:-1])) == (taxes[-1],) * 2

    # 800: nothing; 1,600 − 800: 160.00; 2,400 − 800: 320.00 less 160.00; July begins anew.
    assert taxes == [0, 16_000, 16_000, 0]
    holds()
