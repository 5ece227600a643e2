"""Answers: proven over exact characters, whatever stands in their texts; nothing twice."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.acquiring.contract import (
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Outcome,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.adapters.alipay import wire
from payments.adapters.alipay.codes import Answer
from payments.adapters.alipay.messages import read_refund, read_tenders, read_trade, subject_of
from payments.kernel.money import Money
from tests.payments.alipay.papers import PROFILE, answer, keys

METHOD = "alipay.trade.query"
GOOD = {"code": "10000", "msg": "Success"}


def read(body: bytes):
    return wire.proven_node(keys(), body, METHOD).data


@pytest.mark.parametrize(
    "text",
    ["}", '"}', '{"a":1}', "\\", '\\"}', "荔枝{", "😀}", "\u2028", '","sign":"x', "a\\u007db"],
)
def test_brackets_and_quotes_inside_texts_end_nothing(text):
    assert read(answer({**GOOD, "subject": text}))["subject"] == text


def test_spaces_slashes_and_escapes_are_signed_as_they_stand():
    node = '{ "code" : "10000",\n "url":"http:\\/\\/a\\/b", "name":"\\u8354\\u679d" }'

    assert read(answer(node))["name"] == "荔枝"
    with pytest.raises(OutcomeUnknownError):
        read(answer(node).replace(b"http:\\/\\/a", b"http://a"))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(
            b'{"alipay_trade', b'{"alipay_trade_query_response":{},"alipay_trade', 1
        ),
        lambda body: body.replace(b'"code"', b'"code": "40004", "code"', 1),
        lambda body: body + b"{}",
        lambda body: body.replace(b"alipay_trade_query", b"alipay_trade_close"),
        lambda body: body.replace(b'"sign"', b'"sign":"","sign"'),
        lambda body: body.replace("成".encode(), "成".encode("gbk")),
        lambda body: body[:-1],
        lambda body: b"[" * 100_000,
        lambda body: b'{"alipay_trade_query_response":' + b'{"a":' * 50_000,
        lambda body: b'{"alipay_trade_query_response":{"n":' + b"9" * 5000 + b"}}",
        lambda body: b"\xef\xbb\xbf" + body,
    ],
)
def test_an_answer_that_says_things_twice_or_otherwise_is_none(change):
    good = answer({**GOOD, "msg": "成功"})
    assert read(good)["msg"] == "成功"

    with pytest.raises(OutcomeUnknownError):
        read(change(good))


def test_another_key_and_no_signature_prove_nothing():
    with pytest.raises(OutcomeUnknownError):
        read(answer(GOOD, by="stranger"))
    with pytest.raises(OutcomeUnknownError):
        read(b'{"alipay_trade_query_response":{"code":"10000","trade_status":"TRADE_SUCCESS"}}')
    with pytest.raises(OutcomeUnknownError):
        read(answer(GOOD, alipay_cert_sn="0" * 32))


def test_an_unsigned_refusal_of_our_request_calls_an_operator():
    unsigned = {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-app-id"}

    with pytest.raises(ConfigError):
        read(json.dumps({"error_response": unsigned}).encode())
    with pytest.raises(OutcomeUnknownError):
        read(json.dumps({"error_response": {**unsigned, "code": "40004"}}).encode())


@pytest.mark.parametrize(
    ("code", "sub_code", "error"),
    [
        ("20000", "isp.unknow-error", OutcomeUnknownError),
        ("40004", "ACQ.SYSTEM_ERROR", OutcomeUnknownError),
        ("40004", "ACQ.NEVER_HEARD_OF", OutcomeUnknownError),
        ("40004", "ACQ.TRADE_HAS_SUCCESS", AlreadyDoneError),
        ("40004", "ACQ.CONTEXT_INCONSISTENT", AlreadyDoneError),
        ("40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH", DeclinedError),
        ("40002", "isv.invalid-signature", ConfigError),
        ("40006", "isv.insufficient-isv-permissions", ConfigError),
        ("40004", "ACQ.ACCESS_FORBIDDEN", ConfigError),
        ("40005", "isv.app-call-limited", RateLimitedError),
    ],
)
def test_refusals_mean_what_they_say(code, sub_code, error):
    with pytest.raises(error) as caught:
        Answer(code, sub_code, {"sub_msg": "…"}).good()
    assert caught.value.acquirer_code == sub_code


TRADE = {
    "out_trade_no": "P1",
    "trade_no": "2026",
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "192.00",
    "send_pay_date": "2026-11-22 19:30:00",
}


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, Outcome.SUCCEEDED),
        ({"trade_status": "TRADE_FINISHED"}, Outcome.SUCCEEDED),
        ({"trade_status": "TRADE_CLOSED"}, Outcome.SUCCEEDED),
        ({"trade_status": "TRADE_CLOSED", "send_pay_date": ""}, Outcome.CLOSED),
        ({"trade_status": "WAIT_BUYER_PAY", "send_pay_date": ""}, Outcome.REQUIRES_ACTION),
    ],
)
def test_a_trade_closed_by_a_full_refund_was_paid(changed, outcome):
    assert read_trade({**TRADE, **changed}, PROFILE).outcome is outcome


@pytest.mark.parametrize(
    "changed",
    [
        {"total_amount": 192.0},
        {"total_amount": "1.92E2"},
        {"total_amount": "-192.00"},
        {"total_amount": "192.001"},
        {"total_amount": "١٩٢.٠٠"},
        {"trade_status": "PAID"},
        {"send_pay_date": "2026-02-30 00:00:00"},
        {"send_pay_date": "2026-11-22"},
        {"out_trade_no": None, "trade_no": None, "total_amount": None},
        {"buyer_pay_amount": "200.00"},
        {"voucher_detail_list": [{"amount": "10.00"}]},
        {"voucher_detail_list": "no list"},
    ],
)
def test_what_cannot_be_read_exactly_decides_nothing(changed):
    with pytest.raises(OutcomeUnknownError):
        read_trade({**TRADE, **changed}, PROFILE)


def test_who_gave_what_of_the_amount_is_named():
    vouchers = [
        {"id": "V1", "amount": "10.00", "merchant_contribute": "4.00", "other_contribute": "6.00"},
        {"id": "V2", "amount": "2.00", "merchant_contribute": "0.00", "other_contribute": "2.00"},
    ]
    data = {"voucher_detail_list": vouchers, "buyer_pay_amount": "180.00"}

    parts = read_tenders(data, Money(19200))

    assert [(part.funder, part.amount.minor) for part in parts] == [
        ("platform", 400),
        ("bank", 600),
        ("bank", 200),
    ]
    (rest,) = read_tenders({"buyer_pay_amount": "187.00"}, Money(19200))
    assert (rest.funder, rest.amount.minor) == ("bank", 500)
    as_text = {**data, "voucher_detail_list": json.dumps(vouchers)}
    assert read_tenders(as_text, Money(19200)) == parts


def test_a_refund_without_a_state_never_arrived_or_was_given_up():
    said = {"out_trade_no": "P1", "out_request_no": "R1", "refund_amount": "1.00"}

    assert read_refund(said, PROFILE).outcome is Outcome.NOT_FOUND
    done = read_refund({**said, "refund_status": "REFUND_SUCCESS"}, PROFILE)
    assert (done.outcome, done.amount) == (Outcome.SUCCEEDED, Money(100))


@given(st.text())
def test_any_subject_is_one_alipay_takes(text):
    subject = subject_of(text)

    assert 1 <= len(subject) <= 128
    assert not set(subject) & set("/=&\n\0")


@given(st.text(max_size=50), st.text(max_size=10))
def test_whatever_stands_in_an_answer_is_read_as_it_stands(value, name):
    data = {**GOOD, f"x{name}": value}
    node = json.dumps(data, ensure_ascii=True)
    body = f'{{"sign":"x","alipay_trade_query_response":{node}}}'

    assert wire.top_level(body.encode())["alipay_trade_query_response"] == (node, data)
