"""The sandbox's less usual endings in our words: abnormal, returned, cancelled, partly shared."""

from __future__ import annotations

import pytest

from payments.acquiring.contract import (
    DeclinedError,
    NotifyKind,
    Outcome,
    OutcomeUnknownError,
    RefundRef,
    RefundRequest,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitReturn,
    SplitReturnResult,
    SplitShare,
    TransferRef,
    TransferRequest,
)
from payments.adapters.sandbox.adapter import SandboxAdapter, read_event
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests.payments.sandbox.merchant import Merchant
from tests.waiting import until

PAID = Money(19200)
GROWER = SplitReceiver("LUYUAN-0009", "绿源果业")
GONE = SplitReceiver("CLOSED-0404", "已销户")


@pytest.fixture(scope="module")
def adapter(sandbox_acquirer) -> SandboxAdapter:
    return sandbox_acquirer.adapter(read_seconds=3.0)


@pytest.fixture
def paid_no(sandbox_acquirer) -> str:
    no = new_number("P")
    Merchant(sandbox_acquirer.base_url, sandbox_acquirer.keys_dir).order(no, PAID.minor)
    sandbox_acquirer.sim_pay(no)
    return no


def refund(no: str, payment_no: str) -> RefundRequest:
    return RefundRequest(no, payment_no, Money(100), PAID, "shortage", "")


def transfer(no: str, account: str) -> TransferRequest:
    return TransferRequest(no, Money(2080), "王姐", account, "佣金", "")


def test_a_refund_to_a_closed_account_is_abnormal(adapter, sandbox_acquirer, paid_no):
    no = new_number("R")

    with sandbox_acquirer.fault("refund_abnormal", number=no, args={"seconds": 0}):
        told = adapter.refund(refund(no, paid_no))

    assert (told.outcome, told.failure.code) == (Outcome.ABNORMAL, "payer_account_closed")


def test_a_refund_that_came_back_has_failed(adapter, sandbox_acquirer, paid_no):
    no = new_number("R")
    done = adapter.refund(refund(no, paid_no))

    sandbox_acquirer.told(f"/_sim/refund-fails/{no}")
    told = adapter.query_refund(RefundRef(no, paid_no))

    assert done.outcome is Outcome.SUCCEEDED
    assert (told.outcome, told.failure.code) == (Outcome.FAILED, "returned")


def test_a_transfer_waits_is_cancelled_and_stays_so(adapter):
    no = new_number("T")

    waiting = adapter.transfer(transfer(no, "62170606"))
    ends = [adapter.cancel_transfer(TransferRef(no)) for _ in range(2)]

    assert waiting.outcome is Outcome.REQUIRES_ACTION
    assert [end.outcome for end in ends] == [Outcome.CLOSED] * 2
    assert ends[0].failure.code == "cancelled"
    assert adapter.cancel_transfer(TransferRef(new_number("T"))).outcome is Outcome.NOT_FOUND


def test_a_transfer_too_late_to_cancel_says_how_it_is(adapter):
    no = new_number("T")
    adapter.transfer(transfer(no, "62170001"))

    assert adapter.cancel_transfer(TransferRef(no)).outcome in {Outcome.PENDING, Outcome.SUCCEEDED}


def test_a_transfer_that_came_back_has_failed(adapter):
    no = new_number("T")
    adapter.transfer(transfer(no, "62170505"))

    def returned():
        told = adapter.query_transfer(TransferRef(no))
        return told if told.outcome is Outcome.FAILED else None

    assert until(returned).failure.code == "returned"


def shares_of(*receivers: SplitReceiver) -> tuple[SplitShare, ...]:
    return tuple(SplitShare(new_number("H"), r.account, Money(1000)) for r in receivers)


def finished(adapter, request: SplitRequest):
    def look():
        told = adapter.query_split(SplitRef(request.split_no, request.payment_no))
        return told if told.outcome is not Outcome.PENDING else None

    return until(look)


def test_each_share_tells_for_itself(adapter, paid_no):
    for receiver in (GROWER, GONE):
        adapter.add_receiver(receiver)
    request = SplitRequest(new_number("S"), paid_no, "", shares_of(GROWER, GONE))

    begun = adapter.split(request)
    told = finished(adapter, request)

    assert (begun.outcome, told.outcome) == (Outcome.PENDING, Outcome.FAILED)
    assert [share.outcome for share in told.shares] == [Outcome.SUCCEEDED, Outcome.FAILED]
    assert told.shares[1].failure.code == "receiver_account_abnormal"


def test_an_unknown_split_is_not_found_and_a_removed_receiver_declined(adapter, paid_no):
    guest = SplitReceiver(f"GUEST-{new_number('G')}", "王姐", "person")
    adapter.add_receiver(guest)
    for _ in range(2):
        adapter.remove_receiver(guest)
    adapter.remove_receiver(SplitReceiver("NEVER-KNOWN", "谁"))

    with pytest.raises(DeclinedError) as caught:
        adapter.split(SplitRequest(new_number("S"), paid_no, "", shares_of(guest)))

    assert caught.value.code == "receiver_not_found"
    assert adapter.query_split(SplitRef(new_number("S"), paid_no)).outcome is Outcome.NOT_FOUND


def test_an_answer_about_other_shares_is_no_answer(adapter, sandbox_acquirer, paid_no):
    adapter.add_receiver(GROWER)
    request = SplitRequest(new_number("S"), paid_no, "", shares_of(GROWER))

    with (
        sandbox_acquirer.fault("amount_tamper", number=request.split_no, count=1),
        pytest.raises(OutcomeUnknownError),
    ):
        adapter.split(request)

    assert finished(adapter, request).outcome is Outcome.SUCCEEDED
    back = SplitReturn(new_number("B"), request.split_no, GROWER.account, Money(400))
    with (
        sandbox_acquirer.fault("response_for_other_order", number=back.return_no, count=1),
        pytest.raises(OutcomeUnknownError),
    ):
        adapter.split_return(back)
    until(lambda: adapter.split_return(back).outcome is Outcome.SUCCEEDED)
    released = adapter.unfreeze(SplitRef(request.split_no, paid_no))
    assert released.split_no == request.split_no


def test_a_returned_share_is_read_from_its_notice():
    resource = {
        "merchant_id": "M001",
        "return_no": "B0000001",
        "acquirer_return_no": "SQ1",
        "split_no": "S0000001",
        "share_no": "H0000001",
        "receiver": "LUYUAN-0009",
        "amount": {"minor": 400, "currency": "CNY"},
        "return_state": "FAILED",
        "failure_code": "RECEIVER_REFUSED",
        "created_at": "2026-11-22T01:02:03.004Z",
        "completed_at": "2026-11-22T01:02:04.004Z",
    }

    event = read_event(
        {
            "event_id": "EV1",
            "event_type": "split_return.failed",
            "created_at": "2026-11-22T01:02:04.004Z",
            "resource": resource,
        }
    )

    assert event.kind is NotifyKind.SPLIT
    assert isinstance(event.result, SplitReturnResult)
    assert (event.result.outcome, event.result.failure.code) == (Outcome.FAILED, "receiver_refused")
