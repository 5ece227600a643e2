"""A day at the bank against its statement: right it agrees, and each seeded difference is found."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import transaction

from payments.acquiring.contract import Scene
from payments.acquiring.registry import forget_adapters
from payments.api import (
    Funder,
    Money,
    TenderPart,
    refresh_payment,
    request_refund,
    send_payment,
    send_refund,
)
from payments.kernel.clock import business_date, travelling, wall_now
from payments.models import AcquirerAccount, Payment, Refund
from payments.reconciliation.models import Bill
from payments.reconciliation.selectors import day_equation
from payments.services.returning import RefundStage
from tests.acquirer import own_sandbox
from tests.contract.benches.ccb import MERCHANT
from tests.payments.desk import open_payment
from tests.payments.reconciliation.takings import found, jobs_until_quiet

pytestmark = pytest.mark.django_db
A_DAY = 86_400


@pytest.fixture
def bank(db, settings, tmp_path):
    """A bank with its own books and clock, and our account there."""
    with own_sandbox(tmp_path / "ccb", "--dialect", "ccb") as acquirer:
        settings.DATA_DIR = tmp_path
        settings.LINLI_PAYABLE = "tests.payments.desk.Shop"
        forget_adapters()
        spec = acquirer.dialect("ccb")
        AcquirerAccount.objects.create(
            code="ccb",
            adapter="ccb",
            merchant_id=MERCHANT,
            priority=1,
            settings=dict(spec.settings),
            keys=dict(spec.keys),
        )
        yield acquirer
    forget_adapters()


def paid(bank, reference: str) -> Payment:
    """A payment by code, heard of by a question."""
    number = open_payment(reference, scene=Scene.NATIVE_QR).payment_no
    send_payment(number)
    bank.told(f"/_sim/pay/{number}?merchant={MERCHANT}")
    refresh_payment(number)
    return Payment.objects.get(payment_no=number, status="succeeded")


def given_back(payment: Payment, minor: int) -> Refund:
    """A refund the bank carried out."""
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=f"back-{payment.payment_no}",
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(minor))],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )
    send_refund(view.refund_no)
    return Refund.objects.get(refund_no=view.refund_no)


def jobs_after(bank, days: int, rounds: int = 2) -> None:
    """Both clocks are so many days ahead, past nine, and reconciliation does what it does."""
    with bank.clock_at(days * A_DAY + 10 * 3600):
        for count in range(rounds):
            ahead = timedelta(days=days, hours=10, minutes=31 * (count + rounds * days))
            with travelling(wall_now() + ahead):
                jobs_until_quiet(rounds=1)


def test_a_right_day_agrees_and_every_seeded_difference_is_found(bank):
    day = business_date()
    rows = [paid(bank, f"ORDER{n}") for n in range(5)]
    refund = given_back(rows[4], 2769)
    assert refund.status == "succeeded"
    omitted, other, dear, costly, good = rows
    rules = {
        "omit_line": (omitted, {}),
        "extra_line": (other, {"new_no": "PSTRANGE00000000000"}),
        "wrong_amount": (dear, {"delta_minor": 100}),
        "wrong_fee": (costly, {"delta_minor": 5}),
    }
    with ExitStack() as stack:
        for fault, (row, args) in rules.items():
            said = {"own_no": row.payment_no, **args}
            stack.enter_context(bank.fault(fault, kind="trade", args=said))
        jobs_after(bank, days=1)

    (bill,) = Bill.objects.filter(day=day, account_code="ccb")
    assert bill.problem == ""
    assert found() == {
        ("ours_only", omitted.payment_no),
        ("orphan", "PSTRANGE00000000000"),
        ("amount", dear.payment_no),
        ("fee", costly.payment_no),
    }
    equation = day_equation("ccb", day, "trade").bill
    assert equation["pay"].matched == (2, 2 * 19200)
    assert equation["refund"].matched == (1, 2769)
    assert good.payment_no not in {number for _, number in found()}
