"""A migrated, empty SQLite file to begin plays from: made once for each state of the migrations."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader


def migrated_file(folder: Path) -> Path:
    """Return the file in this folder, making it (some ten seconds) where it is missing."""
    file = folder / f"simulation-{_fingerprint()}.sqlite3"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        own = connection.settings_dict
        before = own["NAME"]
        connection.close()
        own["NAME"] = str(draft)
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            connection.close()
            own["NAME"] = before
        with closing(sqlite3.connect(draft)) as whole:
            # All of it into the one file that is renamed.
            whole.execute("PRAGMA journal_mode=DELETE")
        draft.rename(file)
    return file


def _fingerprint() -> str:
    """Changes whenever a migration does."""
    digest = hashlib.sha256()
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for app, name in sorted(loader.disk_migrations):
        module = loader.disk_migrations[app, name].__module__
        path = Path(*module.split(".")).with_suffix(".py")
        own = Path(settings.BASE_DIR) / path
        digest.update(f"{app}.{name}".encode() + (own.read_bytes() if own.exists() else b""))
    return digest.hexdigest()[:16]
