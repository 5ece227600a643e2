"""The bank's books: one SQLite file, one connection per thread, writers one after another."""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

_SCHEMA: Final = Path(__file__).with_name("schema.sql")


class Books:
    """The database file; every thread that asks gets a connection of its own."""

    def __init__(self, path: Path) -> None:
        """Open the books, making the tables where they are missing."""
        self._path = path
        self._local = threading.local()
        # SQLite makes writers wait by sleeping; a queue of our own threads wakes at once.
        self._turn = threading.Lock()
        schema = _SCHEMA.read_text(encoding="utf-8")
        # SQLite's own field for it; positive, so that 0 means "new".
        shape = zlib.crc32(schema.encode()) >> 1 or 1
        if _shape_of(path) not in {0, shape}:
            _copy_into_new_shape(path, schema, shape)
        self.connection.executescript(f"{schema}\nPRAGMA user_version = {shape};")

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


def _shape_of(path: Path) -> int:
    """Return which schema the books were made with; 0 where there are none."""
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as old:
        tables = old.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()
        # Books older than this field have tables and no shape.
        return int(old.execute("PRAGMA user_version").fetchone()[0]) or (-1 if tables[0] else 0)


def _copy_into_new_shape(path: Path, schema: str, shape: int) -> None:
    """Write the old books anew in today's tables: a newer program keeps an older demo's money."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(draft, isolation_level=None)) as new:
        new.executescript(schema)
        new.execute("ATTACH DATABASE ? AS old", (str(path),))
        new.execute("BEGIN")
        for (table,) in new.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'"):
            _copy_table(new, table)
        new.execute("COMMIT")
        new.execute("DETACH DATABASE old")
        new.execute(f"PRAGMA user_version = {shape}")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    draft.replace(path)


def _copy_table(new: sqlite3.Connection, table: str) -> None:
    """Copy the columns both have; a paid order of old books has received what it was opened for."""
    ours = [row[1] for row in new.execute(f"PRAGMA main.table_info({table})")]
    theirs = {row[1] for row in new.execute(f"PRAGMA old.table_info({table})")}
    common = [column for column in ours if column in theirs]
    if not common:
        return
    into, given = list(common), list(common)
    if table == "orders" and "received_minor" not in theirs:
        into.append("received_minor")
        given.append("CASE status WHEN 'SUCCESS' THEN amount_minor ELSE 0 END")
    new.execute(
        f"INSERT OR REPLACE INTO main.{table} ({', '.join(into)})"  # noqa: S608 - our own tables
        f" SELECT {', '.join(given)} FROM old.{table}"
    )
