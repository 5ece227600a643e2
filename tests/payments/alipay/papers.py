"""Keys, messages and answers for tests of Alipay's adapter; signed here without its code."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from payments.acquiring.contract import RawHttp
from payments.adapters.alipay.profile import Profile
from payments.adapters.alipay.wire import Keys
from payments.kernel.clock import wall_now

SELLER = "2088102100000001"
APP = "2021000100000001"
PROFILE = Profile(APP, SELLER, agreement=True, royalty=True, transfer=True)


@functools.cache
def pair(name: str) -> RSAPrivateKey:
    """One key per name and run: ours, alipay, stranger."""
    assert name in {"ours", "alipay", "stranger"}
    return generate_private_key(public_exponent=65537, key_size=2048)


def keys() -> Keys:
    """Our half, in key mode."""
    return Keys(pair("ours"), {"": pair("alipay").public_key()})


def signature(message: bytes, by: str = "alipay", digest: object = None) -> str:
    """Sign as RSA2 does, unless another digest is given."""
    made = pair(by).sign(message, PKCS1v15(), digest or hashes.SHA256())
    return base64.b64encode(made).decode()


def answer(
    data: object, method: str = "alipay.trade.query", by: str = "alipay", **around: object
) -> bytes:
    """An answer of the gateway's, signed over its node's characters."""
    node = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    tail = "".join(f',"{name}":{json.dumps(value)}' for name, value in around.items())
    name = f"{method.replace('.', '_')}_response"
    return f'{{"{name}":{node},"sign":"{signature(node.encode(), by)}"{tail}}}'.encode()


def beijing_now(**ahead: float) -> str:
    """What a clock in Beijing shows."""
    at = wall_now() + timedelta(hours=8) + timedelta(**ahead)
    return at.strftime("%Y-%m-%d %H:%M:%S")


def paid_notice(**changed: str | None) -> dict[str, str]:
    """The fields of a message that a payment of 192.00 succeeded; None drops one."""
    fields = {
        "notify_type": "trade_status_sync",
        "notify_id": "2026112200222000000000000000000001",
        "notify_time": beijing_now(),
        "app_id": APP,
        "seller_id": SELLER,
        "charset": "utf-8",
        "version": "1.0",
        "out_trade_no": "P2611220000000000001",
        "trade_no": "2026112222001400000000000001",
        "trade_status": "TRADE_SUCCESS",
        "subject": "荔枝 2 斤 + 桃子 100%",
        "total_amount": "192.00",
        "receipt_amount": "192.00",
        "buyer_pay_amount": "192.00",
        "gmt_payment": beijing_now(),
        "fund_bill_list": '[{"amount":"192.00","fundChannel":"ALIPAYACCOUNT"}]',
    }
    return {name: value for name, value in {**fields, **changed}.items() if value is not None}


def signed_notice(fields: Mapping[str, str], by: str = "alipay", **around: str) -> dict[str, str]:
    """Sign a message's fields."""
    told = "&".join(f"{k}={v}" for k, v in sorted(fields.items()))
    return {**fields, "sign_type": "RSA2", "sign": signature(told.encode(), by), **around}


def posted(fields: Mapping[str, str], encoding: str = "utf-8") -> RawHttp:
    """Bring a message as Alipay does."""
    return posted_bytes(urlencode(fields, encoding=encoding).encode())


def posted_bytes(body: bytes) -> RawHttp:
    """Bring these bytes."""
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    return RawHttp("POST", "/notify", b"", headers, body)
