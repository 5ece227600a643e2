"""Splits: shares within their limits, each share for itself, back again, and never twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.payments.sandbox.merchant import Merchant, cny, mailbox, number
from tests.waiting import until

GROWER, LEADER = "LUYUAN-0001", "LEADER-0001"
NO_ACCOUNT, NO_RETURN = "GONE-0404", "STUBBORN-0707"


@pytest.fixture(scope="module", autouse=True)
def _receivers(merchant):
    for account in (GROWER, LEADER, NO_ACCOUNT, NO_RETURN):
        paper = {"account": account, "name": f"收款方 {account}", "kind": "merchant"}
        assert merchant.ask("POST", "/v1/receivers", paper)[0] == 200


@pytest.fixture
def paid(merchant, sandbox_acquirer) -> str:
    no = number()
    merchant.order(no, 10000)
    sandbox_acquirer.sim_pay(no)
    return no


def share(receiver: str, minor: int) -> dict[str, Any]:
    return {"share_no": number("H"), "receiver": receiver, "amount": cny(minor)}


def split(merchant: Merchant, our_no: str, *shares: dict, **more) -> tuple[int, dict]:
    paper = {"split_no": number("S"), "our_no": our_no, "shares": list(shares)} | more
    return merchant.ask("POST", "/v1/splits", paper)


def finished(merchant: Merchant, split_no: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        _, told = merchant.ask("GET", f"/v1/splits/{split_no}")
        return told if told["split_state"] != "PROCESSING" else None

    return until(look)


def shared(merchant: Merchant, no: str) -> int:
    return merchant.ask("GET", f"/v1/orders/{no}")[1]["shared_minor"]


def test_a_split_is_under_way_and_then_done_and_told(merchant, sandbox_acquirer):
    no = number()
    with mailbox() as box:
        merchant.order(no, 10000, notify_url=box.url)
        sandbox_acquirer.sim_pay(no)
        _, begun = split(merchant, no, share(GROWER, 2000), share(LEADER, 500))
        told = finished(merchant, begun["split_no"])
        until(lambda: len(box.received) == 2)

    assert begun["split_state"] == "PROCESSING"
    assert [s["share_state"] for s in told["shares"]] == ["SUCCESS", "SUCCESS"]
    assert shared(merchant, no) == 2500
    events = {merchant.opened(raw.body)["event_type"] for raw in box.received}
    assert events == {"payment.succeeded", "split.succeeded"}


def test_each_share_succeeds_or_fails_for_itself(merchant, paid):
    _, begun = split(merchant, paid, share(GROWER, 2000), share(NO_ACCOUNT, 500))

    told = finished(merchant, begun["split_no"])

    assert told["split_state"] == "PARTIAL"
    assert [(s["share_state"], s["failure_code"]) for s in told["shares"]] == [
        ("SUCCESS", ""),
        ("FAILED", "RECEIVER_ACCOUNT_ABNORMAL"),
    ]
    assert shared(merchant, paid) == 2000


def test_a_rule_can_fail_one_share(merchant, sandbox_acquirer, paid):
    with mailbox() as box:
        shares = (share(GROWER, 2000), share(LEADER, 500))
        rule = {"number": paid, "args": {"receiver": GROWER}}
        with sandbox_acquirer.fault("split_partial", **rule):
            _, begun = split(merchant, paid, *shares, notify_url=box.url)
            until(lambda: box.received)

    told = merchant.opened(box.received[0].body)
    assert told["event_type"] == "split.failed"
    assert told["resource"]["split_no"] == begun["split_no"]
    assert [s["share_state"] for s in told["resource"]["shares"]] == ["FAILED", "SUCCESS"]


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        ([share(GROWER, 3001)], "SPLIT_TOO_MUCH"),
        ([share("NOBODY-0001", 100)], "RECEIVER_NOT_FOUND"),
        ([share(GROWER, 100), share(GROWER, 100)], "PARAM_ERROR"),
        ([], "PARAM_ERROR"),
        ([share(f"MANY-{n:04d}", 1) for n in range(51)], "PARAM_ERROR"),
    ],
)
def test_what_cannot_be_shared_is_refused_whole(merchant, paid, shares, code):
    _, refused = split(merchant, paid, *shares)

    assert refused["code"] == code
    assert shared(merchant, paid) == 0


def test_nothing_of_an_unpaid_order_is_shared(merchant):
    no = number()
    merchant.order(no, 10000)

    assert split(merchant, no, share(GROWER, 1))[1]["code"] == "ORDER_NOT_PAID"


def test_shares_and_refunds_stay_within_what_was_paid(merchant, paid):
    merchant.refund(number("R"), paid, 9000)

    too_much, fits = (
        split(merchant, paid, share(GROWER, 1001)),
        split(merchant, paid, share(GROWER, 1000)),
    )

    assert too_much[1]["code"] == "SPLIT_TOO_MUCH"
    assert fits[0] == 200


def test_a_split_number_stands_for_one_split(merchant, paid):
    paper = {"split_no": number("S"), "our_no": paid, "shares": [share(GROWER, 1000)]}

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: merchant.ask("POST", "/v1/splits", paper), range(8)))
    other = merchant.ask("POST", "/v1/splits", paper | {"shares": [share(GROWER, 1001)]})

    assert {status for status, _ in answers} == {200}
    assert len({told["acquirer_split_no"] for _, told in answers}) == 1
    assert (other[0], other[1]["code"]) == (409, "NUMBER_REUSED")
    assert shared(merchant, paid) == 1000


def test_sixteen_splits_at_once_share_no_more_than_the_limit(merchant, paid):
    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(lambda _: split(merchant, paid, share(GROWER, 700)), range(16)))

    assert sorted(status for status, _ in answers) == [200] * 4 + [409] * 12
    assert shared(merchant, paid) == 2800


def test_after_the_rest_is_released_nothing_more_is_shared(merchant, paid):
    _, begun = split(merchant, paid, share(GROWER, 100))

    released = [
        merchant.ask("POST", f"/v1/splits/{begun['split_no']}/unfreeze", {}) for _ in range(2)
    ]

    assert [told["is_released"] for _, told in released] == [True, True]
    assert split(merchant, paid, share(GROWER, 100))[1]["code"] == "SHARING_ENDED"


def give_back(merchant: Merchant, split_no: str, receiver: str, minor: int, no: str = ""):
    paper = {"return_no": no or number("B"), "split_no": split_no, "receiver": receiver}
    return merchant.ask("POST", "/v1/split-returns", paper | {"amount": cny(minor)})


def returned(merchant: Merchant, return_no: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        _, told = merchant.ask("GET", f"/v1/split-returns/{return_no}")
        return told if told["return_state"] != "PROCESSING" else None

    return until(look)


def test_a_share_comes_back_in_parts_and_not_a_fen_more(merchant, paid):
    _, begun = split(merchant, paid, share(GROWER, 2000))
    early = give_back(merchant, begun["split_no"], GROWER, 1)
    finished(merchant, begun["split_no"])

    with ThreadPoolExecutor(8) as crowd:
        answers = list(
            crowd.map(lambda _: give_back(merchant, begun["split_no"], GROWER, 600), range(8))
        )
    taken = [told["return_no"] for status, told in answers if status == 200]

    assert early[1]["code"] == "SHARE_NOT_PAID"
    assert len(taken) == 3
    assert {returned(merchant, no)["return_state"] for no in taken} == {"SUCCESS"}
    assert shared(merchant, paid) == 200


@pytest.mark.parametrize("by", ["receiver", "rule"])
def test_a_receiver_can_refuse_to_give_back(merchant, sandbox_acquirer, paid, by):
    receiver, no = NO_RETURN if by == "receiver" else GROWER, number("B")
    _, begun = split(merchant, paid, share(receiver, 2000))
    finished(merchant, begun["split_no"])

    with sandbox_acquirer.fault("split_return_fails", number=no if by == "rule" else number()):
        give_back(merchant, begun["split_no"], receiver, 2000, no)
    told = returned(merchant, no)

    assert (told["return_state"], told["failure_code"]) == ("FAILED", "RECEIVER_REFUSED")
    assert shared(merchant, paid) == 2000
    # The platform may still give the payer everything back, out of its own purse.
    assert merchant.refund(number("R"), paid, 10000)[0] == 200


def test_a_removed_receiver_gets_nothing_until_it_is_back(merchant, paid):
    account = f"GUEST-{number()[-8:]}"
    paper = {"account": account, "name": "王姐", "kind": "person"}
    merchant.ask("POST", "/v1/receivers", paper)
    merchant.ask("POST", f"/v1/receivers/{account}/remove", {})

    refused = split(merchant, paid, share(account, 100))
    renamed = merchant.ask("POST", "/v1/receivers", paper | {"name": "李哥"})
    merchant.ask("POST", "/v1/receivers", paper)

    assert refused[1]["code"] == "RECEIVER_NOT_FOUND"
    assert renamed[1]["code"] == "NUMBER_REUSED"
    assert split(merchant, paid, share(account, 100))[0] == 200
