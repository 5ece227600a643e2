"""Refunds: our long numbers in fifteen characters, and never the same money twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.acquiring.contract import (
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Outcome,
    OutcomeUnknownError,
    RefundRef,
)
from payments.adapters.ccb.refund_codes import LENGTH, refund_no_of, short_code
from payments.kernel.numbers import ALPHABET, is_number, new_number, with_check
from tests.contract.papers import price, refund_request
from tests.contract.paying import paid
from tests.waiting import until

DAYS = st.dates(date(2020, 1, 1), date(2064, 11, 8))
RANDOM = st.text(ALPHABET, min_size=12, max_size=12)


@settings(max_examples=200, deadline=None)
@given(day=DAYS, tail=RANDOM, letter=st.sampled_from("RC"))
def test_fifteen_characters_hold_a_whole_refund_number(day, tail, letter):
    number = with_check(f"{letter}{day:%y%m%d}{tail}")
    code = short_code(number)

    assert is_number(number)
    assert (len(code), code.isalnum(), code.isascii()) == (LENGTH, True, True)
    assert refund_no_of(code) == number


def test_what_is_no_refund_number_has_no_code():
    for wrong in ("", "R1", new_number("P"), new_number("R")[:-1] + "!", "R" * 20):
        with pytest.raises(ValueError, match="refund"):
            short_code(wrong)
    for wrong in ("", "short", "a" * 15, "O" * 15):
        with pytest.raises(ValueError, match="refund code"):
            refund_no_of(wrong)


def test_a_lost_answer_never_gives_back_twice(bench, ccb):
    payment = paid(bench, ccb)
    request = refund_request(bench, payment, 2769)
    with (
        bench.bank.fault("drop_after_execute", number=payment.payment_no, route="POST 5W1004"),
        pytest.raises(OutcomeUnknownError),
    ):
        ccb.refund(request)

    again = ccb.refund(request)

    assert (again.outcome, again.amount.minor) == (Outcome.SUCCEEDED, 2769)
    told = bench.bank.told(
        f"/_sim/pay/{payment.payment_no}?merchant={bench.account().settings['merchant_id']}",
        {"how": "again"},
    )
    assert told["refunded_minor"] == 2769


def test_more_than_was_paid_is_refused(bench, ccb):
    payment = paid(bench, ccb)

    with pytest.raises(DeclinedError) as caught:
        ccb.refund(refund_request(bench, payment, 19_201))

    assert caught.value.code == "refund_too_much"


def test_an_answer_about_another_amount_is_none(bench, ccb):
    payment = paid(bench, ccb)
    request = refund_request(bench, payment, 100)
    with (
        bench.bank.fault("amount_tamper", number=payment.payment_no, route="POST 5W1004"),
        pytest.raises(OutcomeUnknownError),
    ):
        ccb.refund(request)
    with pytest.raises(AlreadyDoneError):
        ccb.refund(refund_request(bench, payment, 200, refund_no=request.refund_no))


def test_a_refund_that_fails_later_says_so(bench, ccb):
    payment = paid(bench, ccb)
    request = refund_request(bench, payment, 100)
    with bench.bank.fault("refund_pending_then_fail", number=payment.payment_no):
        assert ccb.refund(request).outcome is Outcome.PENDING
    ref = RefundRef(request.refund_no, payment.payment_no)

    def failed():
        told = ccb.query_refund(ref)
        return told if told.outcome is Outcome.FAILED else None

    with bench.bank.clock_at(5):
        told = until(failed)

    assert (told.outcome, told.failure.code) == (Outcome.FAILED, "refund_rejected")


def test_old_refunds_are_found_among_the_settled(bench, ccb):
    payment = paid(bench, ccb)
    request = refund_request(bench, payment, 100)
    ccb.refund(request)
    with bench.bank.clock_at(int(timedelta(days=3).total_seconds())):
        told = ccb.query_refund(RefundRef(request.refund_no, payment.payment_no))

    assert (told.outcome, told.amount) == (Outcome.SUCCEEDED, price(bench, 100))


def test_a_wrong_operator_is_our_fault(bench):
    payment = paid(bench, bench.adapter())

    with pytest.raises(ConfigError):
        bench.adapter(user_id="nobody").refund(refund_request(bench, payment, 100))
