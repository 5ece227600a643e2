"""The whole conversation with a Stripe that remembers: cards, payments, refunds, statements."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payments.acquiring.contract import (
    Advice,
    AgreementPay,
    AgreementRef,
    AgreementStatus,
    BillKind,
    BillLineKind,
    BillReadiness,
    BindRequest,
    CloseOutcome,
    ConfigError,
    DeclinedError,
    NotSupportedError,
    Outcome,
    PayRef,
    PayRequest,
    RawHttp,
    RefundRef,
    RefundRequest,
    Scene,
    StepKind,
)
from payments.adapters.stripe.adapter import StripeAdapter
from payments.kernel.clock import business_date, now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests import localstripe as cards
from tests.localstripe import MERCHANT

PAID = Money(19200)


@pytest.fixture(scope="module")
def adapter(localstripe) -> StripeAdapter:
    return localstripe.adapter()


def pay_request(no: str, **more) -> PayRequest:
    asked = PayRequest(
        payment_no=no,
        amount=PAID,
        subject="荔枝",
        scene=Scene.APP,
        expires_at=now() + timedelta(minutes=15),
        notify_url="",
        return_url="http://127.0.0.1:1/back",
    )
    return replace(asked, **more)


def tie(adapter, localstripe, number: str = cards.VISA) -> tuple[str, str]:
    """Tie a card; return our number and the token."""
    no = new_number("A")
    bound = adapter.bind_card(BindRequest(no, "resident-1", "http://127.0.0.1:1/cards", ""))
    localstripe.sign(bound.step.fields["setup_intent"], number)
    return no, adapter.query_agreement(AgreementRef(no)).token


def charge(no: str, token: str, **more) -> AgreementPay:
    asked = AgreementPay(
        payment_no=no,
        agreement_no="",
        token=token,
        amount=PAID,
        subject="荔枝",
        expires_at=now() + timedelta(minutes=15),
        notify_url="",
        return_url="http://127.0.0.1:1/back",
    )
    return replace(asked, **more)


@pytest.fixture(scope="module")
def token(adapter, localstripe) -> str:
    return tie(adapter, localstripe)[1]


@pytest.fixture
def paid(adapter, token):
    return adapter.pay_with_agreement(charge(new_number("P"), token))


def lost(no: str) -> PayRef:
    """A payment whose answer never came, sent five minutes ago."""
    return PayRef(no, sent_at=now() - timedelta(minutes=5))


def refund_request(no: str, paid, amount: Money) -> RefundRequest:
    number = paid.payment_no
    return RefundRequest(no, number, amount, PAID, "shortage", "", acquirer_no=paid.acquirer_no)


def test_a_card_is_tied_without_our_seeing_it(adapter, localstripe):
    no = new_number("A")

    bound = adapter.bind_card(BindRequest(no, "resident-1", "http://127.0.0.1:1/cards", ""))
    before = adapter.query_agreement(AgreementRef(no))
    localstripe.sign(bound.step.fields["setup_intent"])
    after = adapter.query_agreement(AgreementRef(no))

    assert bound.step.kind is StepKind.SDK_PAYLOAD
    assert (bound.agreement.status, before.status) == (AgreementStatus.PENDING_FORM,) * 2
    assert (after.status, after.agreement_no) == (AgreementStatus.ACTIVE, no)
    assert (after.last4, after.scheme, after.kind) == ("4242", "visa", "credit")
    assert after.token.startswith("cus_")
    assert after.fingerprint
    assert after.merchant_id == MERCHANT
    assert after.expires_at.year == 2041


def test_a_tied_card_is_asked_about_by_its_token_and_untied(adapter, localstripe):
    no, token = tie(adapter, localstripe)
    ref = AgreementRef(no, token=token)

    assert adapter.query_agreement(ref).status is AgreementStatus.ACTIVE
    assert [adapter.unbind(ref).status for _ in range(2)] == [AgreementStatus.REVOKED_BY_USER] * 2
    assert adapter.query_agreement(ref).status is AgreementStatus.REVOKED_BY_USER


def test_a_card_refused_while_signing_is_not_tied(adapter, localstripe):
    no = new_number("A")
    bound = adapter.bind_card(BindRequest(no, "resident-1", "http://127.0.0.1:1/cards", ""))

    with pytest.raises(AssertionError, match="card_declined"):
        localstripe.sign(bound.step.fields["setup_intent"], cards.DECLINED_AT_ATTACH)

    assert adapter.query_agreement(AgreementRef(no)).status is AgreementStatus.FAILED


def test_a_signing_nobody_began_is_not_found(adapter):
    ref = AgreementRef(new_number("A"))

    assert adapter.query_agreement(ref).status is AgreementStatus.NOT_FOUND
    assert adapter.unbind(ref).status is AgreementStatus.NOT_FOUND


def test_a_tied_card_is_charged_at_once(adapter, token):
    no = new_number("P")

    done = adapter.pay_with_agreement(charge(no, token))
    told = adapter.query(PayRef(no, acquirer_no=done.acquirer_no))

    assert (done.outcome, done.amount, done.payment_no) == (Outcome.SUCCEEDED, PAID, no)
    assert (done.merchant_id, done.step, done.failure) == (MERCHANT, None, None)
    assert told == replace(done, raw=told.raw)
    assert told.paid_at is not None


def test_a_charge_whose_answer_was_lost_is_found_by_our_number(adapter, paid):
    told = adapter.query(lost(paid.payment_no))

    assert (told.outcome, told.acquirer_no) == (Outcome.SUCCEEDED, paid.acquirer_no)


def test_not_found_is_said_only_when_it_is_sure(adapter, paid):
    nobody = new_number("P")

    outcomes = {
        adapter.query(PayRef(nobody)).outcome,
        adapter.query(PayRef(nobody, sent_at=now())).outcome,
        adapter.query(PayRef(nobody, acquirer_no="pi_nobody")).outcome,
    }

    assert outcomes == {Outcome.UNKNOWN}
    assert adapter.query(lost(nobody)).outcome is Outcome.NOT_FOUND
    assert adapter.close(lost(nobody)).outcome is CloseOutcome.NOT_FOUND
    assert adapter.close(PayRef(nobody)).outcome is CloseOutcome.UNKNOWN


def test_a_declined_charge_says_what_may_be_tried(adapter, localstripe):
    _no, token = tie(adapter, localstripe, cards.DECLINED_AT_CHARGE)
    no = new_number("P")

    with pytest.raises(DeclinedError) as caught:
        adapter.pay_with_agreement(charge(no, token))

    error = caught.value
    assert (error.code, error.acquirer_code) == ("card_declined", "card_declined")
    assert error.advice is Advice.NEW_METHOD
    told = adapter.query(lost(no))
    assert (told.outcome, told.failure.code) == (Outcome.FAILED, "card_declined")


@pytest.mark.parametrize(
    ("number", "success", "outcome"),
    [
        (cards.ASKS_OWNER, True, Outcome.SUCCEEDED),
        (cards.ASKS_OWNER, False, Outcome.FAILED),
        (cards.ASKS_OWNER_THEN_DECLINED, True, Outcome.FAILED),
    ],
)
def test_a_bank_that_asks_the_owner(adapter, localstripe, number, success, outcome):
    no = new_number("A")
    bound = adapter.bind_card(BindRequest(no, "resident-1", "http://127.0.0.1:1/cards", ""))
    card = localstripe.card(number)
    customer = localstripe.ask("GET", f"/v1/setup_intents/{bound.step.fields['setup_intent']}")
    localstripe.ask("POST", f"/v1/payment_methods/{card}/attach", customer=customer["customer"])
    number = new_number("P")

    asked = adapter.pay_with_agreement(charge(number, f"{customer['customer']}:{card}"))
    localstripe.authenticate(asked.acquirer_no, success=success)

    assert (asked.outcome, asked.step.kind) == (Outcome.REQUIRES_ACTION, StepKind.SDK_PAYLOAD)
    assert adapter.query(PayRef(number, acquirer_no=asked.acquirer_no)).outcome is outcome


def test_closing_once_or_twice_is_closed(adapter):
    no = new_number("P")
    opened = adapter.create(pay_request(no))

    outcomes = [adapter.close(lost(no)).outcome for _ in range(2)]

    assert (opened.outcome, opened.step.kind) == (Outcome.PENDING, StepKind.SDK_PAYLOAD)
    assert outcomes == [CloseOutcome.CLOSED] * 2
    assert adapter.query(lost(no)).outcome is Outcome.CLOSED


def test_closing_a_paid_payment_brings_its_success(adapter, paid):
    closed = adapter.close(PayRef(paid.payment_no, acquirer_no=paid.acquirer_no))

    assert closed.outcome is CloseOutcome.ALREADY_PAID
    assert (closed.paid.outcome, closed.paid.amount) == (Outcome.SUCCEEDED, PAID)


def test_a_refund_in_parts_each_found_again(adapter, paid):
    first, second = new_number("R"), new_number("R")

    done = adapter.refund(refund_request(first, paid, Money(10000)))
    rest = adapter.refund(refund_request(second, paid, Money(9200)))

    assert (done.outcome, done.amount, done.payment_no) == (
        Outcome.SUCCEEDED,
        Money(10000),
        paid.payment_no,
    )
    assert done.merchant_id == MERCHANT
    by_id = RefundRef(first, paid.payment_no, acquirer_refund_no=done.acquirer_refund_no)
    by_payment = RefundRef(second, paid.payment_no, acquirer_no=paid.acquirer_no)
    by_day = RefundRef(second, paid.payment_no)
    assert adapter.query_refund(by_id).acquirer_refund_no == done.acquirer_refund_no
    assert adapter.query_refund(by_payment).amount == Money(9200)
    assert adapter.query_refund(by_day).acquirer_refund_no == rest.acquirer_refund_no
    nobody = RefundRef(new_number("R"), paid.payment_no, acquirer_no=paid.acquirer_no)
    assert adapter.query_refund(nobody).outcome is Outcome.NOT_FOUND


def test_a_refund_finds_its_payment_by_our_number(adapter, paid):
    asked = replace(refund_request(new_number("R"), paid, Money(1)), acquirer_no="")

    assert adapter.refund(asked).outcome is Outcome.SUCCEEDED


def test_nothing_is_refunded_of_an_unpaid_payment(adapter):
    opened = adapter.create(pay_request(new_number("P")))

    with pytest.raises(DeclinedError) as caught:
        adapter.refund(refund_request(new_number("R"), opened, Money(1)))

    assert caught.value.code == "payment_not_paid"


def test_a_wrong_address_and_a_wrong_key_stop_the_account(localstripe, paid):
    ref = PayRef(paid.payment_no, acquirer_no=paid.acquirer_no)

    for changed in (
        {"base_url": f"{localstripe.base_url}/nowhere"},
        {"secret_key": "rk_test_of_another_kind"},
    ):
        with pytest.raises(ConfigError):
            localstripe.adapter(**changed).query(ref)


def test_a_page_is_not_offered_where_the_account_has_none(adapter):
    for scene in (Scene.H5, Scene.NATIVE_QR):
        assert scene not in adapter.caps.scenes
        with pytest.raises(NotSupportedError):
            adapter.create(pay_request(new_number("P"), scene=scene))


def test_a_message_signed_by_the_other_side_is_believed(adapter, localstripe, paid):
    body, headers = localstripe.letterbox.letter_about("payment_intent.succeeded", paid.acquirer_no)
    raw = RawHttp("POST", "/", b"", {k.lower(): v for k, v in headers.items()}, body)

    (event,) = adapter.parse_notification(adapter.verify_notification(raw))

    assert (event.kind, event.result.outcome) == ("pay", Outcome.SUCCEEDED)
    assert (event.result.payment_no, event.result.amount) == (paid.payment_no, PAID)
    assert event.result.merchant_id == MERCHANT


def test_the_statement_of_a_day_has_every_payment_and_refund(adapter, paid, tmp_path):
    refund = adapter.refund(refund_request(new_number("R"), paid, Money(5000)))
    today = business_date()

    bill = adapter.download_bill(today, BillKind.TRADE, into=tmp_path / "bill")
    lines = list(adapter.parse_bill(bill.path.open("rb"), BillKind.TRADE))

    by_number = {line.own_no: line for line in lines}
    pay, back = by_number[paid.payment_no], by_number[refund.refund_no]
    assert (pay.kind, pay.amount, pay.acquirer_no) == (BillLineKind.PAY, PAID, paid.acquirer_no)
    assert (back.kind, back.amount, back.related_no) == (
        BillLineKind.REFUND,
        Money(5000),
        paid.payment_no,
    )
    assert back.acquirer_no == refund.acquirer_refund_no
    assert adapter.bill_available(today, BillKind.TRADE).readiness is BillReadiness.NOT_YET
    long_ago = today - timedelta(days=30)
    assert adapter.bill_available(long_ago, BillKind.TRADE).readiness is BillReadiness.EMPTY
