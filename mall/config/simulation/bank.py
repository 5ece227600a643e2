"""The sandbox acquirer in our own process: its real program, driven by the play."""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mall.config.simulation.clock import VirtualClock
from payments.acquiring.rehearsal import Carried
from payments.sandbox.clerk import Clerk
from payments.sandbox.core import agreements, cards, orders, paying
from payments.sandbox.core.agreements import Holder
from payments.sandbox.core.bank import open_bank
from payments.sandbox.faults import Temper
from payments.sandbox.notifier import Notifier
from payments.sandbox.program import create_program
from payments.sandbox.refusals import Refusal
from payments.sandbox.settings import Settings

PORT: Final = 8001
BOOKS: Final = "sandbox.sqlite3"
# Pauses between tries of a notice as real acquirers make them: a day in all.
RETRY_SECONDS: Final = (15, 15, 30, 180, 600, 1200, 1800, 1800, 3600, 10800, 10800, 21600, 21600)

Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]


class PlayedBank:
    """One bank with books of its own, without a port, a thread or a process."""

    def __init__(self, folder: Path, *, post: Post) -> None:
        """Open the bank whose keys and books lie in the folder."""
        settings = Settings(
            data=folder,
            port=PORT,
            retry_seconds=RETRY_SECONDS,
            refund_delay_seconds=20.0,
            transfer_delay_seconds=40.0,
            slow_answer_seconds=0.0,
            code_pause_seconds=0.0,
        )
        # What goes on while the bank lets a request wait, so many seconds.
        self.while_waiting: Callable[[float], None] = lambda _seconds: None
        self.bank = replace(open_bank(settings), wait=self._wait)
        self.program = create_program(self.bank)
        self._clerk = Clerk(self.bank)
        self.notifier = Notifier(self.bank, post)

    def _wait(self, seconds: float) -> None:
        self.while_waiting(seconds)

    @property
    def connection(self) -> sqlite3.Connection:
        """The bank's books, to read in."""
        return self.bank.books.connection

    def close(self) -> None:
        """Close the books."""
        self.connection.close()

    def serve(self, asked: Carried) -> Carried:
        """Answer one request as the bank's web server would, bytes for bytes."""
        path, _, query = asked.target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": asked.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(PORT),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(asked.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(asked.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in asked.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        said: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            said["status"], said["headers"] = int(status.split(" ", 1)[0]), dict(headers)

        chunks = self.program.wsgi_app(environ, start)
        try:
            body = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        return Carried(headers=said["headers"], body=body, status=said["status"])

    # --- people at the bank's pages ---------------------------------------------------------

    def pay(self, payment_no: str, *, serial: int, temper: Temper = Temper.NORMAL) -> str:
        """Pay at the cashier with a test card; return "paid" or the code of the refusal."""
        card = cards.read(cards.number_for("622168", temper, serial), self.bank.keys.secret)
        try:
            with self.bank.books.writing() as connection:
                order = orders.by_number(connection, self.bank.settings.merchant_id, payment_no)
                paying.pay(connection, self.bank, order=order, card=card)
        except Refusal as refusal:
            return refusal.code
        return "paid"

    def give_up(self, payment_no: str) -> str:
        """Press "cancel" at the cashier; return what came of it."""
        try:
            with self.bank.books.writing() as connection:
                order = orders.by_number(connection, self.bank.settings.merchant_id, payment_no)
                orders.fail(connection, self.bank, order=order, code="USER_CANCELLED")
        except Refusal as refusal:
            return refusal.code
        return "cancelled"

    def sign(self, agreement_no: str, *, bin_: str, temper: Temper, serial: int) -> None:
        """Sign an agreement with a test card."""
        number = cards.number_for(bin_, temper, serial)
        holder = Holder(cards.read(number, self.bank.keys.secret), "李小娟", "13800138000")
        merchant_id = self.bank.settings.merchant_id
        with self.bank.books.writing() as connection:
            agreement = agreements.by_number(connection, merchant_id, agreement_no)
            agreements.present_card(connection, self.bank, agreement=agreement, holder=holder)
            fingerprint = holder.card.fingerprint
            agreements.sign(connection, self.bank, agreement=agreement, fingerprint=fingerprint)

    # --- people behind the counter -----------------------------------------------------------

    def keep_books(self) -> None:
        """Let the clerk close, finish and settle what is due."""
        self._clerk.keep_books()

    def misbehave(self, fault: str, **rule: Any) -> None:
        """Let the bank break its word once, as the rules of its admin plane say."""
        self.bank.rules.add({"count": 1, **rule, "fault": fault})

    def behave(self) -> None:
        """Keep every promise from now on."""
        self.bank.rules.delete()

    def struck(self) -> dict[str, int]:
        """Count per fault how often the bank broke its word."""
        return {rule["fault"]: rule["struck"] for rule in self.bank.rules.listed()}

    def next_due(self, clock: VirtualClock) -> float | None:
        """Return in how many seconds the bank has something to do next; None for never."""
        row = self.connection.execute(
            "SELECT min(at) FROM ("
            " SELECT min(next_ms) AS at FROM notices WHERE state = 'WAITING'"
            " UNION ALL SELECT min(expires_ms) FROM orders WHERE status IN ('NOTPAY', 'USERPAYING')"
            " UNION ALL SELECT min(late_pay_ms) FROM orders WHERE late_pay_ms > 0"
            " UNION ALL SELECT min(due_ms) FROM refunds WHERE status = 'PROCESSING'"
            # What fails at once has nothing to come back.
            " UNION ALL SELECT min(comes_back_ms) FROM refunds WHERE status = 'SUCCESS'"
            " UNION ALL SELECT min(due_ms) FROM splits WHERE status = 'PROCESSING'"
            " UNION ALL SELECT min(due_ms) FROM split_returns WHERE status = 'PROCESSING'"
            " UNION ALL SELECT min(due_ms) FROM transfers"
            "  WHERE status IN ('PROCESSING', 'WAIT_USER_CONFIRM')"
            " UNION ALL SELECT min(comes_back_ms) FROM transfers WHERE status = 'SUCCESS')"
        ).fetchone()
        if row[0] is None:
            return None
        return max(0.0, row[0] / 1000 - clock.now().timestamp())


def lay_books(template: Path, folder: Path) -> None:
    """Lay the books of a template in a folder in place of those that are there."""
    for suffix in ("", "-wal", "-shm"):
        (folder / f"{BOOKS}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(template, folder / BOOKS)
