"""Agreements (商家扣款): signed on the bank's page, told by what Alipay tells of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from payments.sandbox.core import agreements
from payments.sandbox.core.agreements import NewAgreement
from payments.sandbox.core.bank import Bank
from payments.sandbox.dialects.alipay.envelope import Call, good
from payments.sandbox.dialects.alipay.papers import beijing, business, number, text
from payments.sandbox.notifier import is_allowed_url
from payments.sandbox.refusals import Refusal

_STATES: Final = {"ACTIVE": "NORMAL", "SUSPENDED": "STOP"}


class Mandates:
    """The agreements of one merchant."""

    def __init__(self, bank: Bank, merchant_id: str) -> None:
        """Take the bank's books."""
        self._bank = bank
        self._merchant_id = merchant_id

    def started(self, call: Call) -> sqlite3.Row:
        """Open the signing a page address asks for (alipay.user.agreement.page.sign)."""
        paper = call.paper
        for name in ("personal_product_code", "sign_scene"):
            if not text(paper, name):
                raise business("INVALID_PARAMETER", f"{name} is missing")
        if call.notify_url and not is_allowed_url(
            call.notify_url, self._bank.settings.notify_hosts
        ):
            raise business("INVALID_PARAMETER", "notify_url")
        new = NewAgreement(
            merchant_id=self._merchant_id,
            agreement_no=number(paper, "external_agreement_no"),
            owner_ref="",
            return_url=call.return_url,
            notify_url=call.notify_url,
            holder_phone="",
        )
        try:
            with self._bank.books.writing() as connection:
                return agreements.start(connection, new)
        except Refusal as refusal:
            raise business("INVALID_PARAMETER", refusal.message) from refusal

    def query(self, call: Call) -> dict[str, object]:
        """alipay.user.agreement.query: what was never signed, or has ended, does not exist."""
        row = self._existing(call.paper)
        return good(**described(self._bank.books.connection, row))

    def unsign(self, call: Call) -> dict[str, object]:
        """alipay.user.agreement.unsign."""
        row = self._existing(call.paper)
        with self._bank.books.writing() as connection:
            agreements.unbind(connection, row)
        return good()

    def _existing(self, paper: Mapping[str, Any]) -> sqlite3.Row:
        connection = self._bank.books.connection
        token, ours = text(paper, "agreement_no"), text(paper, "external_agreement_no")
        try:
            if token:
                row = agreements.by_token(connection, self._merchant_id, token)
            else:
                row = agreements.by_number(connection, self._merchant_id, ours)
        except Refusal as refusal:
            raise business("USER_AGREEMENT_NOT_EXIST") from refusal
        if row["status"] not in _STATES:
            raise business("USER_AGREEMENT_NOT_EXIST")
        return row


def described(connection: sqlite3.Connection, row: sqlite3.Row) -> dict[str, object]:
    """Describe an agreement in Alipay's words; one that has ended is UNSIGN, in messages only."""
    del connection
    return {
        "agreement_no": row["token"],
        "external_agreement_no": row["agreement_no"],
        "principal_id": principal_of(str(row["fingerprint"])),
        "principal_type": "CARD",
        "alipay_logon_id": f"{row['phone'][:3]}******{row['phone'][-2:]}",
        "personal_product_code": "GENERAL_WITHHOLDING_P",
        "sign_scene": "INDUSTRY|GENERAL",
        "status": _STATES.get(row["status"], "UNSIGN"),
        "sign_time": beijing(row["signed_ms"]),
        "valid_time": beijing(row["signed_ms"]),
        "invalid_time": beijing(row["valid_until_ms"]),
    }


def principal_of(fingerprint: str) -> str:
    """Give whoever holds this card an Alipay user number, always the same."""
    return f"2088{int(fingerprint[:15], 16) % 10**12:012d}"
