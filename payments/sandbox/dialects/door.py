"""A dialect's door: its routes under /<name>, its merchant, its keys, its notices."""

from __future__ import annotations

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from flask import Blueprint

from payments.sandbox.core.bank import Bank
from payments.sandbox.keys import write_secret
from payments.sandbox.letters import Letter, Writer

ACCOUNT_FILE: Final = "account.json"


class Door(ABC, Writer):
    """One acquirer's protocol, served by the sandbox bank under `/<name>`.

    Requests are verified and answers signed over the path BELOW the prefix, as at the acquirer's
    own host: a merchant's `base_url` of this door is the bank's address with the prefix, as if a
    proxy that strips it stood before the real gateway.
    """

    # The first part of every path here, the folder of the keys, the code of our adapter.
    name: ClassVar[str]
    # Our merchant number at this acquirer, in its own form; a row of the bank's books.
    merchant_id: ClassVar[str]

    def __init__(self, bank: Bank) -> None:
        """Make keys where they are missing and enter the merchant in the books."""
        self.bank = bank
        settings = bank.settings
        # What the mall may read, and what only the bank knows.
        self.merchants_half: Path = settings.keys_dir / self.name
        self.own_half: Path = settings.data / self.name
        with bank.books.writing() as connection:
            connection.execute(
                "INSERT INTO merchants (merchant_id, name, fee_rate, balance_minor)"
                " VALUES (?, ?, ?, ?)"
                " ON CONFLICT (merchant_id) DO UPDATE SET fee_rate = excluded.fee_rate",
                (
                    self.merchant_id,
                    settings.merchant_name,
                    settings.fee_rate,
                    settings.opening_balance_minor,
                ),
            )
        self.make_keys()
        self._lay_out()

    @property
    def url(self) -> str:
        """The address our adapter is pointed at."""
        return f"{self.bank.settings.base_url}/{self.name}"

    @abstractmethod
    def make_keys(self) -> None:
        """Make or read this door's keys: the bank's in `own_half`, ours in `merchants_half`."""

    @abstractmethod
    def account(self) -> tuple[Mapping[str, object], Mapping[str, str]]:
        """Return settings and key files (names in `merchants_half`) of our account here."""

    @abstractmethod
    def routes(self) -> Blueprint:
        """Build the acquirer's addresses; they are mounted under /<name>."""

    @abstractmethod
    def letter(self, notice: sqlite3.Row, flaw: str) -> Letter | None:
        """Write a notice of the bank's as this acquirer writes it."""

    @abstractmethod
    def is_acknowledged(self, status: int, said: bytes) -> bool:
        """Tell whether this is the answer the acquirer waits for."""

    def _lay_out(self) -> None:
        """Leave what an account needs where the mall reads it."""
        settings_, keys = self.account()
        facts = {
            "adapter": self.name,
            "merchant_id": self.merchant_id,
            "settings": {"base_url": self.url, **settings_},
            "keys": dict(keys),
        }
        text = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
        write_secret(self.merchants_half / ACCOUNT_FILE, text.encode())
