"""The protocol over real HTTP: who may ask, what is refused, what repeats, what races."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.payments.sandbox.merchant import cny, number, order_paper, soon
from tests.waiting import until


def test_a_signed_request_is_answered_with_a_signed_answer(merchant):
    no = number()

    status, order = merchant.order(no)

    assert (status, order["our_no"], order["trade_state"]) == (200, no, "NOTPAY")
    assert order["amount"] == {"minor": 19200, "currency": "CNY"}
    assert order["merchant_id"] == merchant.facts["merchant_id"]


def refused(merchant, headers: dict[str, str], body: bytes = b"{}") -> tuple[int, str]:
    status, data = merchant.send("POST", "/v1/orders", body, headers)
    return status, data["code"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Sandbox-Signature": "AAAA"}, "SIGN_ERROR"),
        ({"Sandbox-Signature": ""}, "SIGN_ERROR"),
        ({"Sandbox-Nonce": "0123456789abcdef0"}, "SIGN_ERROR"),
        ({"Sandbox-Merchant": "OTHER"}, "MERCHANT_UNKNOWN"),
        ({"Sandbox-Serial": "OTHER"}, "MERCHANT_UNKNOWN"),
        ({"Sandbox-Timestamp": "1"}, "STALE_REQUEST"),
        ({"Sandbox-Timestamp": "now"}, "STALE_REQUEST"),
        ({"nonce": "short"}, "SIGN_ERROR"),
    ],
)
def test_a_request_that_proves_nothing_is_refused(merchant, changed, code):
    headers = merchant.headers("POST", "/v1/orders", b"{}", **changed)

    assert refused(merchant, headers) == (401, code)


@pytest.mark.parametrize("seconds", [-301, 600])
def test_a_request_of_another_time_is_refused(merchant, seconds):
    stamp = str(int(time.time()) + seconds)
    headers = merchant.headers("POST", "/v1/orders", b"{}", stamp=stamp)

    assert refused(merchant, headers) == (401, "STALE_REQUEST")


def test_a_tampered_body_is_refused_and_opens_nothing(merchant):
    no = number()
    body = json.dumps(order_paper(no, 19200)).encode()
    headers = merchant.headers("POST", "/v1/orders", body)

    status, data = merchant.send("POST", "/v1/orders", body.replace(b"19200", b"00001"), headers)

    assert (status, data["code"]) == (401, "SIGN_ERROR")
    assert merchant.ask("GET", f"/v1/orders/{no}")[0] == 404


def test_a_signature_for_another_path_or_query_is_refused(merchant):
    no = number()
    merchant.order(no)
    headers = merchant.headers("GET", f"/v1/orders/{no}", b"")

    status, data = merchant.send("GET", f"/v1/orders/{no}?all=1", b"", headers)

    assert (status, data["code"]) == (401, "SIGN_ERROR")


def test_a_replayed_request_is_refused(merchant):
    body = json.dumps(order_paper(number())).encode()
    headers = merchant.headers("POST", "/v1/orders", body)
    merchant.send("POST", "/v1/orders", body, headers)

    status, data = merchant.send("POST", "/v1/orders", body, headers)

    assert (status, data["code"]) == (401, "NONCE_REUSED")


@pytest.mark.parametrize(
    "wrong",
    [
        {"our_no": "x"},
        {"our_no": "with space"},
        {"amount": {"minor": 0, "currency": "CNY"}},
        {"amount": {"minor": -5, "currency": "CNY"}},
        {"amount": {"minor": 1.5, "currency": "CNY"}},
        {"amount": {"minor": True, "currency": "CNY"}},
        {"amount": {"minor": 10**13, "currency": "CNY"}},
        {"amount": {"minor": 5, "currency": "USD"}},
        {"amount": 5},
        {"subject": ""},
        {"subject": "x" * 121},
        {"subject": "half a \ud83c character"},
        {"subject": "a\nline"},
        {"expires_at": "tomorrow"},
        {"expires_at": "2027-01-01T00:00:00"},
        {"return_url": "javascript:alert(1)"},
        {"notify_url": 5},
    ],
)
def test_a_request_that_cannot_be_read_is_refused(merchant, wrong):
    status, data = merchant.ask("POST", "/v1/orders", order_paper(number()) | wrong)

    assert (status, data["code"]) == (400, "PARAM_ERROR")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'"text"'])
def test_a_body_that_is_no_object_is_refused(merchant, body):
    headers = merchant.headers("POST", "/v1/orders", body)

    assert refused(merchant, headers, body) == (400, "PARAM_ERROR")


def test_an_oversized_body_is_refused(merchant):
    body = b"{" + b" " * 70_000 + b"}"
    answer = requests.post(
        f"{merchant.base_url}/v1/orders",
        data=body,
        headers=merchant.headers("POST", "/v1/orders", body),
        timeout=10,
    )

    assert answer.status_code == 413


def test_notices_go_only_where_the_operator_allows(merchant):
    for url in ("http://169.254.169.254/", "ftp://127.0.0.1/", "http://a@127.0.0.1/", "//x"):
        status, data = merchant.order(number(), notify_url=url)
        assert (status, data["code"]) == (400, "NOTIFY_URL_NOT_ALLOWED"), url


def test_a_number_stands_for_one_content(merchant):
    no = number()
    _, first = merchant.order(no)

    again = merchant.order(no, expires_at=soon(60))
    other_amount = merchant.order(no, 19201)
    other_subject = merchant.order(no, subject="苹果")

    assert again == (200, first)
    assert (other_amount[0], other_amount[1]["code"]) == (409, "NUMBER_REUSED")
    assert (other_subject[0], other_subject[1]["code"]) == (409, "NUMBER_REUSED")


def test_sixteen_at_once_open_one_order(merchant):
    no = number()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: merchant.order(no), range(16)))

    assert {status for status, _ in answers} == {200}
    assert len({order["acquirer_no"] for _, order in answers}) == 1


def test_sixteen_refunds_at_once_give_back_no_more_than_was_paid(merchant, sandbox_acquirer):
    no = number()
    merchant.order(no, 19200)
    sandbox_acquirer.sim_pay(no)

    def refund(_: int) -> tuple[int, dict]:
        paper = {
            "refund_no": number("R"),
            "our_no": no,
            "amount": {"minor": 3000, "currency": "CNY"},
        }
        return merchant.ask("POST", "/v1/refunds", paper)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(refund, range(16)))

    assert sorted(status for status, _ in answers) == [200] * 6 + [409] * 10
    assert merchant.ask("GET", f"/v1/orders/{no}")[1]["refunded_minor"] == 18000


def test_eight_times_the_same_at_once_happens_once(merchant, sandbox_acquirer):
    no = number()
    merchant.order(no, 19200)
    sandbox_acquirer.sim_pay(no)
    refund_no, transfer_no = number("R"), number("T")
    payee = {"payee_name": "王姐", "payee_account": "62170000", "amount": cny(2080)}

    with ThreadPoolExecutor(8) as pool:
        refunds = list(pool.map(lambda _: merchant.refund(refund_no, no, 3000), range(8)))
        transfers = list(
            pool.map(
                lambda _: merchant.ask(
                    "POST", "/v1/transfers", {"transfer_no": transfer_no} | payee
                ),
                range(8),
            )
        )

    assert len({told["acquirer_refund_no"] for _, told in refunds}) == 1
    assert len({told["acquirer_transfer_no"] for _, told in transfers}) == 1
    assert merchant.ask("GET", f"/v1/orders/{no}")[1]["refunded_minor"] == 3000


def test_paying_and_closing_at_once_end_in_one_of_the_two(merchant, sandbox_acquirer):
    ends = []
    for _ in range(8):
        no = number()
        merchant.order(no)
        with ThreadPoolExecutor(2) as pool:
            pay = pool.submit(sandbox_acquirer.admin, f"/_sim/pay/{no}")
            close = pool.submit(merchant.ask, "POST", f"/v1/orders/{no}/close", {})
        state = merchant.ask("GET", f"/v1/orders/{no}")[1]["trade_state"]
        ends.append((state, pay.result().status_code, close.result()[0]))

    assert set(ends) <= {("SUCCESS", 200, 409), ("CLOSED", 409, 200)}


def test_closing_a_paid_order_says_that_it_is_paid(merchant, sandbox_acquirer):
    no = number()
    merchant.order(no)
    sandbox_acquirer.sim_pay(no)

    status, data = merchant.ask("POST", f"/v1/orders/{no}/close", {})

    assert (status, data["code"]) == (409, "ORDER_PAID")
    assert data["detail"]["order"]["trade_state"] == "SUCCESS"


def test_an_order_closes_by_itself_when_its_time_is_over(merchant):
    no = number()
    merchant.order(no, expires_at=soon(0.3))

    until(lambda: merchant.ask("GET", f"/v1/orders/{no}")[1]["trade_state"] == "CLOSED")


def test_a_day_that_is_not_over_has_no_bill_yet(merchant):
    status, data = merchant.ask("GET", "/v1/bills/2999-12-31?kind=trade")

    assert (status, data["code"]) == (404, "BILL_NOT_READY")
    assert data["detail"]["retry_at"] == "2999-12-31T17:00:00.000Z"


def test_outside_the_protocol_nothing_answers(sandbox_acquirer):
    base = sandbox_acquirer.base_url

    assert requests.get(f"{base}/v1/orders", timeout=5).status_code == 405
    assert requests.get(f"{base}/v1/nothing", timeout=5).status_code == 404


def test_health_is_open_to_all(sandbox_acquirer):
    answer = requests.get(f"{sandbox_acquirer.base_url}/healthz", timeout=5)

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
