"""The tax office: a quarter equal to the books, identities under seal, tax remitted by two."""

from __future__ import annotations

from datetime import date, timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from groupleader.errors import (
    IdentityNumberError,
    NotEqualError,
    NothingWithheldError,
    NotYetError,
    SecondPersonNeededError,
)
from groupleader.models import SettlementStatement, TaxFileOpened
from groupleader.papers.tax_file import open_tax_file
from groupleader.services.statements import approve_statement, confirm_statement
from groupleader.services.tax_identities import enter_identity, is_identity_number
from groupleader.services.tax_remitting import (
    Receipt,
    book_remittance,
    prepare_remittance,
    withheld_by_month,
)
from groupleader.services.tax_reports import days_of, draft_report, issue_report
from groupleader.services.tax_steps import income_before, steps_of, tax_steps
from groupleader.services.taxes import IncomeSoFar, TaxRegime, compute_tax
from payments.api import balance, now, travelling
from payments.models import JournalTransaction
from tests.groupleader.making import Order, line, make_leader, make_statement, make_user

pytestmark = pytest.mark.django_db
NUMBER = "11010519491231002X"


def closed(leader, *values):
    statement = make_statement(leader, *values)
    confirm_statement(statement=statement, by=leader.user)
    for name in ("甲", "乙"):
        if approve_statement(statement=statement, by=make_user(name, is_staff=True)):
            break
    return statement


def quarter_of(day):
    return f"{day.year}-Q{(day.month + 2) // 3}"


@pytest.fixture
def quarter():
    """A quarter with two people, one of whom gave something back, seen from the next one."""
    first, second = make_leader("王姐"), make_leader("李哥")
    closed(first, 9_000_000)
    order = Order(second, [line("back", 20_000)])
    order.becomes("placed", "paid", "collected", "closed")
    closed(second, 10_000)
    order.refunds_line("back", 10_000, "R9")
    with travelling(now() + timedelta(hours=1)):
        closed(second, 50_000)
    return quarter_of(now().date())


def after(quarter):
    return travelling(now() + timedelta(days=(days_of(quarter)[1] - now().date()).days + 2))


def test_a_quarter_equals_statements_and_books_and_stays_as_it_was(quarter):
    with after(quarter):
        report = issue_report(quarter=quarter, by=make_user("财务"))
        assert issue_report(quarter=quarter, by=make_user("另")) == report

    rows = list(report.rows.order_by("pk"))
    statements = SettlementStatement.objects.all()
    assert report.gross_minor == sum(s.gross_minor for s in statements)
    assert report.tax_minor == sum(s.tax_minor for s in statements) == -balance("2401")
    assert [row.orders for row in rows] == [1, 3]
    assert [row.taken_back_minor for row in rows] == [0, 1_000]


def test_a_quarter_that_is_not_over_is_not_told(quarter):
    with pytest.raises(NotYetError):
        issue_report(quarter=quarter, by=make_user())


def test_a_quarter_that_differs_from_the_books_is_not_told(quarter):
    statement = SettlementStatement.objects.order_by("pk").first()
    # Somebody approved it behind the software's back: the books know nothing of that day.
    SettlementStatement.objects.filter(pk=statement.pk).update(
        approved_at=now() - timedelta(days=200)
    )
    assert draft_report(quarter).differences
    with after(quarter), pytest.raises(NotEqualError):
        issue_report(quarter=quarter, by=make_user())


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_is_the_same_each_time_and_every_opening_is_noted(quarter, form):
    leader = SettlementStatement.objects.order_by("pk").first().leader
    clerk = make_user("财务")
    enter_identity(leader=leader, legal_name="王秀英", number=NUMBER.lower(), by=clerk)
    with after(quarter):
        report = issue_report(quarter=quarter, by=clerk)
        first = open_tax_file(report=report, form=form, by=clerk).read()
    with travelling(now() + timedelta(days=200)):
        enter_identity(leader=leader, legal_name="换名", number=NUMBER, by=clerk)
        again = open_tax_file(report=report, form=form, by=clerk)
        content = again.read()

    assert content == first
    assert TaxFileOpened.objects.filter(report=report, by=clerk, form=form).count() == 2
    if form == "csv":
        assert f"王秀英,{NUMBER}" in content.decode("utf-8-sig")
    else:
        again.seek(0)
        sheet = openpyxl.load_workbook(again).active
        assert [cell.value for cell in sheet[2]][1:3] == ["王秀英", NUMBER]
        assert sheet.cell(2, 9).value == 9_000


def test_a_number_is_checked_and_kept_under_seal():
    leader = make_leader()
    for wrong in ("", "1" * 18, "110105194912310021", "11010519491231002", "１" * 18):
        with pytest.raises(IdentityNumberError):
            enter_identity(leader=leader, legal_name="王", number=wrong, by=leader.user)
    identity = enter_identity(leader=leader, legal_name="王", number=NUMBER, by=leader.user)
    assert is_identity_number(NUMBER)
    assert NUMBER not in identity.number_sealed
    assert str(identity) == "····002X"


@pytest.mark.parametrize("text", ["", "2026", "2026-Q5", "2026-Q12", "x-Q1", "2026-q1"])
def test_what_is_no_quarter_is_refused(text):
    with pytest.raises(ValueError, match="quarter"):
        days_of(text)


def test_the_quarters_of_a_year():
    assert days_of("2026-Q1") == (date(2026, 1, 1), date(2026, 3, 31))
    assert days_of("2026-Q4") == (date(2026, 10, 1), date(2026, 12, 31))


# --- remitting


def receipt(number="完税 1"):
    proof = SimpleUploadedFile("p.pdf", b"%PDF-1.4\npaid\n%%EOF\n")
    return Receipt(number=number, paid_on=now().date(), proof=proof)


def test_tax_is_remitted_once_by_two_people():
    leader = make_leader()
    closed(leader, 90_000_000)
    month = f"{now():%Y-%m}"
    tax = withheld_by_month()[month]
    first, second = make_user("甲"), make_user("乙")
    with pytest.raises(NotYetError):
        prepare_remittance(month=month, receipt=receipt(), by=first)

    with travelling(now() + timedelta(days=40)):
        remittance = prepare_remittance(month=month, receipt=receipt(), by=first)
        assert prepare_remittance(month=month, receipt=receipt(), by=second) == remittance
        with pytest.raises(SecondPersonNeededError):
            book_remittance(remittance=remittance, by=first)
        book_remittance(remittance=remittance, by=second)
        book_remittance(remittance=remittance, by=second)

    assert remittance.amount_minor == tax
    assert JournalTransaction.objects.filter(ref=f"tax:{month}").count() == 1
    assert balance("2401") == 0


def test_a_month_without_tax_is_not_remitted():
    with pytest.raises(NothingWithheldError):
        prepare_remittance(month="2026-01", receipt=receipt(), by=make_user())


# --- the computation as it is shown


@pytest.mark.parametrize("regime", list(TaxRegime))
@pytest.mark.parametrize("minor", [80_000, 300_000, 625_100, 900_000, 2_000_000, 6_000_000])
def test_the_steps_end_at_what_is_withheld(regime, minor):
    so_far = IncomeSoFar(gross_minor=1_800_000, withheld_minor=13_200, months=3)
    day = date(2026, 3, 20)
    steps = tax_steps(minor, regime=regime, day=day, so_far=so_far)
    assert steps[-1].minor == compute_tax(minor, regime=regime, day=day, so_far=so_far)


def test_a_statement_shows_the_year_it_was_taxed_on():
    leader = make_leader()
    closed(leader, 9_000_000)
    with travelling(now() + timedelta(hours=1)):
        second = closed(leader, 9_000_000)

    assert income_before(second) == IncomeSoFar(gross_minor=900_000, withheld_minor=6_600)
    assert steps_of(second)[-1].minor == second.tax_minor
