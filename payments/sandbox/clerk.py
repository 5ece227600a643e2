"""The clerk behind the counter: closes the overdue, finishes the promised, sends notices."""

from __future__ import annotations

import logging
import sqlite3
import threading
from typing import Final

from payments.sandbox.clock import now_ms
from payments.sandbox.core import (
    agreements,
    orders,
    paying,
    refunds,
    settlements,
    split_returns,
    splits,
    transfers,
)
from payments.sandbox.core.bank import Bank
from payments.sandbox.notifier import Notifier
from payments.sandbox.refusals import Refusal

logger = logging.getLogger(__name__)

ROUND_SECONDS: Final = 0.25
NONCE_LIFETIME_MS: Final = 900_000
_SWEEP_EVERY_ROUNDS: Final = 40

# Each row of these waits for a moment: table, condition, column of the moment. Each has an index.
_WAITING: Final = (
    ("orders", "status IN ('NOTPAY', 'USERPAYING')", "expires_ms"),
    ("orders", "late_pay_ms IS NOT NULL", "late_pay_ms"),
    ("refunds", "status = 'PROCESSING'", "due_ms"),
    ("refunds", "comes_back_ms IS NOT NULL", "comes_back_ms"),
    ("transfers", "status IN ('PROCESSING', 'WAIT_USER_CONFIRM')", "due_ms"),
    ("transfers", "comes_back_ms IS NOT NULL", "comes_back_ms"),
    ("splits", "status = 'PROCESSING'", "due_ms"),
    ("split_returns", "status = 'PROCESSING'", "due_ms"),
    (
        "agreements",
        "valid_until_ms IS NOT NULL AND status IN ('ACTIVE', 'SUSPENDED')",
        "valid_until_ms",
    ),
)
_LOOKS: Final = [
    f"EXISTS (SELECT 1 FROM {table} WHERE {condition} AND {moment} <= :now)"  # noqa: S608 - ours
    for table, condition, moment in _WAITING
]
_ANYTHING_DUE: Final = f"SELECT {' OR '.join(_LOOKS)}"


class Clerk(threading.Thread):
    """One thread that makes its round whenever the bell rings, and at least four times a second."""

    def __init__(self, bank: Bank) -> None:
        """Make the thread; it starts with `start()` and ends with the program."""
        super().__init__(name="clerk", daemon=True)
        self._bank = bank
        self._notifier = Notifier(bank)
        self._is_leaving = threading.Event()
        self._rounds = 0

    def run(self) -> None:
        """Make rounds until told to leave; a round that fails is reported and the next one made."""
        while not self._is_leaving.is_set():
            try:
                self.make_round()
            except (sqlite3.Error, Refusal):
                logger.exception("clerk.round failed")
            self._bank.bell.wait(ROUND_SECONDS)
            self._bank.bell.clear()

    def leave(self) -> None:
        """Stop after this round."""
        self._is_leaving.set()
        self._bank.bell.set()
        self._notifier.stop()

    def make_round(self) -> None:
        """Do everything that is due now, send notices, and forget old nonces now and then."""
        self.keep_books()
        self._notifier.deliver_due()
        self._rounds += 1
        if self._rounds % _SWEEP_EVERY_ROUNDS == 1:
            with self._bank.books.writing() as connection:
                oldest = now_ms() - NONCE_LIFETIME_MS
                connection.execute("DELETE FROM nonces WHERE at_ms < ?", (oldest,))

    def keep_books(self) -> None:
        """Close, finish and settle what is due; reads first, so an idle bank writes nothing."""
        if self._anything_due():
            with self._bank.books.writing() as connection:
                orders.close_all_overdue(connection)
                paying.pay_the_late(connection, self._bank)
                refunds.finish_due(connection)
                transfers.finish_due(connection)
                splits.finish_due(connection, self._bank)
                split_returns.finish_due(connection)
                agreements.expire_due(connection)
                settlements.settle_due(connection)

    def _anything_due(self) -> bool:
        connection = self._bank.books.connection
        row = connection.execute(_ANYTHING_DUE, {"now": now_ms()}).fetchone()
        return bool(row[0]) or settlements.is_any_due(connection)
