"""Faults around a request: what a merchant sees, and what was executed all the same."""

from __future__ import annotations

import json
import time

import pytest
import requests
from cryptography.exceptions import InvalidSignature

from tests.payments.sandbox.merchant import mailbox, number, order_paper
from tests.waiting import until

LOST = requests.ConnectionError


def opened(merchant, no: str) -> bool:
    return merchant.ask("GET", f"/v1/orders/{no}")[0] == 200


def test_a_line_dropped_before_execution_leaves_nothing(merchant, sandbox_acquirer):
    no = number()

    rule = {"number": no, "route": "POST /v1/orders"}
    with sandbox_acquirer.fault("drop_before_execute", **rule), pytest.raises(LOST):
        merchant.order(no)

    assert not opened(merchant, no)


def test_a_line_dropped_after_execution_leaves_the_order(merchant, sandbox_acquirer):
    no = number()

    with sandbox_acquirer.fault("drop_after_execute", number=no, count=1):
        with pytest.raises(LOST):
            merchant.order(no)

        assert opened(merchant, no)


def test_a_500_after_execution_leaves_the_order(merchant, sandbox_acquirer):
    no = number()

    with sandbox_acquirer.fault("http_500_after_execute", number=no, count=1):
        status, data = merchant.order(no)

    assert (status, data["code"]) == (500, "SYSTEM_ERROR")
    assert opened(merchant, no)


def test_a_garbled_answer_is_signed_and_unreadable(merchant, sandbox_acquirer):
    no = number()

    rule = {"number": no, "count": 1}
    with sandbox_acquirer.fault("garbage_body", **rule), pytest.raises(requests.JSONDecodeError):
        merchant.order(no)

    assert opened(merchant, no)


def test_a_badly_signed_answer_proves_nothing(merchant, sandbox_acquirer):
    no = number()

    rule = {"number": no, "count": 1}
    with sandbox_acquirer.fault("bad_response_signature", **rule), pytest.raises(InvalidSignature):
        merchant.order(no)

    assert opened(merchant, no)


def test_an_answer_can_be_about_another_order(merchant, sandbox_acquirer):
    other, no, refund_no = number(), number(), number("R")
    merchant.order(other)

    with sandbox_acquirer.fault("response_for_other_order", number=no, count=1):
        _, order = merchant.order(no)
    sandbox_acquirer.sim_pay(no)
    with sandbox_acquirer.fault("response_for_other_order", number=refund_no, count=1):
        _, refund = merchant.refund(refund_no, no, 100)

    assert order["our_no"] not in {"", no}
    assert refund["refund_no"] != refund_no
    assert merchant.ask("GET", f"/v1/refunds/{refund_no}")[1]["refund_no"] == refund_no


@pytest.mark.parametrize("minor", [1, -1, 10_000])
def test_an_amount_can_be_told_wrong(merchant, sandbox_acquirer, minor):
    no = number()

    with sandbox_acquirer.fault("amount_tamper", number=no, count=1, args={"minor": minor}):
        _, told = merchant.order(no, 19200)

    assert told["amount"]["minor"] == 19200 + minor
    assert merchant.ask("GET", f"/v1/orders/{no}")[1]["amount"]["minor"] == 19200


@pytest.mark.parametrize("fault", ["delay", "delay_after_execute"])
def test_an_answer_can_be_slow(merchant, sandbox_acquirer, fault):
    no, began = number(), time.monotonic()

    with sandbox_acquirer.fault(fault, number=no, count=1, args={"seconds": 0.3}):
        status, _ = merchant.order(no)

    assert (status, time.monotonic() - began >= 0.3) == (200, True)


@pytest.mark.parametrize("kind", ["order", "refund"])
def test_a_notice_can_come_before_the_answer(merchant, sandbox_acquirer, kind):
    no, refund_no = number(), number("R")
    with mailbox() as box:
        if kind == "refund":
            merchant.order(no)
            sandbox_acquirer.sim_pay(no)
        named = no if kind == "order" else refund_no
        with sandbox_acquirer.fault("notify_before_response", number=named, count=1):
            if kind == "order":
                merchant.order(no, notify_url=box.url)
            else:
                merchant.refund(refund_no, no, 100, notify_url=box.url)
        told_before_the_answer = list(box.received)

    (notice,) = told_before_the_answer
    assert (
        merchant.opened(notice.body)["event_type"]
        == {
            "order": "payment.succeeded",
            "refund": "refund.succeeded",
        }[kind]
    )


def test_a_rule_strikes_from_the_nth_chance_on_and_no_more_often_than_it_may(
    merchant, sandbox_acquirer
):
    no = number()
    route = "GET /v1/orders/{our_no}"
    merchant.order(no)

    with sandbox_acquirer.fault("http_500_after_execute", number=no, route=route, after=1, count=2):
        statuses = [merchant.ask("GET", f"/v1/orders/{no}")[0] for _ in range(4)]

    assert statuses == [200, 500, 500, 200]


def test_a_rule_for_another_kind_or_number_does_not_strike(merchant, sandbox_acquirer):
    no = number()

    with (
        sandbox_acquirer.fault("drop_after_execute", number=no, kind="refund"),
        sandbox_acquirer.fault("drop_after_execute", number=number()),
        sandbox_acquirer.fault("drop_after_execute", number=no, probability=0),
    ):
        assert merchant.order(no)[0] == 200


def test_the_same_seed_gives_the_same_chances(merchant, sandbox_acquirer):
    no = number()
    merchant.order(no)

    def chances() -> list[int]:
        sandbox_acquirer.told("/_seed", {"seed": 7})
        with sandbox_acquirer.fault("http_500_after_execute", number=no, probability=0.5):
            return [merchant.ask("GET", f"/v1/orders/{no}")[0] for _ in range(12)]

    first, second = chances(), chances()

    assert first == second
    assert set(first) == {200, 500}


def test_a_request_that_proves_nothing_wakes_no_rule(merchant, sandbox_acquirer):
    no = number()
    body = json.dumps(order_paper(no)).encode()
    headers = merchant.headers("POST", "/v1/orders", body) | {"Sandbox-Signature": "AAAA"}

    with sandbox_acquirer.fault("drop_before_execute", number=no) as rule:
        assert merchant.send("POST", "/v1/orders", body, headers)[0] == 401
        listed = requests.get(f"{sandbox_acquirer.admin_url}/_faults", timeout=5).json()["rules"]

    assert [r["struck"] for r in listed if r["id"] == rule] == [0]


def test_money_can_come_after_the_close(merchant, sandbox_acquirer):
    no = number()
    with mailbox() as box:
        merchant.order(no, notify_url=box.url)
        with sandbox_acquirer.fault("pay_after_close", number=no, args={"seconds": 0.1}):
            _, closed = merchant.ask("POST", f"/v1/orders/{no}/close", {})
            until(lambda: box.received)

    assert closed["trade_state"] == "CLOSED"
    told = merchant.opened(box.received[0].body)
    assert (told["event_type"], told["resource"]["trade_state"]) == ("payment.succeeded", "SUCCESS")
    assert merchant.ask("GET", f"/v1/orders/{no}")[1]["trade_state"] == "SUCCESS"


def test_an_order_can_be_paid_twice_and_then_given_back_twice(merchant, sandbox_acquirer):
    no = number()
    with mailbox() as box:
        merchant.order(no, 19200, notify_url=box.url)
        with sandbox_acquirer.fault("double_pay", number=no):
            sandbox_acquirer.sim_pay(no)
        until(lambda: len(box.received) == 2)

    told = {merchant.opened(raw.body)["resource"]["acquirer_no"] for raw in box.received}
    _, order = merchant.ask("GET", f"/v1/orders/{no}")
    (further,) = order["further_payments"]
    assert told == {order["acquirer_no"], further["acquirer_no"]}
    assert further["amount"] == {"minor": 19200, "currency": "CNY"}
    assert merchant.refund(number("R"), no, 38400)[0] == 200
    assert merchant.refund(number("R"), no, 1)[0] == 409
