"""Messages: what a stranger might do to a form that is signed field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes

from payments.acquiring.contract import (
    AgreementStatus,
    NotificationRejectedError,
    NotifyKind,
    Outcome,
)
from payments.adapters.alipay import notices
from payments.kernel.clock import wall_now
from tests.payments.alipay.papers import (
    APP,
    PROFILE,
    SELLER,
    beijing_now,
    keys,
    paid_notice,
    posted,
    posted_bytes,
    signature,
    signed_notice,
)


def opened(raw, profile=PROFILE):
    return notices.open_notification(keys(), profile, raw, now=wall_now())


def events(fields, profile=PROFILE):
    return notices.read_events(opened(posted(signed_notice(fields))).content, profile)


def refused(raw, profile=PROFILE) -> str:
    with pytest.raises(NotificationRejectedError) as caught:
        opened(raw, profile)
    return caught.value.reason


def test_a_genuine_message_in_any_order_and_spelling_is_one():
    fields = signed_notice(paid_notice())
    plain = urlencode(fields)
    spelled = "&".join(reversed(plain.split("&"))).replace("%3A", ":").replace("+", "%20")

    assert opened(posted_bytes(plain.encode())) == opened(posted_bytes(spelled.encode()))


@pytest.mark.parametrize("again", ["total_amount", "sign", "trade_status", "app_id"])
def test_a_field_that_stands_twice_proves_nothing(again):
    fields = signed_notice(paid_notice())

    for body in (f"{again}=9.00&{urlencode(fields)}", f"{urlencode(fields)}&{again}=9.00"):
        assert refused(posted_bytes(body.encode())) == "format"


def test_a_weaker_signature_is_not_taken():
    told = paid_notice()
    text = "&".join(f"{k}={v}" for k, v in sorted(told.items())).encode()
    weak = signature(text, digest=hashes.SHA1())  # noqa: S303 - the weak one

    assert refused(posted({**told, "sign_type": "RSA", "sign": weak})) == "signature"
    assert refused(posted({**told, "sign_type": "RSA2", "sign": weak})) == "signature"
    assert refused(posted({**told, "sign": signed_notice(told)["sign"]})) == "signature"


@pytest.mark.parametrize("sign", ["", "AAAA", "é", "=" * 400, " "])
def test_a_signature_that_is_none_proves_nothing(sign):
    assert refused(posted({**signed_notice(paid_notice()), "sign": sign})) == "signature"


def test_only_our_own_alipays_key_is_believed():
    assert refused(posted(signed_notice(paid_notice(), by="stranger"))) == "signature"
    assert refused(posted(signed_notice(paid_notice(alipay_cert_sn="f" * 32)))) == "serial"


@pytest.mark.parametrize(
    "changed",
    [{"app_id": "2021000100000009"}, {"seller_id": "2088000000000009"}, {"seller_id": None}],
)
def test_what_is_meant_for_another_merchant_is_not_ours(changed):
    assert refused(posted(signed_notice(paid_notice(**changed)))) == "merchant"


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24 * 30])
def test_what_was_not_sent_now_becomes_a_question(minutes):
    old = paid_notice(notify_time=beijing_now(minutes=minutes))

    assert refused(posted(signed_notice(old))) == "stale"
    patient = replace(PROFILE, notice_fresh_seconds=600)
    assert (minutes < -10) == (_outcome_of(posted(signed_notice(old)), patient) == "stale")


def _outcome_of(raw, profile) -> str:
    try:
        opened(raw, profile)
    except NotificationRejectedError as error:
        return error.reason
    return "believed"


@pytest.mark.parametrize(
    "fields",
    [
        {"charset": "GBK"},
        {"notify_id": None},
        {"notify_id": "x" * 129},
        {"notify_time": None},
        {"notify_time": "yesterday"},
    ],
)
def test_what_lacks_its_number_or_time_is_no_message(fields):
    assert refused(posted(signed_notice(paid_notice(**fields)))) == "format"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"sign",
        b"\xff\xfe",
        "荔枝=1".encode(),
        b"a=%ff",
        b"&".join(b"a%d=1" % n for n in range(300)),
    ],
)
def test_what_is_no_form_is_no_message(body):
    assert refused(posted_bytes(body)) == "format"


def test_a_message_in_gbk_is_not_read_as_something_else():
    assert refused(posted(signed_notice(paid_notice()), encoding="gbk")) == "format"


def test_a_refund_tells_again_that_it_was_paid_and_that_something_goes_back():
    fields = paid_notice(
        trade_status="TRADE_CLOSED",
        out_biz_no="R2611220000000000001",
        refund_fee="192.00",
        gmt_refund=beijing_now() + ".123",
    )

    paid, back = events(fields)

    assert (paid.kind, paid.result.outcome) == (NotifyKind.PAY, Outcome.SUCCEEDED)
    assert (back.kind, back.result.refund_no) == (NotifyKind.REFUND, "R2611220000000000001")
    # What went back in all is not what this one gave: a question will tell.
    assert (back.result.outcome, back.result.amount) == (Outcome.PENDING, None)


def test_a_trade_nobody_paid_in_time_is_closed():
    (event,) = events(paid_notice(trade_status="TRADE_CLOSED", gmt_payment=None))

    assert event.result.outcome is Outcome.CLOSED


def test_an_agreement_signed_and_ended_in_the_app_is_told():
    fields = {
        "notify_id": "2026112200222000000000000000000002",
        "notify_time": beijing_now(),
        "app_id": APP,
        "charset": "utf-8",
        "agreement_no": "20265522000000000001",
        "external_agreement_no": "A2611220000000000001",
        "alipay_user_id": "2088000000000001",
        "sign_time": beijing_now(),
    }
    (signed,) = events({**fields, "notify_type": "dut_user_sign", "status": "NORMAL"})
    (ended,) = events({**fields, "notify_type": "dut_user_unsign", "status": "UNSIGN"})

    assert (signed.kind, signed.result.status) == (NotifyKind.AGREEMENT, AgreementStatus.ACTIVE)
    assert ended.result.status is AgreementStatus.REVOKED_BY_USER
    assert "2088000000000001" not in signed.result.fingerprint
    assert signed.result.token not in repr(signed.result.raw)


def test_a_transfer_that_ended_is_told_with_its_amount():
    content = (
        '{"out_biz_no":"T1","order_id":"2026","status":"SUCCESS","trans_amount":"20.80",'
        f'"pay_date":"{beijing_now()}"}}'
    )
    fields = {
        "notify_id": "2026112200222000000000000000000003",
        "utc_timestamp": str(int(wall_now().timestamp() * 1000)),
        "msg_method": "alipay.fund.trans.order.changed",
        "app_id": APP,
        "charset": "utf-8",
        "version": "1.1",
        "biz_content": content,
    }
    (event,) = events(fields)

    assert (event.kind, event.result.outcome) == (NotifyKind.TRANSFER, Outcome.SUCCEEDED)
    assert event.result.amount.minor == 2080
    assert abs(event.occurred_at - wall_now()) < timedelta(seconds=5)


def test_what_is_about_none_of_our_business_is_an_echo():
    (event,) = events(paid_notice(notify_type="open_app_auth_notify"))

    assert (event.kind, event.result) == (NotifyKind.ECHO, None)


@pytest.mark.parametrize(
    "changed", [{"total_amount": "x"}, {"trade_status": "?"}, {"trade_no": None}]
)
def test_a_proven_message_that_cannot_be_read_is_refused(changed):
    with pytest.raises(NotificationRejectedError):
        events(paid_notice(**changed))


def test_the_seller_is_checked_before_anything_is_believed():
    other = replace(PROFILE, seller_id=SELLER[:-1] + "9")

    assert refused(posted(signed_notice(paid_notice())), other) == "merchant"
