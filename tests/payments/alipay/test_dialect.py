"""The adapter at the dialect: what the contract does not ask of every acquirer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
import requests

from payments.acquiring.contract import (
    AgreementRef,
    AlreadyDoneError,
    BillKind,
    CloseOutcome,
    ConfigError,
    DeclinedError,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    RefundRef,
    RefundRequest,
    Scene,
    SplitReceiver,
    StepKind,
    TransferRef,
    TransferRequest,
)
from payments.acquiring.registry import make_adapter
from payments.kernel.clock import business_date, now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests.contract.benches.alipay import MERCHANT
from tests.waiting import until


@pytest.fixture
def adapter(bank):
    return make_adapter(bank.dialect("alipay", read_seconds=3.0))


def wish(scene: Scene = Scene.NATIVE_QR, minor: int = 19200, **more) -> PayRequest:
    asked = PayRequest(
        payment_no=new_number("P"),
        amount=Money(minor),
        subject="荔枝 2 斤 + 桃/李=好&甜",
        scene=scene,
        expires_at=now() + timedelta(minutes=30),
        notify_url="",
        return_url="https://linli.example/back",
    )
    return replace(asked, **more)


def come(opened) -> requests.Response:
    """Scan the code, or post the form."""
    if opened.step.kind is StepKind.FORM_POST:
        return requests.post(opened.step.url, data=opened.step.fields, timeout=10)
    return requests.get(opened.step.url, timeout=10)


def paid(bank, adapter, **more) -> PayRef:
    request = wish(**more)
    come(adapter.create(request))
    bank.told(f"/_sim/pay/{request.payment_no}?merchant={MERCHANT}")
    told = adapter.query(PayRef(request.payment_no))
    return PayRef(request.payment_no, acquirer_no=told.acquirer_no)


def back_of(ref: PayRef, minor: int, **more) -> RefundRequest:
    asked = RefundRequest(
        refund_no=new_number("R"),
        payment_no=ref.payment_no,
        amount=Money(minor),
        paid=Money(19200),
        reason="shortage",
        notify_url="",
        acquirer_no=ref.acquirer_no,
    )
    return replace(asked, **more)


def test_a_code_nobody_scanned_is_no_trade_yet(adapter):
    opened = adapter.create(wish())
    ref = PayRef(opened.payment_no)

    assert adapter.query(ref).outcome is Outcome.NOT_FOUND
    assert adapter.close(ref).outcome is CloseOutcome.NOT_FOUND
    come(opened)
    assert adapter.query(ref).outcome is Outcome.REQUIRES_ACTION
    assert adapter.close(ref).outcome is CloseOutcome.CLOSED


@pytest.mark.parametrize("page", ["wap", "page"])
def test_a_page_is_opened_by_the_payers_browser(bank, page):
    adapter = make_adapter(bank.dialect("alipay", page=page))
    opened = adapter.create(wish(Scene.H5))

    assert opened.step.kind is StepKind.FORM_POST
    assert "/cashier/" in come(opened).url
    changed = {**opened.step.fields, "biz_content": opened.step.fields["biz_content"] + " "}
    assert requests.post(opened.step.url, data=changed, timeout=10).url.endswith("charset=utf-8")


def test_an_app_is_handed_a_signed_order_and_a_mini_program_a_number(adapter):
    order = adapter.create(wish(Scene.APP)).step.fields["order_string"]
    number = adapter.create(wish(Scene.MINIPROGRAM, payer_id="024abc")).step.fields["tradeNO"]

    assert parse_qs(order)["method"] == ["alipay.trade.app.pay"]
    assert number.startswith("SB")
    with pytest.raises(ConfigError):
        adapter.create(wish(Scene.MINIPROGRAM))


def test_given_back_in_full_is_paid_and_not_closed(bank, adapter):
    ref = paid(bank, adapter)
    whole = back_of(ref, 19200)

    told = adapter.refund(whole)

    assert (told.outcome, told.amount, told.refunded_at is None) == (
        Outcome.SUCCEEDED,
        Money(19200),
        False,
    )
    assert adapter.query(ref).raw["trade_status"] == "TRADE_CLOSED"
    assert adapter.query(ref).outcome is Outcome.SUCCEEDED
    closed = adapter.close(ref)
    assert (closed.outcome, closed.paid.amount) == (CloseOutcome.ALREADY_PAID, Money(19200))
    with pytest.raises(DeclinedError) as caught:
        adapter.refund(back_of(ref, 1))
    assert caught.value.code == "refund_too_much"


def test_a_year_later_it_is_finished_and_still_paid(bank, adapter):
    ref = paid(bank, adapter)

    with bank.clock_at(366 * 86_400):
        told = adapter.query(ref)

    assert (told.outcome, told.raw["trade_status"]) == (Outcome.SUCCEEDED, "TRADE_FINISHED")


def test_what_her_bank_took_off_is_named(bank, adapter):
    with bank.campaign("alipay16", threshold_minor=19000):
        ref = paid(bank, adapter)

    (part,) = adapter.query(ref).tenders

    assert (part.funder, part.amount) == ("bank", Money(1600))


def test_every_fen_is_told_exactly(bank, adapter):
    for minor in (1, 29, 57, 101, 115, 1999, 100_000_01):
        request = wish(minor=minor)
        come(adapter.create(request))
        assert adapter.query(PayRef(request.payment_no)).amount == Money(minor)
        assert Decimal(request.amount.to_major_str()) * 100 == minor


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("drop_after_execute", {}),
        ("http_500_after_execute", {}),
        ("garbage_body", {}),
        ("bad_response_signature", {}),
        ("amount_tamper", {"args": {"minor": 1}, "route": "alipay.trade.fastpay.refund.query"}),
        ("response_for_other_order", {}),
    ],
)
def test_a_refund_whose_answer_cannot_be_trusted_is_one_refund(bank, adapter, fault, more):
    ref = paid(bank, adapter)
    request = back_of(ref, 500)

    with bank.fault(fault, number=request.refund_no, **more), pytest.raises(OutcomeUnknownError):
        adapter.refund(request)

    asked = RefundRef(request.refund_no, ref.payment_no)
    assert adapter.query_refund(asked).amount == Money(500)
    assert adapter.refund(request).amount == Money(500)
    assert adapter.refund(back_of(ref, 18700)).outcome is Outcome.SUCCEEDED


def test_a_refund_lost_on_its_way_is_asked_for_again(bank, adapter):
    ref = paid(bank, adapter)
    request = back_of(ref, 500)

    dropped = bank.fault("drop_before_execute", number=request.refund_no, count=1)
    with dropped, pytest.raises(OutcomeUnknownError):
        adapter.refund(request)

    asked = RefundRef(request.refund_no, ref.payment_no)
    assert adapter.query_refund(asked).outcome is Outcome.NOT_FOUND
    assert adapter.refund(request).outcome is Outcome.SUCCEEDED


def test_an_answer_about_another_trade_is_not_believed(bank, adapter):
    paid(bank, adapter)
    ref = paid(bank, adapter)

    for fault in ("response_for_other_order", "bad_response_signature", "garbage_body"):
        with bank.fault(fault, number=ref.payment_no), pytest.raises(OutcomeUnknownError):
            adapter.query(ref)


def test_an_agreement_revoked_in_the_app_pays_nothing(bank, adapter):
    told = adapter.query_agreement(AgreementRef("A0000000000000000000", "20260000"))

    assert told.status == "revoked_by_user"
    assert adapter.unbind(AgreementRef("A0000000000000000000")).status == "not_found"


@pytest.mark.parametrize(
    ("account", "outcome"),
    [
        ("2088000000000005", Outcome.SUCCEEDED),
        ("13800138000", Outcome.SUCCEEDED),
        ("6217000000000404", Outcome.FAILED),
        ("6217000000000505", Outcome.FAILED),
    ],
)
def test_a_transfer_reaches_accounts_and_cards_or_comes_back(adapter, account, outcome):
    request = TransferRequest(
        transfer_no=new_number("T"),
        amount=Money(2080),
        payee_name="王姐",
        payee_account=account,
        purpose="佣金",
        notify_url="",
    )
    assert adapter.transfer(request).outcome is Outcome.PENDING
    ref = TransferRef(request.transfer_no)

    done = until(lambda: (told := adapter.query_transfer(ref)).outcome is outcome and told)

    assert done.amount == Money(2080)
    assert (done.failure is None) == (outcome is Outcome.SUCCEEDED)
    with pytest.raises(AlreadyDoneError):
        adapter.transfer(replace(request, amount=Money(2081)))


def test_somebody_unbound_receives_nothing(bank, adapter):
    receiver = SplitReceiver("gone@linli.example", "绿源")
    adapter.add_receiver(receiver)

    adapter.remove_receiver(receiver)
    adapter.remove_receiver(receiver)
    adapter.remove_receiver(replace(receiver, account="never@linli.example"))


def test_a_statements_address_is_good_for_thirty_seconds_and_ours_alone(bank, adapter, tmp_path):
    paid(bank, adapter)
    day = business_date()
    with bank.clock_at(25 * 3600):
        adapter.download_bill(day, BillKind.TRADE, into=tmp_path / "bill")
    base = bank.dialect("alipay").settings["base_url"]

    for query in ("", "?until=9999999999999&proof=0", "?until=x&proof=", "?until=1&proof=0"):
        assert requests.get(f"{base}/bills/{day}{query}", timeout=10).status_code == 403
