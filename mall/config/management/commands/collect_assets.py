"""`manage.py collect_assets`: collects the static files when one of them changed."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Collect, hash and compress the static files once; a second call returns at once."""

    help = "Collect the static files into STATIC_ROOT if any of them changed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Collect; two that call this at the same time take turns."""
        folder = Path(settings.STATIC_ROOT)
        folder.mkdir(parents=True, exist_ok=True)
        # Beside the folder, not in it: what is in it is served.
        stamp = folder.with_name(f"{folder.name}.collected")
        with folder.with_name(f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = _state_of_sources()
            if stamp.exists() and stamp.read_text() == state:
                return
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(state)


def _state_of_sources() -> str:
    """Change when a file is added, removed or written; packages keep their files' times."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            file = Path(storage.path(path)).stat()
            digest.update(f"{path} {file.st_size} {file.st_mtime_ns}\n".encode())
    return digest.hexdigest()
