"""`manage.py messages`: bring the written translations up to date with the code and the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import override

from mall.config import translations


class Command(BaseCommand):
    """Gather every floor's words and what our guests leave in English; name what is missing."""

    help = "Bring the .po files up to date; the untranslated strings are listed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Rewrite the catalogues and list what has no Chinese yet."""
        for floor in translations.FLOORS:
            self._tell(floor, translations.update(floor))
        for folder in settings.LOCALE_PATHS:
            translations.compile_catalogues(Path(folder))
        with override("zh-hans"):
            self._tell(translations.GUESTS, translations.update_guests())

    def _tell(self, floor: str, catalogue: Catalog) -> None:
        missing = translations.untranslated(catalogue)
        self.stdout.write(f"{floor}: {len(catalogue)} strings, {len(missing)} without Chinese")
        for english in missing:
            self.stdout.write(f"  {english!r}")
