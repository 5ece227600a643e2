"""A stage for plays: a scratch database beside this process's own, in memory where there is any."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from mall.config.simulation.scratch import Scratch, scratch_on_postgres, scratch_on_sqlite
from mall.config.simulation.stage import Stage, set_stage
from tests.databases import sqlite_template

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it


@pytest.fixture
def scratch(django_db_setup, django_db_blocker, play_folder) -> Iterator[Scratch]:
    """A database to play in: SQLite or PostgreSQL, as this run has it."""
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            name, migrated = f"linli_play_{os.getpid()}", connection.settings_dict["NAME"]
            with scratch_on_postgres(name, migrated) as database:
                yield database
        else:
            with scratch_on_sqlite(play_folder, sqlite_template()) as database:
                yield database


@pytest.fixture
def play_folder() -> Iterator[Path]:
    """A folder for the bank's books and keys, and for the play's database file."""
    home = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="linli-play-", dir=home) as name:
        yield Path(name)


@pytest.fixture
def stage(scratch, play_folder) -> Iterator[Stage]:
    """The stage, set."""
    with set_stage(scratch, play_folder) as built:
        yield built
