"""The bank as its rooms see it: set-up, keys, books, and the bell that wakes the clerks."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from payments.sandbox.books import Books
from payments.sandbox.keys import KeyRing
from payments.sandbox.letters import Writer
from payments.sandbox.rules import Rules
from payments.sandbox.settings import Settings


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


@dataclass(frozen=True, slots=True)
class Bank:
    """One running sandbox bank."""

    settings: Settings
    keys: KeyRing
    books: Books
    rules: Rules
    bell: threading.Event = field(default_factory=threading.Event)
    # Who writes to a merchant; the bank itself to those not named here.
    writers: dict[str, Writer] = field(default_factory=dict)
    # How a fault lets time pass; a rehearsal without threads does its own rounds meanwhile.
    wait: Callable[[float], object] = field(default=_wait)

    def digest(self, text: str) -> str:
        """Digest a text with the bank's own secret, for codes that must not be kept in clear."""
        return hmac.new(self.keys.secret, text.encode(), hashlib.sha256).hexdigest()


def open_bank(settings: Settings, *, wait: Callable[[float], object] = _wait) -> Bank:
    """Make folders, keys, books and the merchant's account where they are missing."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    books = Books(settings.data / "sandbox.sqlite3")
    bank = Bank(settings, KeyRing(settings), books, Rules(books), wait=wait)
    with bank.books.writing() as connection:
        connection.execute(
            "INSERT INTO merchants (merchant_id, name, fee_rate, balance_minor) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (merchant_id) DO UPDATE SET fee_rate = excluded.fee_rate",
            (
                settings.merchant_id,
                settings.merchant_name,
                settings.fee_rate,
                settings.opening_balance_minor,
            ),
        )
    return bank


def new_acquirer_no(prefix: str) -> str:
    """Make one of the bank's own numbers: 24 characters nobody can guess."""
    return f"{prefix}{secrets.token_hex(11).upper()}"


def new_page_token() -> str:
    """Make the secret part of a payer's page address."""
    return secrets.token_urlsafe(24)
