"""WeChat Pay's messages: what happened, sealed with the APIv3 key and signed."""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from payments.sandbox.core import orders
from payments.sandbox.core.bank import Bank
from payments.sandbox.dialects.wechatpay import papers
from payments.sandbox.dialects.wechatpay.gate import signature
from payments.sandbox.dialects.wechatpay.keys import PUBLIC_KEY_ID, Keys
from payments.sandbox.dialects.wechatpay.words import moment
from payments.sandbox.letters import Letter
from payments.sandbox.signatures import as_json, spoiled

STALE_SECONDS: Final = 3600
SEAL_ALGORITHM: Final = "AEAD_AES_256_GCM"
# What the core tells -> event type, what it is about. Of the rest WeChat Pay tells nobody here:
# a payment that failed, a share that moved (its messages go to an address set at WeChat).
_EVENTS: Final = {
    "payment.succeeded": ("TRANSACTION.SUCCESS", "transaction", "支付成功"),
    "refund.succeeded": ("REFUND.SUCCESS", "refund", "退款成功"),
    "refund.abnormal": ("REFUND.ABNORMAL", "refund", "退款异常"),
    "refund.failed": ("REFUND.CLOSED", "refund", "退款关闭"),
    "transfer.succeeded": ("MCHTRANSFER.BILL.FINISHED", "mch_payment", "商家转账单据终态通知"),
    "transfer.failed": ("MCHTRANSFER.BILL.FINISHED", "mch_payment", "商家转账单据终态通知"),
    "transfer.cancelled": ("MCHTRANSFER.BILL.FINISHED", "mch_payment", "商家转账单据终态通知"),
    "transfer.returned": ("MCHTRANSFER.BILL.FINISHED", "mch_payment", "商家转账单据终态通知"),
}


def written(bank: Bank, keys: Keys, notice: sqlite3.Row, *, appid: str, flaw: str) -> Letter | None:
    """Write a notice of the bank's, sealed anew; None for what WeChat Pay tells nobody."""
    known = _EVENTS.get(notice["event_type"])
    if known is None:
        return None
    content = json.loads(notice["content"])
    event_type, about, summary = known
    resource = _resource(bank, content["resource"], about=about, appid=appid)
    body = as_json(
        {
            "id": notice["event_id"],
            "create_time": moment(content["created_at"]),
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "summary": summary,
            "resource": sealed(keys, resource, about=about),
        }
    )
    # During a switch the older key is the one of the platform certificate.
    wanted = "" if flaw == "old_key" else PUBLIC_KEY_ID
    ago = STALE_SECONDS if flaw == "stale_timestamp" else 0
    headers = signature(body, keys, wanted=wanted, seconds_ago=ago)
    if flaw == "bad_signature":
        headers["Wechatpay-Signature"] = spoiled(headers["Wechatpay-Signature"])
    return Letter(body, {"Content-Type": "application/json", **headers})


def _resource(bank: Bank, shown: Mapping[str, Any], *, about: str, appid: str) -> dict[str, Any]:
    connection = bank.books.connection
    if about == "transaction":
        scene = papers.Scene.of(connection, shown["our_no"])
        # A message tells of the payment's success, whatever was given back since.
        return papers.transaction({**shown, "refunded_minor": 0}, scene, appid=appid)
    if about == "refund":
        order = orders.by_number(connection, shown["merchant_id"], shown["our_no"])
        return papers.refund_notice(shown, order)
    (openid,) = connection.execute(
        "SELECT payee_account FROM transfers WHERE merchant_id = ? AND transfer_no = ?",
        (shown["merchant_id"], shown["transfer_no"]),
    ).fetchone()
    return papers.transfer(shown, appid=appid, openid=openid)


def sealed(keys: Keys, resource: Mapping[str, Any], *, about: str) -> dict[str, str]:
    """Seal a content: AES-256-GCM, a nonce of twelve characters, bound to what it is about."""
    nonce = secrets.token_hex(6)
    ciphertext = AESGCM(keys.seal).encrypt(nonce.encode(), as_json(resource), about.encode())
    return {
        "original_type": about,
        "algorithm": SEAL_ALGORITHM,
        "ciphertext": base64.b64encode(ciphertext).decode(),
        "associated_data": about,
        "nonce": nonce,
    }
