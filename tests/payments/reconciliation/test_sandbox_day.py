"""The whole day against the sandbox acquirer over HTTP, its bills right and wrong by rule."""

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
    ensure_sandbox_account,
    refresh_payment,
    request_refund,
    send_payment,
    send_refund,
)
from payments.kernel.clock import business_date, travelling, wall_now
from payments.ledger.balances import balance
from payments.models import Payment, Refund
from payments.reconciliation import invariants
from payments.reconciliation.models import Bill, ReconciliationCase, SettlementBatch
from payments.reconciliation.selectors import day_equation
from payments.services.returning import RefundStage
from tests.acquirer import own_sandbox
from tests.payments.desk import open_payment
from tests.payments.reconciliation.takings import found, jobs_until_quiet

pytestmark = pytest.mark.django_db

A_DAY = 86_400


@pytest.fixture
def sandbox(db, settings, tmp_path):
    """A sandbox with its own books and clock, and our account there."""
    with own_sandbox(tmp_path / "sandbox") as acquirer:
        settings.DATA_DIR = tmp_path
        settings.LINLI_SANDBOX_URL = acquirer.base_url
        settings.LINLI_SANDBOX_KEYS = acquirer.keys_dir
        forget_adapters()
        ensure_sandbox_account()
        yield acquirer
    forget_adapters()


def paid(sandbox, reference: str) -> Payment:
    """A payment made at the sandbox and heard of by a question."""
    number = open_payment(reference).payment_no
    send_payment(number)
    sandbox.sim_pay(number)
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
            ahead = timedelta(days=days, minutes=31 * (count + rounds * days))
            with travelling(wall_now() + ahead):
                jobs_until_quiet(rounds=1)


def nothing_is_wrong() -> bool:
    return [v for result in invariants.check() for v in result.violations] == []


def test_a_day_at_the_sandbox_agrees_fen_by_fen_and_closes(sandbox):
    day = business_date()
    rows = [paid(sandbox, f"ORDER{n}") for n in range(3)]
    refund = given_back(rows[0], 2769)
    assert refund.status == "succeeded"
    sandbox.told("/_settle", {"day": day.isoformat()})

    jobs_after(sandbox, days=1)

    assert not ReconciliationCase.objects.exists()
    states = dict(Bill.objects.filter(day=day).values_list("kind", "state"))
    assert states == {"trade": "closed", "fund": "closed", "split": "closed", "transfer": "closed"}
    assert day_equation("sandbox", day, "trade").bill["pay"].matched == (3, 57600)
    batch = SettlementBatch.objects.get()
    assert batch.net_minor == 57600 - 3 * 73 - 2769 + 11 == balance("1001")
    assert balance("1101") == 0
    assert nothing_is_wrong()


def test_what_banks_took_off_by_themselves_agrees_with_the_bill_also_when_heard_late(sandbox):
    day = business_date()
    wish = {
        "tenders": [TenderPart(funder=Funder.PAYER, amount=Money(20800))],
        "expected": [TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(1600))],
    }
    heard, unheard = (open_payment(order, **wish).payment_no for order in ("ORDER1", "ORDER2"))
    with sandbox.campaign():
        for number in (heard, unheard):
            send_payment(number)
            sandbox.sim_pay(number)
    sandbox.told("/_sim/hush")
    refresh_payment(heard)
    sandbox.told("/_settle", {"day": day.isoformat()})

    jobs_after(sandbox, days=1)

    assert set(Payment.objects.values_list("status", "captured_minor")) == {("succeeded", 19200)}
    assert not ReconciliationCase.objects.exclude(state="closed").exists()
    assert day_equation("sandbox", day, "trade").bill["pay"].matched == (2, 2 * 19200)
    assert SettlementBatch.objects.get().net_minor == 2 * (19200 - 73) == balance("1001")
    assert balance("1131", party="CCB", reference="minus16") == 3200
    assert nothing_is_wrong()


def test_every_fault_of_a_bill_is_found_as_what_it_is(sandbox):
    day = business_date()
    rows = [paid(sandbox, f"ORDER{n}") for n in range(9)]
    omitted, other, dear, refused, costly, late, doubled, *_good = rows
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
        assert day_equation("sandbox", day, "trade").holds

        jobs_after(sandbox, days=2)

    now_found = {one for one in found() if one[0] != "settle"}
    assert now_found == expected - {("ours_only", late.payment_no)}
    assert ReconciliationCase.objects.get(own_no=omitted.payment_no).answer["said"] == "succeeded"
    assert nothing_is_wrong()


def test_a_damaged_bill_is_refused_until_a_good_one_comes(sandbox):
    day = business_date()
    row = paid(sandbox, "ORDER1")

    for fault in ("bad_digest", "truncated"):
        with sandbox.fault(fault, kind="trade"):
            jobs_after(sandbox, days=1, rounds=2)
    bad = Bill.objects.filter(day=day, kind="trade", state="bad")
    assert {bill.problem for bill in bad} >= {"digest"}
    assert not Bill.objects.filter(day=day, kind="trade", is_current=True).exists()

    jobs_after(sandbox, days=1, rounds=6)

    good = Bill.objects.get(day=day, kind="trade", is_current=True)
    assert (good.state, good.line_count) == ("closed", 1)
    assert good.lines.get().own_no == row.payment_no
