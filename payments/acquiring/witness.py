"""A witness on the line: it knows whether the first byte of our request left.

`requests` raises the same ConnectionError for a refused connection (nothing was sent) and for a
reset while waiting for the answer (perhaps executed). For money that difference decides everything,
so the connection itself tells us.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Witness:
    """Watches one call: whether bytes were written, and how to hang up when time is over."""

    def __init__(self) -> None:
        """Begin with nothing written and no line open."""
        self.bytes_were_written = False
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self.time_is_over = False

    def before_write(self, line: socket.socket | None) -> None:
        """Note that a byte is about to leave on this line."""
        with self._lock:
            if self.time_is_over:
                raise TimeoutError("the time for this call is over")
            self.bytes_were_written = True
            self._line = line

    def hang_up(self) -> None:
        """Cut the line, so that a reader who waits too long wakes up; no new line may be opened."""
        with self._lock:
            self.time_is_over = True
            if self._line is not None:
                with contextlib.suppress(OSError):
                    self._line.shutdown(socket.SHUT_RDWR)


current_witness: ContextVar[Witness | None] = ContextVar("current_witness", default=None)


class _Watched:
    """Connects first, then lets the witness see the first byte."""

    sock: socket.socket | None

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        witness = current_witness.get()
        if witness is not None:
            witness.before_write(self.sock)
        super().send(data)  # type: ignore[misc]


class _WatchedHTTPConnection(_Watched, HTTPConnection):
    pass


class _WatchedHTTPSConnection(_Watched, HTTPSConnection):
    pass


class _WatchedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTPConnection


class _WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPSConnection


class WatchedAdapter(HTTPAdapter):
    """Requests' way to a server, over watched connections and without any retry."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Build the pools with connections that report their first byte."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _WatchedHTTPPool,
            "https": _WatchedHTTPSPool,
        }
