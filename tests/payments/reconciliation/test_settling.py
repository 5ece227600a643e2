"""What the acquirer paid out: beside the day's lines, booked once, found on the bank account."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from payments.ledger.balances import balance
from payments.reconciliation import invariants
from payments.reconciliation.bank_files import BankFileError
from payments.reconciliation.banking import import_bank_statement
from payments.reconciliation.deciding import approve, propose
from payments.reconciliation.models import BankLine, ReconciliationCase, SettlementBatch
from tests.payments.reconciliation.paperbank import Line, noon
from tests.payments.reconciliation.takings import (
    DAY,
    FEE,
    NEXT_DAY,
    given_back,
    jobs_until_quiet,
    line_of,
    line_of_refund,
    next_noon,
    paid,
    the_bill,
)

pytestmark = pytest.mark.django_db

NET = 2 * (19200 - FEE) - 2769 + 11


def nothing_is_wrong() -> bool:
    return [v for result in invariants.check() for v in result.violations] == []


@pytest.fixture
def settled(bank, time_machine, account_with):
    """A day of two payments and a refund whose batch says `net`."""

    def settle(net: int = NET) -> SettlementBatch:
        account_with("trade", "fund")
        time_machine.move_to(noon(DAY))
        rows = [paid(f"ORDER{n}") for n in range(2)]
        back = given_back(rows[0])
        bank.issue(DAY, "trade", [*(line_of(row) for row in rows), line_of_refund(back)])
        batch = Line("settlement", "", net, acquirer_no="SC1", at=noon(NEXT_DAY))
        bank.issue(DAY, "fund", [batch])
        next_noon(time_machine)
        jobs_until_quiet(time_machine)
        return SettlementBatch.objects.get()

    return settle


def file_of(folder: Path, *rows: str, name: str = "bank.csv", encoding: str = "utf-8-sig") -> Path:
    text = "户名,邻里团\n交易日期,流水号,收入,支出,对方户名,摘要\n" + "\n".join(rows) + "\n"
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def bring(path: Path, **other):
    return import_bank_statement(path, file_name=path.name, by="xiaomei", **other)


def test_a_batch_that_agrees_is_booked_once(settled, time_machine):
    batch = settled()

    assert (batch.net_minor, batch.expected_minor) == (NET, NET)
    assert batch.booked_at is not None
    assert (balance("1001"), balance("1101")) == (NET, 0)
    assert (the_bill(kind="fund").state, the_bill(kind="trade").state) == ("closed", "closed")
    jobs_until_quiet(time_machine, rounds=2)
    assert balance("1001") == NET
    assert nothing_is_wrong()


def test_a_batch_that_differs_is_a_case_and_is_booked_when_decided(settled, time_machine):
    batch = settled(NET - 100)
    case = ReconciliationCase.objects.get()
    assert (case.discrepancy, case.bill_amount_minor, case.ours_amount_minor) == (
        *("settle", NET - 100, NET),
    )
    assert batch.booked_at is None
    assert balance("1001") == 0

    propose(case.case_no, action="hang_up", reason="the bank owes 1.00", by="xiaomei")
    approve(case.case_no, by="laowang")

    assert (balance("1001"), balance("1101"), balance("1901")) == (NET - 100, 0, 100)
    jobs_until_quiet(time_machine, rounds=2)
    assert the_bill(kind="fund").state == "closed"
    assert nothing_is_wrong()


def test_the_bank_account_shows_the_batch(settled, tmp_path):
    settled()
    file = file_of(
        tmp_path,
        f"2026-11-21,F1,{NET / 100:.2f},,沙箱银行,结算 SC1",
        "2026-11-21,F2,,8.00,物业,水费",
    )

    statement = bring(file)

    assert (statement.line_count, statement.known_count) == (2, 0)
    assert SettlementBatch.objects.get().bank_line.bank_ref == "F1"
    assert BankLine.objects.get(bank_ref="F2").amount_minor == -800
    assert bring(file).pk == statement.pk
    more = bring(
        file_of(tmp_path, "2026-11-21,F2,,8.00,物业,水费", name="more.csv", encoding="gb18030")
    )
    assert (more.line_count, more.known_count) == (1, 1)


def test_a_batch_with_another_amount_on_the_bank_account_is_a_case(settled, tmp_path):
    settled()

    bring(file_of(tmp_path, "2026-11-21,F1,100.00,,沙箱银行,结算SC1"))

    case = ReconciliationCase.objects.get()
    assert (case.discrepancy, case.related_no, case.surplus_minor) == (
        "settle",
        "bank",
        10000 - NET,
    )


def test_a_batch_that_never_arrived_is_a_case_once_the_bank_reaches_that_far(settled, tmp_path):
    settled()
    bring(file_of(tmp_path, "2026-11-22,F1,1.00,,某人,货款"))
    assert not ReconciliationCase.objects.exists()

    bring(file_of(tmp_path, "2026-11-24,F2,1.00,,某人,货款", name="later.csv"))

    case = ReconciliationCase.objects.get()
    assert (case.bill_amount_minor, case.ours_amount_minor) == (0, NET)
    bring(file_of(tmp_path, f"2026-11-24,F3,{NET / 100:.2f},,沙箱银行,SC1", name="last.csv"))
    case.refresh_from_db()
    assert (case.state, case.resolution) == ("closed", "later_bill")


def test_a_workbook_is_read_too_and_rubbish_is_refused(settled, tmp_path):
    settled()
    book = Workbook()
    book.active.append(["交易日期", "流水号", "收入", "支出", "对方户名", "摘要"])
    book.active.append([noon(NEXT_DAY).replace(tzinfo=None), "F1", NET / 100, None, "沙箱银行", ""])
    book.save(tmp_path / "bank.xlsx")

    bring(tmp_path / "bank.xlsx")

    assert SettlementBatch.objects.get().bank_line.day == NEXT_DAY
    for rubbish in (b"\xff\xfe\x00rubbish", b"a,b,c\n1,2,3\n", "交易日期,收入\n昨天,1\n".encode()):
        (tmp_path / "rubbish.csv").write_bytes(rubbish)
        with pytest.raises(BankFileError):
            bring(tmp_path / "rubbish.csv")
    (tmp_path / "fake.xlsx").write_bytes(b"PK not a workbook")
    with pytest.raises(BankFileError):
        bring(tmp_path / "fake.xlsx")


@pytest.mark.parametrize("amount", ["1e9999999", "1" * 40, "nan", "inf"])
def test_an_amount_nobody_ever_paid_is_refused_at_once(bank, tmp_path, amount):
    with pytest.raises(BankFileError):
        bring(file_of(tmp_path, f"2026-11-21,F1,{amount},,某人,货款"))


def test_a_workbook_that_would_fill_the_memory_is_refused(bank, tmp_path):
    path = tmp_path / "bank.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", b"0" * (300 << 20))

    with pytest.raises(BankFileError) as refused:
        bring(path)

    assert refused.value.data["reason"] == "too_big"


def test_a_number_of_the_banks_that_stands_for_another_booking_is_not_passed_over(bank, tmp_path):
    bring(file_of(tmp_path, "2026-11-21,F1,5.00,,某人,货款"))

    for rows in (
        ["2026-11-22,F1,700.00,,某人,货款"],
        ["2026-11-22,F2,1.00,,,", "2026-11-22,F2,2.00,,,"],
    ):
        with pytest.raises(BankFileError) as refused:
            bring(file_of(tmp_path, *rows, name="more.csv"))

    assert refused.value.data["ref"] == "F2"
    assert BankLine.objects.count() == 1


def test_fees_of_an_account_without_a_rate_are_booked_with_the_bill(
    bank, time_machine, account_with
):
    account_with("trade", fee_rate="")
    time_machine.move_to(noon(DAY))
    rows = [paid(f"ORDER{n}") for n in range(2)]
    bank.issue(DAY, "trade", [line_of(row, fee=61) for row in rows])
    next_noon(time_machine)
    jobs_until_quiet(time_machine)
    assert balance("6401") == 122
    assert not ReconciliationCase.objects.exists()

    bank.issue(DAY, "trade", [line_of(row, fee=60) for row in rows])
    time_machine.shift(timedelta(hours=25))
    jobs_until_quiet(time_machine)

    assert balance("6401") == 120
    assert the_bill().state == "closed"
    assert nothing_is_wrong()


def test_fen_of_rounding_are_booked_together_and_no_more_than_that(bank, time_machine):
    """X2: one fen a line, and what is off by two is a case."""
    time_machine.move_to(noon(DAY))
    rows = [paid(f"ORDER{n}") for n in range(4)]
    fees = [FEE + 1, FEE + 1, FEE - 1, FEE + 2]
    bank.issue(DAY, "trade", [line_of(row, fee=fee) for row, fee in zip(rows, fees, strict=True)])
    next_noon(time_machine)

    jobs_until_quiet(time_machine)

    tolerated = ReconciliationCase.objects.get(resolution="tolerated")
    assert (tolerated.surplus_minor, tolerated.decided_by) == (-1, "")
    assert balance("6499") == 1
    assert ReconciliationCase.objects.get(state="open").own_no == rows[3].payment_no
    jobs_until_quiet(time_machine, rounds=2)
    assert balance("6499") == 1
    assert nothing_is_wrong()
