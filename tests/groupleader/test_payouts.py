"""Payouts against the real sandbox acquirer: paid, refused, unknown, raced, never twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from groupleader import invariants, jobs
from groupleader.errors import (
    PayeeCoolingError,
    PayeeMissingError,
    SellersPaidBySplitError,
)
from groupleader.models import Leader, Payout, SettlementStatement
from groupleader.payout_words import FAILURES, failure_for_leader
from groupleader.services.leaders import change_payee
from groupleader.services.payouts import (
    open_payout,
    pay_statement,
    record_failed,
    record_paid,
)
from groupleader.services.statements import approve_statement, confirm_statement
from payments.api import (
    IllegalTransitionError,
    LinliError,
    balance,
    now,
    refresh_transfer,
)
from tests.groupleader.making import (
    amounts,
    line,
    make_leader,
    make_statement,
    make_user,
    settled_order,
)
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def approved(leader=None, value: int = 20_800) -> SettlementStatement:
    """A statement that is ready to be paid."""
    leader = leader or make_leader()
    statement = make_statement(leader, value)
    confirm_statement(statement=statement, by=leader.user)
    assert approve_statement(statement=statement, by=make_user("财务", is_staff=True))
    return statement


def broken_rules() -> list[str]:
    return [str(v) for result in invariants.check() for v in result.violations]


def at_once(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Run two on threads of their own at the same moment; a refusal is a result."""
    barrier = Barrier(2)

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return act()
        except LinliError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, [first, second]))


def test_the_job_pays_what_is_approved_and_the_bank_answers(acquirer):
    leader = make_leader()
    statement = approved(leader)

    assert jobs.pay_approved(10) == {"started": 1, "refused": 0}
    assert jobs.pay_approved(10) == {"started": 0, "refused": 0}
    payout = statement.payouts.get()
    until(
        lambda: refresh_transfer(payout.transfer_no).status == "succeeded", what="the bank's answer"
    )

    statement.refresh_from_db()
    payout.refresh_from_db()
    assert (statement.status, payout.status, payout.amount_minor) == ("paid", "succeeded", 2_080)
    assert payout.payee_masked == "中国建设银行 ····0123"
    assert amounts(leader) == {"paid": 2_080}
    assert balance("2302", party=leader.ref) == 0
    assert list(statement.events.values_list("what", flat=True))[-3:] == [
        "approved",
        "paying",
        "paid",
    ]
    assert broken_rules() == []


def test_a_refused_transfer_comes_back_with_words_and_can_be_paid_to_another_account(acquirer):
    leader = make_leader(payee=False)
    change_payee(leader=leader, bank="建设银行", holder="王姐", account="6217001234560404")
    statement = approved(leader)

    first = pay_statement(statement=statement)
    until(lambda: refresh_transfer(first.transfer_no).status == "failed", what="the refusal")
    statement.refresh_from_db()
    first.refresh_from_db()
    assert (statement.status, first.status) == ("failed", "failed")
    assert first.failure_code == "payee_account_invalid"
    assert failure_for_leader(first) == str(FAILURES["payee_account_invalid"])
    assert balance("2302", party=leader.ref) == -2_080
    assert broken_rules() == []

    change_payee(leader=leader, bank="邮储银行", holder="王姐", account="6221881234567890")
    statement = SettlementStatement.objects.get()
    with pytest.raises(PayeeCoolingError):
        pay_statement(statement=statement)
    Leader.objects.update(payee_changed_at=now() - timedelta(hours=72, seconds=1))
    second = pay_statement(statement=SettlementStatement.objects.get())
    until(lambda: refresh_transfer(second.transfer_no).status == "succeeded", what="the money")

    statement.refresh_from_db()
    assert (statement.status, second.attempt) == ("paid", 2)
    assert broken_rules() == []


def test_money_sent_back_after_it_was_paid_waits_to_be_paid_anew(acquirer):
    leader = make_leader()
    statement = approved(leader)
    payout = pay_statement(statement=statement)
    until(lambda: refresh_transfer(payout.transfer_no).status == "succeeded", what="the money")

    record_failed(transfer_no=payout.transfer_no, code="", message="account closed", at=now())

    payout.refresh_from_db()
    statement.refresh_from_db()
    assert (statement.status, statement.paid_at, payout.status) == ("failed", None, "returned")
    assert amounts(leader) == {"in_statement": 2_080}
    assert failure_for_leader(payout) == str(FAILURES["returned"])


def test_unknown_blocks_a_second_attempt(acquirer):
    statement = approved()

    payout = open_payout(statement=statement)
    Payout.objects.filter(pk=payout.pk).update(status="unknown")

    with pytest.raises(IllegalTransitionError):
        open_payout(statement=statement)
    with pytest.raises(IntegrityError, match=r"one_live|UNIQUE"), transaction.atomic():
        Payout.objects.create(
            statement=statement,
            attempt=2,
            transfer_no="T2",
            amount_minor=1,
            payee_masked="",
            created_at=now(),
        )
    assert jobs.pay_approved(10) == {"started": 0, "refused": 0}
    assert broken_rules() == []


def test_without_an_account_or_in_split_mode_nothing_is_paid(settings):
    statement = approved(make_leader(payee=False))

    with pytest.raises(PayeeMissingError):
        open_payout(statement=statement)
    assert jobs.pay_approved(10) == {"started": 0, "refused": 0}
    settings.LINLI_FUNDS_MODE = "SPLIT"
    with pytest.raises(SellersPaidBySplitError):
        open_payout(statement=statement)
    assert jobs.pay_approved(10) == {"started": 0, "refused": 0}

    statement.refresh_from_db()
    assert statement.status == "approved"


def test_a_statement_nobody_approved_is_not_paid():
    leader = make_leader()
    statement = make_statement(leader)

    with pytest.raises(IllegalTransitionError):
        open_payout(statement=statement)

    assert not Payout.objects.exists()


def test_a_success_after_a_refusal_is_a_success_unless_another_runs(acquirer):
    statement = approved()
    first = open_payout(statement=statement)
    record_failed(transfer_no=first.transfer_no, code="failed", message="no", at=now())
    second = open_payout(statement=SettlementStatement.objects.get())

    record_paid(transfer_no=first.transfer_no, at=now())
    first.refresh_from_db()
    assert first.status == "failed"
    assert statement.events.filter(what="paid_twice").exists()

    record_failed(transfer_no=second.transfer_no, code="failed", message="no", at=now())
    record_paid(transfer_no=first.transfer_no, at=now())
    first.refresh_from_db()
    statement.refresh_from_db()
    assert (first.status, statement.status) == ("succeeded", "paid")


def test_transfers_of_others_are_not_ours():
    record_paid(transfer_no="T-other", at=now())
    record_failed(transfer_no="T-other", code="x", message="y", at=now())

    assert not Payout.objects.exists()


def test_told_twice_it_is_paid_once(acquirer):
    statement = approved()
    payout = open_payout(statement=statement)

    record_paid(transfer_no=payout.transfer_no, at=now())
    record_paid(transfer_no=payout.transfer_no, at=now())

    assert list(statement.events.values_list("what", flat=True)).count("paid") == 1


def test_of_two_who_approve_at_once_one_does():
    leader = make_leader()
    statement = make_statement(leader)
    confirm_statement(statement=statement, by=leader.user)
    clerks = [make_user(name, is_staff=True) for name in "甲乙"]

    def approves(clerk: Any) -> Callable[[], Any]:
        return lambda: approve_statement(
            statement=SettlementStatement.objects.get(pk=statement.pk), by=clerk
        )

    results = at_once(approves(clerks[0]), approves(clerks[1]))

    assert [type(result) for result in results].count(IllegalTransitionError) == 1
    assert results.count(True) == 1
    assert balance("2302", party=leader.ref) == -2_080
    assert statement.events.filter(what="approved").count() == 1


def test_of_two_first_approvals_at_once_above_the_limit_none_is_lost_or_doubled(settings):
    settings.LINLI_PAYOUT_FOUR_EYES_MINOR = 1
    leader = make_leader()
    statement = make_statement(leader)
    confirm_statement(statement=statement, by=leader.user)
    clerks = [make_user(name, is_staff=True) for name in "甲乙"]

    def approves(clerk: Any) -> Callable[[], Any]:
        return lambda: approve_statement(
            statement=SettlementStatement.objects.get(pk=statement.pk), by=clerk
        )

    at_once(approves(clerks[0]), approves(clerks[1]))

    statement.refresh_from_db()
    assert statement.first_approved_by in clerks
    assert statement.approved_by != statement.first_approved_by
    assert statement.events.filter(what="first_approval").count() == 1


def test_of_two_who_pay_at_once_one_does(acquirer):
    statement = approved()

    def pays() -> Any:
        return pay_statement(statement=SettlementStatement.objects.get(pk=statement.pk))

    results = at_once(pays, pays)

    assert [type(result) for result in results].count(IllegalTransitionError) == 1
    assert Payout.objects.count() == 1


def test_of_two_who_cut_at_once_one_does(settings):
    settings.LINLI_SETTLEMENT_PERIOD = "day"
    leader = make_leader()
    with time_machine.travel(now() - timedelta(days=2)):
        make_statement(leader, 10_000)
    with time_machine.travel(now() - timedelta(days=1, hours=12)):
        settled_order(leader, [line("race", 5_000)])

    counts = at_once(lambda: jobs.cut_statements(10), lambda: jobs.cut_statements(10))

    assert SettlementStatement.objects.count() == 2
    assert all(isinstance(count, dict) for count in counts)
    assert broken_rules() == []
