"""`manage.py messages`: bring the written translations up to date with the code and the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import override

from mall.config import translations


class Command(BaseCommand):
    """Gather every floor's words and what our guests leave in English; name what is missing."""

    help = "Bring the .po files up to date; the untranslated strings are listed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer to compile only, as a production installation does."""
        parser.add_argument("--compile", action="store_true", help="only make the .mo files")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rewrite the catalogues and list what has no Chinese yet; or only compile them."""
        if not options["compile"]:
            self._gather()
        for folder in settings.LOCALE_PATHS:
            translations.compile_catalogues(Path(folder))

    def _gather(self) -> None:
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
