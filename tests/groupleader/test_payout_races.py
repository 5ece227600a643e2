"""Two at the same moment: transfer and batch, the same result twice, a result and a decision."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from groupleader.models import (
    BatchAnswer,
    BatchResult,
    Payout,
    PayoutBatch,
    SettlementStatement,
)
from groupleader.payout_jobs import carry_out_answers
from groupleader.services import payouts
from groupleader.services.batch_results import import_batch_result
from groupleader.services.batches import download_batch
from groupleader.services.payout_evidence import carry_out_decision, propose_decision
from groupleader.services.payouts import open_payout
from payments.api import LinliError, NotEnoughFundsError, balance, deliver_pending
from payments.services import funds
from tests.funds import OPENING_MINOR, put_in_own_funds
from tests.groupleader.making import make_leader, make_user
from tests.groupleader.paying import approved, broken_rules, handed_out, let_go, made, result_of

pytestmark = pytest.mark.django_db(transaction=True)


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


def fresh(statement: SettlementStatement) -> SettlementStatement:
    return SettlementStatement.objects.get(pk=statement.pk)


def test_of_a_transfer_and_a_batch_at_once_one_gets_the_statement(acquirer):
    statement = approved()
    clerk = make_user("制单", is_staff=True)

    results = at_once(
        lambda: open_payout(statement=fresh(statement)),
        lambda: made(fresh(statement), by=clerk),
    )

    assert sum(isinstance(result, LinliError) for result in results) == 1
    assert Payout.objects.count() == 1
    assert fresh(statement).status == "paying"
    assert broken_rules() == []


def test_without_the_claim_only_the_database_stops_the_second_way(acquirer, monkeypatch):
    """Negative control: a careless way that does not claim is stopped by the partial index."""
    statement = approved()
    made(statement)
    monkeypatch.setattr(payouts, "claim", lambda row: row.payouts.count() + 1)

    with pytest.raises(Exception, match=r"one_live|UNIQUE"):
        open_payout(statement=fresh(statement))

    assert Payout.objects.count() == 1


def test_the_same_result_twice_at_once_is_one_result():
    put_in_own_funds()
    statement = approved()
    batch = handed_out(statement)
    content = result_of(batch, "成功")
    clerk = make_user("出纳", is_staff=True)

    def brings() -> BatchResult:
        row = PayoutBatch.objects.get(pk=batch.pk)
        return import_batch_result(batch=row, content=content, file_name="r.csv", by=clerk)

    first, second = at_once(brings, brings)
    at_once(lambda: carry_out_answers(10), lambda: carry_out_answers(10))
    deliver_pending()

    assert first.pk == second.pk
    assert BatchAnswer.objects.count() == 1
    assert balance("1001") == OPENING_MINOR - 2_080
    assert statement.events.filter(what="paid").count() == 1
    assert broken_rules() == []


def test_a_result_and_a_decision_at_once_agree_about_the_money():
    put_in_own_funds()
    statement = approved()
    batch = handed_out(statement)
    clerk, boss = make_user("甲", is_staff=True), make_user("乙", is_staff=True)
    decision = propose_decision(kind="paid", reason="booking 5", by=clerk, batch=batch)
    content = result_of(batch, "成功")
    import_batch_result(batch=batch, content=content, file_name="r.csv", by=clerk)

    at_once(
        lambda: carry_out_decision(decision=decision, by=boss),
        lambda: carry_out_answers(10),
    )
    deliver_pending()

    assert fresh(statement).status == "paid"
    assert balance("1001") == OPENING_MINOR - 2_080
    assert statement.events.filter(what="paid").count() == 1
    assert broken_rules() == []


def two_files() -> list[Callable[[], Any]]:
    """Two files, and money for one of them."""
    put_in_own_funds(2_080)
    batches = [let_go(made(approved(make_leader(name)))) for name in ("王姐", "李姐")]
    clerk = make_user("出纳", is_staff=True)

    def takes(batch: PayoutBatch) -> Callable[[], Any]:
        return lambda: download_batch(batch=PayoutBatch.objects.get(pk=batch.pk), by=clerk)

    return [takes(batch) for batch in batches]


def test_two_files_never_leave_on_the_same_money():
    results = at_once(*two_files())

    assert [type(result) for result in results].count(NotEnoughFundsError) == 1
    assert PayoutBatch.objects.filter(status="handed_out").count() == 1


def test_without_looking_at_the_money_both_files_would_leave(monkeypatch):
    """Negative control: what stops the second file is the money, nothing else."""
    takes = two_files()
    monkeypatch.setattr(funds, "available_minor", lambda **_: OPENING_MINOR)

    at_once(*takes)

    assert PayoutBatch.objects.filter(status="handed_out").count() == 2
