"""A day of takings is compared: what agrees is quiet, what does not is a case."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

from payments.models import AcquirerAccount, Payment
from payments.reconciliation.jobs import fetch_bills, read_bills
from payments.reconciliation.models import Bill, BillLine, ReconciliationCase
from payments.services.fees import book_fee
from tests.payments.desk import hear, open_payment, success
from tests.payments.reconciliation.paperbank import Line, noon

DAY = date(2026, 11, 20)

pytestmark = pytest.mark.django_db


def paid(reference: str, day: date = DAY, **said) -> Payment:
    account = AcquirerAccount.objects.get(code="paper")
    row = Payment.objects.get(payment_no=open_payment(reference).payment_no)
    Payment.objects.filter(pk=row.pk).update(account=account, merchant="paper:M001")
    row.refresh_from_db()
    said.setdefault("paid_at", noon(day))
    hear(row, "notify", success(row, **said))
    with transaction.atomic():
        book_fee(row)
    return row


def line_of(payment: Payment, **other) -> Line:
    values = {
        "kind": "pay",
        "own_no": payment.payment_no,
        "amount": payment.amount_minor,
        "fee": 73,
        "acquirer_no": payment.acquirer_no,
        "at": payment.succeeded_at,
    }
    return Line(**{**values, **other})


def test_a_day_that_agrees_is_quiet(bank, settings, time_machine):
    settings.LINLI_ACQUIRER_ACCOUNT = "paper"
    time_machine.move_to(noon(DAY))
    payments = [paid(f"ORDER{n}") for n in range(3)]
    bank.issue(DAY, "trade", [line_of(payment) for payment in payments])

    time_machine.move_to(noon(DAY + timedelta(days=1)))
    fetch_bills()
    read_bills()
    read_bills()

    bill = Bill.objects.get(day=DAY, kind="trade")
    assert (bill.state, bill.line_count) == ("matched", 3)
    assert BillLine.objects.filter(bill=bill).count() == 3
    assert not ReconciliationCase.objects.exists()


def test_what_differs_is_a_case(bank, settings, time_machine):
    settings.LINLI_ACQUIRER_ACCOUNT = "paper"
    time_machine.move_to(noon(DAY))
    payments = [paid(f"ORDER{n}") for n in range(5)]
    lines = [line_of(payment) for payment in payments]
    lines[0].amount = 19300
    lines[1].fee = 99
    del lines[2]
    lines.append(lines[2])
    lines.append(Line("pay", "PSTRANGE", 500, 2, at=noon(DAY)))
    bank.issue(DAY, "trade", lines)

    time_machine.move_to(noon(DAY + timedelta(days=1)))
    fetch_bills()
    read_bills()
    read_bills()

    found = ReconciliationCase.objects.values_list("discrepancy", "own_no")
    assert sorted(found) == sorted(
        [
            ("amount", payments[0].payment_no),
            ("fee", payments[1].payment_no),
            ("ours_only", payments[2].payment_no),
            ("dup", payments[3].payment_no),
            ("orphan", "PSTRANGE"),
        ]
    )
