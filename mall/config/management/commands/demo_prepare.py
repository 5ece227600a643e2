"""`manage.py demo_prepare`: what has to be true before a demo can start; a second call is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

from mall.config.translations import compile_catalogues
from payments.api import ensure_dialect_accounts


class Command(BaseCommand):
    """Compile translations, migrate, collect static files, load the demo's data."""

    help = "Prepare this installation for trying: migrations, static files, demo data."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Do each step that is not done yet."""
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        for folder in settings.LOCALE_PATHS:
            compile_catalogues(Path(folder))
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collect_assets")
        if settings.LINLI_DEMO:
            ensure_dialect_accounts()
        if "load_demo" in get_commands():
            call_command("load_demo")
