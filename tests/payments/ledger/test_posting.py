"""Writing into the books: balanced, once per event, inside the transaction that makes it true."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from payments.kernel.errors import NotInTransactionError
from payments.kernel.money import Money
from payments.ledger.accounts import (
    ACQUIRER_CLEARING,
    BANK,
    CHART,
    CUSTOMER_PREPAYMENT,
    PLATFORM_CAPITAL,
    SUBSIDY_RECEIVABLE,
    Account,
    AccountType,
    account_of,
)
from payments.ledger.posting import JournalConflictError, Leg, UnbalancedJournalError, post
from payments.models import JournalEntry, JournalTransaction


def capture(paid=19200, subsidy=1600, **changed):
    wanted = {
        "ref": "capture:P1",
        "kind": "capture",
        "debits": [
            Leg(ACQUIRER_CLEARING, Money(paid), party="sandbox"),
            Leg(SUBSIDY_RECEIVABLE, Money(subsidy), party="CCB", reference="minus16"),
        ],
        "credits_": [Leg(CUSTOMER_PREPAYMENT, Money(paid + subsidy), reference="M1")],
    }
    return post(**wanted | changed)


@pytest.mark.django_db
def test_a_journal_is_posted_with_its_legs():
    journal = capture(on=date(2026, 3, 31), memo="first sale")

    assert JournalTransaction.objects.get() == journal
    journal.refresh_from_db()
    assert (journal.posted, journal.kind, journal.business_date, journal.memo) == (
        True,
        "capture",
        date(2026, 3, 31),
        "first sale",
    )
    legs = journal.entries.order_by("pk").values_list(
        "account", "party", "reference", "amount_minor", "currency"
    )
    assert list(legs) == [
        ("1101", "sandbox", "", 19200, "CNY"),
        ("1131", "CCB", "minus16", 1600, "CNY"),
        ("2101", "", "M1", -20800, "CNY"),
    ]
    assert str(journal) == "capture:P1"
    assert str(journal.entries.order_by("pk").first()) == "1101 CNY 192.00"


@pytest.mark.django_db
def test_a_leg_of_nothing_is_left_out():
    capture(subsidy=0)

    assert JournalEntry.objects.filter(account="1131").exists() is False
    assert JournalEntry.objects.count() == 2


@pytest.mark.django_db
def test_the_same_event_twice_is_one_journal():
    first = capture()
    again = capture(on=date(2030, 1, 1))

    assert again == first
    assert JournalTransaction.objects.count() == 1
    assert JournalEntry.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("changed", [{"paid": 19100}, {"kind": "late"}, {"subsidy": 0}])
def test_the_same_event_with_other_figures_is_refused(changed):
    capture()

    with pytest.raises(JournalConflictError) as refusal:
        capture(**changed)

    assert refusal.value.data == {"ref": "capture:P1"}
    assert JournalEntry.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("debit", "credit"),
    [(Money(2), Money(1)), (Money(0), Money(0)), (Money(5, "USD"), Money(5, "CNY"))],
)
def test_what_does_not_balance_is_not_written(debit, credit):
    with pytest.raises(UnbalancedJournalError):
        post(
            ref="x:1",
            kind="x",
            debits=[Leg(BANK, debit, party="main")],
            credits_=[Leg(PLATFORM_CAPITAL, credit)],
        )

    assert JournalTransaction.objects.exists() is False


@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_outside_the_transaction_that_makes_it_true():
    with pytest.raises(NotInTransactionError):
        capture()

    assert JournalTransaction.objects.exists() is False


@pytest.mark.django_db(transaction=True)
def test_a_journal_goes_with_its_transaction():
    with transaction.atomic():
        capture()
        transaction.set_rollback(True)

    assert JournalTransaction.objects.exists() is False


@pytest.mark.django_db
def test_a_refusal_that_is_not_about_the_event_is_not_mistaken_for_a_repetition():
    with pytest.raises(IntegrityError), transaction.atomic():
        capture(kind=None)


@pytest.mark.parametrize(
    ("account", "labels"),
    [
        (BANK, {}),
        (BANK, {"party": "main", "reference": "M1"}),
        (CUSTOMER_PREPAYMENT, {}),
        (PLATFORM_CAPITAL, {"party": "main"}),
    ],
)
def test_a_leg_carries_exactly_the_labels_of_its_account(account, labels):
    with pytest.raises(ValueError, match=account.code):
        Leg(account, Money(1), **labels)


def test_a_leg_is_never_negative():
    with pytest.raises(ValueError, match="other side"):
        Leg(PLATFORM_CAPITAL, Money(-1))


def test_a_leg_lies_in_the_chart():
    stranger = Account(code="9999", name="x", type=AccountType.ASSET)
    with pytest.raises(ValueError, match="not in the chart"):
        Leg(stranger, Money(1))


def test_the_chart_has_the_drawers_of_the_design():
    assert " ".join(sorted(CHART)) == (
        "1001 1101 1131 1141 1901 2101 2111 2112 2113 2131 2132 2201 2202 2301 2302 2401 2901 3001 "
        "5001 6001 6005 6401 6402 6403 6499"
    )
    assert account_of("1001") is BANK
    assert BANK.is_debit_normal is True
    assert CUSTOMER_PREPAYMENT.is_debit_normal is False


if connection.vendor == "postgresql":

    @pytest.mark.django_db(transaction=True)
    def test_a_transaction_that_leaves_a_journal_open_does_not_commit():
        with pytest.raises(IntegrityError, match="left open"), transaction.atomic():
            JournalTransaction.objects.create(
                ref="x:1", kind="x", business_date=date(2026, 3, 31), created_at=timezone.now()
            )

        assert JournalTransaction.objects.exists() is False
