"""The tests' databases: made once by the real migrations, then copied for each process.

After a test that commits, the copy is put back. That keeps what a flush would lose (the rows that
migrations write) and does what a flush cannot: the ledger's triggers rightly refuse to delete.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import django
import psycopg
from django.db import connections
from psycopg import sql

from tests.putting_back import Original

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "databases"


class Copy(Protocol):
    """One test process's own database."""

    def restore(self) -> None:
        """Make it what the migrations left, whatever happened to it; open connections may stay."""

    def drop(self) -> None:
        """Remove it."""


class SqliteCopy:
    """A file beside the template's file."""

    def __init__(self) -> None:
        self._template = sqlite_template()
        self._file = Path(connections["default"].settings_dict["NAME"])
        self.restore()

    def restore(self) -> None:
        connections["default"].close()
        with (
            closing(sqlite3.connect(self._template)) as template,
            closing(sqlite3.connect(self._file, timeout=20)) as copy,
        ):
            copy.execute("PRAGMA synchronous=OFF")
            template.backup(copy)

    def drop(self) -> None:
        connections["default"].close()
        self._file.unlink(missing_ok=True)


class PostgresCopy:
    """A database cloned from a template database in the same cluster."""

    def __init__(self, process: str) -> None:
        settings = connections["default"].settings_dict
        self._server = {"host": settings["HOST"], "user": settings["USER"] or None}
        self._server |= {"password": settings["PASSWORD"] or None, "port": settings["PORT"] or None}
        self._home = settings["NAME"]
        self._template = f"linli_template_{_fingerprint()}"
        self._name = f"linli_test_{process}"
        with _alone("postgres"):
            if not self._has_template():
                draft = f"{self._template}_draft"
                self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", draft)
                self._run("CREATE DATABASE {}", draft)
                url = os.environ["DATABASE_URL"]
                _migrate(url[: url.rindex("/") + 1] + draft)
                self._run("ALTER DATABASE {} RENAME TO {}", draft, self._template)
        settings["NAME"] = self._name
        self._original: Original | None = None
        self.restore()

    def restore(self) -> None:
        connections["default"].close()
        if self._original is not None:
            with self._connect(self._name) as connection:
                if self._original.put_back(connection):
                    return
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._name)
        self._run("CREATE DATABASE {} TEMPLATE {}", self._name, self._template)
        with self._connect(self._name) as connection:
            self._original = Original.of(connection)

    def drop(self) -> None:
        connections["default"].close()
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._name)

    def _has_template(self) -> bool:
        with psycopg.connect(dbname=self._home, **self._server) as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [self._template]
            )
            return found.fetchone() is not None

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(dbname=name, autocommit=True, **self._server)

    def _run(self, statement: str, *names: str) -> None:
        with self._connect(self._home) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def sqlite_template() -> Path:
    """The migrated, otherwise empty SQLite file; made when the migrations have changed."""
    template = CACHE / f"{_fingerprint()}.sqlite3"
    with _alone("sqlite"):
        if not template.exists():
            draft = CACHE / "draft.sqlite3"
            for rest in CACHE.glob("draft.*"):
                rest.unlink()
            _run("-m", "tests.growing", str(draft))
            draft.with_suffix(".json").rename(template.with_suffix(".json"))
            draft.rename(template)
    return template


def own_copy(process: str) -> Copy:
    """The database of this test process, as the migrations leave it."""
    if connections["default"].vendor == "postgresql":
        return PostgresCopy(process)
    return SqliteCopy()


def make_template() -> None:
    """Make the template of the database DATABASE_URL names, before anybody waits for it."""
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        django.setup()
        PostgresCopy("warm").drop()
    else:
        sqlite_template()


def database_url() -> str:
    """The address under which another program reaches this process's database."""
    settings = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    url = os.environ["DATABASE_URL"]
    return url[: url.rindex("/") + 1] + settings["NAME"]


def _migrate(url: str) -> None:
    _run("manage.py", "migrate", "--no-input", "--verbosity=0", DATABASE_URL=url)


def _run(*command: str, **environment: str) -> None:
    environment |= {"DJANGO_SETTINGS_MODULE": "mall.config.settings"}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The migrations do not run:\n{done.stderr}")


def _fingerprint() -> str:
    """Changes whenever the migrated database could look different."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for floor in ("payments", "mall", "groupleader"):
        for file in sorted((ROOT / floor).glob("**/migrations/*.py")):
            digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """One process builds the template, the others wait for it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    make_template()
