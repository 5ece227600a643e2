"""What localstripe cannot play: pages, banks that ask, keys that repeat, answers that are lost.

Every request of these tests is checked against the published parameters; one that Stripe does not
know would be refused.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

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
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    RefundRef,
    RefundRequest,
    Scene,
    StepKind,
)
from payments.acquiring.registry import make_adapter
from payments.adapters.stripe import line
from payments.adapters.stripe.messages import read_intent
from payments.adapters.stripe.wire import Profile
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests.localstripe import MERCHANT, stripe_account

PAID = Money(19200)
BACK = "http://127.0.0.1:1/back"


def page_request(no: str, **more) -> PayRequest:
    expires_at = now() + timedelta(minutes=15)
    asked = PayRequest(no, PAID, "荔枝 5 斤", Scene.H5, expires_at, "", BACK, lang="zh-hans")
    return replace(asked, **more)


def charge(no: str, token: str, **more) -> AgreementPay:
    expires_at = now() + timedelta(minutes=15)
    return replace(AgreementPay(no, "A1", token, PAID, "荔枝", expires_at, "", BACK), **more)


def lost(no: str) -> PayRef:
    return PayRef(no, sent_at=now() - timedelta(minutes=5))


def tied(strict, temper: str = "ok") -> str:
    return f"cus_1:{strict.card('cus_1', temper)}"


@pytest.fixture
def paid(stripe, strict):
    return stripe.pay_with_agreement(charge(new_number("P"), tied(strict)))


def refund_request(paid, amount: Money, no: str = "") -> RefundRequest:
    number = paid.payment_no
    no = no or new_number("R")
    return RefundRequest(no, number, amount, PAID, "shortage", "", acquirer_no=paid.acquirer_no)


# --- Stripe's own page ----------------------------------------------------------------------------
def test_a_payment_on_stripes_page(stripe, strict):
    no = new_number("P")

    opened = stripe.create(page_request(no))
    waiting = stripe.query(lost(no))
    strict.pay_page(opened.acquirer_no)
    told = stripe.query(lost(no))

    assert (opened.outcome, opened.step.kind) == (Outcome.REQUIRES_ACTION, StepKind.REDIRECT)
    assert opened.step.url == f"https://checkout.stripe.test/{opened.acquirer_no}"
    assert (waiting.outcome, waiting.step) == (Outcome.REQUIRES_ACTION, opened.step)
    assert (told.outcome, told.amount, told.merchant_id) == (Outcome.SUCCEEDED, PAID, MERCHANT)
    assert told.acquirer_no.startswith("pi_")
    assert stripe.query(PayRef(no, acquirer_no=opened.acquirer_no)).outcome is Outcome.SUCCEEDED
    assert stripe.query(PayRef(no, acquirer_no=told.acquirer_no)).amount == PAID


def test_a_declined_card_on_the_page_leaves_the_page_open(stripe, strict):
    no = new_number("P")
    opened = stripe.create(page_request(no))

    strict.pay_page(opened.acquirer_no, "poor")
    before = stripe.query(lost(no)).outcome
    strict.pay_page(opened.acquirer_no)

    assert before is Outcome.REQUIRES_ACTION
    assert stripe.query(lost(no)).outcome is Outcome.SUCCEEDED


def test_a_page_is_closed_and_a_paid_one_says_so(stripe, strict):
    closed, paid = new_number("P"), new_number("P")
    stripe.create(page_request(closed))
    page = stripe.create(page_request(paid))
    strict.pay_page(page.acquirer_no)

    assert [stripe.close(lost(closed)).outcome for _ in range(2)] == [CloseOutcome.CLOSED] * 2
    assert stripe.query(lost(closed)).outcome is Outcome.CLOSED
    answer = stripe.close(lost(paid))
    assert (answer.outcome, answer.paid.amount) == (CloseOutcome.ALREADY_PAID, PAID)


def test_a_page_speaks_the_payers_language(stripe, strict):
    for lang, locale in (("zh-hans", "zh"), ("en-gb", "en"), ("", "auto")):
        page = stripe.create(page_request(new_number("P"), lang=lang))
        assert strict.things[page.acquirer_no]["locale"] == locale


def test_a_card_is_signed_on_stripes_page(stripe, strict):
    no = new_number("A")

    bound = stripe.bind_card(BindRequest(no, "resident-1", BACK, ""))
    before = stripe.query_agreement(AgreementRef(no))
    page_id = bound.step.url.rsplit("/", 1)[1]
    strict.sign_page(page_id)
    after = stripe.query_agreement(AgreementRef(no))

    assert bound.step.kind is StepKind.REDIRECT
    assert before.status is AgreementStatus.PENDING_FORM
    assert (after.status, after.last4) == (AgreementStatus.ACTIVE, "4242")
    card = strict.things[after.token.partition(":")[2]]
    assert card["metadata"] == {"linli_no": no}
    assert stripe.unbind(AgreementRef(no)).status is AgreementStatus.REVOKED_BY_USER
    assert stripe.query_agreement(AgreementRef(no, after.token)).token == ""


def test_a_signing_page_that_expired_has_failed(stripe, strict):
    no = new_number("A")
    bound = stripe.bind_card(BindRequest(no, "resident-1", BACK, ""))
    strict.things[bound.step.url.rsplit("/", 1)[1]]["status"] = "expired"

    assert stripe.query_agreement(AgreementRef(no)).status is AgreementStatus.FAILED


@pytest.mark.parametrize("hosted_pages", [True, False])
def test_an_unfinished_signing_is_ended_for_good(strict, hosted_pages):
    stripe = make_adapter(stripe_account(base_url=strict.url, hosted_pages=hosted_pages))
    no = new_number("A")
    stripe.bind_card(BindRequest(no, "resident-1", BACK, ""))

    assert stripe.unbind(AgreementRef(no)).status is AgreementStatus.NOT_FOUND

    assert stripe.query_agreement(AgreementRef(no)).status is AgreementStatus.FAILED


def test_nothing_about_the_person_is_sent(stripe, strict):
    asked = BindRequest(new_number("A"), "resident-1", BACK, "", holder_phone="13800138000")

    stripe.bind_card(asked)

    assert "resident-1" not in str(strict.calls)
    assert "13800138000" not in str(strict.calls)


# --- banks that ask -------------------------------------------------------------------------------
def test_a_bank_that_wants_the_owner_is_asked_with_the_owner(stripe, strict):
    no = new_number("P")

    asked = stripe.pay_with_agreement(charge(no, tied(strict, "asks")))

    assert (asked.outcome, asked.step.kind) == (Outcome.REQUIRES_ACTION, StepKind.REDIRECT)
    assert asked.step.url == f"https://hooks.stripe.test/{asked.acquirer_no}"
    assert [path for method, path, _data in strict.calls if method == "POST"] == [
        "/v1/payment_intents",
        f"/v1/payment_intents/{asked.acquirer_no}/confirm",
    ]
    assert stripe.query(lost(no)).outcome is Outcome.REQUIRES_ACTION
    refused = {**strict.things[asked.acquirer_no], "status": "requires_payment_method"}
    heard = read_intent(refused, Profile(MERCHANT))
    assert heard.outcome is Outcome.PENDING, "the first refusal, told while she is being asked"


def test_an_empty_purse_is_a_plain_no(stripe, strict):
    no = new_number("P")

    with pytest.raises(DeclinedError) as caught:
        stripe.pay_with_agreement(charge(no, tied(strict, "poor")))

    assert (caught.value.code, caught.value.advice) == ("insufficient_funds", Advice.NEW_METHOD)
    told = stripe.query(lost(no))
    assert (told.outcome, told.failure.code) == (Outcome.FAILED, "insufficient_funds")


def test_a_card_untied_elsewhere_is_a_plain_no(stripe, strict):
    with pytest.raises(DeclinedError) as caught:
        stripe.pay_with_agreement(charge(new_number("P"), "cus_1:pm_gone"))

    assert (caught.value.code, caught.value.advice) == (
        "agreement_not_active",
        Advice.REAUTHENTICATE,
    )


def test_a_token_of_somebody_else_is_never_sent(stripe, strict):
    with pytest.raises(OutcomeUnknownError):
        stripe.pay_with_agreement(charge(new_number("P"), "TK123"))

    assert strict.calls == []


# --- the same number is the same thing ------------------------------------------------------------
def test_the_same_number_is_charged_once_and_never_another_amount(stripe, strict):
    asked = charge(new_number("P"), tied(strict))

    first, again = (stripe.pay_with_agreement(asked) for _ in range(2))

    assert (again.acquirer_no, again.outcome) == (first.acquirer_no, Outcome.SUCCEEDED)
    assert len(strict.all("charge")) == 1
    with pytest.raises(AlreadyDoneError):
        stripe.pay_with_agreement(replace(asked, amount=Money(19201)))


@pytest.mark.parametrize("what", ["card", "page", "app"])
def test_a_lost_answer_is_found_and_sending_again_changes_nothing(stripe, strict, what):
    no = new_number("P")
    if what == "card":
        asked = charge(no, tied(strict))
        send = stripe.pay_with_agreement
    else:
        asked = page_request(no, scene=Scene.H5 if what == "page" else Scene.APP)
        send = stripe.create
    strict.lost.append("/v1/")

    with pytest.raises(OutcomeUnknownError):
        send(asked)
    told = stripe.query(lost(no))
    again = send(asked)

    outcome = {"card": Outcome.SUCCEEDED, "page": Outcome.REQUIRES_ACTION}.get(what)
    assert told.outcome is again.outcome is (outcome or Outcome.PENDING)
    assert told.acquirer_no == again.acquirer_no
    kind = "checkout.session" if what == "page" else "payment_intent"
    assert len(strict.all(kind)) == 1


def test_a_refund_whose_answer_was_lost_is_one_refund(stripe, strict, paid):
    asked = refund_request(paid, Money(5000))
    strict.lost.append("/refunds")

    with pytest.raises(OutcomeUnknownError):
        stripe.refund(asked)
    ref = RefundRef(asked.refund_no, paid.payment_no, acquirer_no=paid.acquirer_no)
    told = stripe.query_refund(ref)
    again = stripe.refund(asked)

    assert (told.outcome, told.amount) == (Outcome.PENDING, Money(5000))
    assert told.acquirer_refund_no == again.acquirer_refund_no
    assert len(strict.all("refund")) == 1


def test_closing_is_never_answered_from_yesterday(stripe, strict):
    no = new_number("P")
    asked = stripe.pay_with_agreement(charge(no, tied(strict, "asks")))
    intent = strict.things[asked.acquirer_no]

    intent["status"] = "processing"
    first = stripe.close(lost(no)).outcome
    intent["status"] = "requires_action"
    second = stripe.close(lost(no)).outcome

    assert (first, second) == (CloseOutcome.UNKNOWN, CloseOutcome.CLOSED)


# --- refunds --------------------------------------------------------------------------------------
def test_not_a_fen_more_than_was_paid(stripe, paid):
    stripe.refund(refund_request(paid, Money(10000)))

    with pytest.raises(DeclinedError) as caught:
        stripe.refund(refund_request(paid, Money(9201)))

    assert (caught.value.code, caught.value.advice) == ("refund_too_much", Advice.DO_NOT_RETRY)
    assert stripe.refund(refund_request(paid, Money(9200))).outcome is Outcome.PENDING


def test_a_refund_number_stands_for_one_refund(stripe, paid):
    asked = refund_request(paid, Money(100))
    stripe.refund(asked)

    with pytest.raises(AlreadyDoneError):
        stripe.refund(replace(asked, amount=Money(101)))


def test_a_refund_of_a_page_payment_finds_its_payment(stripe, strict):
    no = new_number("P")
    strict.pay_page(stripe.create(page_request(no)).acquirer_no)
    asked = RefundRequest(new_number("R"), no, Money(1), PAID, "shortage", "")

    assert stripe.refund(asked).amount == Money(1)


# --- looking for things ---------------------------------------------------------------------------
def test_what_is_looked_for_may_lie_pages_back(stripe, strict, monkeypatch):
    monkeypatch.setattr(line, "PAGE_ITEMS", 2)
    first = stripe.pay_with_agreement(charge(new_number("P"), tied(strict)))
    for _ in range(5):
        stripe.pay_with_agreement(charge(new_number("P"), tied(strict)))

    assert stripe.query(lost(first.payment_no)).acquirer_no == first.acquirer_no
    with monkeypatch.context() as short:
        short.setattr(line, "PAGES_MAX", 2)
        with pytest.raises(OutcomeUnknownError):
            stripe.query(lost(first.payment_no))


def test_only_what_was_made_around_its_time_is_looked_at(stripe, strict):
    paid = stripe.pay_with_agreement(charge(new_number("P"), tied(strict)))
    strict.things[paid.acquirer_no]["created"] -= 25 * 3600

    assert stripe.query(lost(paid.payment_no)).outcome is Outcome.NOT_FOUND


def test_an_answer_about_another_number_is_no_answer(stripe, paid):
    with pytest.raises(OutcomeUnknownError):
        stripe.query(PayRef(new_number("P"), acquirer_no=paid.acquirer_no))


# --- currencies -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("amount", "sent"),
    [(Money(1999, "USD"), "1999"), (Money(500, "JPY"), "500"), (Money(5120, "KWD"), "5120")],
)
def test_amounts_are_minor_units_of_their_currency(strict, amount, sent):
    currency = amount.currency
    stripe = make_adapter(stripe_account(base_url=strict.url, currency=currency))

    done = stripe.pay_with_agreement(charge(new_number("P"), tied(strict), amount=amount))

    assert stripe.caps.currencies == {currency}
    data = next(data for method, _path, data in strict.calls if method == "POST")
    assert (data["amount"], data["currency"]) == (sent, currency.lower())
    assert done.amount == amount


def test_a_digit_stripe_would_round_away_is_not_sent(strict, stripe):
    with pytest.raises(DeclinedError):
        stripe.pay_with_agreement(charge("P1", tied(strict), amount=Money(5123, "KWD")))

    assert strict.calls == []


def test_a_wrong_key_stops_the_account(strict):
    other = make_adapter(stripe_account(base_url=strict.url, secret_key="sk_test_other"))

    with pytest.raises(ConfigError):
        other.query(lost(new_number("P")))
