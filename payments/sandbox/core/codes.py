"""One-time codes: six digits, five minutes, five tries, five sendings, bound to one purpose."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Final

from payments.sandbox.clock import now_ms
from payments.sandbox.core import texts
from payments.sandbox.core.bank import Bank
from payments.sandbox.refusals import Refusal

LIFETIME_MS: Final = 300_000
TRIES: Final = 5
SENDINGS: Final = 5


@dataclass(frozen=True, slots=True)
class Errand:
    """What a code is for: its purpose key, whom it goes to, the card, and the words around it."""

    purpose: str
    phone: str
    fingerprint: str
    words: str


def send(connection: sqlite3.Connection, bank: Bank, errand: Errand) -> None:
    """Send a code. Refusals CODE_TOO_SOON (with seconds to wait) and CODE_TOO_MANY."""
    _refuse_too_often(bank, errand, current(connection, errand.purpose))
    at = now_ms()
    code = f"{secrets.randbelow(1_000_000):06d}"
    connection.execute(
        "INSERT INTO one_time_codes (purpose, code_digest, phone, fingerprint, sent_count,"
        " tries_left, sent_ms, expires_ms) VALUES (?, ?, ?, ?, 1, ?, ?, ?)"
        " ON CONFLICT (purpose) DO UPDATE SET code_digest = excluded.code_digest,"
        " phone = excluded.phone, fingerprint = excluded.fingerprint,"
        " sent_count = sent_count + 1, tries_left = excluded.tries_left,"
        " sent_ms = excluded.sent_ms, expires_ms = excluded.expires_ms",
        (
            errand.purpose,
            bank.digest(f"{errand.purpose}:{code}"),
            errand.phone,
            errand.fingerprint,
            TRIES,
            at,
            at + LIFETIME_MS,
        ),
    )
    body = f"【沙箱银行】验证码 {code}，{errand.words}。5 分钟内有效，请勿告诉他人。"
    texts.send(connection, phone=errand.phone, sender="沙箱银行", body=body)


def _refuse_too_often(bank: Bank, errand: Errand, known: sqlite3.Row | None) -> None:
    """Pause between two codes for one card, and a limit for the page whatever the card."""
    if known is None:
        return
    if known["sent_count"] >= SENDINGS:
        raise Refusal("CODE_TOO_MANY", "no more codes for this page", status=429)
    pause_ms = known["sent_ms"] + int(bank.settings.code_pause_seconds * 1000) - now_ms()
    if pause_ms > 0 and known["fingerprint"] == errand.fingerprint:
        wait = {"seconds": -(-pause_ms // 1000)}
        raise Refusal("CODE_TOO_SOON", "a code was sent just now", status=429, detail=wait)


def current(connection: sqlite3.Connection, purpose: str) -> sqlite3.Row | None:
    """Return the code that was sent last for a purpose."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM one_time_codes WHERE purpose = ?", (purpose,)
    ).fetchone()
    return row


def try_code(bank: Bank, purpose: str, typed: str) -> sqlite3.Row:
    """Check a typed code and use it up; every try counts, even when the caller later fails.

    Refusals CODE_MISSING, CODE_EXPIRED, CODE_USED_UP, CODE_WRONG (with tries left).
    """
    with bank.books.writing() as connection:
        counted = connection.execute(
            "UPDATE one_time_codes SET tries_left = tries_left - 1"
            " WHERE purpose = ? AND tries_left > 0",
            (purpose,),
        )
        sent = current(connection, purpose)
        is_right = (
            sent is not None
            and counted.rowcount == 1
            and hmac.compare_digest(
                sent["code_digest"], bank.digest(f"{purpose}:{''.join(typed.split())}")
            )
        )
        if sent is not None and is_right and sent["expires_ms"] > now_ms():
            return sent
    if sent is None:
        raise Refusal("CODE_MISSING", "ask for a code first")
    if sent["expires_ms"] <= now_ms():
        raise Refusal("CODE_EXPIRED", "the code is too old; ask for a new one")
    if sent["tries_left"] <= 0:
        raise Refusal("CODE_USED_UP", "too many wrong codes; ask for a new one")
    raise Refusal("CODE_WRONG", "the code is wrong", detail={"tries_left": sent["tries_left"]})
