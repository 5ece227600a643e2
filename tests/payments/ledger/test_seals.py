"""Day seals: the same events give the same seal; a sealed day stays shut, a changed one named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from payments.invariants import check
from payments.kernel.money import Money
from payments.ledger import recipes, sealing
from payments.ledger.accounts import BANK, PLATFORM_CAPITAL
from payments.ledger.posting import Leg, post
from payments.ledger.sealing import FIRST, differences, seal_due, totals_of
from payments.models import JournalTransaction, LedgerSeal
from tests.waiting import until

pytestmark = pytest.mark.django_db

# Noon in Shanghai.
NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
DAY = date(2026, 3, 15)


def fund(key, minor=100, **more):
    return post(
        ref=f"funding:{key}",
        kind="funding",
        debits=[Leg(BANK, Money(minor), party="main")],
        credits_=[Leg(PLATFORM_CAPITAL, Money(minor))],
        **more,
    )


@pytest.fixture
def two_days():
    """A day with two journals, a day without any, a day with one; then the morning after."""
    with time_machine.travel(NOON, tick=False) as clock:
        fund("b", 200)
        fund("a", memo="开业")
        clock.move_to(NOON + timedelta(days=2))
        fund("c", 300)
        clock.move_to(NOON + timedelta(days=3))
        yield clock


def sql(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_days_that_are_over_are_sealed_one_after_the_other(two_days):
    assert seal_due() == {"sealed": 3}

    seals = list(LedgerSeal.objects.order_by("day"))
    assert [(s.day, s.journals, s.entries, s.sums) for s in seals] == [
        (DAY, 2, 4, {"CNY": 300}),
        (DAY + timedelta(days=1), 0, 0, {}),
        (DAY + timedelta(days=2), 1, 2, {"CNY": 300}),
    ]
    assert seals[0].previous_hash == FIRST
    assert [s.previous_hash for s in seals[1:]] == [s.hash for s in seals[:-1]]
    assert len({s.hash for s in seals}) == 3
    assert seal_due() == {"sealed": 0}
    assert list(differences()) == []


def test_the_seal_is_what_it_is_said_to_be(two_days):
    """The form is written down here: an auditor can compute a seal from an export."""
    import hashlib  # noqa: PLC0415 - only the auditor needs it

    text = (
        f"linli-seal-1\n{'0' * 64}\n2026-03-15\n"
        '["funding:a","funding","开业",[["1001","main","","CNY",100],["3001","","","CNY",-100]]]\n'
        '["funding:b","funding","",[["1001","main","","CNY",200],["3001","","","CNY",-200]]]\n'
    )

    assert totals_of(DAY, previous_hash=FIRST).hash == hashlib.sha256(text.encode()).hexdigest()


def test_the_same_events_in_another_order_give_the_same_seal(two_days):
    seal_due()
    sealed = LedgerSeal.objects.get(day=DAY).hash
    JournalTransaction.objects.exists()

    other = DAY - timedelta(days=400)
    fund("z", on=other)
    first = totals_of(other, previous_hash=FIRST)

    assert first.journals == 0  # that day is before the first seal: booked today instead
    assert totals_of(DAY, previous_hash=FIRST).hash == sealed


def test_a_day_waits_for_its_grace(settings):
    settings.LINLI_SEAL_GRACE_MINUTES = 30
    with time_machine.travel(NOON, tick=False) as clock:
        fund("a")
        clock.move_to(datetime(2026, 3, 15, 16, 29, 59, tzinfo=UTC))
        assert seal_due() == {"sealed": 0}
        clock.move_to(datetime(2026, 3, 15, 16, 30, tzinfo=UTC))
        assert seal_due() == {"sealed": 1}


def test_what_belongs_to_a_sealed_day_is_booked_today(two_days):
    seal_due()

    late = fund("late", on=DAY, memo="bill 7")
    again = fund("late", on=DAY, memo="bill 7")

    late.refresh_from_db()
    assert again == late
    assert late.business_date == DAY + timedelta(days=3)
    assert late.memo == "bill 7 (of 2026-03-15)"
    assert list(differences()) == []


def test_a_clock_that_goes_back_books_on_the_first_open_day(two_days):
    seal_due()
    two_days.move_to(NOON)

    journal = fund("from the past")

    assert journal.business_date == DAY + timedelta(days=3)


def test_an_open_journal_makes_its_day_wait(two_days):
    with transaction.atomic():
        JournalTransaction.objects.create(
            ref="crash:1", kind="crash", business_date=DAY, created_at=NOON
        )
        assert seal_due() == {"sealed": 0}
        transaction.set_rollback(True)
    assert seal_due() == {"sealed": 3}


def test_a_journal_that_came_while_the_day_was_read_makes_it_wait(two_days, monkeypatch):
    read = sealing.totals_of

    def and_then_one_came(day, *, previous_hash):
        totals = read(day, previous_hash=previous_hash)
        fund(f"meanwhile {day}", on=day)
        return totals

    with monkeypatch.context() as patched:
        patched.setattr(sealing, "totals_of", and_then_one_came)
        assert seal_due() == {"sealed": 0}
    assert seal_due() == {"sealed": 3}
    assert LedgerSeal.objects.get(day=DAY).journals == 3


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE payments_ledgerseal SET hash = 'x'",
        "UPDATE payments_ledgerseal SET journals = 7",
        "DELETE FROM payments_ledgerseal",
        (
            "INSERT INTO payments_ledgerseal (day, previous_hash, hash, journals, entries, sums,"
            " sealed_at) SELECT '2026-03-15', previous_hash, 'x', 0, 0, '{}', sealed_at"
            " FROM payments_ledgerseal WHERE day = '2026-03-17'"
        ),
        (
            "INSERT INTO payments_ledgerseal (day, previous_hash, hash, journals, entries, sums,"
            " sealed_at) SELECT '2026-03-18', 'another', 'x', 0, 0, '{}', sealed_at"
            " FROM payments_ledgerseal WHERE day = '2026-03-17'"
        ),
        (
            "INSERT INTO payments_journaltransaction (ref, kind, business_date, posted, created_at,"
            " memo) VALUES ('fraud:1', 'fraud', '2026-03-17', false, '2026-03-17', '')"
        ),
    ],
)
def test_the_database_refuses_to_touch_what_is_sealed(two_days, attack):
    seal_due()

    with pytest.raises(IntegrityError, match="ledger"):
        sql(attack)


if connection.vendor == "sqlite":

    def test_a_seal_is_not_replaced(two_days):
        seal_due()
        with pytest.raises(IntegrityError, match="follows"):
            sql(
                "INSERT OR REPLACE INTO payments_ledgerseal SELECT * FROM payments_ledgerseal"
                " ORDER BY day DESC LIMIT 1"
            )

else:

    def test_the_seals_are_not_emptied(two_days):
        seal_due()
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="never emptied"):
            sql("TRUNCATE payments_ledgerseal")


@pytest.fixture
def without_guards(two_days):
    """Somebody with the owner's rights takes the triggers down."""
    seal_due()
    on = "" if connection.vendor == "sqlite" else " ON payments_journalentry"
    seals = "" if connection.vendor == "sqlite" else " ON payments_ledgerseal"
    with transaction.atomic():
        if on:
            sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"DROP TRIGGER journal_leg_changed{on}")
        sql(f"DROP TRIGGER seal_changed{seals}")
        yield
        transaction.set_rollback(True)


def broken():
    return {(v.code, v.subject) for result in check() for v in result.violations}


def test_a_leg_changed_behind_our_back_is_found_and_its_day_named(without_guards, capsys):
    sql("UPDATE payments_journalentry SET party = 'thief' WHERE account = '1001'")

    with pytest.raises(CommandError, match="2026-03-15: the journals are not those") as failure:
        call_command("ledger_seal", verify=True)

    assert failure.value.returncode == 2
    assert ("L8", "2026-03-15") in broken()
    assert [d.day for d in differences(days=1)] == [DAY + timedelta(days=2)]


def test_a_changed_seal_breaks_the_chain(without_guards):
    sql("UPDATE payments_ledgerseal SET hash = 'x' WHERE day = '2026-03-16'")

    assert [(d.day, d.detail) for d in differences()] == [
        (DAY + timedelta(days=1), "the journals are not those that were sealed"),
        (DAY + timedelta(days=2), "does not follow from the seal before"),
    ]


def test_other_sums_are_told(without_guards):
    sql("UPDATE payments_ledgerseal SET entries = 9 WHERE day = '2026-03-15'")
    assert next(differences()).detail == "2 journals and 4 legs, sealed were 2 and 9"


def test_the_command_seals_and_verifies(two_days, capsys):
    call_command("ledger_seal", verify=True)
    call_command("ledger_seal")
    call_command("ledger_seal", verify=True, days=2)

    told = capsys.readouterr().out.splitlines()
    newest = LedgerSeal.objects.first()
    assert told[0] == "all seals hold; no day is sealed yet"
    assert told[1] == f"3 days sealed; the newest is 2026-03-17 {newest.hash}"
    assert told[2] == f"all seals hold; the newest is 2026-03-17 {newest.hash}"


def test_reading_a_day_holds_few_rows_at_a_time(monkeypatch):
    """However many journals: rows come in portions and are let go."""
    monkeypatch.setattr(sealing, "_CHUNK", 10)
    with time_machine.travel(NOON, tick=False):
        for number in range(60):
            recipes.payment_surplus(
                payment_no=f"P{number:03d}", account_code="sandbox", amount=Money(number + 1)
            )

    totals = totals_of(DAY, previous_hash=FIRST)

    assert (totals.journals, totals.entries, totals.sums) == (60, 120, {"CNY": 1830})


if connection.vendor == "postgresql":

    @pytest.mark.django_db(transaction=True)
    def test_a_journal_that_is_being_written_is_waited_for():
        """The seal waits for who has begun, sees the journal, and counts it the next time."""
        with transaction.atomic():
            fund("a", on=DAY)
        has_begun, may_end = Event(), Event()

        def write_slowly():
            try:
                with transaction.atomic():
                    fund("b", on=DAY)
                    has_begun.set()
                    may_end.wait(10)
            finally:
                connection.close()

        def seal():
            try:
                return seal_due(limit=1)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as people:
            writer = people.submit(write_slowly)
            assert has_begun.wait(10)
            sealer = people.submit(seal)
            until(somebody_waits, what="the sealer to wait for the writer")
            may_end.set()
            writer.result()
            assert sealer.result() == {"sealed": 0}

        assert seal_due(limit=1) == {"sealed": 1}
        assert LedgerSeal.objects.get().journals == 2


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]
