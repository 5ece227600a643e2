"""What the sandbox serves of APIv3 beyond the contract: pages, purses, coupons, faults."""

from __future__ import annotations

import base64
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from payments.acquiring.contract import (
    AlreadyDoneError,
    ConfigError,
    NotSupportedError,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    RefundRef,
    Scene,
    SplitReceiver,
    StepKind,
)
from payments.acquiring.registry import make_adapter
from payments.kernel.numbers import new_number
from tests.machines import free_port
from tests.payments.wechatpay.desk import BACK, OPENID, giving_back, order, paid, pay
from tests.payments.wechatpay.theirs import APPID


def test_a_phones_browser_is_led_to_the_cashier_and_back(bank, adapter):
    step = adapter.create(order(Scene.H5)).step

    led = requests.get(step.url, timeout=10, allow_redirects=False)
    page = requests.get(led.headers["Location"], timeout=10).text

    assert parse_qs(urlsplit(step.url).query)["redirect_url"] == [BACK]
    assert "/cashier/" in led.headers["Location"]
    assert "208.00" in page
    assert bank.pay_at_cashier(led.headers["Location"]) == BACK


@pytest.mark.parametrize("scene", [Scene.MINIPROGRAM, Scene.APP])
def test_inside_wechat_and_in_an_app_a_signed_prepay_id_is_handed_over(bank, adapter, scene):
    step = adapter.create(order(scene, payer_id=OPENID)).step
    fields = dict(step.fields)
    signature = base64.b64decode(fields.pop("paySign", "") or fields.pop("sign", ""))
    if scene is Scene.APP:
        parts = [fields[n] for n in ("appid", "timestamp", "noncestr", "prepayid")]
    else:
        parts = [fields[n] for n in ("appId", "timeStamp", "nonceStr", "package")]
    pem = (bank.keys_dir / "wechatpay" / "merchant_private.pem").read_bytes()
    message = "".join(f"{part}\n" for part in parts).encode()

    assert step.kind is StepKind.SDK_PAYLOAD
    assert parts[0] == APPID
    load_pem_private_key(pem, None).public_key().verify(
        signature, message, PKCS1v15(), hashes.SHA256()
    )


def test_without_her_openid_nothing_is_asked_inside_wechat(adapter):
    with pytest.raises(NotSupportedError):
        adapter.create(order(Scene.MINIPROGRAM))


def test_a_banks_own_discount_is_a_tender_and_goes_back_in_proportion(bank, adapter):
    opened = adapter.create(order())
    with bank.campaign():
        pay(bank, opened.payment_no)
    told = adapter.query(PayRef(opened.payment_no))

    (part,) = told.tenders
    assert (told.amount.minor, part.funder, part.ref, part.amount.minor) == (
        20800,
        "bank",
        "CCB:minus16",
        1600,
    )
    payment = PayRef(opened.payment_no, told.acquirer_no)
    for minor in (2769, 277, 19200 - 3046):
        asked = giving_back(payment, minor)
        assert adapter.refund(asked).amount.minor == minor
        back = adapter.query_refund(RefundRef(asked.refund_no, payment.payment_no))
        assert (back.outcome, back.amount.minor) == (Outcome.SUCCEEDED, minor)
    assert adapter.query(PayRef(opened.payment_no)).outcome is Outcome.SUCCEEDED


def test_a_paid_or_closed_number_is_told_as_such(bank, adapter):
    request, closed = order(), order()
    adapter.create(request)
    pay(bank, request.payment_no)
    adapter.create(closed)
    adapter.close(PayRef(closed.payment_no))

    for over in (request, closed):
        with pytest.raises(AlreadyDoneError):
            adapter.create(over)


@pytest.mark.parametrize(
    "fault", ["response_for_other_order", "amount_tamper", "bad_response_signature", "garbage_body"]
)
def test_a_refund_answered_wrongly_is_unknown(bank, adapter, fault):
    payment = paid(bank, adapter)
    asked = giving_back(payment, 100)

    with bank.fault(fault, number=asked.refund_no), pytest.raises(OutcomeUnknownError):
        adapter.refund(asked)

    assert adapter.query_refund(RefundRef(asked.refund_no, "")).outcome is Outcome.SUCCEEDED


def test_an_answer_about_another_payment_or_without_proof_is_unknown(bank, adapter):
    opened, _other = adapter.create(order()), adapter.create(order())

    for fault in ("response_for_other_order", "bad_response_signature", "http_500_after_execute"):
        with bank.fault(fault, number=opened.payment_no), pytest.raises(OutcomeUnknownError):
            adapter.query(PayRef(opened.payment_no))


def test_requests_signed_with_another_key_or_for_another_merchant_are_our_own_fault(bank):
    for changed in ({"merchant_serial": "AB" * 10}, {"merchant_id": "1900009999"}):
        adapter = make_adapter(bank.dialect("wechatpay", **changed))
        with pytest.raises(ConfigError):
            adapter.query(PayRef(new_number("P")))


def test_where_the_first_host_is_out_of_reach_the_other_is_asked(bank):
    dead = f"http://127.0.0.1:{free_port()}"
    spec = bank.dialect("wechatpay")
    adapter = make_adapter(
        bank.dialect("wechatpay", base_url=dead, backup_url=spec.settings["base_url"])
    )

    assert adapter.query(PayRef(new_number("P"))).outcome is Outcome.NOT_FOUND


def test_with_the_platform_certificate_alone_everything_goes_on(bank):
    spec = bank.dialect("wechatpay")
    keys = {name: file for name, file in spec.keys.items() if name != "public_key"}
    adapter = make_adapter(replace(spec, keys=keys))

    assert adapter.create(order()).step.kind is StepKind.QR_CODE
    adapter.add_receiver(SplitReceiver("1900000111", "绿源果业"))


def test_nobody_is_named_in_what_is_kept(bank, adapter):
    payment = paid(bank, adapter)

    assert "oLinliSandboxPayer" not in str(adapter.query(payment).raw)
