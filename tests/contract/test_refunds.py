"""Giving back: in parts, under our number, and what a payment cannot give is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments.acquiring.contract import (
    AcquirerAdapter,
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Outcome,
    RefundRef,
    RefundRequest,
    RefundResult,
)
from payments.kernel.clock import now
from payments.kernel.numbers import new_number
from tests.contract.bench import Bench
from tests.contract.papers import PRICE_MINOR, price, refund_request
from tests.contract.paying import paid
from tests.waiting import until

refunds = pytest.mark.needs(lambda caps: caps.refund_window_days > 0)
in_parts = pytest.mark.needs(lambda caps: caps.multi_refund)


def refunded(bench: Bench, adapter: AcquirerAdapter, request: RefundRequest) -> RefundResult:
    """Give back, and ask until it is done."""
    said = adapter.refund(request)
    ref = RefundRef(
        request.refund_no, request.payment_no, said.acquirer_refund_no, sent_at=request.sent_at
    )

    def done() -> RefundResult | None:
        bench.work_off()
        told = adapter.query_refund(ref)
        return told if told.outcome is Outcome.SUCCEEDED else None

    return until(done)


@refunds
def test_all_of_it_goes_back(bench, adapter):
    request = refund_request(bench, paid(bench, adapter), PRICE_MINOR)

    told = refunded(bench, adapter, request)

    assert (told.refund_no, told.amount) == (request.refund_no, price(bench))
    assert told.payment_no in {"", request.payment_no}
    assert told.merchant_id in {"", adapter.merchant_id}


@in_parts
def test_it_goes_back_in_parts(bench, adapter):
    payment = paid(bench, adapter)

    parts = [refund_request(bench, payment, minor) for minor in (2769, 277, PRICE_MINOR - 3046)]
    told = [refunded(bench, adapter, part) for part in parts]

    assert [part.amount.minor for part in told] == [2769, 277, PRICE_MINOR - 3046]
    assert len({part.acquirer_refund_no for part in told}) == 3


@refunds
def test_the_same_refund_twice_is_one_refund(bench, adapter):
    request = refund_request(bench, paid(bench, adapter), 100)

    first, again = adapter.refund(request), adapter.refund(request)

    assert again.acquirer_refund_no == first.acquirer_refund_no


@in_parts
def test_a_refund_number_never_stands_for_another_amount(bench, adapter):
    request = refund_request(bench, paid(bench, adapter), 100)
    adapter.refund(request)

    with pytest.raises((AlreadyDoneError, ConfigError)):
        adapter.refund(replace(request, amount=price(bench, 200)))


@refunds
def test_a_refund_nobody_asked_for_is_not_done(bench, adapter):
    payment = paid(bench, adapter)

    told = adapter.query_refund(RefundRef(new_number("R"), payment.payment_no, sent_at=now()))

    assert told.outcome in {Outcome.NOT_FOUND, Outcome.UNKNOWN}


@refunds
def test_nothing_goes_back_of_a_payment_nobody_knows(bench, adapter):
    payment = paid(bench, adapter)
    stranger = replace(payment, payment_no=new_number("P"), acquirer_no="nobody")

    with pytest.raises((DeclinedError, ConfigError)):
        adapter.refund(refund_request(bench, stranger, 100))
