"""What a bank takes off by itself: on which cards, within its budget, and what the books say."""

from __future__ import annotations

import itertools

import pytest

from payments.sandbox import clock
from payments.sandbox.core import campaigns, cards, orders, paying, refunds
from payments.sandbox.core.bank import Bank, open_bank
from payments.sandbox.core.campaigns import Campaign
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.core.refunds import NewRefund
from payments.sandbox.refusals import Refusal
from payments.sandbox.settings import Settings

MERCHANT = "LINLI0001"
CREDIT, DEBIT, OTHER_BANK = "622168", "621700", "622600"
numbers = (f"{n:06d}" for n in itertools.count())


@pytest.fixture
def bank(tmp_path) -> Bank:
    return open_bank(Settings(data=tmp_path, refund_delay_seconds=0))


def start(bank: Bank, **changes) -> None:
    figures = {
        "code": "minus16",
        "giver": "CCB",
        "issuer_code": "CCB",
        "kinds": ("credit",),
        "threshold_minor": 20000,
        "discount_minor": 1600,
        "budget_minor": None,
    }
    with bank.books.writing() as connection:
        campaigns.start(connection, Campaign(**{**figures, **changes}))


def opened(bank: Bank, minor: int = 20800) -> str:
    our_no = f"P{next(numbers)}"
    new = NewOrder(
        merchant_id=MERCHANT,
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
        orders.place(connection, new)
    return our_no


def paid(bank: Bank, minor: int = 20800, *, bin_: str = CREDIT) -> dict:
    """Pay an order and return it as its merchant sees it."""
    our_no = opened(bank, minor)
    card = cards.read(cards.number_for(bin_), bank.keys.secret)
    with bank.books.writing() as connection:
        order = orders.by_number(connection, MERCHANT, our_no)
        paying.pay(connection, bank, order=order, card=card)
        return orders.view(connection, bank, orders.by_number(connection, MERCHANT, our_no))


def saved(order: dict) -> int:
    return order["amount"]["minor"] - order["payer_amount"]["minor"]


def test_the_merchant_hears_who_gave_what(bank):
    start(bank)

    order = paid(bank)

    assert order["payer_amount"] == {"minor": 19200, "currency": "CNY"}
    assert order["discounts"] == [
        {"funder": "bank", "ref": "CCB:minus16", "amount": {"minor": 1600, "currency": "CNY"}}
    ]


@pytest.mark.parametrize(
    ("minor", "bin_", "expected"),
    [(20000, CREDIT, 1600), (19999, CREDIT, 0), (20800, DEBIT, 0), (20800, OTHER_BANK, 0)],
    ids=["at the threshold", "a fen below", "another kind", "another bank"],
)
def test_only_its_cards_from_its_threshold_on(bank, minor, bin_, expected):
    start(bank)

    order = paid(bank, minor, bin_=bin_)

    assert saved(order) == expected
    assert bool(order["discounts"]) is bool(expected)


def test_the_best_campaign_is_taken_and_one_that_ended_is_not(bank):
    start(bank)
    start(bank, code="minus20", discount_minor=2000)
    assert saved(paid(bank)) == 2000

    with bank.books.writing() as connection:
        campaigns.end(connection, "minus20")
    assert saved(paid(bank)) == 1600


def test_a_budget_is_never_exceeded_and_the_next_best_steps_in(bank):
    start(bank, budget_minor=3300)
    start(bank, code="minus5", discount_minor=500)

    assert [saved(paid(bank)) for _ in range(4)] == [1600, 1600, 500, 500]
    spent = {row["code"]: row["spent_minor"] for row in campaigns.listed(bank.books.connection)}
    assert spent == {"minus16": 3200, "minus5": 1000}


def test_fee_bill_and_balance_are_of_what_the_payer_was_charged(bank):
    start(bank)
    our_no = paid(bank)["our_no"]
    with bank.books.writing() as connection:
        refunds.request(connection, bank, NewRefund(MERCHANT, "R1", our_no, 2769, "CNY", "", ""))

    rows = bank.books.connection.execute("SELECT kind, amount_minor, fee_minor FROM movements")
    assert [tuple(row) for row in rows] == [("PAY", 19200, 73), ("REFUND", 2769, -11)]


def test_not_more_is_given_back_than_the_payer_was_charged(bank):
    start(bank)
    our_no = paid(bank)["our_no"]

    with bank.books.writing() as connection, pytest.raises(Refusal, match="more than was paid"):
        refunds.request(connection, bank, NewRefund(MERCHANT, "R1", our_no, 19201, "CNY", "", ""))


def test_a_second_charge_of_one_order_is_a_copy_of_the_first(bank):
    start(bank, budget_minor=1600)
    our_no = paid(bank)["our_no"]
    with bank.books.writing() as connection:
        paying.pay_again(connection, bank, orders.by_number(connection, MERCHANT, our_no))
        refunds.request(connection, bank, NewRefund(MERCHANT, "R1", our_no, 38400, "CNY", "", ""))

    rows = bank.books.connection.execute("SELECT kind, amount_minor, fee_minor FROM movements")
    assert [tuple(row) for row in rows] == [
        ("PAY", 19200, 73),
        ("PAY", 19200, 73),
        ("REFUND", 38400, -146),
    ]


@pytest.mark.parametrize(
    "figures",
    [{"discount_minor": 20000}, {"discount_minor": 0}, {"threshold_minor": 0}],
    ids=["all of it", "nothing", "no threshold"],
)
def test_figures_that_make_no_sense_are_refused(bank, figures):
    with pytest.raises(Refusal, match="make no sense"):
        start(bank, **figures)

    assert campaigns.listed(bank.books.connection) == []
