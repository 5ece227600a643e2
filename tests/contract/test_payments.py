"""Collecting: the same number is one payment, whatever happens to its answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payments.acquiring.contract import (
    AcquirerError,
    AgreementMode,
    AlreadyDoneError,
    CloseMode,
    CloseOutcome,
    ConfigError,
    DeclinedError,
    Outcome,
    PayRef,
    Scene,
    StepKind,
)
from payments.kernel.clock import now
from payments.kernel.numbers import new_number
from tests.contract.papers import charge_request, pay_request, price
from tests.contract.paying import paid, ref_of, succeeded
from tests.waiting import until

PAGE_STEPS = {StepKind.REDIRECT, StepKind.FORM_POST}
has_page = pytest.mark.needs(lambda caps: Scene.H5 in caps.scenes)
has_code = pytest.mark.needs(lambda caps: Scene.NATIVE_QR in caps.scenes)
ties_cards = pytest.mark.needs(lambda caps: Scene.CARD_TOKEN in caps.scenes)
# A mandate is its owner's word: nobody asks her again.
may_ask = pytest.mark.needs(lambda caps: caps.agreement is AgreementMode.TOKEN)
closes = pytest.mark.needs(lambda caps: caps.close is CloseMode.API)


def test_a_paid_payment_names_number_amount_merchant_and_time(bench, adapter):
    ref = paid(bench, adapter)

    told = adapter.query(ref)

    assert (told.outcome, told.payment_no, told.amount) == (
        Outcome.SUCCEEDED,
        ref.payment_no,
        price(bench),
    )
    assert told.merchant_id == adapter.merchant_id
    assert told.acquirer_no
    assert told.paid_at is not None
    assert abs(told.paid_at - now()) < timedelta(minutes=5)
    assert told.step is None
    assert told.failure is None


@has_page
def test_the_payer_is_sent_to_a_page_of_the_acquirers(bench, adapter):
    opened = adapter.create(pay_request(bench))

    assert opened.outcome in {Outcome.REQUIRES_ACTION, Outcome.PENDING}
    assert opened.step.kind in PAGE_STEPS
    assert opened.step.url.startswith(("http://127.0.0.1", "https://"))


@has_code
def test_a_code_to_scan_is_shown(bench, adapter):
    opened = adapter.create(pay_request(bench, Scene.NATIVE_QR))

    assert (opened.step.kind, bool(opened.step.url)) == (StepKind.QR_CODE, True)


@has_page
def test_the_same_request_twice_is_one_payment(bench, adapter):
    request = pay_request(bench)

    first, again = adapter.create(request), adapter.create(request)

    assert again.acquirer_no == first.acquirer_no
    # What her browser brings there itself is signed anew, for the same number.
    if Scene.H5 not in bench.local_scenes:
        assert again.step == first.step


@has_page
def test_a_number_never_stands_for_another_amount(bench, adapter):
    # Where a form is only signed, the acquirer is first asked by her browser: not by us.
    scenes = [Scene.H5, Scene.NATIVE_QR]
    request = pay_request(bench, next(s for s in scenes if s not in bench.local_scenes))
    adapter.create(request)

    with pytest.raises((AlreadyDoneError, ConfigError)):
        adapter.create(replace(request, amount=price(bench, 1)))


def test_a_number_nobody_sent_is_never_paid(bench, adapter):
    told = adapter.query(PayRef(new_number("P"), sent_at=now()))

    not_paid = {Outcome.NOT_FOUND, Outcome.UNKNOWN}
    assert told.outcome in not_paid | (set() if bench.knows_unpaid_orders else {Outcome.PENDING})


@closes
@has_page
def test_closed_once_closed_twice_and_nobody_can_pay(bench, adapter):
    opened = adapter.create(pay_request(bench))
    bench.visit(opened)

    ends = [adapter.close(ref_of(opened)).outcome for _ in range(2)]

    assert ends == [CloseOutcome.CLOSED] * 2
    assert adapter.query(ref_of(opened)).outcome is Outcome.CLOSED


@closes
def test_closing_a_paid_payment_tells_that_it_is_paid(bench, adapter):
    ref = paid(bench, adapter)

    closed = adapter.close(ref)

    assert closed.outcome is CloseOutcome.ALREADY_PAID
    assert closed.paid is None or closed.paid.amount == price(bench)
    assert adapter.query(ref).outcome is Outcome.SUCCEEDED


@ties_cards
def test_a_tied_card_pays_once_however_often_it_is_asked(bench, adapter):
    request = charge_request(bench, bench.tie_card(adapter))

    results = [adapter.pay_with_agreement(request) for _ in range(2)]

    assert [result.outcome for result in results] == [Outcome.SUCCEEDED] * 2
    assert {result.acquirer_no for result in results} == {results[0].acquirer_no}
    assert {result.amount for result in results} == {price(bench)}


@ties_cards
def test_a_declined_card_is_a_definite_no(bench, adapter):
    request = charge_request(bench, bench.tie_card(adapter, "declined"))

    with pytest.raises(DeclinedError) as caught:
        adapter.pay_with_agreement(request)

    assert caught.value.code
    assert caught.value.acquirer_code
    assert caught.value.advice
    told = adapter.query(PayRef(request.payment_no, sent_at=now()))
    assert told.outcome in {Outcome.FAILED, Outcome.NOT_FOUND, Outcome.UNKNOWN}


@may_ask
def test_a_card_that_asks_its_owner_waits_for_her(bench, adapter):
    request = charge_request(bench, bench.tie_card(adapter, "asks"))

    asked = adapter.pay_with_agreement(request)
    assert (asked.outcome, asked.step is None) == (Outcome.REQUIRES_ACTION, False)
    bench.answer_step(asked.step, request)

    assert until(lambda: succeeded(adapter, asked)).amount == price(bench)


@ties_cards
def test_a_token_of_nobody_pays_nothing(bench, adapter):
    request = charge_request(bench, ("A0", bench.nobodys_token))

    with pytest.raises(AcquirerError) as caught:
        adapter.pay_with_agreement(request)

    assert isinstance(caught.value, DeclinedError | ConfigError)
