"""Attacks on the books through plain SQL: the database refuses each of them by itself."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.ledger.accounts import ACQUIRER_CLEARING, CUSTOMER_PREPAYMENT
from payments.ledger.posting import Leg, post
from payments.models import JournalEntry, JournalTransaction

ON_SQLITE = connection.vendor == "sqlite"


@pytest.fixture
def posted(db):
    return post(
        ref="capture:P1",
        kind="capture",
        debits=[Leg(ACQUIRER_CLEARING, Money(19200), party="sandbox")],
        credits_=[Leg(CUSTOMER_PREPAYMENT, Money(19200), reference="M1")],
    )


def sql(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def open_header(ref="fraud:1"):
    return JournalTransaction.objects.create(
        ref=ref, kind="fraud", business_date="2026-11-22", created_at=now()
    )


def add_leg(journal, minor, currency="CNY", account="1101"):
    return JournalEntry.objects.create(
        transaction=journal, account=account, amount_minor=minor, currency=currency
    )


def mark_posted(journal):
    sql("UPDATE payments_journaltransaction SET posted = %s WHERE id = %s", True, journal.pk)


def refused(because):
    return pytest.raises(IntegrityError, match=because)


@pytest.fixture(autouse=True)
def the_books_are_unharmed(posted):
    """Each attack leaves the books as they were; what it left open is rolled back afterwards."""
    before = list(posted.entries.order_by("pk").values())
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    assert list(posted.entries.order_by("pk").values()) == before
    assert JournalTransaction.objects.filter(pk=posted.pk, ref="capture:P1", posted=True).exists()


def test_legs_that_do_not_balance_are_not_posted():
    journal = open_header()
    add_leg(journal, 100)
    add_leg(journal, -99)

    with refused("balance"):
        mark_posted(journal)


def test_legs_that_balance_only_across_currencies_are_not_posted():
    journal = open_header()
    add_leg(journal, 100, "CNY")
    add_leg(journal, -100, "USD")

    with refused("balance"):
        mark_posted(journal)


def test_a_single_leg_is_not_posted():
    journal = open_header()
    add_leg(journal, 100)

    with refused("two legs"):
        mark_posted(journal)


def test_a_header_without_legs_is_not_posted():
    with refused("two legs"):
        mark_posted(open_header())


def test_a_leg_of_nothing_is_refused():
    journal = open_header()
    with pytest.raises(IntegrityError), transaction.atomic():
        add_leg(journal, 0)


def test_a_journal_is_not_born_posted():
    with refused("after its legs"):
        sql(
            "INSERT INTO payments_journaltransaction"
            " (ref, kind, business_date, posted, created_at, memo)"
            " VALUES ('fraud:2', 'fraud', '2026-11-22', %s, '2026-11-22', '')",
            True,
        )


def test_no_leg_is_added_to_a_posted_journal(posted):
    with refused("open journal"), transaction.atomic():
        add_leg(posted, 100)


def test_no_leg_is_added_to_a_journal_that_does_not_exist(posted):
    with refused("open journal"), transaction.atomic():
        JournalEntry.objects.create(transaction_id=posted.pk + 1000, account="1101", amount_minor=1)


@pytest.mark.parametrize(
    "change", ["amount_minor = amount_minor + 1", "account = '1001'", "party = 'thief'"]
)
def test_a_leg_is_not_changed(posted, change):
    with refused("ledger"):
        sql(f"UPDATE payments_journalentry SET {change} WHERE transaction_id = %s", posted.pk)  # noqa: S608


def test_a_leg_is_not_moved_to_another_journal(posted):
    journal = open_header()
    with refused("ledger"):
        sql("UPDATE payments_journalentry SET transaction_id = %s", journal.pk)


def test_a_leg_is_not_deleted(posted):
    with refused("ledger"):
        sql("DELETE FROM payments_journalentry WHERE transaction_id = %s", posted.pk)


def test_a_leg_of_an_open_journal_is_not_deleted_either():
    leg = add_leg(open_header(), 100)
    with refused("ledger"):
        sql("DELETE FROM payments_journalentry WHERE id = %s", leg.pk)


def test_a_posted_journal_is_not_unposted(posted):
    with refused("ledger"):
        sql("UPDATE payments_journaltransaction SET posted = %s WHERE id = %s", False, posted.pk)


@pytest.mark.parametrize("change", ["ref = 'capture:P2'", "business_date = '2020-01-01'"])
def test_a_posted_journal_is_not_rewritten(posted, change):
    with refused("ledger"):
        sql(f"UPDATE payments_journaltransaction SET {change} WHERE id = %s", posted.pk)  # noqa: S608


def test_an_open_journal_is_not_rewritten_while_it_is_posted():
    journal = open_header()
    add_leg(journal, 100)
    add_leg(journal, -100)
    with refused("ledger"):
        sql(
            "UPDATE payments_journaltransaction SET posted = %s, ref = 'capture:P9' WHERE id = %s",
            True,
            journal.pk,
        )


def test_a_journal_is_not_deleted(posted):
    with refused("ledger"):
        sql("DELETE FROM payments_journaltransaction WHERE id = %s", posted.pk)


def test_an_open_journal_is_not_deleted_either():
    journal = open_header()
    with refused("ledger"):
        sql("DELETE FROM payments_journaltransaction WHERE id = %s", journal.pk)


def test_a_business_event_is_not_written_twice():
    with pytest.raises(IntegrityError), transaction.atomic():
        open_header("capture:P1")


if ON_SQLITE:

    def test_a_journal_is_not_replaced(posted):
        with refused("already in the books"):
            sql(
                "INSERT OR REPLACE INTO payments_journaltransaction"
                " (id, ref, kind, business_date, posted, created_at, memo)"
                " VALUES (%s, 'capture:P1', 'fraud', '2026-11-22', %s, '2026-11-22', '')",
                posted.pk,
                False,
            )

    def test_a_leg_is_not_replaced(posted):
        journal = open_header()
        with refused("never changed"):
            sql(
                "INSERT OR REPLACE INTO payments_journalentry"
                " (id, transaction_id, account, party, reference, amount_minor, currency)"
                " VALUES (%s, %s, '1101', '', '', 1, 'CNY')",
                posted.entries.first().pk,
                journal.pk,
            )

else:

    @pytest.mark.parametrize(
        "tables",
        [
            "payments_journalentry",
            "payments_journaltransaction, payments_journalentry",
            "payments_journaltransaction CASCADE",
        ],
    )
    def test_the_books_are_not_emptied(tables):
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        with refused("never emptied"):
            sql(f"TRUNCATE {tables}")

    def test_a_database_thrown_away_anyway_may_be_emptied(posted):
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("SET LOCAL linli.ledger_may_be_emptied = 'on'")

        sql("TRUNCATE payments_journaltransaction CASCADE")

        assert JournalEntry.objects.exists() is False

    def test_a_journal_is_not_left_open_at_commit():
        open_header("fraud:open")

        with refused("left open"):
            sql("SET CONSTRAINTS journal_header_left_open IMMEDIATE")
