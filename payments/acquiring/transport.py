"""The one HTTP client of the house: every word to an acquirer goes through here.

It never follows a redirect, never repeats a request, never reads more than it was told to, and
never speaks inside a database transaction. What went wrong is told by the class: see `errors.py`.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Final, Never, TypeVar

import requests
import urllib3
from django.db import connections
from requests.adapters import BaseAdapter
from urllib3.util import Timeout

from payments.acquiring.errors import (
    ConfigError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.masking import mask_text
from payments.acquiring.witness import WatchedAdapter, Witness, current_witness

logger = logging.getLogger(__name__)

_BASE_URL: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~\-/]*)?")
_PATH: Final = re.compile(r"/(?!/)[A-Za-z0-9._~%!$&'()*+,;=:/?\-]*")
_CHUNK_BYTES: Final = 16_384
_WAIT_SECONDS_MAX: Final = 3600
_FILE_CHUNK_BYTES: Final = 262_144


_mounted: dict[str, BaseAdapter] = {}


class CallInsideTransactionError(RuntimeError):
    """A programming error: nobody waits for an acquirer while holding database locks."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long we wait (seconds) and how much we read (bytes); files get more of both."""

    connect_seconds: float = 3.0
    read_seconds: float = 10.0
    total_seconds: float = 15.0
    answer_bytes_max: int = 1_048_576
    file_read_seconds: float = 60.0
    file_total_seconds: float = 900.0
    file_bytes_max: int = 1 << 30


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request as it will be sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer that came whole, below 500 and not 429. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpFile:
    """A file that came whole; `sha256` is the hex digest of its bytes. Header names lower case."""

    status: int
    headers: Mapping[str, str]
    sha256: str
    byte_count: int


_Came = TypeVar("_Came", bound=HttpAnswer | HttpFile)


def mount(prefix: str, adapter: BaseAdapter) -> None:
    """Hang another way under an address, for lines made from now on: a rehearsal brings its own."""
    _mounted[prefix] = adapter


def unmount(prefix: str) -> None:
    """Take it away again."""
    _mounted.pop(prefix, None)


def refuse_inside_transaction() -> None:
    """Raise CallInsideTransactionError inside a transaction; a test's own wrapper is not one."""
    for connection in connections.all(initialized_only=True):
        blocks = connection.atomic_blocks
        if any(not getattr(block, "_from_testcase", False) for block in blocks):
            raise CallInsideTransactionError(
                f"an acquirer was called inside a transaction on {connection.alias!r}"
            )


class Transport:
    """A line to one acquirer's constant address."""

    def __init__(
        self, *, adapter: str, base_url: str, limits: Limits | None = None, ca_file: str = ""
    ) -> None:
        """Keep the address; ConfigError when it is not a plain http(s) address."""
        if not _BASE_URL.fullmatch(base_url):
            raise ConfigError(f"{base_url!r} is not an acquirer's address")
        self.adapter = adapter
        self.limits = limits or Limits()
        self._base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ca_file or True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WatchedAdapter(pool_maxsize=32, max_retries=0))
        for prefix, mounted in _mounted.items():
            self._session.mount(prefix, mounted)

    def call(self, call: HttpCall) -> HttpAnswer:
        """Send one request and return its answer.

        Raises NotSentError (no byte left), RateLimitedError (429), OutcomeUnknownError (bytes left
        and no whole answer below 500 came back) and CallInsideTransactionError.
        """
        return self._speak(call, self._read_answer, self.limits)

    def download(self, call: HttpCall, *, into: Path) -> HttpAnswer | HttpFile:
        """Send one request and write the body of its 200 to the file `into`, whole or not at all.

        Any other answer is short, and comes back as it is. Memory stays small whatever the length.
        Raises what `call` raises; OutcomeUnknownError also for more than `file_bytes_max` bytes.
        """
        limits = replace(
            self.limits,
            read_seconds=self.limits.file_read_seconds,
            total_seconds=self.limits.file_total_seconds,
        )
        draft = into.with_name(f"{into.name}.part")

        def read(response: requests.Response) -> HttpAnswer | HttpFile:
            if response.status_code != 200:
                return self._read_answer(response)
            return self._read_file(response, draft)

        try:
            came: HttpAnswer | HttpFile = self._speak(call, read, limits)
            if isinstance(came, HttpFile):
                draft.replace(into)
        finally:
            draft.unlink(missing_ok=True)
        return came

    def _speak(
        self, call: HttpCall, read: Callable[[requests.Response], _Came], limits: Limits
    ) -> _Came:
        refuse_inside_transaction()
        if not _PATH.fullmatch(call.path):
            raise NotSentError(f"{call.path!r} is not a path of {self.adapter}")
        started = time.monotonic()
        status = "-"
        try:
            answer = self._exchange(call, read, limits)
            status = str(answer.status)
            self._judge(answer)
            return answer  # noqa: TRY300  the finally below speaks of both ways out
        except (NotSentError, OutcomeUnknownError) as error:
            status = status if status != "-" else type(error).__name__
            raise
        finally:
            spent_ms = round((time.monotonic() - started) * 1000)
            logger.info(
                "acquirer.call adapter=%s method=%s path=%s status=%s ms=%d",
                self.adapter,
                call.method,
                mask_text(call.path),
                status,
                spent_ms,
            )

    def _exchange(
        self, call: HttpCall, read: Callable[[requests.Response], _Came], limits: Limits
    ) -> _Came:
        witness = Witness()
        reset = current_witness.set(witness)
        watchdog = threading.Timer(limits.total_seconds, witness.hang_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            with self._session.request(
                call.method,
                self._base_url + call.path,
                data=call.body or None,
                headers={**call.headers, "Accept-Encoding": "identity"},
                timeout=Timeout(connect=limits.connect_seconds, read=limits.read_seconds),  # type: ignore[arg-type]
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = read(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            self._lost(error, witness)
        finally:
            watchdog.cancel()
            current_witness.reset(reset)
        if witness.time_is_over:
            raise OutcomeUnknownError(f"{self.adapter} took too long to answer")
        return answer

    def _chunks(self, response: requests.Response, size: int, bytes_max: int) -> Iterator[bytes]:
        total = 0
        while chunk := response.raw.read(size, decode_content=False):
            total += len(chunk)
            if total > bytes_max:
                raise OutcomeUnknownError(f"{self.adapter} answered with too many bytes")
            yield chunk

    def _read_answer(self, response: requests.Response) -> HttpAnswer:
        content = bytearray()
        for chunk in self._chunks(response, _CHUNK_BYTES, self.limits.answer_bytes_max):
            content += chunk
        return HttpAnswer(response.status_code, _names(response), bytes(content))

    def _read_file(self, response: requests.Response, path: Path) -> HttpFile:
        digest, count = hashlib.sha256(), 0
        with path.open("wb") as file:
            for chunk in self._chunks(response, _FILE_CHUNK_BYTES, self.limits.file_bytes_max):
                digest.update(chunk)
                count += file.write(chunk)
        return HttpFile(response.status_code, _names(response), digest.hexdigest(), count)

    def _lost(self, error: Exception, witness: Witness) -> Never:
        """Decide by the witness: without a byte written nothing happened over there."""
        reason = type(error).__name__
        if witness.bytes_were_written:
            raise OutcomeUnknownError(f"{self.adapter} gave no whole answer ({reason})") from error
        raise NotSentError(f"{self.adapter} could not be reached ({reason})") from error

    def _judge(self, answer: HttpAnswer | HttpFile) -> None:
        if answer.status == 429:
            wait = answer.headers.get("retry-after", "")
            raise RateLimitedError(
                f"{self.adapter} asks us to slow down",
                retry_after_seconds=_seconds(wait),
            )
        if answer.status >= 500 or 300 <= answer.status < 400:
            raise OutcomeUnknownError(
                f"{self.adapter} answered {answer.status}", acquirer_code=str(answer.status)
            )


def _seconds(wait: str) -> int:
    """Read how long to wait; nobody puts us off for longer than an hour."""
    if not (wait.isascii() and wait.isdecimal()):
        return 0
    return min(int(wait[:9]), _WAIT_SECONDS_MAX)


def _names(response: requests.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}
