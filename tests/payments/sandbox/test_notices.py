"""Notices: sealed, signed, repeated until acknowledged, and still sent after a restart."""

from __future__ import annotations

import base64
import json
import shutil
from datetime import timedelta

import pytest

from mall.config import processes
from payments.acquiring.contract import (
    NotificationRejectedError,
    NotifyKind,
    Outcome,
    RawHttp,
)
from payments.adapters.sandbox import wire
from payments.kernel.clock import now
from payments.kernel.money import Money
from tests import acquirer as cards
from tests.acquirer import SandboxAcquirer, start_sandbox
from tests.machines import free_port
from tests.payments.sandbox.merchant import Merchant, mailbox, number
from tests.waiting import until


@pytest.fixture(scope="module")
def adapter(sandbox_acquirer):
    return sandbox_acquirer.adapter()


@pytest.fixture
def paid_notice(merchant, sandbox_acquirer) -> RawHttp:
    no = number()
    with mailbox() as box:
        merchant.order(no, notify_url=box.url)
        sandbox_acquirer.sim_pay(no)
        until(lambda: box.received)
    return box.received[0]


def test_a_payment_is_told_sealed_and_signed(adapter, merchant, paid_notice):
    (event,) = adapter.parse_notification(adapter.verify_notification(paid_notice))

    assert b"our_no" not in paid_notice.body
    assert (event.kind, event.result.outcome) == (NotifyKind.PAY, Outcome.SUCCEEDED)
    assert event.result.amount == Money(19200)
    assert event.event_id == merchant.opened(paid_notice.body)["event_id"]


def changed(raw: RawHttp, body: bytes | None = None, **headers: str) -> RawHttp:
    names = raw.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    return RawHttp(raw.method, raw.path, raw.query, names, raw.body if body is None else body)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"sandbox_serial": "OTHER"}, "serial"),
        ({"sandbox_timestamp": "1"}, "stale"),
        ({"sandbox_timestamp": ""}, "stale"),
        ({"sandbox_timestamp": "9" * 30}, "stale"),
        ({"sandbox_signature": "AAAA"}, "signature"),
        ({"sandbox_nonce": "another"}, "signature"),
    ],
)
def test_a_notice_that_proves_nothing_is_rejected(adapter, paid_notice, headers, reason):
    with pytest.raises(NotificationRejectedError) as caught:
        adapter.verify_notification(changed(paid_notice, **headers))

    assert caught.value.reason == reason


def test_one_changed_byte_is_rejected(adapter, paid_notice):
    with pytest.raises(NotificationRejectedError) as caught:
        adapter.verify_notification(changed(paid_notice, paid_notice.body[:-1] + b" "))

    assert caught.value.reason == "signature"


def test_an_old_notice_is_stale_and_a_notice_of_the_last_minutes_is_not(
    sandbox_acquirer, paid_notice
):
    keys = wire.Keys.from_account(sandbox_acquirer.account())

    assert wire.open_notification(keys, paid_notice, now() + timedelta(seconds=290))
    with pytest.raises(NotificationRejectedError):
        wire.open_notification(keys, paid_notice, now() + timedelta(seconds=310))


def test_a_seal_for_another_event_or_key_stays_shut(sandbox_acquirer, paid_notice):
    keys = wire.Keys.from_account(sandbox_acquirer.account())
    envelope = json.loads(paid_notice.body)
    envelope["event_id"] = "EVOTHER"
    envelope["resource"]["associated_data"] = "EVOTHER"

    for body in (json.dumps(envelope).encode(), b"{}", b"[]", b"no json"):
        with pytest.raises(NotificationRejectedError) as caught:
            wire._unsealed(keys, body)
        assert caught.value.reason in {"cipher", "format"}
    broken = base64.b64encode(b"x" * 40).decode()
    envelope["resource"]["ciphertext"] = broken
    with pytest.raises(NotificationRejectedError):
        wire._unsealed(keys, json.dumps(envelope).encode())


def test_a_notice_for_another_merchant_is_rejected(sandbox_acquirer, paid_notice):
    settings = sandbox_acquirer.account()
    keys = wire.Keys.from_account(settings)
    event_id, content = wire._unsealed(keys, paid_notice.body)
    foreign = content.replace(keys.merchant_id.encode(), b"SOMEBODY")

    with pytest.raises(NotificationRejectedError) as caught:
        wire._refuse_foreign(keys, event_id, foreign)

    assert caught.value.reason == "merchant"


def test_a_notice_is_sent_again_until_it_is_acknowledged_exactly(merchant, sandbox_acquirer):
    no = number()
    almost = (200, b'{"code": "SUCCESS"}')
    with mailbox((500, b"down"), (400, b"{}"), almost) as box:
        merchant.order(no, notify_url=box.url)
        sandbox_acquirer.sim_pay(no)
        until(lambda: len(box.received) == 4, 20)

    contents = [merchant.opened(raw.body) for raw in box.received]
    assert len({content["event_id"] for content in contents}) == 1
    assert len({raw.headers["sandbox-nonce"] for raw in box.received}) == 4


def test_the_exact_acknowledgement_is_what_the_adapter_answers(adapter):
    yes, no = adapter.ack(accepted=True), adapter.ack(accepted=False, reason="signature")

    assert (yes.status, yes.body) == (200, b'{"code":"SUCCESS"}')
    assert no.status == 400


def test_refunds_transfers_and_agreements_are_told_too(merchant, sandbox_acquirer, adapter):
    no, refund_no, transfer_no, agreement_no = (number(letter) for letter in "PRTA")
    with mailbox() as box:
        told = {"notify_url": box.url}
        merchant.order(no)
        sandbox_acquirer.sim_pay(no)
        amount = {"minor": 100, "currency": "CNY"}
        merchant.ask(
            "POST", "/v1/refunds", {"refund_no": refund_no, "our_no": no, "amount": amount} | told
        )
        payee = {"payee_name": "王姐", "payee_account": "62170000", "amount": amount}
        merchant.ask("POST", "/v1/transfers", {"transfer_no": transfer_no} | payee | told)
        _, bound = merchant.ask(
            "POST", "/v1/agreements", {"agreement_no": agreement_no, "owner_ref": "u1"} | told
        )
        sandbox_acquirer.tie_card(bound["sign_url"])
        merchant.ask("POST", f"/v1/agreements/{agreement_no}/unbind", {})
        until(lambda: len(box.received) == 4, 20)
        events = [
            adapter.parse_notification(adapter.verify_notification(raw))[0] for raw in box.received
        ]

    assert sorted(event.kind for event in events) == [
        "agreement",
        "agreement",
        "refund",
        "transfer",
    ]


def test_the_silent_card_pays_and_tells_nobody(merchant, sandbox_acquirer):
    quiet, loud = number(), number()
    with mailbox() as box:
        _, order = merchant.order(quiet, notify_url=box.url)
        sandbox_acquirer.pay_at_cashier(order["cashier_url"], cards.CCB_CREDIT_SILENT)
        merchant.order(loud, notify_url=box.url)
        sandbox_acquirer.sim_pay(loud)
        until(lambda: box.received)

    assert [merchant.opened(r.body)["resource"]["our_no"] for r in box.received] == [loud]
    assert merchant.ask("GET", f"/v1/orders/{quiet}")[1]["trade_state"] == "SUCCESS"


def test_a_restarted_bank_keeps_books_keys_and_promises(tmp_path):
    port, no = free_port(), number()
    url, folder = f"http://127.0.0.1:{port}", tmp_path / "bank"
    admin_port = free_port()
    pace = ["--retry-seconds", "0.2,3", "--admin-port", str(admin_port)]
    process = start_sandbox(folder, port, *pace)
    merchant = Merchant(url, folder / "keys")
    admin_url = f"http://127.0.0.1:{admin_port}"
    sandbox = SandboxAcquirer(url, folder / "keys", folder / "sandbox.log", admin_url)
    try:
        with mailbox((500, b"down"), (500, b"down")) as box:
            merchant.order(no, notify_url=box.url)
            sandbox.sim_pay(no)
            until(lambda: len(box.received) == 2)
            processes.stop(process)
            process = start_sandbox(folder, port, *pace)
            until(lambda: len(box.received) == 3, 20)

        assert merchant.opened(box.received[2].body)["resource"]["our_no"] == no
        assert merchant.ask("GET", f"/v1/orders/{no}")[1]["trade_state"] == "SUCCESS"
    finally:
        processes.stop(process)
        shutil.rmtree(folder, ignore_errors=True)
