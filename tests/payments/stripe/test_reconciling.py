"""A day at Stripe is reconciled: transactions beside payments, refunds, fees and payouts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from payments.acquiring.registry import forget_adapters
from payments.api import (
    Funder,
    Money,
    RefundStage,
    TenderPart,
    ensure_stripe_account,
    refresh_payment,
    request_refund,
    send_payment,
)
from payments.kernel.clock import SHANGHAI, business_date, now, travelling
from payments.ledger.balances import balance
from payments.models import Payment, Refund
from payments.reconciliation.jobs import (
    ask_about_differences,
    close_bills,
    fetch_bills,
    read_bills,
)
from payments.reconciliation.models import Bill, ReconciliationCase
from payments.services.refunds import send_refund
from tests import localstripe as cards
from tests.payments.desk import open_payment


@pytest.fixture(autouse=True)
def _banks_with_stripe(db, strict, settings):
    settings.LINLI_ACQUIRER_ACCOUNT = "stripe"
    forget_adapters()
    ensure_stripe_account(
        environ={
            "STRIPE_API_BASE": strict.url,
            "STRIPE_SECRET_KEY": cards.SECRET_KEY,
            "STRIPE_ACCOUNT_ID": cards.MERCHANT,
            "STRIPE_HOSTED_PAGES": "on",
        }
    )
    yield
    forget_adapters()


def paid(strict: Any, reference: str) -> Payment:
    """Pay on Stripe's page."""
    view = open_payment(reference)
    step = send_payment(view.payment_no)
    strict.pay_page(step.url.rsplit("/", 1)[1])
    assert refresh_payment(view.payment_no).status == "succeeded"
    return Payment.objects.get(payment_no=view.payment_no)


def given_back(strict: Any, payment: Payment, minor: int) -> Refund:
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=f"back:{payment.payment_no}",
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(minor))],
            reason="shortage",
            reference=payment.reference,
            stage=RefundStage.BEFORE_PICKUP,
        )
    send_refund(view.refund_no)
    refund = Refund.objects.get(refund_no=view.refund_no)
    strict.things[refund.acquirer_refund_no]["status"] = "succeeded"
    Refund.objects.filter(pk=refund.pk).update(updated_at=now() - timedelta(seconds=5))
    assert send_refund(view.refund_no).status == "succeeded"
    return refund


def the_next_morning() -> datetime:
    return datetime.combine(
        business_date() + timedelta(days=1), datetime.min.time(), SHANGHAI
    ) + timedelta(hours=3)


def reconciled() -> Bill:
    """Let the jobs of the next morning run."""
    day = business_date()
    with travelling(the_next_morning()):
        fetch_bills()
        for _ in range(3):
            read_bills()
            ask_about_differences()
            close_bills()
    return Bill.objects.get(day=day, is_current=True)


def test_a_day_that_agrees_closes_by_itself_and_its_fees_are_booked(strict):
    first, _second = paid(strict, "ORDER1"), paid(strict, "ORDER2")
    given_back(strict, first, 5000)

    bill = reconciled()

    assert (bill.kind, bill.state, bill.line_count) == ("trade", "closed", 3)
    assert ReconciliationCase.objects.exists() is False
    assert balance("6401") == 2 * (19200 * 34 // 1000)


def test_money_a_bank_took_back_is_a_case(strict):
    payment = paid(strict, "ORDER1")
    intent = strict.things[payment.acquirer_no]
    dispute = strict.make("dp", "dispute", currency="cny", metadata=intent["metadata"])
    strict.record("adjustment", dispute, -19200, fee=10_000)

    reconciled()

    case = ReconciliationCase.objects.get()
    assert (case.discrepancy, case.acquirer_no) == ("orphan", dispute["id"])


def test_a_payment_the_statement_does_not_have_waits_for_another_day(strict):
    _there, missing = paid(strict, "ORDER1"), paid(strict, "ORDER2")
    charge = strict.things[missing.acquirer_no]["latest_charge"]
    line = next(x for x in strict.all("balance_transaction") if x["source"] == charge)
    del strict.things[line["id"]]

    bill = reconciled()

    case = ReconciliationCase.objects.get()
    assert bill.line_count == 1
    assert (case.discrepancy, case.own_no, case.state) == (
        "ours_only",
        missing.payment_no,
        "pooled",
    )
