"""Statements: cut once per period, closed for good, confirmed or disputed, approved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction

from groupleader import jobs
from groupleader.errors import (
    NothingToSettleError,
    OwnStatementError,
    ReasonMissingError,
    SecondPersonNeededError,
)
from groupleader.models import CommissionAccrual, Leader, SettlementStatement
from groupleader.services.issuing import cut_statement
from groupleader.services.leaders import change_payee
from groupleader.services.periods import Period, last_period
from groupleader.services.statements import (
    answer_dispute,
    approve_statement,
    confirm_statement,
    dispute_statement,
)
from payments.api import IllegalTransitionError, Money, balance, now, post_commission_earned
from tests.groupleader.making import (
    Order,
    amounts,
    line,
    make_leader,
    make_statement,
    make_user,
    order_208,
    settled_order,
)

pytestmark = pytest.mark.django_db(transaction=True)


def history(statement: SettlementStatement) -> list[str]:
    return list(statement.events.values_list("what", flat=True))


@pytest.mark.parametrize(
    ("kind", "label", "until"),
    [
        ("day", "2026-11-21", datetime(2026, 11, 21, 16, tzinfo=UTC)),
        ("week", "2026-W46", datetime(2026, 11, 15, 16, tzinfo=UTC)),
        ("half_month", "2026-11-A", datetime(2026, 11, 15, 16, tzinfo=UTC)),
        ("month", "2026-10", datetime(2026, 10, 31, 16, tzinfo=UTC)),
    ],
)
def test_the_last_period_ends_at_a_shanghai_midnight(kind, label, until):
    sunday = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)  # 01:00 on the 22nd in Shanghai

    assert last_period(kind, sunday) == Period(label, until)


def test_the_second_half_of_a_month_ends_with_it():
    at = datetime(2026, 12, 1, 4, tzinfo=UTC)

    assert last_period("half_month", at).label == "2026-11-B"


def test_a_statement_is_the_sum_of_what_was_available_by_then():
    leader = make_leader()
    settled_order(leader, order_208())
    late = settled_order(leader, [line("late", 5_000)])
    CommissionAccrual.objects.filter(terms__order_no=late.order_no).update(
        available_at=now() + timedelta(hours=1)
    )

    statement = cut_statement(party=leader, period=Period("now", now()))

    assert (statement.status, statement.gross_minor, statement.net_minor) == (
        "issued",
        2_080,
        2_080,
    )
    assert (statement.tax_minor, statement.deductions_minor) == (0, 0)
    assert amounts(leader) == {"in_statement": 2_080, "available": 500}
    assert history(statement) == ["cut", "issued"]


def test_cut_again_for_the_same_period_it_is_the_first_statement():
    leader = make_leader()
    first = make_statement(leader)
    settled_order(leader, [line("more", 10_000)])

    again = cut_statement(party=leader, period=Period(first.period, now()))

    assert again == first
    assert amounts(leader)["available"] == 1_000


def test_a_sum_that_is_not_above_zero_is_carried_over():
    leader = make_leader()
    statement = make_statement(leader, 10_000)
    terms = statement.accruals.get().terms
    Order(leader, [], order_no=terms.order_no).refunds_line(terms.line_id, 10_000, "R1")
    settled_order(leader, [line("small", 9_000)])

    with pytest.raises(NothingToSettleError):
        cut_statement(party=leader, period=Period("next", now()))

    assert amounts(leader) == {"in_statement": 1_000, "available": -100}
    assert SettlementStatement.objects.count() == 1


def test_the_job_run_twice_cuts_once(settings):
    settings.LINLI_SETTLEMENT_PERIOD = "day"
    leaders = [make_leader(f"王{n}") for n in range(3)]
    with time_machine.travel(now() - timedelta(days=2)):
        for nth, leader in enumerate(leaders):
            settled_order(leader, [line(f"D{nth}", 10_000)])

    assert jobs.cut_statements(2) == {"cut": 2, "carried_over": 0}
    assert jobs.cut_statements(2) == {"cut": 1, "carried_over": 0}
    assert jobs.cut_statements(2) == {"cut": 0, "carried_over": 0}

    assert SettlementStatement.objects.count() == 3


def test_silence_is_a_yes_after_three_days_and_not_before():
    statement = make_statement(make_leader())
    start = now()

    with time_machine.travel(start + timedelta(days=3, seconds=-5)):
        assert jobs.confirm_silent(10) == {"confirmed": 0, "answered_meanwhile": 0}
    with time_machine.travel(start + timedelta(days=3, seconds=1)):
        assert jobs.confirm_silent(10) == {"confirmed": 1, "answered_meanwhile": 0}
        assert jobs.confirm_silent(10) == {"confirmed": 0, "answered_meanwhile": 0}

    statement.refresh_from_db()
    assert statement.status == "confirmed"
    assert statement.events.last().by is None


def test_a_disputed_statement_waits_for_an_answer_and_is_asked_again():
    leader, clerk = make_leader(), make_user("财务", is_staff=True)
    statement = make_statement(leader)

    dispute_statement(statement=statement, reason=" one order is missing ", by=leader.user)
    with time_machine.travel(now() + timedelta(days=9)):
        assert jobs.confirm_silent(10)["confirmed"] == 0
        with pytest.raises(IllegalTransitionError):
            approve_statement(statement=statement, by=clerk)
        answer_dispute(statement=statement, answer="it closes tomorrow", by=clerk)
        assert jobs.confirm_silent(10)["confirmed"] == 0
    confirm_statement(statement=statement, by=leader.user)

    assert statement.dispute == "one order is missing"
    assert history(statement) == ["cut", "issued", "disputed", "answered", "confirmed"]


@pytest.mark.parametrize("words", ["", "   "])
def test_a_dispute_needs_a_reason_and_an_answer_words(words):
    leader = make_leader()
    statement = make_statement(leader)

    with pytest.raises(ReasonMissingError):
        dispute_statement(statement=statement, reason=words, by=leader.user)
    with pytest.raises(ReasonMissingError):
        answer_dispute(statement=statement, answer=words, by=leader.user)


def test_a_confirmed_statement_cannot_be_disputed_or_confirmed_again():
    leader = make_leader()
    statement = make_statement(leader)
    confirm_statement(statement=statement, by=leader.user)

    with pytest.raises(IllegalTransitionError):
        confirm_statement(statement=statement, by=leader.user)
    with pytest.raises(IllegalTransitionError):
        dispute_statement(statement=statement, reason="no", by=leader.user)


def test_approval_closes_it_in_the_books():
    leader, clerk = make_leader(), make_user("财务", is_staff=True)
    statement = make_statement(leader, 20_800)
    confirm_statement(statement=statement, by=leader.user)

    assert approve_statement(statement=statement, by=clerk) is True

    assert statement.status == "approved"
    assert balance("2301", party=leader.ref) == 0
    assert balance("2302", party=leader.ref, reference=statement.statement_no) == -2_080
    with pytest.raises(IllegalTransitionError):
        approve_statement(statement=statement, by=clerk)


def test_above_the_limit_two_people_approve(settings):
    settings.LINLI_PAYOUT_FOUR_EYES_MINOR = 2_079
    leader = make_leader()
    first, second = make_user("甲", is_staff=True), make_user("乙", is_staff=True)
    statement = make_statement(leader, 20_800)
    with pytest.raises(IllegalTransitionError):
        approve_statement(statement=statement, by=first)
    confirm_statement(statement=statement, by=leader.user)

    assert approve_statement(statement=statement, by=first) is False
    with pytest.raises(SecondPersonNeededError):
        approve_statement(statement=statement, by=first)
    assert statement.status == "confirmed"
    assert approve_statement(statement=statement, by=second) is True

    assert (statement.first_approved_by, statement.approved_by) == (first, second)


def test_a_clerk_who_leads_does_not_approve_her_own():
    leader = make_leader()
    statement = make_statement(leader, 20_800)
    confirm_statement(statement=statement, by=leader.user)

    with pytest.raises(OwnStatementError):
        approve_statement(statement=statement, by=leader.user)

    assert statement.status == "confirmed"


def test_a_changed_account_needs_two_people_whatever_the_amount():
    leader = make_leader()
    change_payee(leader=leader, bank="邮储银行", holder="王姐", account="6221881234567890")
    statement = make_statement(leader, 10_000)
    confirm_statement(statement=statement, by=leader.user)

    assert approve_statement(statement=statement, by=make_user("甲", is_staff=True)) is False


@pytest.mark.parametrize(
    "change",
    [
        {"gross_minor": 1, "net_minor": 1, "tax_minor": 0},
        {"leader_id": 0},
        {"period": "other"},
        {"status": "draft"},
    ],
)
def test_the_database_refuses_to_change_a_closed_statement(change):
    statement = make_statement(make_leader())

    with (
        pytest.raises(DatabaseError, match="a closed statement never changes"),
        transaction.atomic(),
    ):
        SettlementStatement.objects.filter(pk=statement.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        SettlementStatement.objects.filter(pk=statement.pk)._raw_delete("default")


@pytest.mark.parametrize("change", [{"earned_minor": 1}, {"reduced_minor": 1}])
def test_the_database_refuses_to_change_its_lines(change):
    statement = make_statement(make_leader())
    lines = CommissionAccrual.objects.filter(statement=statement)

    with (
        pytest.raises(DatabaseError, match="a closed statement never changes"),
        transaction.atomic(),
    ):
        lines.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        lines.update(statement=None, status="available")
    with pytest.raises(DatabaseError), transaction.atomic():
        lines._raw_delete("default")


@pytest.mark.parametrize(
    "wrong", [{"net_minor": 98}, {"gross_minor": None}, {"tax_minor": None}, {"net_minor": None}]
)
def test_the_amounts_of_a_statement_must_add_up(wrong):
    leader = make_leader()
    amounts_of = {"gross_minor": 100, "net_minor": 99, "tax_minor": 1, "deductions_minor": 0}

    with pytest.raises(IntegrityError, match="adds_up"):
        SettlementStatement.objects.create(
            statement_no="S1",
            leader=leader,
            period="x",
            until=now(),
            status="issued",
            created_at=now(),
            issued_at=now(),
            tax_date=now().date(),
            **amounts_of | wrong,
        )


def test_the_worked_example_month_three_of_9_000_yuan():
    leader, clerk = make_leader(), make_user("财务", is_staff=True)
    for month in (1, 2):
        with time_machine.travel(datetime(2026, month, 20, 4, tzinfo=UTC)):
            assert make_statement(leader, 9_000_000).tax_minor == 6_600
    with time_machine.travel(datetime(2026, 3, 20, 4, tzinfo=UTC)):
        settled_order(leader, [line("others", 8_982_500)])
        order = settled_order(leader, order_208())
        order.refunds_line("A", 3_000, "R1").refunds_line("C", 300, "R2")

        statement = cut_statement(
            party=leader, period=Period("2026-03", now() + timedelta(seconds=1))
        )
        confirm_statement(statement=statement, by=leader.user)
        approve_statement(statement=statement, by=clerk)
        approve_statement(statement=statement, by=make_user("会计", is_staff=True))

        assert (statement.gross_minor, statement.tax_minor, statement.net_minor) == (
            900_000,
            6_600,
            893_400,
        )
        assert balance("2302", party=leader.ref, reference=statement.statement_no) == -893_400
        assert balance("2401", party=leader.ref, reference="2026-03") == -6_600
        order.refunds_line("B", 4_900, "R3")
        assert amounts(leader)["available"] == -490


def test_a_registered_business_is_paid_in_full():
    leader = make_leader(tax_regime=Leader.Regime.BUSINESS_ENTITY)

    statement = make_statement(leader, 9_000_000)

    assert (statement.tax_minor, statement.net_minor) == (0, 900_000)


def test_commission_is_only_ever_owed_through_a_line():
    leader = make_leader()
    with transaction.atomic():
        post_commission_earned(key="stray", leader_ref=leader.ref, amount=Money(5))

    assert balance("2301", party=leader.ref) == -5


def test_what_is_being_paid_is_not_approved_anew():
    leader, clerk = make_leader(), make_user("财务", is_staff=True)
    statement = make_statement(leader)
    confirm_statement(statement=statement, by=leader.user)
    approve_statement(statement=statement, by=clerk)
    SettlementStatement.objects.update(status="paying")

    with pytest.raises(IllegalTransitionError):
        approve_statement(statement=statement, by=make_user("另一位", is_staff=True))

    statement.refresh_from_db()
    assert (statement.status, statement.approved_by) == ("paying", clerk)
