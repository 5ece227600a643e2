"""The core over the dialect: a resident ties and pays, and a day's statement agrees."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest
import requests
from django.db import transaction

from payments import jobs
from payments.acquiring.registry import forget_adapters
from payments.api import (
    Funder,
    Money,
    Scene,
    ShareWish,
    TenderPart,
    agreement_view,
    ensure_dialect_account,
    refresh_payment,
    register_receiver,
    request_refund,
    request_split,
    send_payment,
    send_refund,
    send_split,
    split_view,
)
from payments.kernel.clock import business_date, travelling, wall_now
from payments.ledger.balances import balance
from payments.models import AcquirerAccount, Payment, Refund
from payments.reconciliation import invariants
from payments.reconciliation.models import Bill, ReconciliationCase
from payments.reconciliation.selectors import day_equation
from payments.services.returning import RefundStage
from tests import acquirer as cards
from tests.acquirer import own_sandbox
from tests.contract.benches.alipay import MERCHANT
from tests.payments.desk import open_payment
from tests.payments.reconciliation.takings import found, jobs_until_quiet
from tests.payments.wallet import tie
from tests.waiting import until

pytestmark = pytest.mark.django_db

A_DAY = 86_400


@pytest.fixture
def account(db, settings, bank):
    """Our account at the sandbox all these tests share."""
    yield _account_at(bank, settings)
    forget_adapters()


@pytest.fixture
def alipay(db, settings, tmp_path):
    """A sandbox with its own books and clock that speaks the dialect, and our account there."""
    with own_sandbox(tmp_path / "sandbox", "--dialect", "alipay") as running:
        settings.DATA_DIR = tmp_path
        _account_at(running, settings)
        yield running
    forget_adapters()


def _account_at(running, settings) -> AcquirerAccount:
    settings.LINLI_SANDBOX_URL = running.base_url
    settings.LINLI_SANDBOX_KEYS = running.keys_dir
    forget_adapters()
    made = ensure_dialect_account("alipay")
    AcquirerAccount.objects.update(priority=1)
    return made


def paid(bank, reference: str) -> Payment:
    """A payment made by scanning the code, heard of by a question."""
    number = open_payment(reference, scene=Scene.NATIVE_QR).payment_no
    send_payment(number)
    requests.get(Payment.objects.get(payment_no=number).step_url, timeout=10)
    bank.told(f"/_sim/pay/{number}?merchant={MERCHANT}")
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
    return Refund.objects.get(refund_no=view.refund_no)


def jobs_after(bank, days: int, rounds: int = 4) -> None:
    with bank.clock_at(days * A_DAY):
        for count in range(rounds):
            ahead = timedelta(days=days, minutes=31 * (count + rounds * days))
            with travelling(wall_now() + ahead):
                jobs_until_quiet(rounds=1)


def test_a_resident_ties_her_alipay_pays_with_it_and_a_day_agrees_fen_by_fen(alipay):
    agreement_no = tie(alipay, cards.CCB_CREDIT)
    mandate = agreement_view(agreement_no)
    assert (mandate.issuer_name, mandate.last4, mandate.kind) == ("支付宝", "", "wallet")
    charged = open_payment("TIED1", scene=Scene.CARD_TOKEN, agreement_no=agreement_no).payment_no
    send_payment(charged)
    assert Payment.objects.get(payment_no=charged).status == "succeeded"

    day = business_date()
    rows = [paid(alipay, f"ORDER{n}") for n in range(7)]
    assert given_back(rows[0], 2769).status == "succeeded"
    _good, omitted, other, dear, costly, late, doubled = rows
    rules = {
        "omit_line": (omitted, {}),
        "extra_line": (other, {"new_no": "PSTRANGE00000000000"}),
        "wrong_amount": (dear, {"delta_minor": 100}),
        "wrong_fee": (costly, {"delta_minor": 5}),
        "shift_to_next_day": (late, {}),
        "duplicate_line": (doubled, {}),
    }
    with ExitStack() as stack:
        for fault, (row, args) in rules.items():
            said = {"own_no": row.payment_no, **args}
            stack.enter_context(alipay.fault(fault, kind="trade", args=said))
        for days in (2, 3):
            jobs_after(alipay, days=days)

    assert Bill.objects.get(day=day, kind="trade", is_current=True).line_count == 9
    assert found() == {
        ("ours_only", omitted.payment_no),
        ("orphan", "PSTRANGE00000000000"),
        ("amount", dear.payment_no),
        ("fee", costly.payment_no),
        ("dup", doubled.payment_no),
    }
    assert day_equation("alipay", day, "trade").holds
    case = ReconciliationCase.objects.get(own_no=omitted.payment_no)
    assert case.answer["said"] == "succeeded"
    assert balance("1101") == 8 * (19200 - 73) - 2769 + 11
    assert [v for result in invariants.check() for v in result.violations] == []


def test_a_code_nobody_scans_ends_with_its_time(bank, account):
    number = open_payment("ORDER1", scene=Scene.NATIVE_QR).payment_no
    send_payment(number)
    refresh_payment(number)
    assert Payment.objects.get(payment_no=number).status == "pending"

    with bank.clock_at(7200), travelling(wall_now() + timedelta(hours=2)):
        jobs.expire_payments()
        jobs.drive_closings()

    assert Payment.objects.get(payment_no=number).status == "closed"


def test_a_supplier_gets_her_share_by_the_core(bank, account, settings):
    settings.LINLI_FUNDS_MODE = "SPLIT"
    farm = "farm@linli.example"
    register_receiver(account_code="alipay", receiver=farm, name="农场")
    payment = paid(bank, "ORDER1")
    share = ShareWish(
        share_key="1", receiver=farm, amount=Money(2080), account="2201", party="SUP-1"
    )
    with transaction.atomic():
        split = request_split(
            payment_no=payment.payment_no,
            split_key="goods",
            shares=[share],
            is_last=True,
        )

    def done() -> bool:
        with travelling(wall_now() + timedelta(minutes=2)):
            return send_split(split.split_no).status == "succeeded"

    until(done)
    assert [share.status for share in split_view(split.split_no).shares] == ["succeeded"]
