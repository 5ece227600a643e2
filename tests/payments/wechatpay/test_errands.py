"""Refunds, transfers, shares and statements at the sandbox; an account before it goes live."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from payments.acquiring.contract import (
    AlreadyDoneError,
    BadBillError,
    BillKind,
    BillLineKind,
    BillReadiness,
    NotifyKind,
    Outcome,
    RefundRef,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitShare,
    TransferRef,
)
from payments.acquiring.registry import forget_adapters
from payments.kernel.clock import business_date
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from payments.models import AcquirerAccount
from payments.services.accounts import NoAcquirerError
from payments.services.routing import choose_transfer_account
from tests.contract.letterbox import Letterbox
from tests.payments.wechatpay.desk import giving_back, paid, transfer
from tests.payments.wechatpay.theirs import MERCHANT
from tests.waiting import until


def test_a_refund_that_finds_no_account_is_abnormal(bank, adapter):
    payment = paid(bank, adapter)
    asked = giving_back(payment, 100)
    with bank.fault("refund_abnormal", number=asked.refund_no, args={"seconds": 0}):
        adapter.refund(asked)
    ref = RefundRef(asked.refund_no, payment.payment_no)

    until(lambda: adapter.query_refund(ref).outcome is Outcome.ABNORMAL)


def test_a_transfer_waits_for_its_payee(bank, adapter):
    request = transfer(300_000)

    asked = adapter.transfer(request)
    assert (asked.outcome, asked.step.fields["mchId"]) == (Outcome.REQUIRES_ACTION, MERCHANT)
    assert "package" not in str(asked.raw)
    bank.told(f"/_sim/confirm-transfer/{request.transfer_no}?merchant={MERCHANT}")

    ref = TransferRef(request.transfer_no)
    done = until(
        lambda: (told := adapter.query_transfer(ref)).outcome is Outcome.SUCCEEDED and told
    )
    assert (done.amount.minor, done.step) == (300_000, None)
    assert adapter.cancel_transfer(ref).outcome is Outcome.SUCCEEDED


def test_a_transfer_nobody_confirmed_is_taken_back_once(adapter):
    request = transfer(2080)
    adapter.transfer(request)
    ref = TransferRef(request.transfer_no)

    ends = {adapter.cancel_transfer(ref).outcome for _ in range(2)}

    assert ends == {Outcome.CLOSED}
    assert adapter.query_transfer(TransferRef(new_number("T"))).outcome is Outcome.NOT_FOUND
    with pytest.raises(AlreadyDoneError):
        adapter.transfer(replace(request, amount=Money(2081)))


def test_shares_the_rest_and_the_days_other_statements(bank, adapter, tmp_path):
    day, payment = business_date(), paid(bank, adapter)
    receiver = SplitReceiver("1900000112", "绿源果业")
    adapter.add_receiver(receiver)
    share = SplitShare(new_number("S"), receiver.account, Money(2080), "货款, 第 47 周")
    split = SplitRequest(new_number("S"), payment.payment_no, payment.acquirer_no, (share,))
    adapter.split(split)
    ref = SplitRef(split.split_no, payment.payment_no)
    until(lambda: adapter.query_split(ref).outcome is Outcome.SUCCEEDED)
    assert adapter.unfreeze(ref).outcome is Outcome.SUCCEEDED
    adapter.remove_receiver(receiver)
    adapter.remove_receiver(replace(receiver, account="1900000199"))

    with bank.clock_at(25 * 3600):
        adapter.download_bill(day, BillKind.SPLIT, into=tmp_path / "split")
        adapter.download_bill(day, BillKind.FUND, into=tmp_path / "fund")
        assert (
            adapter.bill_available(day - timedelta(days=9), BillKind.TRADE).readiness
            is BillReadiness.EMPTY
        )
        assert (
            adapter.bill_available(day + timedelta(days=3), BillKind.TRADE).readiness
            is BillReadiness.NOT_YET
        )
        with bank.fault("bad_digest", kind="trade"), pytest.raises(BadBillError) as caught:
            adapter.download_bill(day, BillKind.TRADE, into=tmp_path / "trade")
    assert caught.value.reason == "digest"
    with (tmp_path / "split").open("rb") as file:
        (line,) = [
            one for one in adapter.parse_bill(file, BillKind.SPLIT) if one.own_no == share.share_no
        ]
    assert (line.amount.minor, line.related_no) == (2080, split.split_no)
    with (tmp_path / "fund").open("rb") as file:
        (paid_out,) = adapter.parse_bill(file, BillKind.FUND)
    assert paid_out.kind is BillLineKind.SETTLEMENT


def test_refunds_and_transfers_are_told_too(bank, adapter):
    def events(number: str) -> list:
        found = []
        for raw in list(box.kept):
            (event,) = adapter.parse_notification(adapter.verify_notification(raw))
            if number in str(event.result):
                found.append(event)
        return found

    with Letterbox.open() as box:
        payment = paid(bank, adapter)
        back = replace(giving_back(payment, 100), notify_url=box.url)
        sent = replace(transfer(2080), notify_url=box.url)
        adapter.refund(back)
        adapter.transfer(sent)
        adapter.cancel_transfer(TransferRef(sent.transfer_no))
        (refunded,) = until(lambda: events(back.refund_no))
        (taken_back,) = until(lambda: events(sent.transfer_no))

    assert (refunded.kind, refunded.result.outcome) == (NotifyKind.REFUND, Outcome.SUCCEEDED)
    assert (refunded.result.amount.minor, refunded.result.merchant_id) == (100, MERCHANT)
    assert (taken_back.kind, taken_back.result.outcome) == (NotifyKind.TRANSFER, Outcome.CLOSED)
    assert taken_back.result.amount.minor == 2080


@pytest.fixture
def our_account(db, bank) -> AcquirerAccount:
    spec = bank.dialect("wechatpay")
    yield AcquirerAccount.objects.create(
        code="wechatpay",
        adapter=spec.adapter,
        merchant_id=MERCHANT,
        priority=1,
        settings=dict(spec.settings),
        keys=dict(spec.keys),
    )
    forget_adapters()


def test_the_conversation_before_going_live_is_held(our_account):
    out = StringIO()
    call_command("acquirer_check", our_account.code, "--json", stdout=out)

    told = json.loads(out.getvalue())["lines"]
    assert {line["is_right"] for line in told} <= {True, None}
    assert [line["answer"] for line in told][1:5] == [
        "requires_action",
        "closed",
        "closed",
        "not_found",
    ]


def test_no_payout_leaves_by_itself_for_a_purse_that_has_to_confirm(our_account):
    with pytest.raises(NoAcquirerError):
        choose_transfer_account(Money(2080))
