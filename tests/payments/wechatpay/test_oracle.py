"""Another's library, wechatpayv3: it believes what we sign, we believe what it signs, both ways.

It is an independent reading of the same documents; it has no say in how we are built.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpayv3 import SignType, WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.utils import rsa_decrypt, rsa_sign, rsa_verify

from payments.adapters.wechatpay import wire
from payments.adapters.wechatpay.keys import PUBLIC_KEY_PREFIX, Keys
from payments.kernel.clock import wall_now
from payments.kernel.numbers import new_number
from tests.payments.wechatpay import theirs
from tests.payments.wechatpay.theirs import APPID, MERCHANT, PUBLIC_KEY_ID, SEAL, SERIAL, key

BODIES = st.dictionaries(
    st.text(min_size=1, max_size=8), st.text(max_size=30) | st.integers(), max_size=4
)
PATHS = st.from_regex(
    r"/v3/[a-z]{1,9}(/[A-Za-z0-9_-]{1,12}){0,2}(\?[a-z]{1,5}=[a-z0-9]{1,9})?", fullmatch=True
)
KEYS = Keys(
    MERCHANT,
    SERIAL,
    key("merchant"),
    SEAL,
    {PUBLIC_KEY_ID: key("public").public_key()},
    PUBLIC_KEY_ID,
)
NOTICES = settings(max_examples=40, deadline=None)


def their_core() -> Core:
    """The library's heart, in public-key mode."""
    return Core(
        MERCHANT,
        SERIAL,
        theirs.private_pem("merchant"),
        SEAL.decode(),
        public_key=theirs.public_pem("public"),
        public_key_id=PUBLIC_KEY_ID,
    )


@NOTICES
@given(path=PATHS, body=BODIES)
def test_what_we_sign_is_our_signature_to_it(path, body):
    raw = wire.as_json(body)
    mark = wire.Mark(1_763_800_000, "5K8264ILTKCH16CQ2502SI8ZNMTM67VS")
    call = wire.signed_call(KEYS, method="POST", path=path, body=raw, mark=mark)
    said = dict(re.findall(r'([a-z_]+)="([^"]*)"', call.headers["Authorization"]))

    # Its verifier joins three parts; a request has five, so the first two stand in the first.
    first = f"POST\n{path}\n{mark.stamp}"
    assert rsa_verify(
        first, mark.nonce, raw.decode(), said["signature"], key("merchant").public_key()
    )
    assert (said["mchid"], said["serial_no"]) == (MERCHANT, SERIAL)


@NOTICES
@given(body=BODIES)
def test_what_it_signs_we_believe_and_nothing_changed_of_it(body):
    raw = json.dumps(body, ensure_ascii=False)
    stamp, nonce = str(int(wall_now().timestamp())), "c5ac7061fccab6bf3e254dcf98995b8c"
    signature = rsa_sign(key("public"), f"{stamp}\n{nonce}\n{raw}\n")
    headers = {
        "wechatpay-serial": PUBLIC_KEY_ID,
        "wechatpay-timestamp": stamp,
        "wechatpay-nonce": nonce,
        "wechatpay-signature": signature,
    }

    assert wire.flaw_of(KEYS, SimpleNamespace(headers=headers, body=raw.encode()), wall_now()) == ""
    changed = SimpleNamespace(headers=headers, body=f"{raw} ".encode())
    assert wire.flaw_of(KEYS, changed, wall_now()) == "signature"


@NOTICES
@given(name=st.text(min_size=1, max_size=20))
def test_a_name_we_encrypt_it_reads(name):
    assert rsa_decrypt(wire.encrypted(KEYS, name), key("public")) == name


def test_a_message_it_reads_as_we_do(wechat):
    raw = theirs.message(theirs.envelope(theirs.Content(theirs.transaction())))
    headers = {name.title(): value for name, value in raw.headers.items()}

    read = json.loads(their_core().decrypt_callback(headers, raw.body))

    (event,) = wechat.parse_notification(wechat.verify_notification(raw))
    assert read["out_trade_no"] == event.result.payment_no
    assert read["amount"]["total"] == event.result.amount.minor


def test_what_a_page_hands_to_wechat_is_signed_as_it_would():
    parts = [
        APPID,
        "1763800000",
        "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
        "prepay_id=wx201410272009395522",
    ]

    assert wire.page_signature(KEYS, *parts) == their_core().sign(parts, SignType.RSA_SHA256)


@pytest.fixture
def client(bank, monkeypatch) -> WeChatPay:
    """The library's client at our dialect: its gateway is a constant, changed from outside."""
    facts, folder = bank.dialect("wechatpay").settings, bank.keys_dir / "wechatpay"
    made = WeChatPay(
        WeChatPayType.NATIVE,
        facts["merchant_id"],
        (folder / "merchant_private.pem").read_text(),
        facts["merchant_serial"],
        appid=facts["appid"],
        apiv3_key=(folder / "apiv3_key").read_text(),
        notify_url="http://127.0.0.1:1/notify",
        public_key=(folder / "public_key.pem").read_text(),
        public_key_id=facts["public_key_id"],
    )
    monkeypatch.setattr(made._core, "_gate_way", facts["base_url"])
    return made


def test_its_client_pays_asks_gives_back_and_closes_at_our_dialect(client, bank):
    paid, closed, refund = new_number("P"), new_number("P"), new_number("R")
    ends = (datetime.now(UTC) + timedelta(minutes=20)).isoformat(timespec="seconds")
    for number in (paid, closed):
        status, said = client.pay("荔枝, 2 斤", number, {"total": 19200}, time_expire=ends)
        assert (status, "code_url" in json.loads(said)) == (200, True)

    bank.told(f"/_sim/pay/{paid}?merchant={MERCHANT}")
    assert client.close(closed)[0] == 204
    status, said = client.query(out_trade_no=paid)
    assert (status, json.loads(said)["trade_state"]) == (200, "SUCCESS")
    status, said = client.refund(
        refund, {"refund": 100, "total": 19200, "currency": "CNY"}, out_trade_no=paid
    )
    assert (status, json.loads(said)["amount"]["refund"]) == (200, 100)
    status, said = client.query_refund(refund)
    assert (status, json.loads(said)["status"]) == (200, "SUCCESS")
    assert client.query(out_trade_no=new_number("P"))[0] == 404


def test_its_client_knows_the_platform_certificate_our_dialect_gives(client):
    client._core._update_certificates()

    assert len(client._core._certificates) == 1
    assert client._core._public_key_id.startswith(PUBLIC_KEY_PREFIX)


def test_a_transfer_and_a_receiver_it_encrypts_are_understood(client):
    status, said = client.mch_transfer_bills(
        out_bill_no=new_number("T"),
        transfer_scene_id="1005",
        openid="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        transfer_amount=300_000,
        transfer_remark="佣金",
        user_name="王姐",
        transfer_scene_report_infos=[{"info_type": "岗位类型", "info_content": "团长"}],
    )
    assert (status, json.loads(said)["state"]) == (200, "WAIT_USER_CONFIRM")
    status, _said = client.profitsharing_add_receiver(
        "MERCHANT_ID", "1900000110", "SUPPLIER", "绿源"
    )
    assert status == 200
