"""The bank's books: one SQLite file, one connection per thread, writers one after another."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = Path(__file__).with_name("schema.sql")


class Books:
    """The database file; every thread that asks gets a connection of its own."""

    def __init__(self, path: Path) -> None:
        """Open the books, making the tables where they are missing."""
        self._path = path
        self._local = threading.local()
        # SQLite makes writers wait by sleeping; a queue of our own threads wakes at once.
        self._turn = threading.Lock()
        self.connection.executescript(_SCHEMA.read_text(encoding="utf-8"))

    @property
    def connection(self) -> sqlite3.Connection:
        """The calling thread's connection, in autocommit: reads need no transaction."""
        opened: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if opened is None:
            opened = sqlite3.connect(self._path, isolation_level=None, timeout=20)
            opened.row_factory = sqlite3.Row
            opened.execute("PRAGMA journal_mode = WAL")
            # A play bank may lose its last instants to a power cut; it may not be slow.
            opened.execute("PRAGMA synchronous = NORMAL")
            opened.execute("PRAGMA foreign_keys = ON")
            self._local.connection = opened
        return opened

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside a write transaction; all of it happens, or nothing."""
        connection = self.connection
        with self._turn:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
