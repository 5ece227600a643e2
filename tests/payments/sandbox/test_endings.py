"""How refunds, transfers and agreements end: failed, abnormal, back again, cancelled, revoked."""

from __future__ import annotations

import pytest
import requests

from tests.payments.sandbox.merchant import Merchant, cny, mailbox, number, order_paper
from tests.waiting import until


@pytest.fixture
def paid(merchant, sandbox_acquirer) -> str:
    no = number()
    merchant.order(no, 19200)
    sandbox_acquirer.sim_pay(no)
    return no


def refund_state(merchant: Merchant, refund_no: str) -> tuple[str, str]:
    _, refund = merchant.ask("GET", f"/v1/refunds/{refund_no}")
    return refund["refund_state"], refund["failure_code"]


def refundable(merchant: Merchant, no: str) -> int:
    _, order = merchant.ask("GET", f"/v1/orders/{no}")
    return order["amount"]["minor"] - order["refunded_minor"]


def test_a_refund_can_be_under_way_and_then_fail(merchant, sandbox_acquirer, paid):
    no = number("R")
    with mailbox() as box:
        with sandbox_acquirer.fault("refund_pending_then_fail", number=no, args={"seconds": 0.2}):
            _, begun = merchant.refund(no, paid, 5000, notify_url=box.url)
        until(lambda: box.received)

    assert begun["refund_state"] == "PROCESSING"
    assert merchant.opened(box.received[0].body)["event_type"] == "refund.failed"
    assert refund_state(merchant, no) == ("FAILED", "REFUND_REJECTED")
    assert refundable(merchant, paid) == 19200
    assert merchant.refund(number("R"), paid, 19200)[1]["refund_state"] == "SUCCESS"


def test_a_refund_to_a_closed_account_waits_for_a_person(merchant, sandbox_acquirer, paid):
    no = number("R")
    with mailbox() as box:
        with sandbox_acquirer.fault("refund_abnormal", number=no, args={"seconds": 0}):
            merchant.refund(no, paid, 5000, notify_url=box.url)
        assert refund_state(merchant, no) == ("ABNORMAL", "PAYER_ACCOUNT_CLOSED")
        assert refundable(merchant, paid) == 14200
        sandbox_acquirer.told(f"/_sim/refund-ends/{no}", {"state": "SUCCESS"})
        until(lambda: len(box.received) == 2)

    events = {merchant.opened(raw.body)["event_type"] for raw in box.received}
    assert events == {"refund.abnormal", "refund.succeeded"}
    assert refund_state(merchant, no) == ("SUCCESS", "")
    again = sandbox_acquirer.admin(f"/_sim/refund-ends/{no}", {"state": "FAILED"})
    assert again.json()["code"] == "REFUND_OVER"


@pytest.mark.parametrize("by", ["rule", "hand"])
def test_a_refund_that_succeeded_can_come_back(merchant, sandbox_acquirer, paid, by):
    no = number("R")
    with mailbox() as box:
        rule = {"number": no if by == "rule" else number(), "args": {"seconds": 0.2}}
        with sandbox_acquirer.fault("refund_fail_after_success", **rule):
            _, done = merchant.refund(no, paid, 5000, notify_url=box.url)
        if by == "hand":
            sandbox_acquirer.told(f"/_sim/refund-fails/{no}")
        until(lambda: len(box.received) == 2)

    assert done["refund_state"] == "SUCCESS"
    assert refund_state(merchant, no) == ("FAILED", "RETURNED_BY_BANK")
    assert refundable(merchant, paid) == 19200


def transfer(merchant: Merchant, no: str, account: str = "6217000000000001", **more):
    paper = {"transfer_no": no, "amount": cny(2080), "payee_name": "王姐"}
    return merchant.ask("POST", "/v1/transfers", paper | {"payee_account": account} | more)


def transfer_state(merchant: Merchant, no: str) -> str:
    return merchant.ask("GET", f"/v1/transfers/{no}")[1]["transfer_state"]


def test_a_transfer_waits_for_its_payee_and_goes_on(merchant, sandbox_acquirer):
    no = number("T")

    _, begun = transfer(merchant, no, "62170606")
    sandbox_acquirer.told(f"/_sim/confirm-transfer/{no}")

    assert begun["transfer_state"] == "WAIT_USER_CONFIRM"
    until(lambda: transfer_state(merchant, no) == "SUCCESS")
    twice = sandbox_acquirer.admin(f"/_sim/confirm-transfer/{no}")
    assert twice.json()["code"] == "TRANSFER_NOT_WAITING"


def test_a_waiting_transfer_is_cancelled_once_and_a_done_one_not(merchant):
    waiting, done = number("T"), number("T")
    transfer(merchant, waiting, "62170606")
    transfer(merchant, done)
    until(lambda: transfer_state(merchant, done) == "SUCCESS")

    cancelled = [merchant.ask("POST", f"/v1/transfers/{waiting}/cancel", {}) for _ in range(2)]
    refused = merchant.ask("POST", f"/v1/transfers/{done}/cancel", {})

    assert [t["transfer_state"] for _, t in cancelled] == ["CANCELLED"] * 2
    assert (refused[0], refused[1]["code"]) == (409, "TRANSFER_NOT_CANCELLABLE")
    assert refused[1]["detail"]["transfer"]["transfer_state"] == "SUCCESS"


def test_a_payee_who_never_confirms_gets_nothing(merchant, sandbox_acquirer):
    no = number("T")
    rule = {"number": no, "args": {"seconds": 0.2}}
    with mailbox() as box:
        with sandbox_acquirer.fault("transfer_user_never_confirms", **rule):
            transfer(merchant, no, notify_url=box.url)
        until(lambda: box.received)

    told = merchant.opened(box.received[0].body)
    assert (told["event_type"], told["resource"]["failure_code"]) == (
        "transfer.cancelled",
        "CONFIRM_TIMEOUT",
    )


@pytest.mark.parametrize("by", ["rule", "account", "hand"])
def test_a_transfer_that_succeeded_can_come_back(merchant, sandbox_acquirer, by):
    no = number("T")
    named = no if by == "rule" else number()
    with sandbox_acquirer.fault("transfer_returned", number=named, args={"seconds": 0}):
        transfer(merchant, no, "62170505" if by == "account" else "62170001")
    if by == "hand":
        until(lambda: transfer_state(merchant, no) == "SUCCESS")
        sandbox_acquirer.told(f"/_sim/return-transfer/{no}")

    until(lambda: transfer_state(merchant, no) == "RETURNED")


@pytest.fixture
def tied(merchant, sandbox_acquirer) -> tuple[str, str]:
    """A tied card: the agreement's number and its token."""
    no = number("A")
    merchant.ask("POST", "/v1/agreements", {"agreement_no": no, "owner_ref": "u1"})
    holder = {"bin": "622168", "name": "李小娟", "phone": "13800138000"}
    sandbox_acquirer.told(f"/_sim/sign/{no}", holder)
    return no, merchant.ask("GET", f"/v1/agreements/{no}")[1]["token"]


def charge(merchant: Merchant, token: str, no: str) -> tuple[int, dict]:
    paper = order_paper(no) | {"agreement_token": token}
    return merchant.ask("POST", "/v1/agreement-payments", paper)


@pytest.mark.parametrize(("path", "status"), [("revoke", "REVOKED"), ("expire", "EXPIRED")])
def test_an_agreement_ends_on_the_banks_side(merchant, sandbox_acquirer, tied, path, status):
    no, token = tied

    sandbox_acquirer.told(f"/_sim/{path}/{no}")

    refused = charge(merchant, token, number())
    assert merchant.ask("GET", f"/v1/agreements/{no}")[1]["status"] == status
    assert (refused[0], refused[1]["code"]) == (422, "AGREEMENT_NOT_ACTIVE")


def test_the_owner_can_revoke_just_before_a_charge(merchant, sandbox_acquirer, tied):
    no, token = tied
    paid, refused = number(), number()
    charge(merchant, token, paid)

    with sandbox_acquirer.fault("agreement_revoked_by_user", number=no):
        again, late = charge(merchant, token, paid), charge(merchant, token, refused)

    assert again[1]["trade_state"] == "SUCCESS"
    assert (late[0], late[1]["code"]) == (422, "AGREEMENT_NOT_ACTIVE")
    assert merchant.ask("GET", f"/v1/agreements/{no}")[1]["status"] == "REVOKED"
    assert merchant.ask("GET", f"/v1/orders/{refused}")[0] == 404


def test_the_clock_is_read_and_moved(sandbox_acquirer):
    url = f"{sandbox_acquirer.admin_url}/_clock"

    with sandbox_acquirer.clock_at(-86_400):
        moved = requests.get(url, timeout=5).json()["offset_seconds"]
        refused = [sandbox_acquirer.admin("/_clock", wrong) for wrong in ({}, {"now": "soon"})]

    assert moved == -86_400
    assert [answer.status_code for answer in refused] == [400, 400]
    assert requests.get(url, timeout=5).json()["offset_seconds"] == 0
