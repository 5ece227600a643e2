"""The notifier: posts each notice to its merchant again and again until it is acknowledged."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

import requests

from payments.sandbox.clock import now_ms, real_ms
from payments.sandbox.core import notices
from payments.sandbox.core.bank import Bank
from payments.sandbox.letters import Letter
from payments.sandbox.signatures import as_json, sealed, sign, spoiled, text_to_sign

logger = logging.getLogger(__name__)

ACKNOWLEDGEMENT: Final = b'{"code":"SUCCESS"}'
_TIMEOUT: Final = (3.0, 8.0)
_ANSWER_BYTES_MAX: Final = 4096
_LANES: Final = 4
STALE_SECONDS: Final = 3600

# How a notice travels: address, body and headers to status and answer; OSError when it does not.
Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]


def is_allowed_url(url: str, hosts: frozenset[str]) -> bool:
    """Tell whether a notice may be posted there: http(s), and a host the operator named."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and parts.hostname in hosts and not parts.username


def over_http() -> Post:
    """Return the ordinary way: a client that follows nothing and trusts no environment."""
    session = requests.Session()
    session.trust_env = False

    def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        with session.post(
            url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False, stream=True
        ) as response:
            return response.status_code, response.raw.read(_ANSWER_BYTES_MAX, decode_content=True)

    return post


class OwnWriter:
    """Writes notices in the bank's own protocol, sealed and signed: docs/protocols/sandbox.md."""

    def __init__(self, bank: Bank) -> None:
        """Take the bank's keys."""
        self._bank = bank

    def letter(self, notice: sqlite3.Row, flaw: str) -> Letter | None:
        """Seal and sign a notice now."""
        sealed_content = sealed(
            self._bank.keys.seal, notice["content"].encode(), associated=notice["event_id"]
        )
        body = as_json(
            {
                "event_id": notice["event_id"],
                "event_type": notice["event_type"],
                "resource": sealed_content,
            }
        )
        return Letter(body, {"Content-Type": "application/json", **self._signature(body, flaw)})

    def is_acknowledged(self, status: int, said: bytes) -> bool:
        """Only the one word counts."""
        return status == 200 and said == ACKNOWLEDGEMENT

    def _signature(self, body: bytes, flaw: str) -> dict[str, str]:
        """Sign a body now; a flawed try is signed as its flaw wants it."""
        keys, stamp, nonce = self._bank.keys, real_ms() // 1000, secrets.token_hex(16)
        if flaw == "stale_timestamp":
            stamp -= STALE_SECONDS
        serial, key = keys.older_bank if flaw == "old_key" else keys.bank
        signature = sign(key, text_to_sign(str(stamp), nonce, body=body))
        return {
            "Sandbox-Serial": serial,
            "Sandbox-Timestamp": str(stamp),
            "Sandbox-Nonce": nonce,
            "Sandbox-Signature": spoiled(signature) if flaw == "bad_signature" else signature,
        }


class Notifier:
    """Delivers what is due; several notices at once, each at most once at a time."""

    def __init__(self, bank: Bank, post: Post | None = None) -> None:
        """Prepare to deliver; a rehearsal brings a way of its own."""
        self._bank = bank
        self._lanes = ThreadPoolExecutor(_LANES, thread_name_prefix="notice")
        self._under_way: dict[int, Future[None]] = {}
        self._over_the_wire = post or over_http()
        self._own_writer = OwnWriter(bank)

    def deliver_due(self) -> int:
        """Start every delivery whose time has come; return how many were started."""
        self._under_way = {k: f for k, f in self._under_way.items() if not f.done()}
        started = [notice for notice in self.due() if notice["id"] not in self._under_way]
        for notice in started:
            self._under_way[notice["id"]] = self._lanes.submit(self.deliver, notice)
        return len(started)

    def due(self) -> list[sqlite3.Row]:
        """List the notices whose time has come, the oldest first, as the rules let them."""
        found = self._due()
        if any(notices.may_be_weighed(notice) for notice in found) and self._bank.rules.listed():
            with self._bank.books.writing() as connection:
                for notice in filter(notices.may_be_weighed, found):
                    notices.weigh(connection, self._bank.rules, notice)
            found = self._due()
        return found

    def _due(self) -> list[sqlite3.Row]:
        return self._bank.books.connection.execute(
            "SELECT * FROM notices WHERE state = 'WAITING' AND next_ms <= ? ORDER BY id LIMIT 50",
            (now_ms(),),
        ).fetchall()

    def stop(self) -> None:
        """Finish what is under way and start nothing more."""
        self._lanes.shutdown(wait=False, cancel_futures=True)

    def deliver(self, notice: sqlite3.Row) -> None:
        """Deliver one notice now and write down how it went."""
        try:
            answer = self._post(notice)
        except OSError as error:
            answer = type(error).__name__
        is_acknowledged = answer == ""
        self._write_down(notice, answer, is_acknowledged=is_acknowledged)
        logger.info(
            "notice.sent event=%s type=%s no=%s attempt=%d answer=%s",
            notice["event_id"],
            notice["event_type"],
            notice["business_no"],
            notice["attempts"] + 1,
            answer or "acknowledged",
        )

    def _post(self, notice: sqlite3.Row) -> str:
        """Post once, freshly written; return "" when acknowledged, else what came.

        What an acquirer tells nobody of counts as acknowledged.
        """
        writer = self._bank.writers.get(notice["merchant_id"], self._own_writer)
        flaw = notice["flaw"] if notice["attempts"] < notice["flawed_tries"] else ""
        letter = writer.letter(notice, flaw)
        if letter is None:
            return ""
        status, said = self._over_the_wire(letter.url or notice["url"], letter.body, letter.headers)
        return "" if writer.is_acknowledged(status, said) else f"{status} {said[:80]!r}"

    def _write_down(self, notice: sqlite3.Row, answer: str, *, is_acknowledged: bool) -> None:
        """Keep the answer; an acknowledged notice with copies left is sent once more."""
        pauses = self._bank.settings.retry_seconds
        attempts = notice["attempts"] + 1
        is_again = is_acknowledged and notice["copies_left"] > 0
        is_last = attempts > len(pauses)
        state = "DELIVERED" if is_acknowledged else "GIVEN_UP" if is_last else "WAITING"
        pause_ms = 0 if is_last or is_acknowledged else int(pauses[attempts - 1] * 1000)
        with self._bank.books.writing() as connection:
            connection.execute(
                "UPDATE notices SET state = ?, attempts = ?, next_ms = ?, last_answer = ?,"
                " is_held = 0, copies_left = copies_left - ? WHERE id = ? AND state = 'WAITING'",
                (
                    "WAITING" if is_again else state,
                    attempts,
                    now_ms() + pause_ms,
                    answer,
                    int(is_again),
                    notice["id"],
                ),
            )
            if is_acknowledged:
                notices.let_held_go(connection, notice["id"])
        if is_again:
            self._bank.bell.set()
