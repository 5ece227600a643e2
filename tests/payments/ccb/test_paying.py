"""Ways to pay: codes, pages, mini programs, scanned codes; each MAC where it belongs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import time_machine

from payments.acquiring.contract import (
    CloseOutcome,
    ConfigError,
    DeclinedError,
    NotSupportedError,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    Scene,
    StepKind,
)
from payments.adapters.ccb.mac import MAC_FIELDS, js_escape, mac, mac_text
from payments.adapters.ccb.scanning import kind_of_code
from payments.kernel.clock import now, wall_now
from tests.contract.letterbox import line_that_says
from tests.contract.papers import pay_request, price

OWN_CODE = "6220105000000000000"
REFUSED_CODE = "6220105000000000001"
WAITING_CODE = "6220105000000000002"


def test_a_code_leads_to_the_payers_page_and_lasts_as_long_as_the_payment(bench, ccb):
    request = pay_request(bench, Scene.NATIVE_QR)

    opened = ccb.create(request)
    seen = requests.get(opened.step.url, timeout=10)

    assert (opened.outcome, opened.step.kind) == (Outcome.REQUIRES_ACTION, StepKind.QR_CODE)
    assert opened.step.expires_at == request.expires_at
    assert (seen.status_code, "192.00" in seen.text) == (200, True)
    assert ccb.create(request).step == opened.step


def test_the_page_for_phones_is_an_address_the_bank_accepts(bench):
    ccb = bench.adapter(h5=True)
    request = pay_request(bench, Scene.H5, payer_ip="1.2.3.4")

    opened = ccb.create(request)
    fields = dict(parse_qsl(urlsplit(opened.step.url).query, keep_blank_values=True))
    seen = requests.get(opened.step.url, timeout=10)

    assert "PUB" not in fields
    assert fields["PROINFO"] == "%u8354%u679D%202%20%u65A4"
    assert (seen.status_code, "/cashier/" in seen.url) == (200, True)
    bench.pay(opened)
    assert ccb.query(PayRef(request.payment_no, sent_at=now())).outcome is Outcome.SUCCEEDED
    tampered = opened.step.url.replace("PAYMENT=192.00", "PAYMENT=1.00")
    assert requests.get(tampered, timeout=10).status_code == 400


def test_fields_that_say_nothing_are_not_in_a_pages_mac():
    said = dict.fromkeys(MAC_FIELDS["520100"], "") | {"TXCODE": "520100"}

    assert "TIMEOUT" not in mac_text("520100", said, "P")
    assert mac_text("520100", {**said, "TIMEOUT": "1"}, "P").endswith("&REFERER=&TIMEOUT=1")
    assert "&PUB=P&GATEWAY=" in mac_text("520100", said, "P")
    mini = mac_text("530590", dict.fromkeys(MAC_FIELDS["530590"], "x"), "P")
    assert mini.index("PUB=P") < mini.index("GATEWAY") < mini.index("SUB_OPENID")
    query = {**dict.fromkeys(MAC_FIELDS["410408:orderid"], "1"), "QUPWD": "secret"}
    assert "QUPWD=&" in mac_text("410408:orderid", query)
    text = mac_text("410408:orderid", query).encode()
    assert mac("410408:orderid", query) == hashlib.md5(text, usedforsecurity=False).hexdigest()


def test_a_mini_program_gets_what_it_pays_with_and_wants_an_open_id(bench):
    ccb = bench.adapter(sub_appid="wx0123456789abcdef")

    opened = ccb.create(pay_request(bench, Scene.MINIPROGRAM, payer_id="o-resident-7"))

    assert opened.step.kind is StepKind.SDK_PAYLOAD
    assert set(opened.step.fields) == {"timeStamp", "nonceStr", "package", "signType", "paySign"}
    with pytest.raises(ConfigError):
        ccb.create(pay_request(bench, Scene.MINIPROGRAM))
    with pytest.raises(NotSupportedError):
        bench.adapter().create(pay_request(bench, Scene.MINIPROGRAM, payer_id="o"))


def test_javascript_escapes_like_a_browser():
    assert js_escape("荔枝 A/+é𠀀") == "%u8354%u679D%20A/+%E9%uD840%uDC00"


def test_a_scanned_code_pays_at_once_is_refused_or_waits(bench, ccb):
    paid = ccb.create(pay_request(bench, Scene.BARCODE, auth_code=OWN_CODE))
    waiting = pay_request(bench, Scene.BARCODE, auth_code=WAITING_CODE)
    asked = ccb.create(waiting)

    assert (paid.outcome, paid.amount) == (Outcome.SUCCEEDED, price(bench))
    assert ccb.query(PayRef(paid.payment_no, sent_at=now())).outcome is Outcome.SUCCEEDED
    assert asked.outcome is Outcome.PENDING
    with pytest.raises(DeclinedError) as caught:
        ccb.create(pay_request(bench, Scene.BARCODE, auth_code=REFUSED_CODE))
    assert caught.value.code == "card_declined"
    told = ccb.ask_scanned(asked.payment_no, auth_code=WAITING_CODE, times=1)
    assert told.outcome is Outcome.PENDING
    bench.pay(asked)
    told = ccb.ask_scanned(asked.payment_no, auth_code=WAITING_CODE, times=2)
    assert (told.outcome, told.amount) == (Outcome.SUCCEEDED, price(bench))
    cancelled = ccb.cancel_scanned(asked.payment_no, auth_code=WAITING_CODE)
    assert cancelled.outcome is CloseOutcome.ALREADY_PAID


def test_a_scan_the_bank_never_saw_is_not_found_and_one_that_waits_can_be_cancelled(bench, ccb):
    number = pay_request(bench).payment_no
    waiting = ccb.create(pay_request(bench, Scene.BARCODE, auth_code=WAITING_CODE))

    told = ccb.ask_scanned(number, auth_code=WAITING_CODE, times=1)
    never = ccb.cancel_scanned(number, auth_code=WAITING_CODE)
    ended = ccb.cancel_scanned(waiting.payment_no, auth_code=WAITING_CODE)

    assert told.outcome is Outcome.NOT_FOUND
    assert (never.outcome, ended.outcome) == (CloseOutcome.NOT_FOUND, CloseOutcome.CLOSED)
    with pytest.raises(ConfigError):
        ccb.ask_scanned(number, auth_code=WAITING_CODE, times=7)


def test_whose_code_it_is_stands_in_its_first_digits():
    kinds = {OWN_CODE: "1", "6221234567890123456": "4", "134567890123456789": "2"}
    kinds["281234567890123456"] = "3"

    assert {code: kind_of_code(code) for code in kinds} == kinds
    for wrong in ("", "12ab", "9" * 18, "62" + "1" * 20):
        with pytest.raises(ConfigError):
            kind_of_code(wrong)


def test_a_scan_that_is_said_to_be_paid_by_nobody_is_not_believed(bench):
    said = b'{"RESULT":"Y","ORDERID":"%s","AMOUNT":"192.00","TRACEID":"1","SIGN":"%s"}'
    request = pay_request(bench, Scene.BARCODE, auth_code=OWN_CODE)
    for sign in (b"", b"ab" * 128):
        body = said % (request.payment_no.encode(), sign)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        with line_that_says(head + body) as url, pytest.raises(OutcomeUnknownError):
            bench.adapter(base_url=url).create(request)


def test_an_address_that_leads_elsewhere_is_not_followed(bench):
    body = b'{"SUCCESS":"true","PAYURL":"http://169.254.169.254/latest"}'
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    with line_that_says(head + body) as url, pytest.raises(OutcomeUnknownError):
        bench.adapter(base_url=url).create(pay_request(bench, Scene.NATIVE_QR))


def test_an_unpaid_code_is_waiting_and_what_was_paid_yesterday_is_found_among_the_settled(
    bench, ccb
):
    opened = ccb.create(pay_request(bench, Scene.NATIVE_QR))
    sent_at = now()
    ref = PayRef(opened.payment_no, sent_at=sent_at)
    assert ccb.query(ref).outcome is Outcome.PENDING
    bench.pay(opened)

    with (
        bench.bank.clock_at(2 * 86_400),
        time_machine.travel(wall_now() + timedelta(days=2), tick=True),
    ):
        told = ccb.query(ref)

    assert (told.outcome, told.amount) == (Outcome.SUCCEEDED, price(bench))
    assert abs(told.paid_at - sent_at) < timedelta(minutes=1)


def test_both_forms_of_the_question_are_understood(bench):
    opened = bench.adapter().create(pay_request(bench, Scene.NATIVE_QR))
    bench.pay(opened)

    told = bench.adapter(query_form="range").query(PayRef(opened.payment_no, sent_at=now()))

    assert told.outcome is Outcome.SUCCEEDED


def test_what_the_bank_took_off_by_itself_is_named(bench, ccb):
    request = replace(pay_request(bench, Scene.NATIVE_QR), amount=price(bench, 20800))
    with bench.bank.campaign():
        bench.pay(ccb.create(request))

    told = ccb.query(PayRef(request.payment_no, sent_at=now()))

    (part,) = told.tenders
    assert (told.amount.minor, part.funder, part.amount.minor) == (20800, "bank", 1600)


def test_an_answer_about_another_order_is_none(bench, ccb):
    opened = ccb.create(pay_request(bench, Scene.NATIVE_QR))
    bench.pay(opened)
    other = ccb.create(pay_request(bench, Scene.NATIVE_QR))
    bench.pay(other)
    ref = PayRef(opened.payment_no, sent_at=now())
    for fault in ("response_for_other_order", "garbage_body", "http_500_after_execute"):
        with (
            bench.bank.fault(fault, number=opened.payment_no, route="POST 410408"),
            pytest.raises(OutcomeUnknownError),
        ):
            ccb.query(ref)


def test_without_an_outreach_client_there_are_no_refunds_and_no_statements(bench):
    ccb = bench.adapter(sidecar_url="")

    assert (ccb.caps.refund_window_days, ccb.caps.bill_kinds) == (0, frozenset())
    opened = ccb.create(pay_request(bench, Scene.NATIVE_QR))
    bench.pay(opened)
    assert ccb.query(PayRef(opened.payment_no, sent_at=now())).outcome is Outcome.SUCCEEDED
