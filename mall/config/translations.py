"""Turning the written translations (.po) into what Django reads (.mo); the latter are not kept."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(folder: Path) -> None:
    """Make the .mo file beside every .po file of a locale folder that is newer than it."""
    for source in folder.glob("*/LC_MESSAGES/django.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as lines:
            catalogue = read_po(lines)
        # Several processes may do this at once; each sees an old file or a whole new one.
        draft = target.with_suffix(f".{os.getpid()}.draft")
        with draft.open("wb") as output:
            write_mo(output, catalogue)
        draft.replace(target)
