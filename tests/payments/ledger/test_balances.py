"""Reading the books: balances by label, the trial balance, an account's statement."""

from __future__ import annotations

from datetime import date

import pytest

from payments.kernel.money import Money
from payments.kernel.tenders import Funder, TenderPart
from payments.ledger import recipes
from payments.ledger.accounts import ACQUIRER_CLEARING, BANK, CUSTOMER_PREPAYMENT, PLATFORM_CAPITAL
from payments.ledger.balances import Statement, balance, journals_of, trial_balance
from payments.ledger.posting import Leg, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales():
    for number, account, paid in (("1", "sandbox", 100), ("2", "ccb", 200), ("3", "sandbox", 300)):
        recipes.payment_captured(
            payment_no=f"P{number}",
            order_ref=f"M{number}",
            account_code=account,
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(paid))],
        )
    post(
        ref="fx:1",
        kind="fx",
        debits=[Leg(BANK, Money(7, "USD"), party="main")],
        credits_=[Leg(PLATFORM_CAPITAL, Money(7, "USD"))],
        on=date(2026, 1, 1),
    )


def test_a_balance_is_narrowed_by_its_labels(sales):
    assert balance(ACQUIRER_CLEARING) == 600
    assert balance("1101", party="sandbox") == 400
    assert balance("1101", party="nobody") == 0
    assert balance(CUSTOMER_PREPAYMENT, reference="M2") == -200
    assert balance(BANK) == 0
    assert balance(BANK, currency="USD") == 7


def test_an_account_outside_the_chart_is_a_mistake_not_a_zero():
    with pytest.raises(KeyError):
        balance("9999")


def test_the_trial_balance_shows_both_sides(sales, django_assert_num_queries):
    recipes.refund_before_pickup(
        refund_no="R1",
        order_ref="M1",
        tenders=[TenderPart(funder=Funder.PAYER, amount=Money(40))],
    )

    with django_assert_num_queries(1):
        rows = trial_balance()

    shown = [(r.code, str(r.debit), str(r.credit), str(r.balance)) for r in rows]
    assert shown == [
        ("1001", "USD 0.07", "USD 0.00", "USD 0.07"),
        ("1101", "CNY 6.00", "CNY 0.00", "CNY 6.00"),
        ("2101", "CNY 0.40", "CNY 6.00", "CNY -5.60"),
        ("2111", "CNY 0.00", "CNY 0.40", "CNY -0.40"),
        ("3001", "USD 0.00", "USD 0.07", "USD -0.07"),
    ]
    assert rows[0].account is BANK


def test_the_trial_balance_of_an_earlier_day_ignores_what_came_later(sales):
    assert [row.code for row in trial_balance(until=date(2026, 1, 1))] == ["1001", "3001"]
    assert trial_balance(until=date(2025, 12, 31)) == []


def statement_of(code, **asked):
    return Statement(account=code, **asked).running()


def test_a_statement_runs(sales, django_assert_num_queries):
    with django_assert_num_queries(1):
        lines = [(e.transaction.ref, e.balance_minor) for e in statement_of("1101")]
    assert lines == [("capture:P1", 100), ("capture:P2", 300), ("capture:P3", 600)]

    of_sandbox = statement_of("1101", party="sandbox")
    assert [e.balance_minor for e in of_sandbox] == [100, 400]
    assert [e.balance_minor for e in statement_of("2101", reference="M3")] == [-300]


def test_journals_are_found_by_their_events(sales, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = [(j.ref, len(j.entries.all())) for j in journals_of(["capture:P3", "capture:P1"])]

    assert found == [("capture:P1", 2), ("capture:P3", 2)]


def test_a_statement_of_days_begins_with_what_was_there_before(sales):
    for day, amount in ((2, 10), (3, 20), (5, 40)):
        post(
            ref=f"funding:{day}",
            kind="funding",
            debits=[Leg(BANK, Money(amount), party="main")],
            credits_=[Leg(PLATFORM_CAPITAL, Money(amount))],
            on=date(2026, 1, day),
        )
    asked = Statement(account="1001", since=date(2026, 1, 3), until=date(2026, 1, 4))

    assert asked.opening() == {"CNY": 10, "USD": 7}
    assert [(leg.amount_minor, leg.balance_minor) for leg in asked.running()] == [(20, 30)]
    assert [leg.balance_minor for leg in asked.stream()] == [30]
    assert asked.closing() == {"CNY": 30, "USD": 7}
    assert Statement(account="1001").opening() == {}
