"""Where papers from outside are kept: every byte as it came, named by its digest, never changed."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.conf import settings

_CHUNK_BYTES: Final = 1 << 20
_READ_ONLY: Final = 0o400


@dataclass(frozen=True, slots=True)
class Stored:
    """A kept paper: its place within the folder, how many bytes, their SHA-256."""

    path: str
    size: int
    sha256: str


def folder() -> Path:
    """Return the folder of all papers: DATA_DIR/bills."""
    return Path(settings.DATA_DIR) / "bills"


def full_path(stored: str) -> Path:
    """Return where a kept paper lies on this machine."""
    return folder() / stored


@contextmanager
def scratch() -> Iterator[Path]:
    """Lend the name of a file to write to, beside the kept ones so that keeping it is a rename."""
    folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder()) as place:
        yield Path(place) / "paper"


def keep(paper: Path, *, account_code: str, day: date, kind: str) -> Stored:
    """Put a paper away for good; the same bytes are the same paper."""
    digest, size = _digest(paper)
    account = re.sub(r"[^A-Za-z0-9_-]", "_", account_code)
    name = f"{account}/{day:%Y-%m-%d}/{kind}-{digest[:24]}"
    place = full_path(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        paper.chmod(_READ_ONLY)
        paper.replace(place)
    return Stored(name, size, digest)


def copy_in(paper: Path, into: Path) -> None:
    """Copy a file that somebody brought to where papers are looked at."""
    shutil.copyfile(paper, into)


def _digest(paper: Path) -> tuple[str, int]:
    summed, size = hashlib.sha256(), 0
    with paper.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            summed.update(chunk)
            size += len(chunk)
    return summed.hexdigest(), size
