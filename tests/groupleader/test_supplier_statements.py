"""Suppliers and merchants: what they are owed is the books', settled by the same machine."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from groupleader import invariants, jobs
from groupleader.errors import NothingToSettleError
from groupleader.handlers import voucher_redeemed, voucher_unredeemed
from groupleader.models import SupplierAccount, SupplierTerms
from groupleader.services.correcting import Wish, propose_correction
from groupleader.services.dues import supplier_of
from groupleader.services.issuing import cut_statement
from groupleader.services.periods import period_now
from groupleader.services.statements import (
    approve_statement,
    confirm_statement,
    dispute_statement,
)
from groupleader.services.talking import Said
from payments.api import balance, balances_by_label, now, travelling
from tests.groupleader.making import Order, line, make_leader, make_user, order_208

pytestmark = pytest.mark.django_db


@pytest.fixture
def supplier():
    return SupplierAccount.objects.create(supplier_ref="supplier:5", name="鲜果供应链")


def collect(*values, at=None):
    leader = make_leader()
    lines = [line(f"S{leader.pk}-{n}", value) for n, value in enumerate(values)]
    order = Order(leader, lines)
    return order.becomes("placed", "paid", "collected", at=at)


def cut(supplier):
    return cut_statement(party=supplier, period=period_now(now() + timedelta(seconds=1)))


def close(statement):
    confirm_statement(statement=statement, by_supplier="老张")
    for name in ("甲", "乙"):
        if approve_statement(statement=statement, by=make_user(name, is_staff=True)):
            break
    statement.refresh_from_db()


def holds():
    """Every rule holds but C1 to C4 of what the made-up refunds leave out."""
    wrong = [violation for result in invariants.check() for violation in result.violations]
    assert wrong == []


def test_goods_collected_are_owed_line_by_line_as_the_books_say(supplier):
    collect(3_000, 9_800)

    dues = supplier.dues.order_by("pk")
    assert [due.amount_minor for due in dues] == [2_400, 7_840]
    assert balance("2201", party="supplier:5") == -10_240
    holds()


def test_an_undone_hand_over_is_owed_no_more(supplier):
    order = collect(3_000)
    order.becomes("uncollected")

    assert sum(supplier.dues.values_list("amount_minor", flat=True)) == 0
    with pytest.raises(NothingToSettleError):
        cut(supplier)
    order.becomes()
    holds()


def test_a_statement_closes_in_the_books_and_is_in_transit(supplier):
    leader = make_leader()
    Order(leader, order_208()).becomes("placed", "paid", "collected")

    statement = cut(supplier)
    assert (statement.gross_minor, statement.tax_minor, statement.net_minor) == (16_640, 0, 16_640)
    close(statement)

    assert statement.status == "approved"
    assert balance("2201", party="supplier:5") == 0
    assert balances_by_label("2202")["supplier:5", statement.statement_no] == -16_640
    holds()


def test_the_service_fee_is_counted_at_the_rate_of_each_day(supplier):
    for first, last, rate in (
        (date(2026, 1, 1), None, "0.10"),
        (date(2026, 6, 1), date(2026, 6, 30), "0.05"),
    ):
        SupplierTerms.objects.create(
            supplier=supplier, fee_rate=Decimal(rate), valid_from=first, valid_until=last
        )
    start = now().replace(year=2026, month=5, day=20)
    revenue = balance("6001")
    collect(10_000, at=start)
    collect(10_000, at=start + timedelta(days=20))
    collect(10_000, at=start + timedelta(days=60))

    statement = cut(supplier)

    # 80.00 at 10 %, 80.00 at 5 %, and 80.00 on a day no terms speak for.
    assert (statement.gross_minor, statement.deductions_minor) == (24_000, 1_200)
    booked = balance("6001")
    close(statement)
    assert balance("6001") - booked == -1_200
    assert balances_by_label("2202")["supplier:5", statement.statement_no] == -22_800
    assert revenue > booked
    holds()


def test_a_supplier_is_corrected_in_its_next_statement(supplier):
    collect(10_000)
    first = cut(supplier)
    clerk = make_user("财务", is_staff=True)
    wish = Wish(amount_minor=-300, reason="重量", about=first)
    propose_correction(party=supplier, wish=wish, by=clerk, key="k")
    holds()

    with travelling(now() + timedelta(hours=1)):
        collect(5_000)
        statement = cut(supplier)
    assert statement.gross_minor == 4_000 - 300
    close(first)
    close(statement)
    holds()


def test_goods_may_be_held_back_for_some_days(supplier, settings):
    settings.LINLI_SUPPLIER_HOLD_DAYS = 7
    collect(10_000)

    with pytest.raises(NothingToSettleError):
        cut(supplier)
    with travelling(now() + timedelta(days=8)):
        assert cut(supplier).gross_minor == 8_000


def test_the_job_settles_suppliers_by_their_own_calendar(supplier, settings):
    settings.LINLI_SUPPLIER_SETTLEMENT_PERIOD = "month"
    SupplierAccount.objects.filter(pk=supplier.pk).update(settlement_period="day")
    collect(10_000)

    with travelling(now() + timedelta(days=1)):
        assert jobs.cut_statements(5)["cut"] == 1
        assert jobs.cut_statements(5)["cut"] == 0
    assert supplier.statements.count() == 1


def test_who_is_paid_another_way_gets_no_statement(supplier):
    SupplierAccount.objects.filter(pk=supplier.pk).update(is_settled=False)
    collect(10_000)
    with travelling(now() + timedelta(days=40)):
        assert jobs.cut_statements(5)["cut"] == 0


def test_a_merchant_is_owed_what_its_vouchers_took_and_undoing_takes_it_back():
    payload = {
        "redemption_no": "N1",
        "merchant_ref": "merchant:tea",
        "merchant_name": "茶馆",
        "voucher_name": "满30减5",
        "amount_minor": 500,
        "at": now().isoformat(),
    }
    voucher_redeemed(payload)
    voucher_redeemed(payload)
    merchant = supplier_of("merchant:tea")
    assert (merchant.name, merchant.dues.get().amount_minor) == ("茶馆", 500)

    voucher_unredeemed(payload)
    assert sum(merchant.dues.values_list("amount_minor", flat=True)) == 0


def test_a_supplier_disputes_one_line_under_its_name(supplier):
    collect(10_000)
    statement = cut(supplier)
    said = Said(text="少一箱", name="老张", due_id=statement.dues.get().pk)

    dispute_statement(statement=statement, reason=said.text, by=None, said=said)

    message = statement.messages.get()
    assert (message.name, message.due, message.by) == ("老张", statement.dues.get(), None)
    statement.refresh_from_db()
    assert statement.status == "disputed"


def test_the_database_keeps_the_lines_of_a_suppliers_statement(supplier):
    collect(10_000)
    statement = cut(supplier)

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        statement.dues.update(amount_minor=1)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        statement.dues.update(statement=None)
