"""The door under /ccb_hsb: a market of the bank's, its routes, its messages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from flask import Blueprint

from payments.sandbox.core.bills import yuan
from payments.sandbox.dialects.ccb import portal
from payments.sandbox.dialects.ccb.portal import Portal
from payments.sandbox.dialects.ccb_hsb import paper
from payments.sandbox.dialects.ccb_hsb.routes import ORDER_STATES, REFUND_STATES, add_routes
from payments.sandbox.dialects.door import Door
from payments.sandbox.keys import write_secret
from payments.sandbox.letters import Letter
from payments.sandbox.signatures import spoiled


class HsbDoor(Door):
    """The bank as 惠市宝."""

    name: ClassVar[str] = "ccb_hsb"
    merchant_id: ClassVar[str] = "41060860800415"
    seller_id: ClassVar[str] = "41060860800415000001"

    def make_keys(self) -> None:
        """Make the platform's pair and ours where they are missing."""
        self.key = _pair(self.own_half / "platform.pem")
        self.other_key = _pair(self.own_half / "older_platform.pem")
        self.merchant_key = _pair(self.merchants_half / "private_key.pem").public_key()
        public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_secret(self.merchants_half / "platform_public_key.pem", public)
        told = self.bank.settings.merchant_notify_url.replace("{dialect}", self.name)
        self.portal = Portal(self.own_half / "portal.json", notify_url=told)

    def account(self) -> tuple[Mapping[str, object], Mapping[str, str]]:
        """Return what our account here is made of."""
        settings = {
            "seller_id": self.seller_id,
            "fee_rate": self.bank.settings.fee_rate,
            "is_test": True,
        }
        names = ("private_key", "platform_public_key")
        return settings, {name: f"{name}.pem" for name in names}

    def routes(self) -> Blueprint:
        """Build the platform's addresses."""
        routes = Blueprint(self.name, __name__)
        add_routes(routes, self)
        portal.add_routes(routes, self)
        return routes

    def letter(self, notice: sqlite3.Row, flaw: str) -> Letter | None:
        """Write what became of a payment or a refund."""
        said = json.loads(notice["content"])["resource"]
        about = notice["event_type"].partition(".")[0]
        if about == "payment":
            data = _payment_said(said)
        elif about == "refund":
            data = _refund_said(said)
        else:
            return None
        body = paper.message(data, self.other_key if flaw == "old_key" else self.key)
        if flaw == "bad_signature":
            signed = json.loads(body)
            signed["Sign_Inf"] = spoiled(signed["Sign_Inf"])
            body = json.dumps(signed, ensure_ascii=False).encode()
        return Letter(body, {"Content-Type": "application/json"})

    def is_acknowledged(self, status: int, said: bytes) -> bool:
        """Only the exact word counts."""
        try:
            answer = json.loads(said)
        except ValueError:
            return False
        return status == 200 and isinstance(answer, dict) and answer.get("Svc_Rsp_St") == "00"


def _pair(path: Path) -> RSAPrivateKey:
    if not path.exists():
        made = generate_private_key(public_exponent=65537, key_size=2048)
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_secret(path, pem)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path} is not an RSA key")
    return key


def _payment_said(order: Mapping[str, Any]) -> dict[str, str]:
    amount = yuan(order["amount"]["minor"])
    return {
        "Main_Ordr_No": order["our_no"],
        "Py_Trn_No": order["acquirer_no"],
        "Ordr_Amt": amount,
        "Txnamt": amount,
        "Pay_Time": _digits(order["paid_at"]),
        "Ordr_Stcd": ORDER_STATES[order["trade_state"]],
    }


def _refund_said(refund: Mapping[str, Any]) -> dict[str, str]:
    return {
        "Ittparty_Tms": _digits(refund["created_at"]),
        "Ittparty_Jrnl_No": refund["acquirer_refund_no"],
        "Py_Trn_No": "",
        "Cust_Rfnd_Trcno": refund["refund_no"],
        "Super_Refund_No": refund["acquirer_refund_no"],
        "Rfnd_Amt": yuan(refund["amount"]["minor"]),
        "Refund_Rsp_St": REFUND_STATES[refund["refund_state"]],
        "Refund_Rsp_Inf": "",
    }


def _digits(instant: str | None) -> str:
    return "".join(c for c in str(instant or "")[:19] if c.isdecimal())
