"""A day at UnionPay through the whole core: its statement agrees, or says what does not."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import transaction

from payments.acquiring.contract import RawHttp
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
from payments.reconciliation import invariants
from payments.reconciliation.models import Bill, ReconciliationCase
from payments.reconciliation.selectors import day_equation
from payments.services.returning import RefundStage
from tests.acquirer import own_sandbox
from tests.payments.desk import open_payment
from tests.payments.reconciliation.takings import found, jobs_until_quiet

pytestmark = pytest.mark.django_db

A_DAY = 86_400


@pytest.fixture
def bank(db, settings, tmp_path):
    """UnionPay with its own books and clock, and our account there, asked before all others."""
    with own_sandbox(tmp_path / "sandbox", "--dialect", "unionpay") as acquirer:
        settings.DATA_DIR = tmp_path
        settings.LINLI_ACQUIRER_ACCOUNT = "unionpay"
        forget_adapters()
        spec = acquirer.dialect("unionpay")
        AcquirerAccount.objects.create(
            code="unionpay",
            adapter="unionpay",
            merchant_id=spec.settings["merchant_id"],
            settings=dict(spec.settings),
            keys=dict(spec.keys),
        )
        yield acquirer
    forget_adapters()


def sim_pay(bank, number: str) -> None:
    merchant = bank.dialect("unionpay").settings["merchant_id"]
    bank.told(f"/_sim/pay/{number}?merchant={merchant}")


def paid(bank, reference: str) -> Payment:
    """A payment by a code, paid and heard of by a question."""
    number = open_payment(reference, scene="native_qr").payment_no
    assert send_payment(number).view.status == "pending"
    sim_pay(bank, number)
    refresh_payment(number)
    return Payment.objects.get(payment_no=number, status="succeeded")


def given_back(payment: Payment, minor: int) -> Refund:
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=f"back-{payment.payment_no}",
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(minor))],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )
    send_refund(view.refund_no)
    with travelling(wall_now() + timedelta(minutes=1)):
        send_refund(view.refund_no)
    return Refund.objects.get(refund_no=view.refund_no)


def jobs_after(bank, *, days: int, rounds: int = 4) -> None:
    """Both clocks are so many days and a morning ahead, and reconciliation does its work."""
    ahead = timedelta(days=days, hours=10)
    with bank.clock_at(int(ahead.total_seconds())):
        for count in range(rounds):
            more = timedelta(minutes=31 * (count + rounds * days))
            with travelling(wall_now() + ahead + more):
                jobs_until_quiet(rounds=1)


def nothing_is_wrong() -> bool:
    return [v for result in invariants.check() for v in result.violations] == []


def test_a_day_agrees_fen_by_fen(bank):
    day = business_date()
    rows = [paid(bank, f"ORDER{n}") for n in range(2)]
    assert given_back(rows[0], 2769).status == "succeeded"

    jobs_after(bank, days=1)

    assert not ReconciliationCase.objects.exists()
    assert Bill.objects.get(day=day, kind="trade").state == "closed"
    assert day_equation("unionpay", day, "trade").bill["pay"].matched == (2, 38400)
    assert day_equation("unionpay", day, "trade").bill["refund"].matched == (1, 2769)
    assert nothing_is_wrong()


def test_every_seeded_difference_is_found_as_what_it_is_and_nothing_else(bank):
    rows = [paid(bank, f"ORDER{n}") for n in range(7)]
    omitted, other, dear, refused, costly, doubled, _good = rows
    rules = {
        "omit_line": (omitted, {}),
        "extra_line": (other, {"new_no": "PSTRANGE00000000000"}),
        "wrong_amount": (dear, {"delta_minor": 100}),
        "wrong_status": (refused, {}),
        "wrong_fee": (costly, {"delta_minor": 5}),
        "duplicate_line": (doubled, {}),
    }
    with ExitStack() as stack:
        for fault, (row, args) in rules.items():
            said = {"own_no": row.payment_no, **args}
            stack.enter_context(bank.fault(fault, kind="trade", args=said))
        jobs_after(bank, days=1)

    assert {one for one in found() if one[0] != "settle"} == {
        ("ours_only", omitted.payment_no),
        ("orphan", "PSTRANGE00000000000"),
        ("amount", dear.payment_no),
        ("status", refused.payment_no),
        ("fee", costly.payment_no),
        ("dup", doubled.payment_no),
    }
    assert nothing_is_wrong()


def test_a_damaged_statement_is_refused_until_a_good_one_comes(bank):
    row = paid(bank, "ORDER1")
    day = business_date()

    for fault in ("bad_digest", "truncated"):
        with bank.fault(fault, kind="trade", args={"bytes": 300}):
            jobs_after(bank, days=1, rounds=2)
    assert Bill.objects.filter(day=day, kind="trade", state="bad").exists()
    assert not Bill.objects.filter(day=day, kind="trade", is_current=True).exists()

    jobs_after(bank, days=1, rounds=6)

    good = Bill.objects.get(day=day, kind="trade", is_current=True)
    assert good.lines.get().own_no == row.payment_no


def test_her_browser_is_given_a_form_and_a_false_message_changes_nothing(bank, client):
    number = open_payment("ORDER1", scene="h5").payment_no
    step = send_payment(number)
    payment = Payment.objects.get(payment_no=number)
    assert (step.kind, payment.step_kind) == ("redirect", "form_post")
    assert payment.step_fields["txnTime"]
    raw = RawHttp("POST", "/", b"", {}, b"txnAmt=1&signature=AAAA")

    refused = client.generic("POST", "/payments/notify/unionpay/", raw.body)

    assert refused.status_code == 400
    payment.refresh_from_db()
    assert payment.status == "pending"
