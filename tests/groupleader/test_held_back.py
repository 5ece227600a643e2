"""An account that was frozen or changed is not paid to by what was begun before."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection

from groupleader import jobs
from groupleader.models import Leader, PayeeChange, Payout, SettlementStatement
from groupleader.payout_errors import BatchRefusedError, PayeeFrozenError
from groupleader.services import payees
from groupleader.services.batches import cancel_batch, download_batch
from groupleader.services.leaders import change_payee
from groupleader.services.payees import NewAccount, change_own_payee, deny_change
from groupleader.services.payouts import open_payout, record_failed
from payments.api import LinliError, now, transfer_view
from tests.funds import put_in_own_funds
from tests.groupleader.making import make_leader, make_user
from tests.groupleader.paying import approved, broken_rules, handed_out, let_go, made

pytestmark = pytest.mark.django_db

NEW = NewAccount(bank="邮储银行", holder="王姐", account="6222 0212 3456 7890 128")


@pytest.fixture
def funds() -> None:
    put_in_own_funds()


def in_days(days: int) -> time_machine.travel:
    return time_machine.travel(now() + timedelta(days=days), tick=False)


def cooled(leader: Leader) -> None:
    Leader.objects.filter(pk=leader.pk).update(payee_changed_at=now() - timedelta(days=4))


def test_a_transfer_that_waits_is_called_back_when_its_account_is_denied(acquirer):
    leader = make_leader()
    change = change_own_payee(leader=leader, new=NEW, by=leader.user)
    cooled(leader)
    statement = approved(leader)
    payout = open_payout(statement=statement)

    deny_change(change=change)

    payout.refresh_from_db()
    statement.refresh_from_db()
    assert (payout.status, statement.status) == ("cancelled", "approved")
    assert transfer_view(payout.transfer_no).status == "cancelled"
    assert jobs.pay_approved(10) == {"started": 0, "refused": 0}
    assert broken_rules() == []


def test_a_transfer_that_waits_goes_to_the_new_account_after_its_days(acquirer):
    leader = make_leader()
    statement = approved(leader)
    first = open_payout(statement=statement)

    change_own_payee(leader=leader, new=NEW, by=leader.user)
    cooled(leader)
    second = open_payout(statement=SettlementStatement.objects.get())

    first.refresh_from_db()
    assert (first.status, second.payee_masked) == ("cancelled", "邮储银行 ····0128")
    assert broken_rules() == []


def test_who_is_paid_is_read_when_it_is_paid_not_before(acquirer):
    leader = make_leader()
    statement = SettlementStatement.objects.select_related("leader").get(pk=approved(leader).pk)
    deny_change(change=change_own_payee(leader=leader, new=NEW, by=leader.user))
    cooled(leader)

    with pytest.raises(PayeeFrozenError):
        open_payout(statement=statement)

    stale = SettlementStatement.objects.select_related("leader").get()
    Leader.objects.update(payee_frozen_at=None, payee_last4="7777")
    assert open_payout(statement=stale).payee_masked.endswith("7777")


@pytest.mark.parametrize("step", ["approve", "download"])
def test_a_file_holds_no_account_that_was_replaced_however_long_ago(funds, step):
    leader = make_leader()
    batch = made(approved(leader))
    if step == "download":
        let_go(batch)
    change_payee(leader=leader, bank="邮储银行", holder="王姐", account="6221881234567890")

    clerk = make_user(is_staff=True)
    act = {"approve": let_go, "download": lambda row: download_batch(batch=row, by=clerk)}[step]
    with in_days(5), pytest.raises(BatchRefusedError) as refusal:
        act(batch)

    assert refusal.value.data["reason"] == "payee_changed"


def test_her_own_change_never_lifts_a_freeze_said_at_the_same_moment(monkeypatch):
    leader = make_leader()
    first = change_own_payee(leader=leader, new=NEW, by=leader.user)
    holding = payees.hold

    def denied_meanwhile(party):
        if Leader.objects.filter(payee_frozen_at=None).exists():
            monkeypatch.setattr(payees, "hold", holding)
            deny_change(change=first)
        holding(party)

    monkeypatch.setattr(payees, "hold", denied_meanwhile)
    with pytest.raises(PayeeFrozenError):
        change_own_payee(leader=leader, new=NEW, by=leader.user)


def test_a_second_account_cools_whatever_the_page_had_read_before():
    leader = make_leader(payee=False)
    stale = Leader.objects.get(pk=leader.pk)
    change_own_payee(leader=leader, new=NEW, by=leader.user)

    change_own_payee(leader=stale, new=NEW, by=leader.user)

    leader.refresh_from_db()
    assert leader.payee_changed_at is not None


def test_a_cancelled_batch_leaves_what_had_failed_failed(funds):
    statement = approved()
    batch = handed_out(statement)
    number = batch.payouts.get().transfer_no
    record_failed(transfer_no=number, code="refused", message="", at=now())
    second = made(SettlementStatement.objects.get())

    cancel_batch(batch=second, by=second.made_by, reason="wrong day")

    statement.refresh_from_db()
    assert statement.status == "failed"
    assert jobs.pay_approved(10)["started"] == 0
    assert Payout.objects.filter(status="cancelled").count() == 1


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts on threads of their own at the same moment; a refusal is a result."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return act()
        except LinliError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def ready_to_be_denied() -> tuple[SettlementStatement, PayeeChange]:
    leader = make_leader()
    change = change_own_payee(leader=leader, new=NEW, by=leader.user)
    cooled(leader)
    return approved(leader), change


@pytest.mark.django_db(transaction=True)
def test_of_a_payment_and_a_denial_at_once_nothing_is_left_to_be_sent(acquirer):
    for _ in range(4):
        statement, change = ready_to_be_denied()

        at_once(
            lambda row=statement: open_payout(statement=row),
            lambda row=change: deny_change(change=row),
        )

        assert not statement.payouts.exclude(status="cancelled").exists()
        statement.refresh_from_db()
        assert statement.status == "approved"
    assert broken_rules() == []


@pytest.mark.django_db(transaction=True)
def test_without_calling_back_what_waits_would_be_sent(acquirer, monkeypatch):
    """Negative control: a freeze that only writes itself down leaves the transfer going."""
    statement, change = ready_to_be_denied()
    monkeypatch.setattr(payees, "call_back", lambda *_args, **_kwargs: 0)
    payout = open_payout(statement=statement)

    deny_change(change=change)

    assert transfer_view(payout.transfer_no).status == "approved"
