"""A database to play in: made for the play, put back before each seed, thrown away afterwards.

The installation's own data is never touched: the default connection is turned to the scratch
database for as long as the play lasts.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from django.core.management import call_command
from django.db import connection, connections

from mall.config.simulation.template import migrated_file

_NO_WAITING = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA busy_timeout=20000;"


class Scratch(Protocol):
    """A database that can be kept as it is once, and put back to that again and again."""

    def keep(self) -> None:
        """Keep it as it is now."""

    def put_back(self) -> None:
        """Make it what was kept."""


class SqliteScratch:
    """A file in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Play in this folder, on the file the connection is turned to."""
        self._file = Path(connection.settings_dict["NAME"])
        self._kept = folder / "kept.sqlite3"

    def keep(self) -> None:
        """Keep it as it is now."""
        connection.close()
        with (
            closing(sqlite3.connect(self._file)) as now,
            closing(sqlite3.connect(self._kept)) as kept,
        ):
            now.backup(kept)

    def put_back(self) -> None:
        """Make it what was kept."""
        connection.close()
        for suffix in ("-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self._kept, self._file)


class PostgresScratch:
    """A database beside the installation's, on the same server."""

    def __init__(self, name: str, home: str) -> None:
        """Play in the database `name`; commands go by way of the database `home`."""
        self._name, self._home = name, home
        self._kept = f"{name}_kept"

    def keep(self) -> None:
        """Keep it as it is now."""
        self.run(f'DROP DATABASE IF EXISTS "{self._kept}"')
        self.run(f'CREATE DATABASE "{self._kept}" TEMPLATE "{self._name}"')

    def put_back(self) -> None:
        """Make it what was kept."""
        self.run(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')
        self.run(f'CREATE DATABASE "{self._name}" TEMPLATE "{self._kept}"')

    def drop(self) -> None:
        """Throw both away."""
        for name in (self._name, self._kept):
            self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        """Run one command of the server's, from outside the scratch database."""
        connection.close()
        connection.settings_dict["NAME"] = self._home
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = self._name


@contextmanager
def scratch_on_sqlite(folder: Path, migrated: Path) -> Iterator[Scratch]:
    """Turn the default connection to a copy of a migrated, empty file."""
    file = folder / "play.sqlite3"
    shutil.copyfile(migrated, file)
    options = {**connection.settings_dict["OPTIONS"], "init_command": _NO_WAITING}
    with _turned({"NAME": str(file), "OPTIONS": options}):
        yield SqliteScratch(folder)


@contextmanager
def scratch_on_postgres(name: str, migrated: str = "") -> Iterator[Scratch]:
    """Turn the default connection to a new database of the same server.

    A copy of the database `migrated`, which is empty; where none is named it is migrated now.
    """
    home = connection.settings_dict["NAME"]
    with _turned({"NAME": name}):
        scratch = PostgresScratch(name, home="postgres" if home == migrated else home)
        scratch.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        scratch.run(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{migrated}"' if migrated else ""))
        try:
            if not migrated:
                call_command("migrate", interactive=False, verbosity=0)
            yield scratch
        finally:
            scratch.drop()


@contextmanager
def scratch_like_our_own(folder: Path, templates: Path) -> Iterator[Scratch]:
    """Play on a database of the kind the installation has; `templates` keeps migrated files."""
    if connection.vendor == "postgresql":
        with scratch_on_postgres(f"linli_play_{os.getpid()}") as database:
            yield database
    else:
        with scratch_on_sqlite(folder, migrated_file(templates)) as database:
            yield database


@contextmanager
def _turned(settings: dict[str, object]) -> Iterator[None]:
    """Let the default connection mean another database in the meantime."""
    own = connections["default"].settings_dict
    before = {name: own[name] for name in settings}
    connection.close()
    own.update(settings)
    try:
        yield
    finally:
        connection.close()
        own.update(before)
