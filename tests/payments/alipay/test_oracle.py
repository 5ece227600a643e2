"""Against python-alipay-sdk: it signs as we check, checks as we sign, and talks to our dialect."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from alipay import AliPay, DCAliPay
from alipay.exceptions import AliPayException
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.acquiring.contract import Outcome, PayRef
from payments.acquiring.registry import make_adapter
from payments.adapters.alipay import notices, wire
from payments.adapters.alipay.certificates import root_serial_of, serial_of
from payments.kernel.clock import wall_now
from tests.payments.alipay.papers import (
    PROFILE,
    beijing_now,
    keys,
    paid_notice,
    pair,
    posted,
    posted_bytes,
    signed_notice,
)

NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(
    lambda n: n not in {"sign", "sign_type"}
)
# What Alipay can write into a form: any character a form in UTF-8 can carry.
VALUES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


def pem_of(name: str) -> str:
    key = pair(name)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_of(name: str) -> str:
    key = pair(name).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture(scope="module")
def merchant() -> AliPay:
    """The library as the merchant we are."""
    return AliPay(PROFILE.app_id, None, pem_of("ours"), public_of("alipay"))


@pytest.fixture(scope="module")
def gateway() -> AliPay:
    """The library with Alipay's key, signing in its place; it checks with ours."""
    return AliPay(PROFILE.app_id, None, pem_of("alipay"), public_of("ours"))


@settings(max_examples=25, deadline=None)
@given(fields=st.dictionaries(NAMES, VALUES, min_size=1, max_size=8))
def test_what_we_sign_the_library_believes(gateway, fields):
    sent = wire.signed(keys(), {**fields, "sign_type": "RSA2"})

    message = "&".join(f"{k}={v}" for k, v in sorted(sent.items()) if k != "sign")
    assert gateway._verify(message, sent["sign"])
    read = dict(parse_qsl(wire.form_body(sent).decode(), strict_parsing=True))
    assert read == sent


@settings(max_examples=25, deadline=None)
@given(extra=st.dictionaries(NAMES, VALUES, max_size=6))
def test_what_the_library_signs_as_alipay_we_believe(gateway, extra):
    fields = {**extra, **paid_notice()}
    text = "&".join(f"{k}={v}" for k, v in sorted(fields.items()))
    raw = posted({**fields, "sign_type": "RSA2", "sign": gateway._sign(text)})

    evidence = notices.open_notification(keys(), PROFILE, raw, now=wall_now())

    assert json.loads(evidence.content) == fields


@settings(max_examples=25, deadline=None)
@given(extra=st.dictionaries(NAMES, VALUES, max_size=6))
def test_what_we_hold_for_alipays_the_library_does_too(merchant, extra):
    fields = signed_notice({**extra, **paid_notice()})
    told = dict(parse_qsl(posted(fields).body.decode(), keep_blank_values=True))

    assert merchant.verify(told, told.pop("sign"))


@settings(max_examples=25, deadline=None)
@given(value=st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=40))
def test_an_answer_reads_the_same_here_and_there(merchant, gateway, value):
    """Brackets inside texts are left out: the library counts them as if they were none."""
    node = json.dumps({"code": "10000", "subject": value}, ensure_ascii=False)
    sign = gateway._sign(node)
    body = f'{{"alipay_trade_query_response":{node},"sign":"{sign}"}}'

    theirs = merchant._verify_and_return_sync_response(body, "alipay_trade_query_response")

    assert wire.proven_node(keys(), body.encode(), "alipay.trade.query").data == theirs


def client_of(bank, kind=DCAliPay):
    """The library with the files the dialect laid out, pointed at its gateway."""
    account = bank.dialect("alipay")
    texts = {name: Path(path).read_text() for name, path in account.keys.items()}
    if kind is AliPay:
        made = AliPay(
            account.settings["app_id"],
            None,
            texts["app_private_key"],
            texts["alipay_public_key"],
        )
    else:
        # The library wants its roots with an empty line between them.
        roots = texts["alipay_root_cert"].replace("E-----\n-----B", "E-----\n\n-----B")
        made = DCAliPay(
            account.settings["app_id"],
            texts["app_private_key"],
            texts["app_cert"],
            texts["alipay_cert"],
            roots,
        )
    made._gateway = f"{account.settings['base_url']}/gateway.do"
    return made


def test_certificates_are_named_alike_with_the_sm2_root_left_out(bank):
    account, client = bank.dialect("alipay"), client_of(bank)
    files = {name: Path(path).read_bytes() for name, path in account.keys.items()}

    assert serial_of(files["app_cert"]) == client.app_cert_sn
    assert serial_of(files["alipay_cert"]) == client.get_cert_sn(files["alipay_cert"])
    assert root_serial_of(files["alipay_root_cert"]) == client.alipay_root_cert_sn
    assert files["alipay_root_cert"].count(b"BEGIN") == 2


@pytest.mark.parametrize("kind", [AliPay, DCAliPay])
def test_the_librarys_client_collects_asks_and_gives_back(bank, kind):
    client, adapter = client_of(bank, kind), make_adapter(bank.dialect("alipay"))
    number = f"P{kind.__name__}1"

    def ask(method: str, **paper: str) -> dict:
        return client.server_api(f"alipay.trade.{method}", paper, timestamp=beijing_now())

    opened = ask("precreate", out_trade_no=number, total_amount="192.00", subject="荔枝 {2} 斤")
    requests.get(opened["qr_code"], timeout=10)
    assert ask("query", out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"
    bank.told(f"/_sim/pay/{number}?merchant={adapter.merchant_id}")
    back = ask("refund", out_trade_no=number, refund_amount="2.00", out_request_no="R1" + number)

    assert (back["fund_change"], back["refund_fee"]) == ("Y", "2.00")
    assert adapter.query(PayRef(number)).outcome is Outcome.SUCCEEDED
    assert ask("query", out_trade_no="NOBODY")["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    with pytest.raises(AliPayException):
        client.server_api(
            "alipay.trade.query", {"out_trade_no": number}, timestamp="2020-01-01 00:00:00"
        )


def test_a_page_the_library_signs_leads_to_the_cashier(bank):
    client = client_of(bank)
    query = client.client_api(
        "alipay.trade.wap.pay",
        {"out_trade_no": "PWAP0001", "total_amount": "1.00", "subject": "桃"},
        timestamp=beijing_now(),
    )

    came = requests.get(f"{client._gateway}?{query}", timeout=10)

    assert (came.status_code, urlsplit(came.url).path.split("/")[1]) == (200, "cashier")


def test_the_key_alone_is_enough_for_all_but_transfers(bank):
    account = bank.dialect("alipay")
    names = ("app_private_key", "alipay_public_key")
    alone = make_adapter(replace(account, keys={name: account.keys[name] for name in names}))

    assert alone.query(PayRef("PNOBODY0001")).outcome is Outcome.NOT_FOUND
    assert alone.caps.transfer == "none"
    assert make_adapter(account).caps.transfer == "direct"
    assert posted_bytes(b"").body == b""
