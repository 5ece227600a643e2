"""Notices that misbehave by rule: late, doubled, out of order, never, forged, stale."""

from __future__ import annotations

import pytest

from payments.acquiring.contract import NotificationRejectedError
from tests.payments.sandbox.merchant import Mailbox, Merchant, mailbox, number
from tests.waiting import until


def numbers(merchant: Merchant, box: Mailbox) -> list[str]:
    return [merchant.opened(raw.body)["resource"]["our_no"] for raw in list(box.received)]


@pytest.fixture(scope="module")
def adapter(sandbox_acquirer):
    return sandbox_acquirer.adapter()


def reasons(adapter, box: Mailbox) -> list[str]:
    """How our adapter judges every notice that came: a reason of rejection, or ""."""
    found = []
    for raw in list(box.received):
        try:
            adapter.verify_notification(raw)
        except NotificationRejectedError as error:
            found.append(error.reason)
        else:
            found.append("")
    return found


def pay_with_fault(merchant, sandbox, box, fault: str, **args):
    """Open an order, and pay it while a rule waits for its notice; return number and rule."""
    no = number()
    merchant.order(no, notify_url=box.url)
    rule = sandbox.told("/_faults", {"fault": fault, "number": no, "args": args})["id"]
    sandbox.sim_pay(no)
    return no, rule


def test_a_late_notice_lets_an_earlier_one_pass(merchant, sandbox_acquirer):
    with mailbox() as box:
        late, _ = pay_with_fault(merchant, sandbox_acquirer, box, "notify_delay", seconds=0.8)
        quick = number()
        merchant.order(quick, notify_url=box.url)
        sandbox_acquirer.sim_pay(quick)
        until(lambda: len(box.received) == 2)

    assert numbers(merchant, box) == [quick, late]


def test_a_held_notice_goes_after_the_next_one(merchant, sandbox_acquirer):
    with mailbox() as box:
        held, _ = pay_with_fault(merchant, sandbox_acquirer, box, "notify_reorder", seconds=30)
        next_one = number()
        merchant.order(next_one, notify_url=box.url)
        sandbox_acquirer.sim_pay(next_one)
        until(lambda: len(box.received) == 2)

    assert numbers(merchant, box) == [next_one, held]


def test_a_doubled_notice_is_the_same_event_freshly_signed(merchant, sandbox_acquirer, adapter):
    with mailbox() as box:
        pay_with_fault(merchant, sandbox_acquirer, box, "notify_duplicate", times=2)
        until(lambda: len(box.received) == 3)

    assert len({merchant.opened(raw.body)["event_id"] for raw in box.received}) == 1
    assert len({raw.headers["sandbox-nonce"] for raw in box.received}) == 3
    assert reasons(adapter, box) == ["", "", ""]


def test_a_notice_may_never_come(merchant, sandbox_acquirer):
    with mailbox() as box:
        silent, _ = pay_with_fault(merchant, sandbox_acquirer, box, "notify_never")
        loud = number()
        merchant.order(loud, notify_url=box.url)
        sandbox_acquirer.sim_pay(loud)
        until(lambda: box.received)

    assert numbers(merchant, box) == [loud]
    assert merchant.ask("GET", f"/v1/orders/{silent}")[1]["trade_state"] == "SUCCESS"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("notify_bad_signature", "signature"), ("notify_stale_timestamp", "stale")],
)
def test_a_spoiled_try_is_rejected_and_the_next_one_is_not(
    merchant, sandbox_acquirer, adapter, fault, reason
):
    with mailbox((400, b"{}")) as box:
        pay_with_fault(merchant, sandbox_acquirer, box, fault)
        until(lambda: len(box.received) == 2)

    assert reasons(adapter, box) == [reason, ""]


def test_rules_choose_notices_by_what_they_are_about(merchant, sandbox_acquirer):
    no, refund_no = number(), number("R")
    with mailbox() as box:
        merchant.order(no, notify_url=box.url)
        with sandbox_acquirer.fault("notify_never", number=no, kind="refund"):
            sandbox_acquirer.sim_pay(no)
            until(lambda: box.received)
            merchant.refund(refund_no, no, 100, notify_url=box.url)
            marker = number()
            merchant.order(marker, notify_url=box.url)
            sandbox_acquirer.sim_pay(marker)
            until(lambda: len(box.received) == 2)

    assert numbers(merchant, box) == [no, marker]
