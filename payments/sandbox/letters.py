"""How a notice is written to a merchant: in the bank's own manner, or an acquirer's dialect."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """One try of a notice, ready to be posted."""

    body: bytes
    headers: Mapping[str, str]
    url: str = ""


class Writer(Protocol):
    """Writes one merchant's notices and reads what the merchant says to them."""

    def letter(self, notice: sqlite3.Row, flaw: str) -> Letter | None:
        """Write a notice anew, as its flaw wants it; None where this acquirer tells no such thing.

        Flaws: "" for none, bad_signature, stale_timestamp, old_key. `url` is left empty where the
        notice's own address is meant.
        """
        ...

    def is_acknowledged(self, status: int, said: bytes) -> bool:
        """Tell whether the merchant's answer lets the acquirer rest."""
        ...
