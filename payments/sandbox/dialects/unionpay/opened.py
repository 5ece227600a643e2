"""How UnionPay describes a payment, a refund, a card that was opened."""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from payments.sandbox.clock import from_text
from payments.sandbox.core import campaigns, cards
from payments.sandbox.core.cards import Card
from payments.sandbox.dialects.unionpay import numbers, wire, words
from payments.sandbox.dialects.unionpay.wire import Fields

TR_ID: Final = "62000000001"
_KINDS: Final = {"debit": "01", "credit": "02"}


def _settled(core_no: str, amount_minor: int, at_ms: int | None) -> Fields:
    moment = numbers.trace_time(at_ms)
    return {
        "queryId": numbers.query_id(core_no),
        "traceNo": numbers.trace_no(core_no),
        "traceTime": moment,
        "settleAmt": str(amount_minor),
        "settleCurrencyCode": "156",
        "settleDate": moment[:4],
    }


def of_order(connection: sqlite3.Connection, order: sqlite3.Row) -> Fields:
    """Say what became of a payment."""
    code, text = words.became(order["status"], order["failure_code"])
    return {
        "origRespCode": code,
        "origRespMsg": text,
        "currencyCode": "156",
        **_charged(order["amount_minor"], campaigns.discounts_of(connection, order)),
        **_settled(order["acquirer_no"], order["amount_minor"], order["paid_ms"]),
    }


def _charged(asked_minor: int, discounts: list[dict[str, Any]]) -> Fields:
    """Write what the payer was charged, and who took the rest off."""
    off_minor = sum(part["amount"]["minor"] for part in discounts)
    if not off_minor:
        return {"txnAmt": str(asked_minor)}
    parts = [
        {
            "spnsrId": part["ref"].partition(":")[0],
            "type": "DD01",
            "offstAmt": str(part["amount"]["minor"]),
            "id": part["ref"],
        }
        for part in discounts
    ]
    return {
        "txnAmt": str(asked_minor - off_minor),
        "origTxnAmt": str(asked_minor),
        "couponInfo": base64.b64encode(json.dumps(parts).encode()).decode(),
    }


def of_refund(connection: sqlite3.Connection, refund: sqlite3.Row) -> Fields:
    """Say what became of a refund."""
    del connection
    code, text = words.became(refund["status"], refund["failure_code"])
    return {
        "origRespCode": code,
        "origRespMsg": text,
        "txnAmt": str(refund["amount_minor"]),
        "currencyCode": "156",
        **_settled(refund["acquirer_refund_no"], refund["amount_minor"], refund["done_ms"]),
    }


def told_of(view: Mapping[str, Any], number: str, *, moment: str | None) -> Fields:
    """Write the money part of a notice from what the core says of an order or a refund."""
    at_ms = from_text(moment, name="moment") if moment else None
    minor = view["amount"]["minor"]
    return {
        **_charged(minor, view.get("discounts", [])),
        "currencyCode": "156",
        "exchangeRate": "0",
        **_settled(number, minor, at_ms),
    }


class Seals:
    """What is sealed between UnionPay and its merchant: card numbers to it, phones from it."""

    def __init__(self, merchant: RSAPublicKey, own: RSAPrivateKey) -> None:
        """Take the merchant's public key and the one merchants seal for."""
        self._merchant = merchant
        self._own = own

    def of_agreement(self, connection: sqlite3.Connection, agreement: sqlite3.Row) -> Fields:
        """Describe an opening: active with its token and card, or not."""
        if agreement["status"] != "ACTIVE":
            return {"activateStatus": "0"}
        card = cards.recall(connection, agreement["fingerprint"])
        data = {
            "token": agreement["token"],
            "trId": TR_ID,
            "tokenLevel": "80",
            "tokenBegin": numbers.stamp(agreement["signed_ms"]),
            "tokenEnd": numbers.stamp(agreement["valid_until_ms"] or agreement["signed_ms"] * 2),
            "tokenType": "01",
        }
        inner = "&".join(f"{name}={value}" for name, value in data.items())
        phone = wire.sealed(f"phoneNo={agreement['phone']}", self._merchant)
        info = base64.b64encode(f"{{encryptedInfo={phone}}}".encode()).decode()
        described: Fields = {
            "activateStatus": "1",
            "tokenPayData": f"{{{inner}}}",
            "customerInfo": info,
        }
        if card is not None:
            described |= {
                "accNo": wire.sealed(shown_number(card), self._merchant),
                "payCardType": _KINDS[card.kind],
                "payCardIssueName": cards.ISSUER_NAMES[card.issuer_code][0],
            }
        return described

    def code_in(self, fields: Fields) -> str:
        """Read smsCode out of customerInfo."""
        return _customer(fields).get("smsCode", "")

    def phone_in(self, fields: Fields) -> str:
        """Read phoneNo out of customerInfo, sealed or not."""
        parts = _customer(fields)
        if "encryptedInfo" in parts:
            try:
                raw = self._own.decrypt(base64.b64decode(parts["encryptedInfo"]), PKCS1v15())
                parts |= wire.token_data(raw.decode())
            except (ValueError, binascii.Error):
                return ""
        return parts.get("phoneNo", "")[:20]


def _customer(fields: Fields) -> Fields:
    try:
        text = base64.b64decode(fields.get("customerInfo", ""), validate=True).decode()
    except (ValueError, binascii.Error):
        return {}
    return wire.token_data(text)


def shown_number(card: Card) -> str:
    """Return a test card's number: whole where its serial has three digits, else in part.

    The bank keeps no numbers; those of test cards follow from what it does keep.
    """
    serial = int(card.last4[:3])
    number = cards.number_for(card.bin, card.temper, serial)
    is_it = number[-4:] == card.last4
    return number if is_it else f"{card.bin}{'*' * (len(number) - 10)}{card.last4}"
