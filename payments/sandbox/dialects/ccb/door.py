"""The door under /ccb: a counter of the bank's, its routes, its messages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from flask import Blueprint

from payments.sandbox.core import cards
from payments.sandbox.core.bills import yuan
from payments.sandbox.dialects.ccb import gateway, keys, outreach, portal, scans
from payments.sandbox.dialects.ccb.guard import guard
from payments.sandbox.dialects.ccb.portal import Portal
from payments.sandbox.dialects.ccb.speech import sealed_card
from payments.sandbox.dialects.door import Door
from payments.sandbox.keys import write_secret
from payments.sandbox.letters import Letter

POS_ID: Final = "100000415"
BRANCH_ID: Final = "510000000"
USER_ID: Final = "WLPT01"
_HOLDER: Final = "李小娟"


class CcbDoor(Door):
    """The bank as 建行 CCBIS, scanned codes and 外联平台."""

    name: ClassVar[str] = "ccb"
    merchant_id: ClassVar[str] = "105000000000415"
    pos_id: ClassVar[str] = POS_ID
    branch_id: ClassVar[str] = BRANCH_ID
    user_id: ClassVar[str] = USER_ID

    def make_keys(self) -> None:
        """Make the counter's pair and passwords where they are missing."""
        self.key = keys.counter_key(self.own_half / "counter.pem")
        self.other_key = keys.counter_key(self.own_half / "other_counter.pem")
        self.key_hex = keys.public_hex(self.key)
        self.pub = self.key_hex[-30:]
        write_secret(self.merchants_half / "public_key.txt", self.key_hex.encode())
        self.query_password = keys.password(self.merchants_half / "query_password.txt")
        self.operator_password = keys.password(self.merchants_half / "operator_password.txt")
        told = self.bank.settings.merchant_notify_url.replace("{dialect}", self.name)
        self.portal = Portal(self.own_half / "portal.json", notify_url=told)

    def account(self) -> tuple[Mapping[str, object], Mapping[str, str]]:
        """Return what our account here is made of."""
        settings = {
            "pos_id": self.pos_id,
            "branch_id": self.branch_id,
            "sidecar_url": f"{self.url}/wlpt",
            "user_id": self.user_id,
            "fee_rate": self.bank.settings.fee_rate,
            "is_test": True,
        }
        names = ("public_key", "query_password", "operator_password")
        return settings, {name: f"{name}.txt" for name in names}

    def routes(self) -> Blueprint:
        """Build the bank's addresses."""
        routes = Blueprint(self.name, __name__)
        guard(routes, self)
        gateway.add_routes(routes, self)
        scans.add_routes(routes, self)
        outreach.add_routes(routes, self)
        portal.add_routes(routes, self)
        return routes

    def letter(self, notice: sqlite3.Row, flaw: str) -> Letter | None:
        """Write a success as the bank does: signed fields in a form, GBK; nothing else is told."""
        if notice["event_type"] != "payment.succeeded":
            return None
        said = json.loads(notice["content"])["resource"]
        text = "&".join(f"{name}={value}" for name, value in self._told(said).items())
        key = self.other_key if flaw == "old_key" else self.key
        sign = keys.signed(key, text.encode("gb18030"))
        if flaw == "bad_signature":
            sign = f"{int(sign[0], 16) ^ 1:x}{sign[1:]}"
        body = f"{text}&SIGN={sign}".encode("gb18030")
        if self.portal.way == "GET":
            return Letter(b"", {}, url=f"{notice['url']}?{body.decode('ascii', 'ignore')}")
        return Letter(body, {"Content-Type": "application/x-www-form-urlencoded"})

    def is_acknowledged(self, status: int, said: bytes) -> bool:
        """Any 200 will do."""
        del said
        return status == 200

    def _told(self, order: Mapping[str, Any]) -> dict[str, str]:
        amount = order["amount"]
        fields = {
            "POSID": self.pos_id,
            "BRANCHID": self.branch_id,
            "ORDERID": str(order["our_no"]),
            "PAYMENT": yuan(amount["minor"]),
            "CURCODE": "01",
            "REMARK1": "",
            "REMARK2": "",
            "ACC_TYPE": "12",
            "SUCCESS": "Y",
            "TYPE": "1",
            "REFERER": "",
            "CLIENTIP": "127.0.0.1",
            "ACCDATE": str(order["paid_at"])[:10].replace("-", ""),
        }
        card = order.get("payer_card")
        if isinstance(card, dict) and card.get("bin"):
            number = cards.number_for(str(card["bin"]))
            fields["USRMSG"] = sealed_card(_HOLDER, number, self.pub)
        return fields
