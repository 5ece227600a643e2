"""The sandbox adapter against the real sandbox: every kind of answer becomes the right word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from payments.acquiring.contract import (
    Advice,
    AgreementPay,
    AgreementRef,
    AgreementStatus,
    AlreadyDoneError,
    BindRequest,
    CloseOutcome,
    ConfigError,
    DeclinedError,
    NotSentError,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    RefundRef,
    RefundRequest,
    Scene,
    StepKind,
    TransferRef,
    TransferRequest,
)
from payments.acquiring.registry import AccountSpec
from payments.acquiring.transport import HttpAnswer
from payments.adapters.sandbox import messages, wire
from payments.adapters.sandbox.adapter import SandboxAdapter, sandbox_account
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests import acquirer as cards
from tests.machines import free_port
from tests.waiting import until

PAID = Money(19200)


def pay_request(no: str, **more) -> PayRequest:
    asked = PayRequest(
        payment_no=no,
        amount=PAID,
        subject="荔枝",
        scene=Scene.H5,
        expires_at=now() + timedelta(minutes=15),
        notify_url="",
        return_url="http://127.0.0.1:1/back",
    )
    return replace(asked, **more)


@pytest.fixture(scope="module")
def adapter(sandbox_acquirer) -> SandboxAdapter:
    return sandbox_acquirer.adapter(read_seconds=1.0)


@pytest.fixture
def paid_no(adapter, sandbox_acquirer) -> str:
    no = new_number("P")
    adapter.create(pay_request(no))
    sandbox_acquirer.sim_pay(no)
    return no


def tied(adapter, sandbox, card: str) -> str:
    """Tie a card; return the token."""
    no = new_number("A")
    bound = adapter.bind_card(BindRequest(no, "resident-1", "http://127.0.0.1:1/cards", ""))
    sandbox.tie_card(bound.step.url, card)
    return adapter.query_agreement(AgreementRef(no)).token


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


def refund_request(no: str, payment_no: str, amount: Money) -> RefundRequest:
    return RefundRequest(no, payment_no, amount, PAID, "shortage", "")


def transfer_request(no: str, **more) -> TransferRequest:
    asked = TransferRequest(no, Money(2080), "王姐", "6217000000000001", "佣金", "")
    return replace(asked, **more)


def test_a_payment_from_order_to_success(adapter, sandbox_acquirer):
    no = new_number("P")

    opened = adapter.create(pay_request(no))
    sandbox_acquirer.pay_at_cashier(opened.step.url)
    told = adapter.query(PayRef(no))

    assert (opened.outcome, opened.step.kind) == (Outcome.REQUIRES_ACTION, StepKind.REDIRECT)
    assert (told.outcome, told.amount, told.payment_no) == (Outcome.SUCCEEDED, PAID, no)
    assert (told.merchant_id, told.acquirer_no) == (adapter.merchant_id, opened.acquirer_no)
    assert told.paid_at is not None
    assert told.step is None


def test_a_scanned_payment_brings_a_code_to_show(adapter):
    opened = adapter.create(pay_request(new_number("P"), scene=Scene.NATIVE_QR))

    assert opened.step.kind is StepKind.QR_CODE
    assert "/scan/" in opened.step.url


def test_an_english_payer_is_sent_to_the_english_page(adapter):
    opened = adapter.create(pay_request(new_number("P"), lang="en-gb"))

    assert opened.step.url.endswith("?lang=en")


def test_the_same_number_is_the_same_payment_and_never_another(adapter):
    no = new_number("P")
    first = adapter.create(pay_request(no))

    again = adapter.create(pay_request(no))

    assert (again.acquirer_no, again.step) == (first.acquirer_no, first.step)
    with pytest.raises(AlreadyDoneError) as caught:
        adapter.create(pay_request(no, amount=Money(19201)))
    assert caught.value.acquirer_code == "NUMBER_REUSED"


def test_a_payment_nobody_opened_is_not_found(adapter):
    assert adapter.query(PayRef(new_number("P"))).outcome is Outcome.NOT_FOUND
    assert adapter.close(PayRef(new_number("P"))).outcome is CloseOutcome.NOT_FOUND


def test_closing_once_or_twice_is_closed(adapter):
    no = new_number("P")
    adapter.create(pay_request(no))

    outcomes = [adapter.close(PayRef(no)).outcome for _ in range(2)]

    assert outcomes == [CloseOutcome.CLOSED] * 2
    assert adapter.query(PayRef(no)).outcome is Outcome.CLOSED


def test_closing_a_paid_payment_brings_its_success(adapter, paid_no):
    closed = adapter.close(PayRef(paid_no))

    assert closed.outcome is CloseOutcome.ALREADY_PAID
    assert (closed.paid.outcome, closed.paid.amount) == (Outcome.SUCCEEDED, PAID)


def test_an_expiry_in_the_past_is_declined(adapter):
    with pytest.raises(DeclinedError) as caught:
        adapter.create(pay_request(new_number("P"), expires_at=now() - timedelta(seconds=1)))

    assert caught.value.code == "expired"


def test_a_foreign_notify_address_is_our_mistake(adapter):
    with pytest.raises(ConfigError):
        adapter.create(pay_request(new_number("P"), notify_url="http://evil.example/"))


def test_a_refund_in_parts_and_not_a_fen_more(adapter, paid_no):
    first, second = new_number("R"), new_number("R")

    done = adapter.refund(refund_request(first, paid_no, Money(10000)))
    again = adapter.refund(refund_request(first, paid_no, Money(10000)))
    with pytest.raises(DeclinedError) as caught:
        adapter.refund(refund_request(second, paid_no, Money(9201)))
    rest = adapter.refund(refund_request(second, paid_no, Money(9200)))

    assert (done.outcome, done.amount, done.payment_no) == (
        Outcome.SUCCEEDED,
        Money(10000),
        paid_no,
    )
    assert again.acquirer_refund_no == done.acquirer_refund_no
    assert caught.value.code == "refund_too_much"
    assert rest.outcome is Outcome.SUCCEEDED
    assert adapter.query_refund(RefundRef(second, paid_no)).amount == Money(9200)


def test_a_refund_nobody_asked_for_is_not_found(adapter, paid_no):
    told = adapter.query_refund(RefundRef(new_number("R"), paid_no))

    assert told.outcome is Outcome.NOT_FOUND


def test_a_refund_number_stands_for_one_refund(adapter, paid_no):
    no = new_number("R")
    adapter.refund(refund_request(no, paid_no, Money(100)))

    with pytest.raises(AlreadyDoneError):
        adapter.refund(refund_request(no, paid_no, Money(101)))


def test_nothing_is_refunded_of_an_unpaid_payment(adapter):
    no = new_number("P")
    adapter.create(pay_request(no))

    with pytest.raises(DeclinedError) as caught:
        adapter.refund(refund_request(new_number("R"), no, Money(1)))

    assert (caught.value.code, caught.value.advice) == ("payment_not_paid", Advice.DO_NOT_RETRY)


def test_a_tied_card_comes_back_as_token_and_four_digits(adapter, sandbox_acquirer):
    no = new_number("A")
    bound = adapter.bind_card(BindRequest(no, "resident-1", "http://127.0.0.1:1/cards", ""))

    back = sandbox_acquirer.tie_card(bound.step.url, cards.CCB_CREDIT)
    card = adapter.query_agreement(AgreementRef(no))

    assert back == f"http://127.0.0.1:1/cards?agreement_no={no}"
    assert bound.agreement.status is AgreementStatus.PENDING_FORM
    assert (card.status, card.last4, card.bin) == (AgreementStatus.ACTIVE, "0017", "622168")
    assert (card.issuer_code, card.kind, card.scheme) == ("CCB", "credit", "unionpay_single")
    assert cards.CCB_CREDIT not in repr(card)
    assert card.token not in repr(card.raw)


def test_one_card_has_one_fingerprint_whoever_ties_it(adapter, sandbox_acquirer):
    prints = []
    for card in (cards.PSBC_DEBIT, cards.PSBC_DEBIT, cards.CMBC_CREDIT):
        no = new_number("A")
        bound = adapter.bind_card(BindRequest(no, "somebody", "http://127.0.0.1:1/", ""))
        sandbox_acquirer.tie_card(bound.step.url, card)
        prints.append(adapter.query_agreement(AgreementRef(no)).fingerprint)

    assert prints[0] == prints[1] != prints[2]


def test_a_tied_card_pays_at_once_and_once(adapter, sandbox_acquirer):
    token, no = tied(adapter, sandbox_acquirer, cards.CCB_CREDIT), new_number("P")

    results = [adapter.pay_with_agreement(charge(no, token)) for _ in range(2)]

    assert [r.outcome for r in results] == [Outcome.SUCCEEDED] * 2
    assert results[0].acquirer_no == results[1].acquirer_no
    with pytest.raises(AlreadyDoneError):
        adapter.pay_with_agreement(charge(no, token, amount=Money(1)))


def test_a_declined_card_is_a_definite_no_each_time_it_is_asked(adapter, sandbox_acquirer):
    token, no = tied(adapter, sandbox_acquirer, cards.CCB_CREDIT_DECLINED), new_number("P")

    for _ in range(2):
        with pytest.raises(DeclinedError) as caught:
            adapter.pay_with_agreement(charge(no, token))
        assert caught.value.code == "insufficient_funds"
        assert caught.value.advice is Advice.NEW_METHOD

    told = adapter.query(PayRef(no))
    assert (told.outcome, told.failure.code) == (Outcome.FAILED, "insufficient_funds")
    assert adapter.close(PayRef(no)).outcome is CloseOutcome.CLOSED


def test_a_slow_card_is_unknown_and_the_query_tells_the_truth(adapter, sandbox_acquirer):
    token, no = tied(adapter, sandbox_acquirer, cards.CCB_CREDIT_SLOW), new_number("P")

    with pytest.raises(OutcomeUnknownError):
        adapter.pay_with_agreement(charge(no, token))

    assert adapter.query(PayRef(no)).outcome is Outcome.SUCCEEDED


def test_a_card_that_asks_for_a_code_waits_for_its_owner(adapter, sandbox_acquirer):
    token, no = tied(adapter, sandbox_acquirer, cards.CCB_CREDIT_ASKS_CODE), new_number("P")

    asked = adapter.pay_with_agreement(charge(no, token))
    back = sandbox_acquirer.confirm_code(asked.step.url)

    assert (asked.outcome, asked.step.kind) == (Outcome.REQUIRES_ACTION, StepKind.REDIRECT)
    assert back == "http://127.0.0.1:1/back"
    assert adapter.query(PayRef(no)).outcome is Outcome.SUCCEEDED


def test_an_untied_card_pays_nothing_more_but_its_old_payment_stands(adapter, sandbox_acquirer):
    no, paid = new_number("A"), new_number("P")
    bound = adapter.bind_card(BindRequest(no, "resident-1", "http://127.0.0.1:1/", ""))
    sandbox_acquirer.tie_card(bound.step.url)
    token = adapter.query_agreement(AgreementRef(no)).token
    adapter.pay_with_agreement(charge(paid, token))

    ends = [adapter.unbind(AgreementRef(no)).status for _ in range(2)]

    assert ends == [AgreementStatus.REVOKED_BY_USER] * 2
    with pytest.raises(DeclinedError) as caught:
        adapter.pay_with_agreement(charge(new_number("P"), token))
    assert caught.value.code == "agreement_not_active"
    assert caught.value.advice is Advice.REAUTHENTICATE
    assert adapter.pay_with_agreement(charge(paid, token)).outcome is Outcome.SUCCEEDED


def test_an_agreement_nobody_started_is_not_found(adapter):
    told = adapter.query_agreement(AgreementRef(new_number("A")))

    assert told.status is AgreementStatus.NOT_FOUND


def test_a_transfer_is_under_way_first_and_then_done(adapter):
    no = new_number("T")

    sent = adapter.transfer(transfer_request(no))
    again = adapter.transfer(transfer_request(no))
    done = until(lambda: adapter.query_transfer(TransferRef(no)).completed_at and no)

    assert (sent.outcome, sent.amount) == (Outcome.PENDING, Money(2080))
    assert again.acquirer_transfer_no == sent.acquirer_transfer_no
    assert adapter.query_transfer(TransferRef(done)).outcome is Outcome.SUCCEEDED
    with pytest.raises(AlreadyDoneError):
        adapter.transfer(transfer_request(no, payee_account="another-account"))


@pytest.mark.parametrize("wrong", [{"payee_account": "62220404"}, {"payee_name": "王退票"}])
def test_a_transfer_to_nobody_comes_back(adapter, wrong):
    no = new_number("T")
    adapter.transfer(transfer_request(no, **wrong))

    told = until(lambda: (r := adapter.query_transfer(TransferRef(no))).completed_at and r)

    assert (told.outcome, told.failure.code) == (Outcome.FAILED, "payee_account_invalid")


def test_more_than_the_balance_cannot_be_paid_out(adapter):
    with pytest.raises(DeclinedError) as caught:
        adapter.transfer(transfer_request(new_number("T"), amount=Money(10_000_000_000)))

    assert caught.value.code == "balance_too_low"


def test_a_text_reaches_the_demo_telephone(adapter, sandbox_acquirer):
    adapter.send_text(phone="13700137000", text="【邻里团】验证码 246810", sender="邻里团")

    assert sandbox_acquirer.last_code("13700137000") == "246810"


def test_nobody_there_means_nothing_was_sent(sandbox_acquirer):
    account = sandbox_account(
        base_url=f"http://127.0.0.1:{free_port()}", keys_folder=sandbox_acquirer.keys_dir
    )

    with pytest.raises(NotSentError):
        SandboxAdapter.from_account(account).query(PayRef(new_number("P")))


def with_settings(account: AccountSpec, **changed: str) -> SandboxAdapter:
    return SandboxAdapter.from_account(replace(account, settings={**account.settings, **changed}))


def test_a_wrong_serial_of_ours_stops_the_account(sandbox_acquirer):
    adapter = with_settings(sandbox_acquirer.account(), merchant_serial="NOBODY")

    with pytest.raises(ConfigError) as caught:
        adapter.query(PayRef(new_number("P")))

    assert caught.value.acquirer_code == "MERCHANT_UNKNOWN"


def test_an_answer_signed_by_another_key_is_no_answer(sandbox_acquirer, paid_no):
    adapter = with_settings(sandbox_acquirer.account(), sandbox_serial="ANOTHER")

    with pytest.raises(OutcomeUnknownError):
        adapter.query(PayRef(paid_no))


@pytest.fixture(scope="module")
def keys(sandbox_acquirer) -> wire.Keys:
    return wire.Keys.from_account(sandbox_acquirer.account())


def test_an_old_answer_does_not_fit_a_new_question(keys):
    forger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    own = replace(keys, sandbox=forger.public_key())
    first = wire.signed_call(own, method="GET", path="/v1/x", body=b"", stamp=1, nonce="n1")
    second = wire.signed_call(own, method="GET", path="/v1/x", body=b"", stamp=1, nonce="n2")
    text = wire.text_to_sign("200", "/v1/x", "1", "n1", body=b"{}")
    head = {
        "sandbox-serial": keys.sandbox_serial,
        "sandbox-timestamp": "1",
        "sandbox-signature": wire.sign_rsa_sha256(forger, text),
    }

    assert wire.read_answer(own, first, HttpAnswer(200, head, b"{}")) == {}
    for call, status, body in ((second, 200, b"{}"), (first, 404, b"{}"), (first, 200, b"[]")):
        with pytest.raises(OutcomeUnknownError):
            wire.read_answer(own, call, HttpAnswer(status, head, body))


def test_the_answer_for_another_number_or_amount_is_no_answer(adapter, paid_no):
    told = adapter.query(PayRef(paid_no))

    with pytest.raises(OutcomeUnknownError):
        messages.expect_payment(told, payment_no=new_number("P"), amount=PAID)
    with pytest.raises(OutcomeUnknownError):
        messages.expect_payment(told, payment_no=paid_no, amount=Money(19199))


@pytest.mark.parametrize("read", ["read_payment", "read_refund", "read_transfer", "read_agreement"])
@pytest.mark.parametrize("data", [{}, {"trade_state": "DANCING"}, {"amount": 5}])
def test_an_unreadable_answer_is_no_answer(read, data):
    with pytest.raises(OutcomeUnknownError):
        getattr(messages, read)(data)


def test_the_keys_lie_where_only_their_owner_reads_them(sandbox_acquirer):
    for path in Path(sandbox_acquirer.keys_dir).iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
