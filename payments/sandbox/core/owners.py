"""The card's owner at her bank: proven by a code to her phone, she sees what she has signed."""

from __future__ import annotations

import sqlite3
from typing import Final

from payments.sandbox.clock import now_ms
from payments.sandbox.core import agreements, codes
from payments.sandbox.core.bank import Bank, new_page_token
from payments.sandbox.refusals import Refusal

VISIT_LIFETIME_MS: Final = 900_000


def send_code(connection: sqlite3.Connection, bank: Bank, *, visit: str, phone: str) -> None:
    """Send the code that proves a visitor to be the phone's owner. Refusals of codes.send."""
    words = "您正在查看本机号码签约的快捷支付"
    codes.send(connection, bank, codes.Errand(_purpose(visit), phone, "", words))


def phone_of(connection: sqlite3.Connection, visit: str) -> str:
    """Return the phone a visit's code went to; Refusal PAGE_NOT_FOUND."""
    sent = codes.current(connection, _purpose(visit))
    if sent is None:
        raise Refusal("PAGE_NOT_FOUND", "no such page", status=404)
    return str(sent["phone"])


def prove(bank: Bank, visit: str, typed: str) -> str:
    """Check the typed code; return the secret of the owner's page. Refusals of codes.try_code."""
    sent, secret = codes.try_code(bank, _purpose(visit), typed), new_page_token()
    with bank.books.writing() as connection:
        connection.execute(
            "INSERT INTO owner_visits (page_token, phone, expires_ms) VALUES (?, ?, ?)",
            (secret, sent["phone"], now_ms() + VISIT_LIFETIME_MS),
        )
    return secret


def agreements_of(connection: sqlite3.Connection, secret: str) -> list[sqlite3.Row]:
    """List what the owner of a page has signed and is in force; Refusal PAGE_NOT_FOUND."""
    row = connection.execute(
        "SELECT phone FROM owner_visits WHERE page_token = ? AND expires_ms > ?",
        (secret, now_ms()),
    ).fetchone()
    if row is None:
        raise Refusal("PAGE_NOT_FOUND", "no such page", status=404)
    return connection.execute(
        "SELECT * FROM agreements WHERE phone = ? AND status IN ('ACTIVE', 'SUSPENDED')"
        " ORDER BY id DESC",
        (row["phone"],),
    ).fetchall()


def revoke(connection: sqlite3.Connection, secret: str, agreement_no: str) -> None:
    """Take one of the owner's agreements back; one that is not hers, or over, stays as it is."""
    for agreement in agreements_of(connection, secret):
        if agreement["agreement_no"] == agreement_no:
            agreements.revoke(connection, agreement)


def _purpose(visit: str) -> str:
    return f"owner:{visit}"
