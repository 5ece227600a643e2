"""Statements are fetched, kept as they came, and believed only when they are whole."""

from __future__ import annotations

import stat
from datetime import timedelta

import pytest

from payments.models import Incident
from payments.reconciliation import importing
from payments.reconciliation.delivering import deliver_bill
from payments.reconciliation.fetching import fetch_bill
from payments.reconciliation.importing import import_bill, words_of
from payments.reconciliation.jobs import fetch_bills, read_bills
from payments.reconciliation.models import Bill, BillLine, ReconciliationCase
from payments.reconciliation.storing import full_path
from tests.payments.reconciliation.paperbank import Line, noon, paper
from tests.payments.reconciliation.takings import (
    DAY,
    jobs_until_quiet,
    line_of,
    next_noon,
    paid,
    the_bill,
    the_case,
)

pytestmark = pytest.mark.django_db

STRANGE = [Line("pay", f"PSTRANGE{n}", 500, 2, at=noon(DAY)) for n in range(3)]


def open_incidents(kind: str) -> int:
    return Incident.objects.filter(kind=kind, resolved_at=None).count()


def wanted(bank, time_machine) -> Bill:
    """The row of the day's bill, before anything was fetched."""
    time_machine.move_to(noon(DAY))
    paid("ORDER1")
    next_noon(time_machine)
    fetch_bills()
    return Bill.objects.get(day=DAY, version=1)


def test_a_bill_that_is_not_ready_is_asked_for_again_and_missed_at_noon(bank, time_machine):
    time_machine.move_to(noon(DAY))
    paid("ORDER1")
    time_machine.move_to(noon(DAY) + timedelta(hours=22))  # 10:00 of the next day
    fetch_bills()
    bill = Bill.objects.get(day=DAY)
    assert (bill.state, bill.attempts, bill.problem) == ("not_yet", 1, "not_yet")
    assert bill.next_try_at - timedelta(minutes=6) < bill.next_try_at
    assert open_incidents("no_bill") == 0

    time_machine.shift(timedelta(hours=3))
    fetch_bills()
    fetch_bills()

    assert open_incidents("no_bill") == 1
    bill.refresh_from_db()
    assert bill.attempts == 2

    bank.issue(DAY, "trade", STRANGE)
    time_machine.shift(timedelta(hours=1))
    fetch_bills()
    assert open_incidents("no_bill") == 0


def test_the_bytes_are_kept_read_only_under_their_digest(bank, time_machine):
    bank.issue(DAY, "trade", STRANGE)
    bill = wanted(bank, time_machine)

    place = full_path(bill.path)

    assert place.read_bytes() == bank.papers[DAY, "trade"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o400
    assert bill.sha256[:24] in bill.path
    assert bill.source == "paper:2026-11-20:trade"
    assert bill.size == len(bank.papers[DAY, "trade"])


def test_the_same_bill_again_changes_nothing(bank, time_machine):
    bank.issue(DAY, "trade", STRANGE)
    wanted(bank, time_machine)
    jobs_until_quiet(time_machine, rounds=2)
    before = Bill.objects.values("version", "state", "sha256", "matched_at").get()

    time_machine.shift(timedelta(hours=25))
    fetch_bills()

    rows = Bill.objects.filter(day=DAY)
    assert rows.values("version", "state", "sha256", "matched_at").get() == before
    assert rows.get().next_try_at is None
    assert open_incidents("bill_reissued") == 0


def test_a_bill_issued_anew_is_another_version_and_its_differences_count(bank, time_machine):
    time_machine.move_to(noon(DAY))
    rows = [paid(f"ORDER{n}") for n in range(2)]
    bank.issue(DAY, "trade", [line_of(rows[0], amount=1), line_of(rows[1])])
    next_noon(time_machine)
    jobs_until_quiet(time_machine)
    first = the_bill()
    assert the_case(rows[0].payment_no).state == "open"

    bank.issue(DAY, "trade", [line_of(rows[0]), line_of(rows[1], amount=2)])
    time_machine.shift(timedelta(hours=25))
    jobs_until_quiet(time_machine)

    first.refresh_from_db()
    assert (first.state, first.is_current) == ("replaced", False)
    assert full_path(first.path).exists()
    assert (the_bill().version, the_bill().state) == (2, "matched")
    assert the_case(rows[0].payment_no).resolution == "replaced"
    assert the_case(rows[1].payment_no).discrepancy == "amount"
    assert open_incidents("bill_reissued") == 1


BAD = {
    "digest": None,
    "truncated": lambda content: content[: content.rindex(b"END")],
    "totals": lambda content: content.replace(b"END,3,1500", b"END,3,1501"),
    "merchant": lambda content: content.replace(b"M001", b"M002"),
    "header": lambda content: content.replace(b"PAPER", b"BILL!"),
    "format": lambda content: content.replace(b"PSTRANGE1,,500", b"PSTRANGE1,,5x0"),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_bad_bill_is_kept_as_evidence_counts_nothing_and_is_fetched_again(
    bank, time_machine, reason
):
    good = paper(DAY, "trade", STRANGE)
    spoil = BAD[reason]
    bank.papers[DAY, "trade"] = spoil(good) if spoil else good
    if reason == "digest":
        bank.digests[DAY, "trade"] = "0" * 64
    wanted(bank, time_machine)
    read_bills()

    bad = Bill.objects.get(day=DAY, version=1)
    assert (bad.state, bad.problem, bad.is_current) == ("bad", reason, False)
    assert full_path(bad.path).read_bytes() == bank.papers[DAY, "trade"]
    assert not BillLine.objects.exists()
    assert not ReconciliationCase.objects.filter(discrepancy="orphan").exists()
    assert open_incidents("bad_bill") == 1

    for _ in range(3):  # the same bad bytes are no news
        time_machine.shift(timedelta(hours=1))
        fetch_bills()
        read_bills()
    assert Bill.objects.filter(day=DAY).count() == 2
    assert open_incidents("bad_bill") == 1

    bank.papers[DAY, "trade"] = good
    bank.digests.clear()
    time_machine.shift(timedelta(hours=2))
    jobs_until_quiet(time_machine, rounds=2)
    assert (the_bill().version, the_bill().line_count) == (2, 3)


def test_reading_goes_on_where_a_crash_left_it(bank, time_machine, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK_LINES", 2)
    lines = [Line("pay", f"PSTRANGE{n}", 500, 2, at=noon(DAY)) for n in range(7)]
    bank.issue(DAY, "trade", lines)
    bill = wanted(bank, time_machine)
    load = importing.load
    calls = []

    def dies(bill_id, chunk):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(1)
        load(bill_id, chunk)

    monkeypatch.setattr(importing, "load", dies)
    with pytest.raises(KeyboardInterrupt):
        import_bill(bill.pk)
    assert BillLine.objects.filter(bill=bill).count() == 4
    assert Bill.objects.get(pk=bill.pk).state == "fetched"
    monkeypatch.setattr(importing, "load", load)

    import_bill(bill.pk)

    assert (the_bill().state, the_bill().line_count) == ("imported", 7)
    numbers = BillLine.objects.order_by("line_no").values_list("line_no", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5, 6, 7]


def test_a_line_can_be_seen_as_it_stands_in_the_file(bank, time_machine):
    bank.issue(DAY, "trade", STRANGE)
    wanted(bank, time_machine)
    read_bills()

    line = BillLine.objects.get(line_no=2)

    assert words_of(line)["line"].startswith("2,pay,PSTRANGE1,,500,2,succeeded")


def test_a_bill_can_be_brought_by_hand(bank, time_machine, tmp_path):
    time_machine.move_to(noon(DAY))
    row = paid("ORDER1")
    next_noon(time_machine)
    file = tmp_path / "brought.csv"
    file.write_bytes(paper(DAY, "trade", [line_of(row)]))
    order = {"account_code": "paper", "day": DAY, "kind": "trade", "paper": file, "source": "hand"}

    bill = deliver_bill(**order)
    again = deliver_bill(**order)
    forged = deliver_bill(**{**order, "declared_digest": "0" * 64})

    assert (bill.state, bill.line_count, bill.source) == ("matched", 1, "hand")
    assert again.pk == bill.pk
    assert forged.pk == bill.pk, "the bytes are known and good, whatever digest came beside them"
    assert not ReconciliationCase.objects.exists()


def test_two_workers_do_not_fetch_the_same_bill(bank, time_machine):
    bill = wanted(bank, time_machine)
    attempts = bill.attempts
    Bill.objects.filter(pk=bill.pk).update(lease_until=bill.next_try_at + timedelta(hours=1))

    fetch_bill(bill.pk)

    bill.refresh_from_db()
    assert bill.attempts == attempts


def test_another_days_bill_brought_by_mistake_is_refused(bank, time_machine, tmp_path):
    time_machine.move_to(noon(DAY))
    paid("ORDER1")
    next_noon(time_machine)
    file = tmp_path / "brought.csv"
    old = [Line("pay", "POLD", 500, 2, at=noon(DAY - timedelta(days=9)))]
    file.write_bytes(paper(DAY, "trade", old))

    bill = deliver_bill(account_code="paper", day=DAY, kind="trade", paper=file, source="hand")

    row = Bill.objects.get(version=1, day=DAY)
    assert (row.state, row.problem) == ("bad", "header")
    assert bill.state == "bad"
    assert not BillLine.objects.exists()
