"""What the sandbox serves of APIv3 beyond the contract: pages, purses, coupons, faults."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.management import call_command

from payments.acquiring.contract import (
    AlreadyDoneError,
    BadBillError,
    BillKind,
    BillLineKind,
    BillReadiness,
    ConfigError,
    NotifyKind,
    NotSupportedError,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    RefundRef,
    RefundRequest,
    Scene,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitShare,
    StepKind,
    TransferRef,
    TransferRequest,
)
from payments.acquiring.registry import forget_adapters, make_adapter
from payments.kernel.clock import business_date, now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from payments.models import AcquirerAccount
from payments.services.accounts import NoAcquirerError
from payments.services.routing import choose_transfer_account
from tests.contract.letterbox import Letterbox
from tests.machines import free_port
from tests.payments.wechatpay.theirs import APPID, MERCHANT
from tests.waiting import until

BACK = "http://127.0.0.1:1/back?order=7&x=荔枝"
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


def order(scene: Scene = Scene.NATIVE_QR, **more) -> PayRequest:
    asked = PayRequest(
        payment_no=new_number("P"),
        amount=Money(20800),
        subject="荔枝, 2 斤",
        scene=scene,
        expires_at=now() + timedelta(minutes=20),
        notify_url="http://127.0.0.1:1/notify",
        return_url=BACK,
    )
    return replace(asked, **more)


def pay(bank, number: str) -> None:
    bank.told(f"/_sim/pay/{number}?merchant={MERCHANT}")


def paid(bank, adapter) -> PayRef:
    opened = adapter.create(order())
    pay(bank, opened.payment_no)
    return PayRef(opened.payment_no, adapter.query(PayRef(opened.payment_no)).acquirer_no)


def giving_back(payment: PayRef, minor: int) -> RefundRequest:
    return RefundRequest(
        new_number("R"), payment.payment_no, Money(minor), Money(19200), "shortage", ""
    )


def test_a_phones_browser_is_led_to_the_cashier_and_back(adapter):
    step = adapter.create(order(Scene.H5)).step

    led = requests.get(step.url, timeout=10, allow_redirects=False)
    page = requests.get(led.headers["Location"], timeout=10).text

    assert parse_qs(urlsplit(step.url).query)["redirect_url"] == [BACK]
    assert "/cashier/" in led.headers["Location"]
    assert "208.00" in page


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


def test_a_refund_that_finds_no_account_is_abnormal(bank, adapter):
    payment = paid(bank, adapter)
    asked = giving_back(payment, 100)
    with bank.fault("refund_abnormal", number=asked.refund_no, args={"seconds": 0}):
        adapter.refund(asked)
    ref = RefundRef(asked.refund_no, payment.payment_no)

    until(lambda: adapter.query_refund(ref).outcome is Outcome.ABNORMAL)


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


def transfer(minor: int) -> TransferRequest:
    return TransferRequest(new_number("T"), Money(minor), "王姐", OPENID, "佣金", "")


def test_a_transfer_waits_for_its_payee(bank, adapter):
    request = transfer(300_000)

    asked = adapter.transfer(request)
    assert (asked.outcome, asked.step.fields["mchId"]) == (Outcome.REQUIRES_ACTION, MERCHANT)
    assert "package" not in str(asked.raw)
    bank.told(f"/_sim/confirm-transfer/{request.transfer_no}?merchant={MERCHANT}")

    ref = TransferRef(request.transfer_no)
    done = until(
        lambda: (told := adapter.query_transfer(ref)).outcome is Outcome.SUCCEEDED and told
    )
    assert (done.amount.minor, done.step) == (300_000, None)
    assert adapter.cancel_transfer(ref).outcome is Outcome.SUCCEEDED


def test_a_transfer_nobody_confirmed_is_taken_back_once(adapter):
    request = transfer(2080)
    adapter.transfer(request)
    ref = TransferRef(request.transfer_no)

    ends = {adapter.cancel_transfer(ref).outcome for _ in range(2)}

    assert ends == {Outcome.CLOSED}
    assert adapter.query_transfer(TransferRef(new_number("T"))).outcome is Outcome.NOT_FOUND
    with pytest.raises(AlreadyDoneError):
        adapter.transfer(replace(request, amount=Money(2081)))


def test_shares_the_rest_and_the_days_other_statements(bank, adapter, tmp_path):
    day, payment = business_date(), paid(bank, adapter)
    receiver = SplitReceiver("1900000112", "绿源果业")
    adapter.add_receiver(receiver)
    share = SplitShare(new_number("S"), receiver.account, Money(2080), "货款, 第 47 周")
    split = SplitRequest(new_number("S"), payment.payment_no, payment.acquirer_no, (share,))
    adapter.split(split)
    ref = SplitRef(split.split_no, payment.payment_no)
    until(lambda: adapter.query_split(ref).outcome is Outcome.SUCCEEDED)
    assert adapter.unfreeze(ref).outcome is Outcome.SUCCEEDED
    adapter.remove_receiver(receiver)
    adapter.remove_receiver(replace(receiver, account="1900000199"))

    with bank.clock_at(25 * 3600):
        adapter.download_bill(day, BillKind.SPLIT, into=tmp_path / "split")
        adapter.download_bill(day, BillKind.FUND, into=tmp_path / "fund")
        assert (
            adapter.bill_available(day - timedelta(days=9), BillKind.TRADE).readiness
            is BillReadiness.EMPTY
        )
        assert (
            adapter.bill_available(day + timedelta(days=3), BillKind.TRADE).readiness
            is BillReadiness.NOT_YET
        )
        with bank.fault("bad_digest", kind="trade"), pytest.raises(BadBillError) as caught:
            adapter.download_bill(day, BillKind.TRADE, into=tmp_path / "trade")
    assert caught.value.reason == "digest"
    with (tmp_path / "split").open("rb") as file:
        (line,) = [
            one for one in adapter.parse_bill(file, BillKind.SPLIT) if one.own_no == share.share_no
        ]
    assert (line.amount.minor, line.related_no) == (2080, split.split_no)
    with (tmp_path / "fund").open("rb") as file:
        (paid_out,) = adapter.parse_bill(file, BillKind.FUND)
    assert paid_out.kind is BillLineKind.SETTLEMENT


def test_refunds_and_transfers_are_told_too(bank, adapter):
    def events(number: str) -> list:
        found = []
        for raw in list(box.kept):
            (event,) = adapter.parse_notification(adapter.verify_notification(raw))
            if number in str(event.result):
                found.append(event)
        return found

    with Letterbox.open() as box:
        payment = paid(bank, adapter)
        back = replace(giving_back(payment, 100), notify_url=box.url)
        sent = replace(transfer(2080), notify_url=box.url)
        adapter.refund(back)
        adapter.transfer(sent)
        adapter.cancel_transfer(TransferRef(sent.transfer_no))
        (refunded,) = until(lambda: events(back.refund_no))
        (taken_back,) = until(lambda: events(sent.transfer_no))

    assert (refunded.kind, refunded.result.outcome) == (NotifyKind.REFUND, Outcome.SUCCEEDED)
    assert (refunded.result.amount.minor, refunded.result.merchant_id) == (100, MERCHANT)
    assert (taken_back.kind, taken_back.result.outcome) == (NotifyKind.TRANSFER, Outcome.CLOSED)
    assert taken_back.result.amount.minor == 2080


def test_nobody_is_named_in_what_is_kept(bank, adapter):
    payment = paid(bank, adapter)

    assert "oLinliSandboxPayer" not in str(adapter.query(payment).raw)


@pytest.fixture
def our_account(db, bank) -> AcquirerAccount:
    spec = bank.dialect("wechatpay")
    yield AcquirerAccount.objects.create(
        code="wechatpay",
        adapter=spec.adapter,
        merchant_id=MERCHANT,
        priority=1,
        settings=dict(spec.settings),
        keys=dict(spec.keys),
    )
    forget_adapters()


def test_the_conversation_before_going_live_is_held(our_account):
    out = StringIO()
    call_command("acquirer_check", our_account.code, "--json", stdout=out)

    told = json.loads(out.getvalue())["lines"]
    assert {line["is_right"] for line in told} <= {True, None}
    assert [line["answer"] for line in told][1:5] == [
        "requires_action",
        "closed",
        "closed",
        "not_found",
    ]


def test_no_payout_leaves_by_itself_for_a_purse_that_has_to_confirm(our_account):
    with pytest.raises(NoAcquirerError):
        choose_transfer_account(Money(2080))
