"""Payouts in a file: two people, the money held, the bank's answer believed once, by hand too."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from payments import jobs
from payments.api import (
    FileAnswer,
    FileWish,
    IllegalTransitionError,
    InTransit,
    Money,
    NotEnoughFundsError,
    Payee,
    SecondPersonError,
    UnknownNumberError,
    approve_file_transfers,
    approve_transfer,
    available_minor,
    cancel_file_transfers,
    cancel_transfer,
    create_file_transfers,
    file_payees,
    hand_out_file_transfers,
    hear_of_file_transfer,
    post_commission_earned,
    post_statement_closed,
    send_transfer,
    transfer_view,
)
from payments.invariants import check
from payments.ledger.balances import balance
from payments.models import AcquirerAccount, ChannelFact, Transfer
from tests.funds import OPENING_MINOR, put_in_own_funds
from tests.payments.desk import told

pytestmark = pytest.mark.django_db

HER = Payee(name="王芳", account="6217000010001234567", bank="中国建设银行")


def wish(key: str = "S1:1", minor: int = 2_080) -> FileWish:
    return FileWish(
        transfer_key=key,
        payee=HER,
        amount=Money(minor),
        reference=key.partition(":")[0],
        purpose="commission",
        ledger=InTransit.of_leader("L1", key.partition(":")[0]),
    )


def written(*wishes: FileWish) -> list[str]:
    with transaction.atomic():
        for each in wishes or (wish(),):
            name = each.reference
            post_commission_earned(key=name, leader_ref="L1", amount=each.amount)
            post_statement_closed(
                key=name,
                leader_ref="L1",
                statement_ref=name,
                gross=each.amount,
                net=each.amount,
                tax=Money(0),
            )
        return create_file_transfers(wishes or (wish(),), created_by="anna")


def out(*wishes: FileWish) -> list[str]:
    numbers = written(*wishes)
    with transaction.atomic():
        approve_file_transfers(numbers, by="bo")
        hand_out_file_transfers(numbers, by="cleo")
    return numbers


def hear(number: str, *, is_paid: bool, is_decided: bool = False, minor: int = 2_080) -> str:
    answer = FileAnswer(
        transfer_no=number, is_paid=is_paid, amount=Money(minor), code="x", why="账号错"
    )
    view = hear_of_file_transfer(answer, evidence={"file": "r.csv"}, is_decided=is_decided)
    return view.status


def violations() -> list[str]:
    return [str(v) for result in check() for v in result.violations]


def test_a_file_is_paid_when_the_bank_says_so_and_only_once():
    put_in_own_funds()
    [number] = out()
    assert available_minor() == OPENING_MINOR - 2_080

    assert hear(number, is_paid=True) == "succeeded"
    assert hear(number, is_paid=True) == "succeeded"

    assert balance("2302", party="L1") == 0
    assert balance("1001") == OPENING_MINOR - 2_080
    assert told("transfer.succeeded") == ["transfer.succeeded"]
    assert ChannelFact.objects.get(verdict="applied").source == "file"
    assert violations() == []


def test_who_wrote_a_file_does_not_let_it_go_however_small():
    numbers = written(wish(minor=1))

    with pytest.raises(SecondPersonError), transaction.atomic():
        approve_file_transfers(numbers, by="anna")
    assert transfer_view(numbers[0]).status == "created"


def test_rows_of_a_file_go_with_their_file_only():
    put_in_own_funds()
    [number] = written()

    with pytest.raises(IllegalTransitionError):
        approve_transfer(number, by="bo")
    with pytest.raises(IllegalTransitionError):
        cancel_transfer(number, by="bo")
    with transaction.atomic():
        approve_file_transfers([number], by="bo")
    send_transfer(number)
    assert jobs.run_transfers() == {}
    assert transfer_view(number).status == "approved"


def test_a_file_leaves_whole_or_not_at_all():
    put_in_own_funds(4_159)
    numbers = written(wish("S1:1"), wish("S2:1"))
    with transaction.atomic():
        approve_file_transfers(numbers, by="bo")

    with pytest.raises(NotEnoughFundsError), transaction.atomic():
        hand_out_file_transfers(numbers, by="cleo")

    assert set(Transfer.objects.values_list("status", flat=True)) == {"approved"}


def test_a_row_that_moved_already_stops_the_whole():
    put_in_own_funds()
    numbers = out(wish("S1:1"), wish("S2:1"))

    with pytest.raises(IllegalTransitionError), transaction.atomic():
        cancel_file_transfers(numbers, came_from="approved", by="anna")
    with pytest.raises(IllegalTransitionError), transaction.atomic():
        hand_out_file_transfers(numbers, by="cleo")


def test_a_no_leaves_the_books_and_a_no_after_a_yes_is_money_that_came_back():
    put_in_own_funds()
    first, second = out(wish("S1:1"), wish("S2:1"))

    assert hear(first, is_paid=False) == "failed"
    assert hear(second, is_paid=True) == "succeeded"
    assert hear(second, is_paid=False, is_decided=True) == "returned"

    assert balance("1001") == OPENING_MINOR
    assert balance("2302", party="L1") == -4_160
    assert violations() == []


def test_a_yes_after_a_no_needs_two_people():
    put_in_own_funds()
    [number] = out()
    hear(number, is_paid=False)

    assert hear(number, is_paid=True) == "failed"
    assert hear(number, is_paid=True, is_decided=True) == "succeeded"


def test_another_amount_is_held_and_changes_nothing():
    put_in_own_funds()
    [number] = out()

    assert hear(number, is_paid=True, minor=2_081) == "sent"
    assert balance("1001") == OPENING_MINOR


def test_a_transfer_of_an_acquirer_is_in_no_file(account):
    with pytest.raises(UnknownNumberError):
        hear("T-nobody", is_paid=True)


def test_the_same_wish_is_in_one_file_only():
    written()

    with pytest.raises(IntegrityError), transaction.atomic():
        create_file_transfers([wish()], created_by="anna")


def test_the_payee_is_the_one_of_the_day_the_row_was_written():
    [number] = written()

    assert file_payees([number]) == {number: HER}
    assert AcquirerAccount.objects.get(adapter="bank_file").code == "bank_file"
