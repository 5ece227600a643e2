"""The bank's own day book: fees to the fen, takings settled once, balances that always add up."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.sandbox import clock
from payments.sandbox.clock import from_text
from payments.sandbox.core import (
    movements,
    orders,
    paying,
    refunds,
    settlements,
    takings,
    transfers,
)
from payments.sandbox.core.bank import Bank, open_bank
from payments.sandbox.core.fees import fee_left, fee_on
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.core.refunds import NewRefund
from payments.sandbox.core.takings import Share
from payments.sandbox.core.transfers import NewTransfer
from payments.sandbox.refusals import Refusal
from payments.sandbox.settings import Settings
from payments.services import fees

OPENING = 100_000_000
numbers = (f"{n:06d}" for n in itertools.count())


@pytest.fixture
def bank(tmp_path) -> Iterator[Bank]:
    yield open_bank(Settings(data=tmp_path, transfer_delay_seconds=0))
    clock.set_offset(0)


def it_is(text: str) -> None:
    """Set the bank's clock to a Shanghai time."""
    clock.set_offset(0)
    clock.set_offset((from_text(f"{text}+08:00", name="now") - clock.now_ms()) // 1000 + 1)


def pay(bank: Bank, minor: int) -> str:
    our_no = f"P{next(numbers)}"
    new = NewOrder(
        merchant_id="LINLI0001",
        our_no=our_no,
        way="cashier",
        amount_minor=minor,
        currency="CNY",
        subject="荔枝",
        return_url="",
        notify_url="",
        expires_ms=clock.now_ms() + 900_000,
    )
    with bank.books.writing() as connection:
        order, _ = orders.place(connection, new)
        paying.pay(connection, bank, order=order, card=None)
    return our_no


def give_back(bank: Bank, our_no: str, minor: int) -> str:
    refund_no = f"R{next(numbers)}"
    new = NewRefund("LINLI0001", refund_no, our_no, minor, "CNY", "", "")
    with bank.books.writing() as connection:
        refunds.request(connection, bank, new)
    return refund_no


def balances(bank: Bank) -> tuple[int, int]:
    """Available beyond the opening balance, and pending, in fen."""
    row = bank.books.connection.execute("SELECT * FROM merchants").fetchone()
    return row["balance_minor"] - OPENING, row["pending_minor"]


def settle_due(bank: Bank) -> int:
    with bank.books.writing() as connection:
        return settlements.settle_due(connection)


def book(bank: Bank) -> list[tuple]:
    rows = bank.books.connection.execute("SELECT * FROM movements ORDER BY id")
    return [(r["day"], r["kind"], r["amount_minor"], r["fee_minor"], r["status"]) for r in rows]


def test_the_fees_of_the_worked_example(bank):
    it_is("2026-11-21 10:00:00")
    our_no = pay(bank, 19200)
    for minor in (2769, 277, 4523):
        give_back(bank, our_no, minor)

    assert [(kind, fee) for _, kind, _, fee, _ in book(bank)] == [
        ("PAY", 73),
        ("REFUND", -11),
        ("REFUND", -1),
        ("REFUND", -17),
    ]


@given(
    amount=st.integers(1, 10**9),
    parts=st.lists(st.integers(1, 10**8), max_size=8),
    rate=st.sampled_from(["0.0038", "0.006", "0.0025", "0", "1"]),
)
def test_fees_given_back_in_parts_add_up_to_the_fen(amount, parts, rate):
    left, fee = amount, fee_on(rate, amount)
    for part in parts:
        if part > left:
            break
        before = fee_left(rate, amount_minor=amount, left_minor=left)
        left -= part
        fee -= before - fee_left(rate, amount_minor=amount, left_minor=left)

        assert fee == fee_on(rate, left)
        assert 0 <= fee <= amount


@given(
    paid=st.integers(1, 10**9),
    back=st.integers(0, 10**9),
    rate=st.sampled_from(["0.0038", "0.006", "0.0025", "0", "0.5"]),
)
def test_the_bank_and_we_count_the_same_fee_each_by_itself(paid, back, rate):
    back = min(paid, back)

    theirs = fee_left(rate, amount_minor=paid, left_minor=paid - back)
    assert theirs == fees.fee_on(rate, paid, back)


def test_paid_twice_each_payment_has_its_own_fee():
    assert fee_left("0.0038", amount_minor=66, left_minor=132) == 0
    assert fee_on("0.0038", 132) == 1, "together they would round up"


def test_takings_wait_until_half_past_midnight_and_are_settled_once(bank):
    it_is("2026-11-21 23:59:00")
    pay(bank, 19200)
    it_is("2026-11-22 00:01:00")
    pay(bank, 10000)

    it_is("2026-11-22 00:29:00")
    assert settle_due(bank) == 0
    assert balances(bank) == (0, 19127 + 9962)
    it_is("2026-11-22 00:30:30")
    assert settle_due(bank) == 1
    assert settle_due(bank) == 0

    assert balances(bank) == (19127, 9962)
    assert book(bank)[-1] == ("2026-11-21", "SETTLEMENT", 19127, 0, "SUCCESS")


def test_a_day_that_gave_back_more_than_it_took_is_drawn_from_the_available_balance(bank):
    it_is("2026-11-20 12:00:00")
    our_no = pay(bank, 19200)
    it_is("2026-11-21 12:00:00")
    settle_due(bank)
    give_back(bank, our_no, 2769)
    give_back(bank, our_no, 277)

    assert balances(bank) == (19127, -3034)
    it_is("2026-11-22 12:00:00")
    settle_due(bank)

    assert balances(bank) == (16093, 0)
    assert book(bank)[-1] == ("2026-11-21", "SETTLEMENT", -3034, 0, "SUCCESS")


def test_money_for_negative_takings_cannot_be_transferred_away(bank):
    it_is("2026-11-20 12:00:00")
    our_no = pay(bank, 10_000)
    it_is("2026-11-21 12:00:00")
    settle_due(bank)
    give_back(bank, our_no, 10_000)

    with bank.books.writing() as connection:
        with pytest.raises(Refusal, match="BALANCE_TOO_LOW"):
            transfers.request(connection, bank, transfer(OPENING + 1))
        transfers.request(connection, bank, transfer(OPENING))
        transfers.finish_due(connection)
    it_is("2026-11-22 12:00:00")
    settle_due(bank)

    assert balances(bank) == (-OPENING, 0)


def transfer(minor: int) -> NewTransfer:
    number = f"T{next(numbers)}"
    return NewTransfer("LINLI0001", number, minor, "陈桂芳", "6217001234", "CCB", "", "")


def test_a_refund_under_way_is_held_and_no_money_can_be_promised_twice(bank):
    it_is("2026-11-21 12:00:00")
    our_no = pay(bank, 2_000_000_000)
    slow = Bank(
        Settings(data=bank.settings.data, refund_delay_seconds=5), bank.keys, bank.books, bank.rules
    )
    with bank.books.writing() as connection:
        transfers.request(connection, bank, transfer(OPENING))
    give_back(slow, our_no, 1_990_000_000)

    with pytest.raises(Refusal, match="BALANCE_TOO_LOW"):
        give_back(slow, our_no, 10_000_000)
    assert balances(bank) == (-OPENING, 2_000_000_000 - 7_600_000 - 1_990_000_000)
    assert [kind for _, kind, *_ in book(bank)] == ["PAY"], "not in the book before it succeeded"


def test_shares_leave_the_takings_and_come_back(bank):
    it_is("2026-11-21 12:00:00")
    pay(bank, 19200)
    share = Share("LINLI0001", "S00001", "SF1", "SP0001", "R1", 5000, clock.now_ms())
    with bank.books.writing() as connection:
        takings.shared(connection, share)
        takings.share_returned(connection, share)
        takings.shared(connection, share)
    it_is("2026-11-22 12:00:00")
    settle_due(bank)

    assert balances(bank) == (19127 - 5000, 0)


def test_a_refund_that_came_back_is_charged_again(bank):
    it_is("2026-11-21 12:00:00")
    our_no = pay(bank, 19200)
    refund_no = give_back(bank, our_no, 2769)
    with bank.books.writing() as connection:
        connection.execute("UPDATE refunds SET status = 'FAILED'")
        refund = refunds.by_number(connection, "LINLI0001", refund_no)
        takings.refund_came_back(connection, refund, at_ms=clock.now_ms())

    assert book(bank)[-1] == ("2026-11-21", "REFUND", 2769, 11, "FAILED")
    assert balances(bank) == (0, 19127)


def test_late_movements_of_a_settled_day_are_settled_by_a_batch_of_their_own(bank):
    it_is("2026-11-21 12:00:00")
    pay(bank, 10_000)
    it_is("2026-11-23 12:00:00")
    settle_due(bank)
    it_is("2026-11-21 13:00:00")
    pay(bank, 10_000)
    it_is("2026-11-23 12:00:00")

    assert settle_due(bank) == 1
    assert balances(bank) == (2 * 9962, 0)


def test_a_day_can_be_settled_at_once_by_order(bank):
    it_is("2026-11-21 12:00:00")
    pay(bank, 10_000)
    with bank.books.writing() as connection:
        batch_no = settlements.settle_day(connection, "LINLI0001", "2026-11-21")

        assert batch_no.startswith("SC")
        assert settlements.settle_day(connection, "LINLI0001", "2026-11-21") == ""
    assert balances(bank) == (9962, 0)


def test_midnight_is_shanghais():
    assert movements.day_of(from_text("2026-11-21T15:59:59.999Z", name="at")) == "2026-11-21"
    assert movements.day_of(from_text("2026-11-21T16:00:00.000Z", name="at")) == "2026-11-22"


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_every_fen_is_somewhere(bank, seed):
    """Payments, refunds, returns and transfers at random, over days: all books agree."""
    dice, paid = random.Random(seed), {}
    it_is("2026-11-01 08:00:00")
    for _ in range(120):
        clock.set_offset(clock.offset_seconds() + dice.randrange(6 * 3600))
        act = dice.choice(["pay", "pay", "refund", "transfer", "comes back", "settle"])
        with suppress(Refusal):  # too much, or too little left
            _do(act, bank, paid, dice)
    clock.set_offset(clock.offset_seconds() + 3 * 86_400)
    settle_due(bank)

    ask = bank.books.connection.execute
    (took,) = ask("SELECT coalesce(sum(amount_minor), 0) FROM orders WHERE paid_ms > 0").fetchone()
    (gave,) = ask("SELECT sum(amount_minor) FROM refunds WHERE status = 'SUCCESS'").fetchone()
    (sent,) = ask("SELECT sum(amount_minor) FROM transfers WHERE status = 'SUCCESS'").fetchone()
    fee = sum(
        fee_on("0.0038", order["amount_minor"] - order["refunded_minor"])
        for order in ask("SELECT * FROM orders")
    )
    assert balances(bank) == (took - (gave or 0) - (sent or 0) - fee, 0)
    (fees_in_bills,) = ask("SELECT sum(fee_minor) FROM movements").fetchone()
    (settled,) = ask("SELECT sum(amount_minor) FROM movements WHERE bill = 'fund'").fetchone()
    assert (fees_in_bills, settled) == (fee, took - (gave or 0) - fee)


def _do(act: str, bank: Bank, paid: dict[str, int], dice: random.Random) -> None:
    if act == "pay":
        minor = dice.randrange(1, 50_000)
        paid[pay(bank, minor)] = minor
    elif act == "refund" and paid:
        our_no = dice.choice(list(paid))
        give_back(bank, our_no, dice.randrange(1, paid[our_no] + 1))
    elif act == "transfer":
        with bank.books.writing() as connection:
            transfers.request(connection, bank, transfer(dice.randrange(1, OPENING // 10)))
            transfers.finish_due(connection)
    elif act == "comes back":
        with bank.books.writing() as connection:
            done = connection.execute("SELECT * FROM refunds WHERE status = 'SUCCESS'").fetchall()
            if done:
                refunds.come_back(connection, dice.choice(done))
    elif act == "settle":
        settle_due(bank)
