"""What our adapter makes of an acquirer that misbehaves: no answer it can trust is no answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payments.acquiring.contract import (
    CloseOutcome,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    RefundRef,
    RefundRequest,
    Scene,
)
from payments.adapters.sandbox.adapter import SandboxAdapter
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests.waiting import until

PAID = Money(19200)
UNTRUSTWORTHY = [
    "drop_after_execute",
    "http_500_after_execute",
    "garbage_body",
    "bad_response_signature",
    "response_for_other_order",
    "amount_tamper",
]


@pytest.fixture(scope="module")
def adapter(sandbox_acquirer) -> SandboxAdapter:
    return sandbox_acquirer.adapter(read_seconds=1.0)


def opened(adapter, no: str, **changes):
    asked = PayRequest(
        payment_no=no,
        amount=PAID,
        subject="荔枝",
        scene=Scene.H5,
        expires_at=now() + timedelta(minutes=15),
        notify_url="",
        return_url="http://127.0.0.1:1/back",
    )
    return adapter.create(replace(asked, **changes))


@pytest.fixture
def paid_no(adapter, sandbox_acquirer) -> str:
    no = new_number("P")
    opened(adapter, no)
    sandbox_acquirer.sim_pay(no)
    return no


@pytest.mark.parametrize("fault", UNTRUSTWORTHY)
def test_a_payment_that_was_opened_is_unknown_and_found_by_asking(adapter, sandbox_acquirer, fault):
    no = new_number("P")

    rule = {"number": no, "count": 1}
    with sandbox_acquirer.fault(fault, **rule), pytest.raises(OutcomeUnknownError):
        opened(adapter, no)

    assert adapter.query(PayRef(no)).outcome is Outcome.REQUIRES_ACTION


@pytest.mark.parametrize("fault", UNTRUSTWORTHY)
def test_a_refund_that_was_made_is_unknown_and_never_made_again(
    adapter, sandbox_acquirer, paid_no, fault
):
    request = RefundRequest(new_number("R"), paid_no, Money(12000), PAID, "shortage", "")

    rule = {"number": request.refund_no, "count": 1}
    with sandbox_acquirer.fault(fault, **rule), pytest.raises(OutcomeUnknownError):
        adapter.refund(request)
    again = adapter.refund(request)

    assert again.outcome is Outcome.SUCCEEDED
    assert adapter.query_refund(RefundRef(request.refund_no, paid_no)).amount == Money(12000)
    assert adapter.query(PayRef(paid_no)).raw["refunded_minor"] == 12000


def test_a_request_lost_on_its_way_is_unknown_and_was_never_executed(adapter, sandbox_acquirer):
    no = new_number("P")

    rule = {"number": no, "count": 1}
    with sandbox_acquirer.fault("drop_before_execute", **rule), pytest.raises(OutcomeUnknownError):
        opened(adapter, no)

    assert adapter.query(PayRef(no)).outcome is Outcome.NOT_FOUND


def test_a_close_without_an_answer_is_asked_again(adapter, sandbox_acquirer):
    no = new_number("P")
    opened(adapter, no)

    rule = {"number": no, "count": 1}
    with sandbox_acquirer.fault("drop_after_execute", **rule), pytest.raises(OutcomeUnknownError):
        adapter.close(PayRef(no))

    assert adapter.close(PayRef(no)).outcome is CloseOutcome.CLOSED


def test_money_after_the_close_is_found_by_asking(adapter, sandbox_acquirer):
    no = new_number("P")
    opened(adapter, no)

    with sandbox_acquirer.fault("pay_after_close", number=no, args={"seconds": 0}):
        closed = adapter.close(PayRef(no))
        until(lambda: adapter.query(PayRef(no)).outcome is Outcome.SUCCEEDED)

    assert closed.outcome is CloseOutcome.CLOSED
    assert adapter.close(PayRef(no)).outcome is CloseOutcome.ALREADY_PAID
