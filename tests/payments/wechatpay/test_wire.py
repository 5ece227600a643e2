"""What proves something and what does not, special to APIv3: keys of a switch, probes, errors."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from payments.acquiring.contract import (
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    NotificationRejectedError,
    NotifyKind,
    Outcome,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.registry import AccountSpec, make_adapter
from payments.acquiring.transport import HttpAnswer
from payments.adapters.wechatpay import wire
from payments.adapters.wechatpay.codes import raise_refusal
from payments.adapters.wechatpay.keys import Keys
from payments.kernel.clock import wall_now
from tests.payments.wechatpay import theirs
from tests.payments.wechatpay.theirs import Content, envelope, message, transaction

PAID = Content(transaction())


def reason_of(adapter, raw) -> str:
    with pytest.raises(NotificationRejectedError) as caught:
        adapter.parse_notification(adapter.verify_notification(raw))
    return caught.value.reason


@pytest.mark.parametrize("with_", ["public", "certified"])
def test_during_a_switch_both_keys_are_believed(wechat, with_):
    (event,) = wechat.parse_notification(
        wechat.verify_notification(message(envelope(PAID), with_=with_))
    )

    assert (event.kind, event.result.outcome) == (NotifyKind.PAY, Outcome.SUCCEEDED)


def test_before_and_after_it_each_key_alone(tmp_path):
    before = make_adapter(theirs.account(tmp_path, public=False))
    after = make_adapter(theirs.account(tmp_path, certified=False))
    by_public, by_certificate = message(envelope(PAID)), message(envelope(PAID), with_="certified")

    assert before.verify_notification(by_certificate)
    assert after.verify_notification(by_public)
    assert reason_of(before, by_public) == "serial"
    assert reason_of(after, by_certificate) == "serial"


def test_a_serial_may_come_in_small_letters_and_is_one_key_all_the_same(wechat):
    raw = message(envelope(PAID), with_="certified")
    small = raw.headers["wechatpay-serial"].lower()

    verified = wechat.verify_notification(
        replace(raw, headers={**raw.headers, "wechatpay-serial": small})
    )

    assert verified.key_serial == theirs.certificate_serial()


def test_the_probe_of_the_signature_test_is_refused_with_4xx(wechat):
    raw = message(envelope(PAID))
    probe = f"WECHATPAY/SIGNTEST/{raw.headers['wechatpay-signature'][19:]}"

    changed = replace(raw, headers={**raw.headers, "wechatpay-signature": probe})

    assert reason_of(wechat, changed) == "signature"
    assert 400 <= wechat.ack(accepted=False, reason="signature").status < 500


def test_a_signature_of_the_other_key_of_the_switch_does_not_fit(wechat):
    raw = message(envelope(PAID), with_="certified")
    headers = {**raw.headers, "wechatpay-serial": theirs.PUBLIC_KEY_ID}

    assert reason_of(wechat, replace(raw, headers=headers)) == "signature"


def test_another_scheme_of_signing_is_not_ours(wechat):
    raw = message(envelope(PAID))
    headers = {**raw.headers, "wechatpay-signature-type": "WECHATPAY2-SM2-WITH-SM3"}

    assert reason_of(wechat, replace(raw, headers=headers)) == "signature"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (envelope(Content(transaction(mchid="1900009999"))), "merchant"),
        (envelope(Content(transaction(), seal=theirs.SEAL[::-1])), "cipher"),
        (envelope(PAID, resource={"algorithm": "AEAD_AES_128_GCM"}), "cipher"),
        (envelope(PAID, resource={"algorithm": "AEAD_AES_256_GCM"}), "format"),
        (envelope(PAID, id=""), "format"),
        (envelope(PAID, create_time=7), "format"),
        (envelope(PAID, create_time="2026-11-22T13:29:35"), "format"),
        (b"[]", "format"),
        (b"{}", "format"),
        (b"[" * 5000, "format"),
        (b"\xff\xfe", "format"),
        (envelope(Content(transaction(trade_state="PERHAPS"))), "format"),
        (envelope(Content(transaction(amount={"total": "19200"}))), "format"),
        (envelope(Content(transaction(amount={"total": -1}))), "format"),
        (envelope(Content(transaction(amount={"total": True}))), "format"),
        (envelope(Content(transaction(transaction_id=""))), "format"),
        (envelope(Content(transaction(success_time="2026-11-22T13:29:35"))), "format"),
        (envelope(Content(transaction(appid="wxother"))), "format"),
    ],
)
def test_what_is_signed_and_still_no_message_for_us_is_refused(wechat, body, reason):
    assert reason_of(wechat, message(body)) == reason


@pytest.mark.parametrize(
    "content",
    [
        Content({"anything": "at all"}, event_type="SECURITY_ECHO.SUCCESS", about="security_echo"),
        Content(
            {"mchid": theirs.MERCHANT, "order_id": "1", "receiver": {"amount": 888}},
            about="profitsharing",
        ),
        Content({"combine_mchid": theirs.MERCHANT, "sub_orders": []}),
        Content({"mchid": theirs.MERCHANT}, event_type="COUPON.USE", about="coupon"),
    ],
)
def test_what_concerns_no_payment_is_received_and_does_nothing(wechat, content):
    raw = message(envelope(content))

    (event,) = wechat.parse_notification(wechat.verify_notification(raw))

    assert (event.kind, event.result) == (NotifyKind.ECHO, None)


def test_our_answers_are_exactly_what_wechat_wants(wechat):
    yes, no = wechat.ack(accepted=True), wechat.ack(accepted=False, reason="refused")

    assert (yes.status, yes.body) == (200, b"")
    assert json.loads(no.body) == {"code": "FAIL", "message": "refused"}


@pytest.fixture
def keys(tmp_path) -> Keys:
    return Keys.from_account(theirs.account(tmp_path))


def answer(status: int, body: bytes, **headers: str) -> HttpAnswer:
    return HttpAnswer(status, {**theirs.signed(body), **headers}, body)


def test_an_answer_counts_when_signed_just_now(keys):
    good = answer(200, b'{"code_url":"weixin://1"}')
    old = HttpAnswer(200, theirs.signed(b"{}", at=1_700_000_000), b"{}")

    assert wire.read_answer(keys, good, wall_now()) == {"code_url": "weixin://1"}
    assert wire.read_answer(keys, answer(204, b""), wall_now()) == {}
    for bad in (old, replace(good, body=b"{}"), HttpAnswer(404, {}, b'{"code":"ORDER_NOT_EXIST"}')):
        with pytest.raises(OutcomeUnknownError):
            wire.read_answer(keys, bad, wall_now())


def test_an_unsigned_401_is_our_own_fault_and_nothing_else_unsigned_is_anything(keys):
    unsigned = HttpAnswer(401, {}, b'{"code":"SIGN_ERROR","message":"..."}')

    with pytest.raises(ConfigError) as caught:
        wire.read_answer(keys, unsigned, wall_now())
    assert caught.value.acquirer_code == "SIGN_ERROR"
    for status in (200, 400, 403, 404):
        with pytest.raises(OutcomeUnknownError):
            wire.read_answer(keys, replace(unsigned, status=status), wall_now())


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (500, "SYSTEM_ERROR", OutcomeUnknownError),
        (400, "SYSTEM_ERROR", OutcomeUnknownError),
        (400, "BANK_ERROR", OutcomeUnknownError),
        (400, "NEVER_HEARD_OF", OutcomeUnknownError),
        (429, "FREQUENCY_LIMITED", RateLimitedError),
        (403, "FREQUENCY_LIMITED", RateLimitedError),
        (429, "WHATEVER", RateLimitedError),
        (400, "ORDERPAID", AlreadyDoneError),
        (403, "OUT_TRADE_NO_USED", AlreadyDoneError),
        (400, "ORDER_CLOSED", AlreadyDoneError),
        (400, "ALREADY_EXISTS", AlreadyDoneError),
        (403, "NOTENOUGH", DeclinedError),
        (403, "NOT_ENOUGH", DeclinedError),
        (403, "USER_ACCOUNT_ABNORMAL", DeclinedError),
        (404, "RESOURCE_NOT_EXISTS", DeclinedError),
        (401, "SIGN_ERROR", ConfigError),
        (403, "NO_AUTH", ConfigError),
        (403, "SOMETHING_NEW", ConfigError),
        (400, "PARAM_ERROR", ConfigError),
        (400, "APPID_MCHID_NOT_MATCH", ConfigError),
    ],
)
def test_a_refusal_is_told_by_status_and_code(status, code, error):
    with pytest.raises(error) as caught:
        raise_refusal(status, code, "")

    assert caught.value.acquirer_code == code


def _without(spec: AccountSpec, *, setting: str = "", file: str = "") -> AccountSpec:
    facts = {name: value for name, value in spec.settings.items() if name != setting}
    return replace(spec, settings=facts, keys={n: f for n, f in spec.keys.items() if n != file})


def test_an_account_that_cannot_work_says_so_when_it_is_made(tmp_path):
    good = theirs.account(tmp_path)
    alone = {
        "merchant_private_key": good.keys["merchant_private_key"],
        "apiv3_key": good.keys["apiv3_key"],
    }
    live = {"is_test": False}
    for bad in (
        _without(good, setting="appid"),
        _without(good, setting="merchant_serial"),
        _without(good, setting="public_key_id"),
        _without(good, file="apiv3_key"),
        replace(good, keys=alone),
        replace(good, keys={**good.keys, "apiv3_key": good.keys["public_key"]}),
        replace(good, keys={**good.keys, "platform_certificates": good.keys["apiv3_key"]}),
        replace(good, settings={**good.settings, "public_key_id": "0116080000"}),
        replace(good, settings={**good.settings, "merchant_serial": "my serial"}),
        replace(good, settings={**good.settings, "split_max_percent": "many"}),
        replace(good, settings={**good.settings, "transfer_reports": "["}),
        replace(good, settings={**good.settings, **live}),
        replace(
            good,
            settings={
                **good.settings,
                **live,
                "base_url": "https://a.b",
                "backup_url": "https://a.b",
            },
        ),
    ):
        with pytest.raises(ConfigError):
            make_adapter(bad)
    assert make_adapter(good).is_test
    real = make_adapter(
        replace(good, settings={**_without(good, setting="base_url").settings, **live})
    )
    assert not real.is_test
