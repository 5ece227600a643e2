"""A day at the sandbox speaking APIv3: what its bill gets wrong is found, and nothing else."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import transaction

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
from payments.ledger.balances import balance
from payments.models import AcquirerAccount, Payment, Refund
from payments.reconciliation import invariants
from payments.reconciliation.models import Bill, ReconciliationCase, SettlementBatch
from payments.reconciliation.selectors import day_equation
from payments.services.returning import RefundStage
from tests.acquirer import own_sandbox
from tests.payments.desk import open_payment
from tests.payments.reconciliation.takings import found, jobs_until_quiet
from tests.payments.wechatpay.theirs import MERCHANT

pytestmark = pytest.mark.django_db
A_DAY = 86_400


@pytest.fixture
def sandbox(db, tmp_path):
    """A sandbox with its own books and clock, and our account at WeChat Pay there."""
    with own_sandbox(tmp_path / "sandbox", "--dialect", "wechatpay") as acquirer:
        spec = acquirer.dialect("wechatpay")
        AcquirerAccount.objects.create(
            code="wechatpay",
            adapter=spec.adapter,
            merchant_id=MERCHANT,
            priority=1,
            settings=dict(spec.settings),
            keys=dict(spec.keys),
        )
        forget_adapters()
        yield acquirer
    forget_adapters()


def paid(sandbox, reference: str) -> Payment:
    """A payment made at the sandbox and heard of by a question."""
    number = open_payment(reference).payment_no
    send_payment(number)
    sandbox.told(f"/_sim/pay/{number}?merchant={MERCHANT}")
    refresh_payment(number)
    return Payment.objects.get(payment_no=number, status="succeeded")


def given_back(payment: Payment, minor: int) -> Refund:
    """A refund carried out by the sandbox."""
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


def jobs_after(sandbox, days: int, rounds: int = 4) -> None:
    """Both clocks are so many days ahead, and reconciliation does whatever it does for a while."""
    with sandbox.clock_at(days * A_DAY):
        for count in range(rounds):
            ahead = timedelta(days=days, minutes=31 * (count + rounds * days), hours=10)
            with travelling(wall_now() + ahead):
                jobs_until_quiet(rounds=1)


def test_a_day_agrees_fen_by_fen_and_closes(sandbox):
    day = business_date()
    rows = [paid(sandbox, f"ORDER{n}") for n in range(2)]
    assert given_back(rows[0], 2769).status == "succeeded"
    sandbox.told(f"/_settle?merchant={MERCHANT}", {"day": day.isoformat()})

    jobs_after(sandbox, days=1)

    assert not ReconciliationCase.objects.exists()
    states = dict(Bill.objects.filter(day=day).values_list("kind", "state"))
    assert states == {"trade": "closed", "fund": "closed", "split": "closed"}
    assert day_equation("wechatpay", day, "trade").bill["pay"].matched == (2, 38400)
    net_minor = 38400 - 2 * 73 - 2769 + 11
    assert SettlementBatch.objects.get().net_minor == net_minor == balance("1001")
    assert balance("1101") == 0


def test_every_fault_of_a_bill_is_found_as_what_it_is(sandbox):
    day = business_date()
    rows = [paid(sandbox, f"ORDER{n}") for n in range(8)]
    omitted, other, dear, refused, costly, late, doubled, good = rows
    assert given_back(good, 2769).status == "succeeded"
    rules = {
        "omit_line": (omitted, {}),
        "extra_line": (other, {"new_no": "PSTRANGE00000000000"}),
        "wrong_amount": (dear, {"delta_minor": 100}),
        "wrong_status": (refused, {}),
        "wrong_fee": (costly, {"delta_minor": 5}),
        "shift_to_next_day": (late, {}),
        "duplicate_line": (doubled, {}),
    }
    with ExitStack() as stack:
        for fault, (row, args) in rules.items():
            said = {"own_no": row.payment_no, **args}
            stack.enter_context(sandbox.fault(fault, kind="trade", args=said))
        stack.enter_context(sandbox.fault("gbk_bom_crlf", kind="trade"))
        jobs_after(sandbox, days=1)

        expected = {
            ("ours_only", omitted.payment_no),
            ("orphan", "PSTRANGE00000000000"),
            ("amount", dear.payment_no),
            ("status", refused.payment_no),
            ("fee", costly.payment_no),
            ("ours_only", late.payment_no),
            ("dup", doubled.payment_no),
        }
        assert {one for one in found() if one[0] != "settle"} == expected
        assert day_equation("wechatpay", day, "trade").holds

        jobs_after(sandbox, days=2)

    now_found = {one for one in found() if one[0] != "settle"}
    assert now_found == expected - {("ours_only", late.payment_no)}
    assert ReconciliationCase.objects.get(own_no=omitted.payment_no).answer["said"] == "succeeded"
    assert [v for result in invariants.check() for v in result.violations] == []
