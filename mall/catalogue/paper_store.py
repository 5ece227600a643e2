"""Where certificates and reports lie: outside the media folder, under names nobody can guess."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.urls import reverse
from django.utils.deconstruct import deconstructible


@deconstructible
class PaperStorage(FileSystemStorage):
    """A folder of its own; its files are handed out by a page of ours, never by the web server."""

    def __init__(self) -> None:
        """Leave the place to the settings, which tests and demos change."""
        super().__init__(location=None, base_url=None)

    @property
    def base_location(self) -> str:
        """Return the folder as the settings say now."""
        return str(Path(settings.DATA_DIR) / "papers")

    @property
    def location(self) -> str:
        """Return the folder as an absolute path."""
        return str(Path(self.base_location).resolve())

    def url(self, name: str | None) -> str:
        """Return the page that hands the paper out."""
        return reverse("storefront:paper", args=[Path(name or "").name])


def paper_path(_instance: Any, filename: str) -> str:
    """Return a new random name with the ending of a file that was checked before."""
    ending = Path(filename).suffix.lower()
    return f"batches/{secrets.token_hex(16)}{ending}"
